//! Triangles and grids of places.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::derivatives;
use crate::ops::entries::creation::MAKE;
use crate::ops::triangle;
use crate::tensor::view;
use crate::value::entry::{Bindings, Entry, Forward, Gradient, IN_PLACE, METHOD, Out, TORCH};
use crate::value::{Ctx, Tensor, Value};

entries![
    Entry {
        name: "tril",
        signature: "(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "The lower triangle of matrices, zeros elsewhere.",
        examples: &[
            ("torch.ones(2, 2).tril()", "tensor([[1., 0.],\n        [1., 1.]])"),
            ("torch.ones(2, 3).t().tril().stride()", "(2, 1)"),
        ],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| triangle::cut(b.tensor(0)?, b.int(1)?, "tril")),
        gradient: Gradient::Differentiable(&derivatives::joining::TRIANGLE),
        ..MAKE
    },
    Entry {
        name: "triu",
        signature: "(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "The upper triangle of matrices, zeros elsewhere.",
        examples: &[("torch.ones(2, 2).triu(1)", "tensor([[0., 1.],\n        [0., 0.]])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| triangle::cut(b.tensor(0)?, b.int(1)?, "triu")),
        gradient: Gradient::Differentiable(&derivatives::joining::TRIANGLE),
        ..MAKE
    },
    Entry {
        name: "tril_indices",
        signature: "(row: int, col: int, offset: int = 0, *, dtype: dtype | None = None, device: device | None = None, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: TORCH,
        summary: "The places of the lower triangle: a row of row numbers and a row of column numbers.",
        examples: &[("torch.tril_indices(2, 2)", "tensor([[0, 1, 1],\n        [0, 0, 1]])")],
        forward: Forward::Eager(|_, b| triangle::places(b, true)),
        ..MAKE
    },
    Entry {
        name: "triu_indices",
        signature: "(row: int, col: int, offset: int = 0, *, dtype: dtype | None = None, device: device | None = None, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: TORCH,
        summary: "The places of the upper triangle: a row of row numbers and a row of column numbers.",
        examples: &[("torch.triu_indices(2, 2)", "tensor([[0, 0, 1],\n        [0, 1, 1]])")],
        forward: Forward::Eager(|_, b| triangle::places(b, false)),
        ..MAKE
    },
    Entry {
        name: "meshgrid",
        signature: "(*tensors: Tensor, indexing: str | None = None) -> tuple of Tensors",
        on: TORCH,
        summary: "The coordinates of a grid: one expanded view for each of the vectors.",
        examples: &[(
            "torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4]), indexing='ij')",
            "(tensor([[1, 1],\n        [2, 2]]), tensor([[3, 4],\n        [3, 4]]))",
        )],
        forward: Forward::Eager(meshgrid),
        ..MAKE
    },
];

fn meshgrid(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensors = b.tensors(0)?;
    let swap = match b.value(1) {
        Value::Str(text) if &**text == "xy" => tensors.len() >= 2,
        Value::None => false,
        Value::Str(text) if &**text == "ij" => false,
        other => {
            let text = if let Value::Str(text) = other { text.to_string() } else { other.describe() };
            return Err(Error::runtime(format!(
                "torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: {text}"
            )));
        }
    };
    if tensors.is_empty() {
        return Err(Error::runtime("meshgrid expects a non-empty TensorList"));
    }
    let mut sizes = Vec::new();
    for tensor in &tensors {
        let array = tensor.array();
        if array.ndim() > 1 {
            return Err(Error::runtime(format!(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {}",
                tensor.array().ndim()
            )));
        }
        sizes.push(array.numel() as i64);
    }
    if swap {
        sizes.swap(0, 1);
    }
    let site = ctx.call_site();
    let mut grids = Vec::new();
    for (n, tensor) in tensors.iter().enumerate() {
        let n = if swap && n < 2 { 1 - n } else { n };
        let mut lying = vec![1; tensors.len()];
        lying[n] = -1;
        let array = tensor.to_array();
        let lying = array.with_layout(view::view(&array.layout, &lying)?);
        let layout = crate::tensor::broadcast::expand(&lying, &sizes)?;
        let view = Tensor::view_of(tensor, array.with_layout(layout), site.clone());
        grids.push(Value::Tensor(view));
    }
    Ok(Value::tuple(grids))
}
