//! `:stats NAME...` and `:watch EXPR`: how the elements of tensors are spread.

use super::line::Line;
use super::{mem, write};
use crate::error::{Class, Result};
use crate::eval::Vm;
use crate::kernels::spread::Spread;
use crate::kernels::watch;
use crate::markup::{Markup, Role};
use crate::tensor::array::Array;
use crate::value::{Tensor, Value};

/// `:stats A B C`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    if line.text().is_empty() {
        return Err(mem::missing(line, "stats", "x"));
    }
    let mut found: Vec<(String, Tensor)> = Vec::new();
    match line.parse() {
        Ok(tree) => {
            let value = line.evaluate(vm, &tree)?;
            collect(&mut found, line, line.text(), &value)?;
        }
        Err(error) => {
            // Several expressions, blanks between them.
            let mut rest = line.clone();
            while !rest.text().is_empty() {
                let (first, after) = rest.first();
                let Ok(tree) = first.parse() else { return Err(error) };
                let value = first.evaluate(vm, &tree)?;
                collect(&mut found, &first, first.text(), &value)?;
                rest = after;
            }
        }
    }
    let mut out = Markup::new();
    let width = found.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(32);
    for (name, tensor) in &found {
        row(&mut out, name, width, &tensor.to_array())?;
    }
    write(vm, &out)
}

/// The tensors of a value, each with the text that leads to it.
fn collect(found: &mut Vec<(String, Tensor)>, line: &Line, name: &str, value: &Value) -> Result<()> {
    match value {
        Value::Tensor(tensor) => found.push((name.to_owned(), tensor.clone())),
        Value::Tuple(_) | Value::List(_) => {
            for (n, item) in crate::ops::bind::items(value).unwrap_or_default().iter().enumerate() {
                if let Value::Tensor(tensor) = item {
                    found.push((format!("{name}[{n}]"), tensor.clone()));
                }
            }
        }
        other => {
            let text = format!("{} has no elements to look at: only tensors have", other.type_name());
            return Err(line.error(Class::TypeError, text));
        }
    }
    Ok(())
}

fn row(out: &mut Markup, name: &str, width: usize, array: &Array) -> Result<()> {
    array.storage.settle()?;
    let spread = Spread::of(array)?;
    out.push(Role::Name, format!("{name:width$}")).push(Role::Text, "  ");
    out.push(Role::Type, format!("{:18}", array.describe()))
        .push(Role::Text, format!("  {}\n", spread.line()));
    Ok(())
}

/// `:watch EXPR`: the spread of what every op of an expression gives, in their order.
pub(super) fn watch(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    if line.text().is_empty() {
        return Err(mem::missing(line, "watch", "torch.relu(x @ w)"));
    }
    let tree = line.parse()?;
    let watching = watch::Watching::start();
    let value = line.evaluate(vm, &tree);
    let results = watching.finish();
    value?;
    let mut out = Markup::new();
    let width = results.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, spread, kind) in results.iter().map(|(name, (spread, kind))| (name, spread, kind)) {
        out.push(Role::Name, format!("{name:width$}")).push(Role::Text, "  ");
        out.push(Role::Type, format!("{kind:18}")).push(Role::Text, format!("  {}\n", spread.line()));
    }
    if results.is_empty() {
        out.push(Role::Dim, "no op of the expression has given floats\n");
    }
    write(vm, &out)
}
