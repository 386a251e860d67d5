//! `:time EXPR`.

use super::write;
use crate::error::{Error, Result};
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::span::Source;
use crate::syntax::parse_program;
use crate::value::Ctx;
use std::rc::Rc;
use std::time::Duration;

/// How long an expression is run for.
const SPAN: Duration = Duration::from_millis(200);

/// `:time EXPR`
pub(super) fn run(vm: &mut Vm<'_>, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(
            Error::value(":time needs an expression").note("for example :time torch.ones(100, 100).sum()")
        );
    }
    let source = Source::new("<:time>", text);
    let with_source = |mut error: Error| {
        error.data_mut().source.get_or_insert_with(|| source.clone());
        error
    };
    let tree = Rc::new(parse_program(text).map_err(with_source)?);
    let mut times: Vec<Duration> = Vec::new();
    let begun = vm.host().now();
    let mut now = begun;
    while times.len() < 3 || (now - begun < SPAN && times.len() < 1_000_000) {
        let before = vm.host().now();
        vm.evaluate(&tree, &source)?;
        now = vm.host().now();
        times.push(now.saturating_sub(before));
    }
    times.sort_unstable();
    let (best, median) = (times[0], times[times.len() / 2]);
    let mut out = Markup::new();
    out.push(Role::Number, human(median)).push(Role::Text, " median, ");
    out.push(Role::Number, human(best)).push(Role::Text, " best");
    let runs = times.len();
    out.push(Role::Dim, format!("  ({runs} runs)\n"));
    write(vm, &out)
}

/// A duration as a person reads it.
pub(super) fn human(time: Duration) -> String {
    let nanos = time.as_nanos() as f64;
    let (value, unit) = match nanos {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    if value < 10.0 { format!("{value:.2} {unit}") } else { format!("{value:.1} {unit}") }
}
