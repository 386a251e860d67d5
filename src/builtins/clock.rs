//! The module `time`.

use super::function;
use crate::budget;
use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::numbers::Number;
use crate::value::entry::{Category::Python, TIME};
use crate::value::{Args, Ctx, Module, Value};
use std::time::Duration;

crate::entries![
    function(TIME, Python, "time", "() -> float", "Seconds since 1970.", time),
    function(TIME, Python, "time_ns", "() -> int", "Nanoseconds since 1970.", time_ns),
    function(TIME, Python, "perf_counter", "() -> float", "Seconds of a clock for measuring.", perf_counter),
    function(
        TIME,
        Python,
        "perf_counter_ns",
        "() -> int",
        "Nanoseconds of a clock for measuring.",
        perf_counter_ns
    ),
    function(
        TIME,
        Python,
        "monotonic",
        "() -> float",
        "Seconds of a clock that never goes back.",
        perf_counter
    ),
    function(TIME, Python, "process_time", "() -> float", "Seconds of a clock for measuring.", perf_counter),
    function(TIME, Python, "sleep", "(seconds: float) -> None", "Waits.", sleep),
];

/// The module.
pub static MODULE: Module = Module {
    name: "time",
    get: |name| ENTRIES.iter().find(|entry| entry.name == name).map(Value::Entry),
    names: || ENTRIES.iter().map(|entry| entry.name).collect(),
};

fn time(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::between(args, "time", 0, 0)?;
    Ok(Value::Float(ctx.host().wall()))
}

fn time_ns(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::between(args, "time_ns", 0, 0)?;
    Ok(Value::Int((ctx.host().wall() * 1e9) as i64))
}

fn perf_counter(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::between(args, "perf_counter", 0, 0)?;
    Ok(Value::Float(ctx.host().now().as_secs_f64()))
}

fn perf_counter_ns(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::between(args, "perf_counter_ns", 0, 0)?;
    Ok(Value::Int(i64::try_from(ctx.host().now().as_nanos()).unwrap_or(i64::MAX)))
}

fn sleep(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let value = a::one(args, "sleep")?;
    let Some(seconds) = Number::of(value).map(Number::float).transpose()? else {
        let message = format!("'{}' object cannot be interpreted as an integer", value.type_name());
        return Err(Error::type_error(message));
    };
    if seconds.is_nan() {
        return Err(Error::value("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(Error::value("sleep length must be non-negative"));
    }
    let until = ctx.host().now() + Duration::from_secs_f64(seconds.min(1e9));
    loop {
        budget::poll()?;
        let left = until.saturating_sub(ctx.host().now());
        if left.is_zero() {
            return Ok(Value::None);
        }
        // An interrupt is seen within this time.
        std::thread::sleep(left.min(Duration::from_millis(10)));
    }
}
