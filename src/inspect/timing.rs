//! `:time EXPR`.

use super::line::Line;
use super::{mem, write};
use crate::budget;
use crate::error::Result;
use crate::eval::Vm;
use crate::host::Discard;
use crate::markup::{Markup, Role};
use crate::value::Ctx;
use std::time::Duration;

/// How long an expression is run for.
const SPAN: Duration = Duration::from_millis(200);

/// How often at least, and at most.
const RUNS: std::ops::Range<usize> = 3..1_000_000;

/// After this long fewer runs than the least are enough.
const LONG: Duration = Duration::from_secs(2);

/// `:time EXPR`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    if line.text().is_empty() {
        return Err(mem::missing(line, "time", "torch.ones(100, 100).sum()"));
    }
    let tree = line.parse()?;
    let code = vm.prepare(&tree, line.source()).map_err(|error| line.locate(error))?;
    let mut times: Vec<Duration> = Vec::new();
    let mut host = Discard;
    let mut apart = vm.machine.start(&mut host);
    let begun = apart.host().now();
    let mut now = begun;
    while times.len() < RUNS.start && now - begun < LONG || now - begun < SPAN && times.len() < RUNS.end {
        budget::poll()?;
        let before = apart.host().now();
        let result = apart.run_module(code.clone());
        now = apart.host().now();
        drop(result.map_err(|error| line.locate(error))?);
        times.push(now.saturating_sub(before));
    }
    drop(apart);
    times.sort_unstable();
    let best = times.first().copied().unwrap_or_default();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let mut out = Markup::new();
    out.push(Role::Number, human(median)).push(Role::Text, " median, ");
    out.push(Role::Number, human(best)).push(Role::Text, " best");
    let runs = super::report::counted(times.len() as u128, "run");
    out.push(Role::Dim, format!("  ({runs})\n"));
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
