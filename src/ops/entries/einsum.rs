//! The entry of einsum: what it takes is read here, what it does is in [`crate::einsum`].

use crate::einsum::equation::Equation;
use crate::einsum::record::Record;
use crate::einsum::{Compiled, compiled};
use crate::error::{Class, Error, Place, Result};
use crate::kernels::cast;
use crate::ops::derivatives;
use crate::tensor::array::Array;
use crate::value::entry::{BARE, Category, Entry, Forward, Gradient, NUMPY, TORCH};
use crate::value::graph;
use crate::value::{Args, Ctx, Tensor, Value, wrong_type};
use std::rc::Rc;

crate::entries![Entry {
    name: "einsum",
    signature: "(equation: str, *operands: Tensor) -> Tensor",
    on: TORCH | BARE | NUMPY,
    category: Category::Einsum,
    summary: "sums of products by index notation: repeated letters meet, letters that are not in the output are summed",
    examples: &[
        (
            "torch.einsum('ij,jk->ik', torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]]))",
            "tensor([[19, 22],\n        [43, 50]])",
        ),
        ("torch.einsum('ii->i', torch.arange(9).reshape(3, 3))", "tensor([0, 4, 8])"),
    ],
    forward: Forward::Raw(run),
    gradient: Gradient::NotDifferentiable,
    ..Entry::EMPTY
}];

/// `einsum(equation, *operands)`, `einsum(equation, operands)` or `einsum(x, [0, 1], y, [1, 2], [0, 2])`.
fn run(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if let Some((name, _)) = args.keywords.first() {
        return Err(Error::type_error(format!("einsum() got an unexpected keyword argument '{name}'")));
    }
    let (first, rest) = match args.positional {
        [first, rest @ ..] if !rest.is_empty() => (first, rest),
        _ => {
            return Err(Error::value(
                "einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list",
            ));
        }
    };
    let (ready, tensors, arrays) = match first {
        Value::Tensor(_) => {
            let (equation, tensors) = sublists(args.positional)?;
            let arrays = promoted(&tensors)?;
            let shapes: Vec<&[usize]> = arrays.iter().map(Array::shape).collect();
            let ready = Compiled::new(&equation, &shapes).map_err(in_equation)?;
            (Rc::new(ready), tensors, arrays)
        }
        Value::Str(text) => {
            let tensors = operands(rest)?;
            let arrays = promoted(&tensors)?;
            (compiled(text, &arrays).map_err(in_equation)?, tensors, arrays)
        }
        other => return Err(wrong_type("einsum(): argument 'equation' (position 1) must be str", other)),
    };
    let result = ready.run(&arrays, &mut Record::off()).map_err(in_equation)?;
    let shares = ready.is_view() && result.storage.same(&arrays[0].storage);
    let result = match shares {
        true => Tensor::view_of(&tensors[0], result, ctx.call_site()),
        false => Tensor::of_flavour(result, tensors[0].flavour()),
    };
    if graph::active() && tensors.iter().any(Tensor::requires_grad) && !ctx.state().no_grad {
        derivatives::einsum::record(&ready.binding, &tensors, &result);
    }
    Ok(result.into())
}

/// Mistakes are in the equation, the first argument.
fn in_equation(error: Error) -> Error {
    if error.data().labels.is_empty() { error.label(Place::Arg(0), "") } else { error }
}

/// The operands after the equation: tensors, or one list of them.
fn operands(rest: &[Value]) -> Result<Vec<Tensor>> {
    let listed: Vec<Value>;
    let values = match rest {
        [Value::List(list)] => {
            listed = list.items().clone();
            &listed
        }
        [Value::Tuple(tuple)] => &tuple.items[..],
        _ => rest,
    };
    let tensor = |(n, value): (usize, &Value)| match value {
        Value::Tensor(tensor) => Ok(tensor.clone()),
        other => {
            let error =
                format!("expected Tensor as element {n} in argument 1, but got {}", other.type_name());
            Err(Error::type_error(error).label(Place::Arg(n + 1), other.type_name()))
        }
    };
    values.iter().enumerate().map(tensor).collect()
}

/// The form with lists of numbers: an operand, its subscripts, .., and at the end perhaps those of the output.
fn sublists(args: &[Value]) -> Result<(Equation, Vec<Tensor>)> {
    let (pairs, output) = if args.len() % 2 == 1 { args.split_at(args.len() - 1) } else { (args, &[][..]) };
    let (mut tensors, mut lists) = (Vec::new(), Vec::new());
    for pair in pairs.chunks(2) {
        match &pair[0] {
            Value::Tensor(tensor) => tensors.push(tensor.clone()),
            other => return Err(wrong_type("einsum(): an operand must be Tensor", other)),
        }
        lists.push(subscripts(&pair[1])?);
    }
    let output = output.first().map(subscripts).transpose()?;
    Ok((Equation::from_lists(&lists, output.as_deref())?, tensors))
}

fn subscripts(list: &Value) -> Result<Vec<Option<i64>>> {
    let read = |items: &[Value]| {
        let each = items.iter().map(|item| match item {
            Value::Ellipsis => Ok(None),
            Value::Int(n) => Ok(Some(*n)),
            Value::Bool(b) => Ok(Some(i64::from(*b))),
            other => {
                let name = other.type_name();
                Err(Error::type_error(format!("'>=' not supported between instances of '{name}' and 'int'")))
            }
        });
        each.collect::<Result<Vec<_>>>()
    };
    match list {
        Value::List(list) => read(&list.items()),
        Value::Tuple(tuple) => read(&tuple.items),
        other => Err(Error::new(Class::TypeError, format!("'{}' object is not iterable", other.type_name()))),
    }
}

/// The operands in their common dtype.
fn promoted(tensors: &[Tensor]) -> Result<Vec<Array>> {
    let dtype = tensors.iter().map(|t| t.array().dtype).reduce(|a, b| a.promote(b));
    let cast = |tensor: &Tensor| {
        let array = tensor.to_array();
        match dtype {
            Some(dtype) if dtype != array.dtype => cast::cast(&array, dtype),
            _ => Ok(array),
        }
    };
    tensors.iter().map(cast).collect()
}
