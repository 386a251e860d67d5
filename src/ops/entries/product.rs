//! Products of matrices and vectors.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::reduce;
use crate::ops::added::{Added, Summed};
use crate::ops::derivatives;
use crate::ops::{apply, multiply};
use crate::tensor::array::Array;
use crate::tensor::promote::Rule;
use crate::tensor::{dim, view};
use crate::through;
use crate::value::entry::{
    Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, IN_PLACE, LINALG, METHOD, NUMPY, Out, TORCH,
};
use crate::value::{Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const PRODUCT: Entry = Entry {
    signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
    on: METHOD | TORCH,
    category: Category::Product,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "matmul",
        aliases: &["__matmul__"],
        on: METHOD | TORCH | NUMPY | LINALG,
        summary: "The product of matrices, vectors, or batches of them.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]) @ torch.tensor([1, 1])", "tensor([3, 7])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            if b.tensor(0)?.is_numpy() && b.tensor(1)?.is_numpy() {
                crate::ops::flavour::check_product(&b.tensor(0)?.array(), &b.tensor(1)?.array())?;
            }
            both(b, multiply::matmul)
        }),
        gradient: Gradient::Differentiable(&derivatives::product::MATMUL),
        ..PRODUCT
    },
    Entry {
        name: "mm",
        signature: "(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The product of two matrices.",
        examples: &[(
            "torch.tensor([[1, 2], [3, 4]]).mm(torch.tensor([[1], [1]]))",
            "tensor([[3],\n        [7]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| both(b, multiply::mm)),
        gradient: Gradient::Differentiable(&derivatives::product::MATMUL),
        ..PRODUCT
    },
    Entry {
        name: "bmm",
        signature: "(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The products of two batches of matrices.",
        examples: &[("torch.ones(2, 1, 3).bmm(torch.ones(2, 3, 1)).shape", "torch.Size([2, 1, 1])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| both(b, multiply::bmm)),
        gradient: Gradient::Differentiable(&derivatives::product::MATMUL),
        ..PRODUCT
    },
    Entry {
        name: "mv",
        signature: "(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "A matrix times a vector.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).mv(torch.tensor([1, 1]))", "tensor([3, 7])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| both(b, multiply::mv)),
        gradient: Gradient::Differentiable(&derivatives::product::MATMUL),
        ..PRODUCT
    },
    Entry {
        name: "dot",
        aliases: &["vdot"],
        signature: "(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The sum of the products of two vectors' elements.",
        examples: &[("torch.tensor([1, 2]).dot(torch.tensor([3, 4]))", "tensor(11)")],
        out: Out::Worded(|result, out| {
            format!("result dtype {} does not match input dtype {}", out.scalar_type(), result.scalar_type())
        }),
        forward: Forward::Eager(|_, b| both(b, multiply::dot)),
        gradient: Gradient::Differentiable(&derivatives::product::MATMUL),
        ..PRODUCT
    },
    Entry {
        name: "outer",
        aliases: &["ger"],
        signature: "(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "All products of the elements of two vectors.",
        examples: &[(
            "torch.outer(torch.tensor([1, 2]), torch.tensor([3, 4]))",
            "tensor([[3, 4],\n        [6, 8]])"
        )],
        forward: Forward::Eager(|_, b| {
            for (n, name) in [(0, "self"), (1, "vec2")] {
                let array = b.tensor(n)?.to_array();
                if array.ndim() != 1 {
                    return Err(Error::runtime(format!(
                        "outer: Expected 1-D argument {name}, but got {}-D",
                        array.ndim()
                    ))
                    .label(Place::Arg(n), array.describe()));
                }
            }
            let column = lifted(b.tensor(0)?, 1)?;
            apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&column, b.value(1)])
        }),
        gradient: Gradient::Differentiable(&derivatives::product::OUTER),
        ..PRODUCT
    },
    Entry {
        name: "inner",
        summary: "The sum of the products along the last dimension of both.",
        examples: &[("torch.inner(torch.tensor([1, 2]), torch.tensor([3, 4]))", "tensor(11)")],
        forward: Forward::Eager(|_, b| both(b, multiply::inner)),
        gradient: through!("ViewBackward0", derivatives::composed::inner),
        ..PRODUCT
    },
    Entry {
        name: "tensordot",
        signature: "(a: Tensor, b: Tensor, dims: any = 2, out: Tensor | None = None) -> Tensor",
        on: TORCH,
        summary: "The sum of products over the last dimensions of one and the first of the other, or over those named.",
        examples: &[(
            "torch.tensordot(torch.ones(2, 3), torch.ones(3, 4), dims=1).shape",
            "torch.Size([2, 4])"
        )],
        out: Out::Worded(|result, out| {
            format!(
                "tensordot: Expected the output tensor to have dtype {}, but got an output tensor with dtype {}",
                result.scalar_type(),
                out.scalar_type()
            )
        }),
        forward: Forward::Eager(|_, b| multiply::tensordot(b.tensor(0)?, b.tensor(1)?, b.value(2))),
        gradient: through!("ViewBackward0", derivatives::composed::tensordot),
        ..PRODUCT
    },
    Entry {
        name: "kron",
        summary: "All products of elements, in blocks.",
        examples: &[("torch.kron(torch.tensor([1, 2]), torch.tensor([1, 10]))", "tensor([ 1, 10,  2, 20])")],
        forward: Forward::Eager(|_, b| multiply::kron(b.tensor(0)?, b.tensor(1)?)),
        gradient: through!("UnsafeViewBackward0", derivatives::composed::kron),
        ..PRODUCT
    },
    Entry {
        name: "cross",
        signature: "(input: Tensor, other: Tensor, dim: int | None = None, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The vectors at right angles to each two of three elements.",
        examples: &[(
            "torch.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0]), dim=0)",
            "tensor([0, 0, 1])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| multiply::cross(b.tensor(0)?, b.tensor(1)?, b.opt_int(2)?)),
        gradient: Gradient::Differentiable(&derivatives::product::CROSS),
        ..PRODUCT
    },
    Entry {
        name: "addmm",
        signature: "(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "`beta * input + alpha * mat1 @ mat2`.",
        examples: &[(
            "torch.addmm(torch.tensor([1]), torch.tensor([[2]]), torch.tensor([[3]]))",
            "tensor([[7]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            check_added(b, Added::Matrices)?;
            added(b, multiply::mm)
        }),
        gradient: Gradient::Differentiable(&derivatives::product::ADDMM),
        ..PRODUCT
    },
    Entry {
        name: "addmv",
        signature: "(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "`beta * input + alpha * mat @ vec`.",
        examples: &[(
            "torch.addmv(torch.tensor([1]), torch.tensor([[2, 3]]), torch.tensor([1, 1]))",
            "tensor([6])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            check_added(b, Added::Vector)?;
            added(b, multiply::mv)
        }),
        gradient: Gradient::Differentiable(&derivatives::product::ADDMM),
        ..PRODUCT
    },
    Entry {
        name: "baddbmm",
        signature: "(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "`beta * input + alpha * batch1 @ batch2`, for batches.",
        examples: &[(
            "torch.baddbmm(torch.ones(1, 1, 1), torch.ones(1, 1, 2), torch.ones(1, 2, 1))",
            "tensor([[[3.]]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            check_added(b, Added::Batch)?;
            row_by_row(added(b, multiply::bmm)?)
        }),
        gradient: Gradient::Differentiable(&derivatives::product::ADDMM),
        ..PRODUCT
    },
    Entry {
        name: "addbmm",
        signature: "(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "`beta * input + alpha * (batch1 @ batch2).sum(0)`.",
        examples: &[(
            "torch.addbmm(torch.ones(1, 1), torch.ones(2, 1, 2), torch.ones(2, 2, 1))",
            "tensor([[5.]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            check_added(b, Added::SumOfBatch)?;
            added(b, |a, c| {
                let product = multiply::bmm(a, c)?;
                reduce::sum(&product, &[0], false, Some(product.dtype))
            })
        }),
        gradient: Gradient::Differentiable(&derivatives::product::ADDBMM),
        ..PRODUCT
    },
    Entry {
        name: "addr",
        signature: "(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "`beta * input + alpha * outer(vec1, vec2)`.",
        examples: &[(
            "torch.addr(torch.tensor([[1]]), torch.tensor([2]), torch.tensor([3]))",
            "tensor([[7]])"
        )],
        forward: Forward::Eager(|_, b| {
            check_weights(b)?;
            let column = lifted(b.tensor(1)?, 1)?;
            let product = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&column, b.value(2)])?;
            weighted(b, &product)
        }),
        gradient: Gradient::Differentiable(&derivatives::product::ADDR),
        ..PRODUCT
    },
    Entry {
        name: "chain_matmul",
        signature: "(*matrices: Tensor, out: Tensor | None = None) -> Tensor",
        on: TORCH,
        summary: "The product of several matrices.",
        examples: &[(
            "torch.chain_matmul(torch.eye(2), torch.eye(2))",
            "tensor([[1., 0.],\n        [0., 1.]])"
        )],
        forward: Forward::Eager(|_, b| chained(&b.tensors(0)?)),
        gradient: through!("ViewBackward0", derivatives::composed::chain),
        ..PRODUCT
    },
    Entry {
        name: "trace",
        signature: "(input: Tensor) -> Tensor",
        summary: "The sum of the diagonal of a matrix.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).trace()", "tensor(5)")],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            if array.ndim() != 2 {
                return Err(Error::runtime(format!(
                    "trace: expected a matrix, but got tensor with dim {}",
                    array.ndim()
                ))
                .label(Place::Arg(0), array.describe()));
            }
            let diagonal = array.with_layout(view::diagonal(&array.layout, 0, 0, 1)?);
            let dims = dim::reduced(None, 1)?;
            Ok(crate::ops::results::alike(b.tensor(0)?, reduce::sum(&diagonal, &dims, false, None)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::product::TRACE),
        ..PRODUCT
    },
    Entry {
        name: "linear",
        signature: "(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor",
        on: FUNCTIONAL,
        summary: "`input @ weight.T + bias`: a layer of a neural network.",
        examples: &[("F.linear(torch.ones(1, 2), torch.ones(3, 2))", "tensor([[2., 2., 2.]])")],
        forward: Forward::Eager(|_, b| {
            let (input, weight) = (b.tensor(0)?, b.tensor(1)?.to_array());
            check_linear(b, &input.array(), &weight)?;
            let turned = weight.with_layout(view::transpose(&weight.layout, 0, -1)?);
            let product = multiply::matmul(&input.array(), &turned).map_err(|mut error| {
                // With a bias PyTorch calls the product by the name of the sum.
                if error.message().starts_with("both arguments to matmul") {
                    let sentence = error.message().replace("to matmul", "to linear");
                    error.data_mut().message = sentence.into();
                }
                if b.given(2) && error.message().starts_with("mm: ") {
                    error.data_mut().message.insert_str(0, "add");
                }
                error
            })?;
            let product = crate::ops::results::alike(input, product);
            match b.opt_tensor(2)? {
                Some(_) => apply::elementwise(&opcodes::ADD, Rule::Arithmetic, &[&product, b.value(2)]),
                None => Ok(product),
            }
        }),
        gradient: Gradient::Differentiable(&derivatives::product::LINEAR),
        ..PRODUCT
    },
];

/// A function of two arrays, on the first two arguments.
fn both(b: &Bindings, product: fn(&Array, &Array) -> Result<Array>) -> Result<Value> {
    let result = product(&b.tensor(0)?.array(), &b.tensor(1)?.array())?;
    Ok(crate::ops::results::alike(b.tensor(0)?, result))
}

/// A tensor with a dimension of size 1 more.
fn lifted(tensor: &Tensor, dim: i64) -> Result<Value> {
    let array = tensor.to_array();
    if array.ndim() != 1 {
        let name = if dim == 1 || dim == -1 { "vec1" } else { "vec2" };
        return Err(Error::runtime(format!(
            "addr: Expected 1-D argument {name}, but got {}-D",
            array.ndim()
        )));
    }
    Ok(Tensor::of_flavour(array.with_layout(view::unsqueeze(&array.layout, dim)?), tensor.flavour()).into())
}

/// The checks of `addmm`, `addmv`, `baddbmm` and `addbmm`, in the order they are made.
fn check_added(b: &Bindings, kind: Added) -> Result<()> {
    let [input, first, second] = [b.tensor(0)?.to_array(), b.tensor(1)?.to_array(), b.tensor(2)?.to_array()];
    Summed { input: &input, factors: [&first, &second], in_place: b.in_place.get() }.check(kind)
}

/// A tensor whose elements lie row by row.
fn row_by_row(value: Value) -> Result<Value> {
    match value {
        Value::Tensor(tensor) if !tensor.array().layout.is_contiguous() => {
            let array = crate::kernels::copy::contiguous(&tensor.array())?;
            Ok(crate::ops::results::alike(&tensor, array))
        }
        value => Ok(value),
    }
}

/// `beta * input + alpha * product(second, third)`.
fn added(b: &Bindings, product: impl Fn(&Array, &Array) -> Result<Array>) -> Result<Value> {
    let result = product(&b.tensor(1)?.array(), &b.tensor(2)?.array())?;
    weighted(b, &crate::ops::results::alike(b.tensor(0)?, result))
}

/// `addr` of ints takes no weights that are floats.
fn check_weights(b: &Bindings) -> Result<()> {
    let floats = (0..3).map(|n| b.tensor(n)).collect::<Result<Vec<_>>>()?;
    let whole = !floats.iter().any(|tensor| tensor.array().dtype.is_float());
    for (n, name) in [(3, "beta"), (4, "alpha")] {
        if whole && matches!(b.value(n), Value::Float(_)) {
            return Err(Error::runtime(format!(
                "For integral input tensors, argument {name} must not be a floating point number."
            ))
            .label(Place::Arg(n), "a float"));
        }
    }
    Ok(())
}

/// A weight, of which ints see the whole part.
fn weight(value: &Value, product: &Value) -> Value {
    match (value, product) {
        (Value::Float(weight), Value::Tensor(tensor)) if !tensor.array().dtype.is_float() => {
            Value::Int(crate::tensor::dtype::truncate(*weight))
        }
        _ => value.clone(),
    }
}

fn weighted(b: &Bindings, product: &Value) -> Result<Value> {
    let (beta, alpha) = (&weight(b.value(3), product), &weight(b.value(4), product));
    let product = match alpha {
        Value::Int(1) => product.clone(),
        alpha => apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[product, alpha])?,
    };
    match beta {
        // With 0 the input is not read: its nan and inf do not matter.
        Value::Int(0) => Ok(product),
        Value::Int(1) => apply::elementwise(&opcodes::ADD, Rule::Arithmetic, &[b.value(0), &product]),
        beta => {
            let scaled = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(0), beta])?;
            apply::elementwise(&opcodes::ADD, Rule::Arithmetic, &[&scaled, &product])
        }
    }
}

fn chained(tensors: &[Tensor]) -> Result<Value> {
    for tensor in tensors {
        let ndim = tensor.array().ndim();
        if ndim != 2 {
            return Err(Error::runtime(format!("Tensor dimension is {ndim}, expected 2 instead.")));
        }
    }
    match tensors {
        [] => Err(Error::runtime("chain_matmul(): Expected one or more matrices")),
        [one] => Ok(crate::ops::results::alike(one, crate::kernels::copy::duplicate(&one.array())?)),
        _ => crate::ops::linear::products::product_of(tensors),
    }
}

/// PyTorch's checks of a matrix, weights and a bias, which it gives to `addmm`.
fn check_linear(b: &Bindings, input: &Array, weight: &Array) -> Result<()> {
    let (2, Some(bias)) = (input.ndim(), b.opt_tensor(2)?) else { return Ok(()) };
    let bias = bias.to_array();
    if weight.ndim() != 2 {
        return Err(Error::runtime(format!("addmm: mat2 must be a matrix, got {}-D tensor", weight.ndim()))
            .label(Place::Arg(1), weight.describe()));
    }
    if bias.dtype != weight.dtype && input.dtype == weight.dtype {
        return Err(Error::runtime(format!(
            "self and mat2 must have the same dtype, but got {} and {}",
            bias.dtype.scalar_type(),
            weight.dtype.scalar_type()
        ))
        .label(Place::Arg(2), bias.describe()));
    }
    if input.shape()[1] == weight.shape()[1] {
        let sizes = [input.shape()[0] as i64, weight.shape()[0] as i64];
        crate::tensor::broadcast::expand(&bias, &sizes)
            .map_err(|error| error.label(Place::Arg(2), bias.describe()))?;
    }
    Ok(())
}
