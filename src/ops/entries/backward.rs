//! Gradients: asking for them, computing them, looking at them.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::copy;
use crate::ops::autograd::{self, engine, object};
use crate::ops::bind;
use crate::tensor::array::Array;
use crate::tensor::scalar::Scalar;
use crate::value::entry::{
    ATTRIBUTE, AUTOGRAD, BARE, Bindings, Category, Entry, Forward, Gradient, METHOD, TORCH,
};
use crate::value::graph::{Edge, next_number};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const GRAD: Entry =
    Entry { signature: "(input: Tensor) -> any", on: METHOD, category: Category::Gradients, ..Entry::EMPTY };

entries![
    Entry {
        name: "requires_grad",
        on: ATTRIBUTE,
        summary: "Whether gradients are asked for.",
        examples: &[("torch.zeros(1).requires_grad", "False")],
        forward: Forward::Eager(|_, b| Ok(b.tensor(0)?.requires_grad().into())),
        ..GRAD
    },
    Entry {
        name: "is_leaf",
        on: ATTRIBUTE,
        summary: "Whether it was made by the user rather than by an op whose gradient is recorded.",
        examples: &[("w = torch.ones(2, requires_grad=True); w.is_leaf, (w * 2).is_leaf", "(True, False)")],
        forward: Forward::Eager(|_, b| Ok(autograd::node(b.tensor(0)?).is_none().into())),
        ..GRAD
    },
    Entry {
        name: "grad",
        on: ATTRIBUTE,
        summary: "The gradient that `backward()` has computed, or None.",
        examples: &[(
            "w = torch.ones(2, requires_grad=True); (w * 3).sum().backward(); w.grad",
            "tensor([3., 3.])"
        )],
        forward: Forward::Eager(|_, b| Ok(b.tensor(0)?.grad().map_or(Value::None, Value::Tensor))),
        ..GRAD
    },
    Entry {
        name: "grad_fn",
        on: ATTRIBUTE,
        summary: "The function that made it, where gradients are recorded, or None.",
        examples: &[
            ("print(torch.zeros(1).grad_fn)", "None"),
            ("w = torch.ones(2, requires_grad=True); (w * 2).grad_fn.name()", "'MulBackward0'"),
        ],
        forward: Forward::Eager(|_, b| Ok(object::of(b.tensor(0)?))),
        ..GRAD
    },
    Entry {
        name: "output_nr",
        on: ATTRIBUTE,
        summary: "Which result of its function it is.",
        examples: &[("torch.zeros(1).output_nr", "0")],
        forward: Forward::Eager(|_, b| {
            Ok(Value::from(autograd::node(b.tensor(0)?).map_or(0, |(_, result)| result)))
        }),
        ..GRAD
    },
    Entry {
        name: "retains_grad",
        on: ATTRIBUTE,
        summary: "Whether it keeps its gradient although it is no leaf.",
        examples: &[("torch.zeros(1).retains_grad", "False")],
        forward: Forward::Eager(|_, b| {
            Ok(b.tensor(0)?.autograd().is_some_and(|autograd| autograd.retains.get()).into())
        }),
        ..GRAD
    },
    Entry {
        name: "_version",
        on: ATTRIBUTE,
        summary: "How often in-place ops have written into its storage.",
        examples: &[("x = torch.zeros(1); x.add_(1); x._version", "tensor([1.])\n1")],
        forward: Forward::Eager(|_, b| {
            Ok(Value::Int(i64::try_from(b.tensor(0)?.edits()).unwrap_or(i64::MAX)))
        }),
        ..GRAD
    },
    Entry {
        name: "data",
        on: ATTRIBUTE,
        summary: "A tensor over the same storage that knows nothing of gradients.",
        examples: &[("torch.zeros(2).data", "tensor([0., 0.])")],
        forward: Forward::Eager(|_, b| {
            let data = detached(b.tensor(0)?);
            data.set_untracked();
            Ok(data.into())
        }),
        ..GRAD
    },
    Entry {
        name: "detach",
        on: METHOD | TORCH,
        signature: "(input: Tensor) -> Tensor",
        summary: "A tensor over the same storage that knows nothing of gradients.",
        examples: &[("x = torch.zeros(2); x.detach().data_ptr() == x.data_ptr()", "True")],
        forward: Forward::Eager(|_, b| Ok(detached(b.tensor(0)?).into())),
        ..GRAD
    },
    Entry {
        name: "detach_",
        on: METHOD | TORCH,
        signature: "(input: Tensor) -> Tensor",
        summary: "Forgets what it was made from, in place.",
        examples: &[("torch.zeros(1).detach_()", "tensor([0.])")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            if tensor.origin().is_some() {
                return Err(Error::runtime(
                    "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
                ));
            }
            tensor.detach();
            Ok(b.value(0).clone())
        }),
        ..GRAD
    },
    Entry {
        name: "requires_grad_",
        signature: "(input: Tensor, requires_grad: bool = True) -> Tensor",
        summary: "Asks for gradients, or no longer.",
        examples: &[("torch.zeros(1).requires_grad_()", "tensor([0.], requires_grad=True)")],
        forward: Forward::Eager(|_, b| {
            set_requires_grad(b.tensor(0)?, b.bool(1)?)?;
            Ok(b.value(0).clone())
        }),
        ..GRAD
    },
    Entry {
        name: "retain_grad",
        signature: "(input: Tensor) -> None",
        summary: "Asks for the gradient of a tensor that is not a leaf.",
        examples: &[(
            "x = torch.ones(2, requires_grad=True); y = x * 2; y.retain_grad(); (y * y).sum().backward(); y.grad",
            "tensor([4., 4.])"
        )],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            match autograd::edge(tensor) {
                None => Err(Error::runtime("can't retain_grad on Tensor that has requires_grad=False")),
                Some(Edge::Node(node, result)) if !tensor.autograd_mut().retains.replace(true) => {
                    node.hooks().retained.push((result, tensor.downgrade()));
                    Ok(Value::None)
                }
                Some(_) => Ok(Value::None),
            }
        }),
        ..GRAD
    },
    Entry {
        name: "register_hook",
        signature: "(input: Tensor, hook: any) -> any",
        summary: "Has a function called with the gradient of the tensor; what it returns replaces that.",
        examples: &[(
            "x = torch.ones(2, requires_grad=True); h = x.register_hook(lambda g: g * 10); x.sum().backward(); x.grad",
            "tensor([10., 10.])"
        )],
        forward: Forward::Eager(|_, b| object::register_hook(b.tensor(0)?, b.value(1))),
        ..GRAD
    },
    Entry {
        name: "register_post_accumulate_grad_hook",
        signature: "(input: Tensor, hook: any) -> any",
        summary: "Has a function called with a leaf after its gradient was added up.",
        examples: &[(
            "x = torch.ones(2, requires_grad=True); h = x.register_post_accumulate_grad_hook(lambda t: print(t.grad)); x.sum().backward()",
            "tensor([1., 1.])"
        )],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            if !tensor.requires_grad() || autograd::node(tensor).is_some() {
                return Err(Error::runtime(
                    "post accumulate grad hooks cannot be registered on non-leaf tensors",
                ));
            }
            let number = next_number();
            tensor.autograd_mut().after.borrow_mut().push((number, b.value(1).clone()));
            Ok(Value::object(object::Handle::Leaf(tensor.clone(), number)))
        }),
        ..GRAD
    },
    Entry {
        name: "backward",
        signature: "(input: Tensor, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Tensor | Tensors | None = None) -> None",
        summary: "Computes the gradients of what a tensor was made from, and adds them up in the `grad` of the leaves.",
        examples: &[(
            "w = torch.tensor([1.0, 2.0], requires_grad=True); (w ** 2).sum().backward(); w.grad",
            "tensor([2., 4.])"
        )],
        forward: Forward::Eager(|ctx, b| {
            let gradient = b.value(1).clone();
            run(ctx, &[b.tensor(0)?.clone()], &[gradient], b.value(2), b.bool(3)?, b.value(4))
        }),
        ..GRAD
    },
    Entry {
        name: "backward",
        on: AUTOGRAD,
        signature: "(tensors: Tensor | Tensors, grad_tensors: any = None, retain_graph: bool | None = None, create_graph: bool = False, grad_variables: any = None, inputs: Tensor | Tensors | None = None) -> None",
        summary: "Computes the gradients of what tensors were made from, as `x.backward()` does of one.",
        examples: &[(
            "x = torch.ones(2, requires_grad=True); torch.autograd.backward([x.sum(), (2 * x).sum()]); x.grad",
            "tensor([3., 3.])"
        )],
        forward: Forward::Eager(|ctx, b| {
            let tensors = b.tensors(0)?;
            let gradients = each(b.value(1), tensors.len())?;
            run(ctx, &tensors, &gradients, b.value(2), b.bool(3)?, b.value(5))
        }),
        ..GRAD
    },
    Entry {
        name: "grad",
        on: AUTOGRAD,
        signature: "(outputs: Tensor | Tensors, inputs: Tensor | Tensors, grad_outputs: any = None, retain_graph: bool | None = None, create_graph: bool = False, only_inputs: bool = True, allow_unused: bool | None = None, is_grads_batched: bool = False, materialize_grads: bool = False) -> tuple of Tensors",
        summary: "The gradients of outputs with respect to inputs, given back rather than kept in `grad`.",
        examples: &[(
            "x = torch.tensor(3.0, requires_grad=True); torch.autograd.grad(x ** 3, x)",
            "(tensor(27.),)"
        )],
        forward: Forward::Eager(grad),
        ..GRAD
    },
    Entry {
        name: "stats",
        on: BARE,
        signature: "(input: Tensor) -> None",
        summary: "Prints how the elements are spread: mean, deviation, extremes, shares of zeros, nan and inf.",
        examples: &[(
            "stats(torch.tensor([0.0, 1.0, 2.0]))",
            "mean 1.0000  std 1.0000  min 0.0000  max 2.0000  zeros 33.333%  nan 0%  inf 0%  |█       █      █|"
        )],
        forward: Forward::Eager(|ctx, b| {
            let spread = crate::kernels::spread::Spread::of(&b.tensor(0)?.array())?;
            ctx.print(&(spread.line() + "\n"))?;
            Ok(Value::None)
        }),
        ..GRAD
    },
    Entry {
        name: "detect_anomaly",
        on: AUTOGRAD,
        signature: "(check_nan: bool = True) -> any",
        summary: "As a manager of `with`: accepted, and changes nothing; errors name the op here anyway.",
        examples: &[("with torch.autograd.detect_anomaly(): pass", "")],
        forward: Forward::Eager(|ctx, _| {
            let entry = crate::ops::table::torch("set_grad_enabled");
            let entry = entry.ok_or_else(|| Error::runtime("set_grad_enabled is an op"))?;
            let on = Value::Bool(!ctx.state().no_grad);
            crate::ops::dispatch::call(ctx, entry, crate::value::Args::positional(&[on]))
        }),
        ..GRAD
    },
    Entry {
        name: "set_detect_anomaly",
        on: AUTOGRAD,
        signature: "(mode: bool, check_nan: bool = True) -> any",
        summary: "Accepted, and changes nothing; errors name the op here anyway.",
        examples: &[("torch.autograd.set_detect_anomaly(True);", "")],
        forward: Forward::Eager(|_, _| Ok(Value::None)),
        gradient: Gradient::NotDifferentiable,
        ..GRAD
    },
];

/// A tensor over the same storage that knows nothing of gradients.
fn detached(tensor: &Tensor) -> Tensor {
    Tensor::of_flavour(tensor.to_array(), tensor.flavour())
}

/// Asks for gradients, which floats alone have, or no longer.
pub fn set_requires_grad(tensor: &Tensor, wanted: bool) -> Result<()> {
    if wanted && !tensor.array().dtype.is_float() {
        return Err(Error::runtime("only Tensors of floating point dtype can require gradients"));
    }
    if autograd::node(tensor).is_some() {
        if wanted {
            return Ok(());
        }
        return Err(Error::runtime(
            "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
        )
        .label(Place::Arg(0), "not a leaf"));
    }
    tensor.set_requires_grad(wanted);
    Ok(())
}

/// One value for each of `count` tensors.
fn each(values: &Value, count: usize) -> Result<Vec<Value>> {
    match values {
        Value::None => Ok(vec![Value::None; count]),
        Value::Tensor(_) => Ok(vec![values.clone()]),
        other => bind::items(other)
            .map(|items| items.into_vec())
            .ok_or_else(|| crate::value::wrong_type("gradients are tensors", other)),
    }
}

/// The gradient a root begins with: what was given, or 1 for a scalar.
fn first(root: &Tensor, given: Option<&Value>, n: usize) -> Result<Tensor> {
    let array = root.to_array();
    match given {
        Some(Value::Tensor(gradient)) => {
            let own = gradient.to_array();
            if own.shape() != array.shape() {
                return Err(Error::runtime(format!(
                    "Mismatch in shape: grad_output[{n}] has a shape of torch.Size({:?}) and output[{n}] has a shape of torch.Size({:?}).",
                    own.shape(),
                    array.shape()
                ))
                .label(Place::Arg(0), array.describe())
                .label(Place::Arg(1), own.describe()));
            }
            own.storage.settle()?;
            Ok(gradient.clone())
        }
        _ if array.numel() == 1 => {
            let ones = match array.is_meta() {
                true => Array::meta(array.layout.clone(), array.dtype)?,
                false => copy::full(array.shape(), Scalar::Int(1), array.dtype)?,
            };
            Ok(Tensor::new(ones))
        }
        _ => Err(Error::runtime("grad can be implicitly created only for scalar outputs")
            .label(Place::Arg(0), array.describe())
            .note("take `.sum()` or `.mean()` first, or give `gradient`")),
    }
}

fn roots(tensors: &[Tensor], gradients: &[Value]) -> Result<Vec<(Tensor, Tensor)>> {
    let mut roots = Vec::new();
    for (n, tensor) in tensors.iter().enumerate() {
        let gradient = if tensor.requires_grad() { Some(first(tensor, gradients.get(n), n)?) } else { None };
        let Some(gradient) = gradient else {
            return Err(Error::runtime(format!(
                "element {n} of tensors does not require grad and does not have a grad_fn"
            ))
            .label(Place::Arg(0), "made without `requires_grad=True`, or where no gradients are recorded"));
        };
        roots.push((tensor.clone(), gradient));
    }
    Ok(roots)
}

fn run(
    ctx: &mut dyn Ctx,
    tensors: &[Tensor],
    gradients: &[Value],
    keep: &Value,
    again: bool,
    inputs: &Value,
) -> Result<Value> {
    let keep = if let Value::Bool(keep) = keep { *keep } else { again };
    let inputs = match inputs {
        Value::None => None,
        Value::Tensor(input) => Some(vec![input.clone()]),
        other => {
            let items = bind::items(other).unwrap_or_default();
            if items.is_empty() {
                return Err(Error::runtime("`inputs` argument to `backward()` cannot be empty."));
            }
            Some(tensors_of(&items)?)
        }
    };
    let request =
        engine::Request { roots: roots(tensors, gradients)?, keep, again, inputs: inputs.as_deref() };
    let given = engine::run(ctx, &request)?;
    if let Some(inputs) = &inputs {
        for (input, grad) in inputs.iter().zip(given) {
            if let Some(grad) = grad {
                engine::accumulate(ctx, input, grad, again)?;
            }
        }
    }
    Ok(Value::None)
}

fn tensors_of(items: &[Value]) -> Result<Vec<Tensor>> {
    let one = |item: &Value| match item {
        Value::Tensor(tensor) => Ok(tensor.clone()),
        other => Err(crate::value::wrong_type("a tensor is needed", other)),
    };
    items.iter().map(one).collect()
}

fn grad(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (outputs, inputs) = (b.tensors(0)?, b.tensors(1)?);
    let gradients = each(b.value(2), outputs.len())?;
    let again = b.bool(4)?;
    let keep = if let Value::Bool(keep) = b.value(3) { *keep } else { again };
    let materialize = b.bool(8)?;
    let unused = b.bool(6)? || materialize;
    let roots = roots(&outputs, &gradients)?;
    if inputs.iter().any(|input| !input.requires_grad()) {
        return Err(Error::runtime("One of the differentiated Tensors does not require grad")
            .label(Place::Arg(1), "requires_grad=False"));
    }
    let request = engine::Request { roots, keep, again, inputs: Some(&inputs) };
    let given = engine::run(ctx, &request)?;
    let mut results = Vec::new();
    for (place, (input, grad)) in inputs.iter().zip(given).enumerate() {
        results.push(match grad {
            Some(grad) => Value::Tensor(grad),
            None if materialize => {
                let array = input.to_array();
                Tensor::new(Array::zeros(array.shape(), array.dtype)?).into()
            }
            None if unused => Value::None,
            None => {
                return Err(Error::new(
                    Class::RuntimeError,
                    format!("The differentiated Tensor at index {place} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior."),
                )
                .label(Place::Arg(1), "not used"));
            }
        });
    }
    Ok(Value::tuple(results))
}
