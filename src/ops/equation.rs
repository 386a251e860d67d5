//! `torch.einsum`: from the arguments of a call to an equation over arrays.

use crate::einsum::equation::Equation;
use crate::einsum::{self};
use crate::error::{Error, Place, Result};
use crate::ops::{apply, arguments, bind};
use crate::tensor::array::Array;
use crate::tensor::promote::{self, Operand};
use crate::value::{Args, Ctx, Tensor, Value};

const USAGE: &str = "einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list";

/// `einsum(equation, *operands)`, or operands with lists of numbers between them.
pub fn einsum(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    // NumPy's `optimize=` changes nothing that is visible.
    if let Some((name, _)) = args.keywords.iter().find(|(name, _)| &**name != "optimize") {
        return Err(Error::type_error(format!("einsum() got an unexpected keyword argument '{name}'")));
    }
    if args.positional.len() < 2 {
        return Err(Error::value(USAGE).label(Place::Callee, ""));
    }
    let (equation, tensors) = match &args.positional[0] {
        Value::Str(text) => {
            let tensors = operands(&args.positional[1..])?;
            (Equation::parse(text, tensors.len())?, tensors)
        }
        _ => sublists(args.positional)?,
    };
    let Some(first) = tensors.first() else { return Err(Error::value(USAGE)) };
    let arrays: Vec<Array> = tensors.iter().map(Tensor::to_array).collect();
    let kinds: Vec<Operand> = arrays.iter().map(|array| Operand::Dimensioned(array.dtype)).collect();
    let dtype = promote::result_type(&kinds);
    let arrays = arrays.into_iter().map(|array| apply::as_dtype(array, dtype)).collect::<Result<Vec<_>>>()?;
    let result = einsum::einsum(&equation, &arrays)?;
    if arrays.len() == 1 && result.storage.same(&first.array().storage) {
        return Ok(Tensor::view_of(first, result, ctx.call_site()).into());
    }
    Ok(Tensor::of_flavour(result, first.flavour()).into())
}

/// The operands after the equation: tensors, or one list of them.
fn operands(values: &[Value]) -> Result<Vec<Tensor>> {
    let list = match values {
        [only @ (Value::List(_) | Value::Tuple(_))] => bind::items(only).unwrap_or_default().to_vec(),
        _ => values.to_vec(),
    };
    list.into_iter()
        .enumerate()
        .map(|(n, value)| match value {
            Value::Tensor(tensor) => Ok(tensor),
            other => Err(Error::type_error(format!(
                "expected Tensor as element {n} in argument 1, but got {}",
                super::mismatch::type_name(&other)
            ))
            .label(Place::Arg(n + 1), other.describe())),
        })
        .collect()
}

/// The sublist form: each operand is followed by its subscripts; a list left over is the output's.
fn sublists(values: &[Value]) -> Result<(Equation, Vec<Tensor>)> {
    let (mut tensors, mut lists, mut output) = (Vec::new(), Vec::new(), None);
    let mut rest = values.iter().enumerate().peekable();
    while let Some((n, value)) = rest.next() {
        match value {
            Value::Tensor(tensor) => {
                let Some((_, list)) = rest.next() else { return Err(Error::value(USAGE)) };
                tensors.push(tensor.clone());
                lists.push(subscripts(list)?);
            }
            list @ (Value::List(_) | Value::Tuple(_)) if rest.peek().is_none() => {
                output = Some(subscripts(list)?);
            }
            other => {
                return Err(crate::value::wrong_type("einsum() expects an operand or its subscripts", other)
                    .label(Place::Arg(n), other.describe()));
            }
        }
    }
    Ok((Equation::from_lists(&lists, output.as_deref())?, tensors))
}

fn subscripts(value: &Value) -> Result<Vec<Option<i64>>> {
    let items = bind::items(value)
        .ok_or_else(|| crate::value::wrong_type("einsum() expects a list of subscripts", value))?;
    items
        .iter()
        .map(|item| match item {
            Value::Ellipsis => Ok(None),
            other => arguments::int_of(other)
                .map(Some)
                .ok_or_else(|| crate::value::wrong_type("einsum() expects subscripts to be ints", other)),
        })
        .collect()
}
