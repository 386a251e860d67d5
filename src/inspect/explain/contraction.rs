//! `:explain` of einsum: its letters and their roles, the loops it stands for, the plan, and what that costs.

use super::names::Names;
use crate::einsum::account::{Account, Letter, Role as Fate, Step};
use crate::einsum::plan::Method;
use crate::inspect::report::{bytes, counted, field, grouped};
use crate::inspect::timing::human;
use crate::markup::{Markup, Role};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Letters and steps that are shown before the rest is counted.
const SHOWN: usize = 40;

/// Loops that are written out.
const LOOPS: usize = 10;

/// The whole report, after the number of its step.
pub(super) fn describe(out: &mut Markup, account: &Account, timed: bool, names: &Names, width: usize) {
    let letters = account.letters();
    out.push(Role::Op, "einsum").push(Role::Text, " ").push(Role::Str, shortened(&account.equation));
    out.push(Role::Text, " -> ").push(Role::Type, account.result.describe()).newline();
    describe_letters(out, account, &letters, width);
    describe_loops(out, account, names);
    let steps = account.steps();
    out.push(Role::Text, "  ")
        .push(Role::Heading, "plan")
        .push(Role::Text, format!("     {}\n", origin(account)));
    for (n, step) in steps.iter().enumerate().take(SHOWN) {
        describe_step(out, account, n, step, timed, width);
    }
    if steps.len() > SHOWN {
        out.push(Role::Dim, format!("    and {} more\n", counted((steps.len() - SHOWN) as u128, "step")));
    }
    totals(out, account, &steps, timed, width);
}

fn shortened(equation: &str) -> String {
    if equation.is_empty() {
        "by lists of numbers".to_owned()
    } else {
        crate::inspect::report::shorten(equation, 100)
    }
}

fn describe_letters(out: &mut Markup, account: &Account, letters: &[Letter], width: usize) {
    for (n, letter) in letters.iter().enumerate().take(SHOWN) {
        let mut line = Markup::new();
        line.push(Role::Name, &letter.name)
            .push(Role::Text, " = ")
            .push(Role::Number, letter.size.to_string());
        line.push(Role::Text, format!(" {}: {}", letter.role.name(), why(letter)));
        field(out, width, if n == 0 { "letters" } else { "" }, &line);
    }
    if letters.len() > SHOWN {
        out.push(
            Role::Dim,
            format!("           and {} more\n", counted((letters.len() - SHOWN) as u128, "letter")),
        );
    }
    if account.compiled.binding.output.is_empty() {
        field(out, width, "output", &Markup::text("no letters: everything is added up to one number"));
    }
}

/// Why a letter has its role, in words for somebody who has not met index notation before.
fn why(letter: &Letter) -> String {
    let list = |operands: &[usize]| {
        let names: Vec<String> = operands.iter().take(6).map(usize::to_string).collect();
        let more = if operands.len() > 6 { ", .." } else { "" };
        format!("operand{} {}{more}", if operands.len() == 1 { "" } else { "s" }, names.join(", "))
    };
    let places = list(&letter.operands);
    let mut text = match letter.role {
        Fate::Batch => format!("in {places} and in the output, so they are walked together"),
        Fate::Kept => format!("in {places} and in the output, so it stays"),
        Fate::Contracted => {
            format!("in {places} and not in the output, so products are added up along it")
        }
        Fate::Summed => {
            format!(
                "once, in {places}, and not in the output, so it is summed away; if that is a slip, name it in the output"
            )
        }
        Fate::Empty => "under an ellipsis that covers nothing".to_owned(),
    };
    if letter.role == Fate::Summed && !letter.diagonal.is_empty() {
        text = format!("in {places} alone and not in the output, so it is summed away");
    }
    if !letter.diagonal.is_empty() {
        text.push_str(&format!("; repeated inside {}: only its diagonal is read", list(&letter.diagonal)));
    }
    if !letter.broadcast.is_empty() {
        text.push_str(&format!("; size 1 in {}, which is repeated", list(&letter.broadcast)));
    }
    text
}

fn describe_loops(out: &mut Markup, account: &Account, names: &Names) {
    let binding = &account.compiled.binding;
    if binding.labels.len() > LOOPS || account.operands.len() > LOOPS {
        let (letters, operands) = (binding.labels.len() as u128, account.operands.len() as u128);
        let text =
            format!("{} around a product of {}", counted(letters, "loop"), counted(operands, "operand"));
        out.push(Role::Text, "  ").push(Role::Heading, "means").push(Role::Text, format!("    {text}\n"));
        return;
    }
    let called = account.operands.iter().enumerate().map(|(n, array)| {
        let name = names.of(array).plain();
        let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
        if plain { name } else { format!("x{n}") }
    });
    let lines = account.loops(&called.collect::<Vec<_>>());
    for (n, line) in lines.iter().enumerate() {
        out.push(Role::Text, "  ").push(Role::Heading, if n == 0 { "means  " } else { "       " });
        out.push(Role::Text, format!("  {line}\n"));
    }
}

fn origin(account: &Account) -> String {
    let plan = &account.compiled.plan;
    let how = match plan.method {
        Method::Only => "one way only".to_owned(),
        Method::Optimal => "the cheapest of all orders".to_owned(),
        Method::Search => "the cheapest order a search found".to_owned(),
        Method::Given => "the order that was asked for".to_owned(),
    };
    match plan.bound {
        Some(limit) if plan.exceeds => format!(
            "{how}; no order was found whose results fit into the limit of {}",
            bytes((limit * account.item() as f64) as usize)
        ),
        Some(limit) => format!(
            "{how} whose results fit into the limit of {}; a cheaper one does not",
            bytes((limit * account.item() as f64) as usize)
        ),
        None => how,
    }
}

fn describe_step(out: &mut Markup, account: &Account, n: usize, step: &Step, timed: bool, width: usize) {
    let operands = account.operands.len();
    let sums = account.compiled.alone.iter().filter(|alone| !alone.is_empty()).count();
    let named = |term: &usize| match term.checked_sub(operands) {
        None => format!("operand {term}"),
        Some(made) => format!("step {}", made + 1 + if operands > 1 { sums } else { 0 }),
    };
    out.push(Role::Text, "    ").push(Role::Number, format!("{}", n + 1)).push(Role::Text, "  ");
    out.push(Role::Str, &step.equation).push(Role::Text, format!("  {}", step.done.kernel.name()));
    out.push(Role::Dim, format!("  ({})\n", step.terms.iter().map(named).collect::<Vec<_>>().join(", ")));
    let mut line = Markup::new();
    let shapes: Vec<String> = step.shapes.iter().map(|shape| format!("{shape:?}")).collect();
    line.push(Role::Text, format!("{} -> ", shapes.join(" x ")));
    line.push(Role::Type, format!("{:?}", step.result));
    if step.cost.moved > 0.0 {
        let what = if step.terms.len() == 2 {
            if step.adds { "multiply-adds" } else { "products" }
        } else {
            "additions"
        };
        let moved = (step.cost.moved * account.item() as f64) as usize;
        line.push(
            Role::Text,
            format!(": {} {what}, {} read and written", large(step.cost.work), bytes(moved)),
        );
    } else {
        line.push(Role::Text, ": no bytes are moved");
    }
    for (copied, term) in step.done.copied.iter().zip(&step.terms) {
        if *copied > 0 {
            line.push(
                Role::Text,
                format!("; {} copied to bring it in order: {}", named(term), bytes(*copied)),
            );
        }
    }
    if timed {
        line.push(Role::Text, "; ").push(Role::Number, human(Duration::from_nanos(step.done.nanoseconds)));
        if step.adds && step.terms.len() == 2 {
            line.push(Role::Text, format!(", {:.1} GFLOP/s", rate(step)));
        }
    }
    field(out, width, "", &line);
}

/// Multiplications and additions in a nanosecond.
fn rate(step: &Step) -> f64 {
    2.0 * step.cost.work / step.done.nanoseconds.max(1) as f64
}

/// A number of operations: exact as long as a person reads it.
fn large(number: f64) -> String {
    if number < 1e12 { grouped(number as u128) } else { format!("{number:.2e}") }
}

fn totals(out: &mut Markup, account: &Account, steps: &[Step], timed: bool, width: usize) {
    let (work, moved) = steps.iter().fold((0.0, 0.0), |sum, s| (sum.0 + s.cost.work, sum.1 + s.cost.moved));
    let mut line = Markup::new();
    let naive = account.naive();
    let plan = &account.compiled.plan;
    if work == 0.0 {
        line.push(Role::Text, "nothing is computed: the result is a view");
    } else {
        let moved = (moved * account.item() as f64) as usize;
        line.push(
            Role::Text,
            format!(
                "{} operations, {} moved; the loops would make {}",
                large(work),
                bytes(moved),
                large(naive)
            ),
        );
        if naive > work * 1.05 {
            line.push(Role::Text, format!(" ({} times as many)", ratio(naive / work)));
        }
    }
    field(out, width, "in all", &line);
    if plan.steps.len() > 1 {
        let largest =
            plan.steps[..plan.steps.len() - 1].iter().map(|s| account.compiled.network.elements(&s.result));
        let largest = largest.fold(0.0, f64::max);
        let text =
            format!("{} elements, {}", large(largest), bytes((largest * account.item() as f64) as usize));
        field(out, width, "largest", &Markup::text(format!("intermediate result: {text}")));
    }
    if timed {
        let total: u64 = steps.iter().map(|step| step.done.nanoseconds).sum();
        let text = format!("{} in the steps", human(Duration::from_nanos(total)));
        field(out, width, "took", &Markup::text(text));
    }
}

fn ratio(times: f64) -> String {
    if times < 100.0 { format!("{times:.1}") } else { large(times.round()) }
}

/// The same for programs.
pub(super) fn json(account: &Account, timed: bool) -> Json {
    let plan = &account.compiled.plan;
    let letters: Vec<Json> = account
        .letters()
        .iter()
        .map(|letter| {
            json!({
                "letter": letter.name, "size": letter.size, "role": letter.role.name(), "operands": letter.operands,
                "diagonal_in": letter.diagonal, "broadcast_in": letter.broadcast,
            })
        })
        .collect();
    let steps: Vec<Json> = account
        .steps()
        .iter()
        .map(|step| {
            let mut json = json!({
                "equation": step.equation, "terms": step.terms, "shapes": step.shapes, "result": step.result,
                "operations": step.cost.work, "bytes": step.cost.moved * account.item() as f64,
                "kernel": step.done.kernel.name(), "copied": step.done.copied,
            });
            if timed {
                json["nanoseconds"] = step.done.nanoseconds.into();
                json["gflops"] = rate(step).into();
            }
            json
        })
        .collect();
    let method = match plan.method {
        Method::Only => "only",
        Method::Optimal => "optimal",
        Method::Search => "search",
        Method::Given => "given",
    };
    json!({
        "op": "einsum",
        "equation": account.equation,
        "dtype": account.result.dtype.name(),
        "shape": account.result.shape(),
        "letters": letters,
        "steps": steps,
        "method": method,
        "largest_elements": plan.largest,
        "limit_elements": plan.bound,
        "exceeds_limit": plan.exceeds,
        "operations": plan.cost().work,
        "naive_operations": account.naive(),
    })
}
