//! The patches that a convolution meets, as columns, and columns put back as patches.

use super::convolution::{CONV, batched, finish, to_usize};
use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::convolution::{Geometry, Side, columns};
use crate::ops::derivatives;
use crate::ops::spatial::{by, sizes, spread, three};
use crate::tensor::array::Array;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::value::Value;
use crate::value::entry::{Bindings, Entry, FUNCTIONAL, Forward, Gradient};

entries![
    Entry {
        name: "unfold",
        signature: "(input: Tensor, kernel_size: int | ints, dilation: int | ints = 1, padding: int | ints = 0, stride: int | ints = 1) -> Tensor",
        on: FUNCTIONAL,
        summary: "The patches that a convolution of images would meet, as columns.",
        examples: &[(
            "F.unfold(torch.arange(6.0).reshape(1, 1, 2, 3), (1, 2))",
            "tensor([[[0., 1., 3., 4.],\n         [1., 2., 4., 5.]]])",
        )],
        forward: Forward::Eager(|_, b| unfold(b)),
        gradient: Gradient::Differentiable(&derivatives::convolution::UNFOLD),
        ..CONV
    },
    Entry {
        name: "fold",
        signature: "(input: Tensor, output_size: int | ints, kernel_size: int | ints, dilation: int | ints = 1, padding: int | ints = 0, stride: int | ints = 1) -> Tensor",
        on: FUNCTIONAL,
        summary: "Columns put back as patches; what overlaps is added.",
        examples: &[(
            "F.fold(torch.ones(1, 2, 4), (2, 3), (1, 2))",
            "tensor([[[[1., 2., 1.],\n          [1., 2., 1.]]]])",
        )],
        forward: Forward::Eager(|_, b| fold(b)),
        gradient: Gradient::Differentiable(&derivatives::convolution::FOLD),
        ..CONV
    },
];

/// The geometry of patches of an image of a size.
fn patches(
    size: &[usize],
    kernel: &[i64],
    dilation: &[i64],
    padding: &[i64],
    stride: &[i64],
) -> Vec<(Side, i64)> {
    (0..2)
        .map(|n| {
            let reach = dilation[n].saturating_mul(kernel[n] - 1) + 1;
            let output = (size[n] as i64 + 2 * padding[n] - reach).div_euclid(stride[n].max(1)) + 1;
            let side = Side {
                input: size[n],
                kernel: to_usize(kernel[n]),
                output: to_usize(output),
                stride: to_usize(stride[n]),
                dilation: to_usize(dilation[n]),
                padding: to_usize(padding[n]),
            };
            (side, output)
        })
        .collect()
}

fn two(b: &Bindings, n: usize, name: &str, least: i64) -> Result<Vec<i64>> {
    let list = b.ints(n)?;
    let list = spread(&list, 2).ok_or_else(|| {
        Error::runtime(format!("It is expected {name} equals to 2, but got size {}", list.len()))
            .label(Place::Arg(n), "")
    })?;
    if list.iter().any(|&value| value < least) {
        let (h, w) = (list[0], list[1]);
        let word = if least > 0 { "greater than zero" } else { "non-negative" };
        return Err(Error::runtime(format!(
            "{name} should be {word}, but got {name}_height: {h} {name}_width: {w}"
        ))
        .label(Place::Arg(n), ""));
    }
    Ok(list)
}

/// Fails where an input has other dimensions than one of patches, or an empty one behind the batch.
fn no_empty(b: &Bindings, dims: usize, wanted: &str) -> Result<()> {
    let input = b.tensor(0)?.to_array();
    let shape = input.shape();
    let ranked = shape.len() == dims + 1 || shape.len() == dims + 2;
    if ranked && !shape[usize::from(shape.len() == dims + 2)..].contains(&0) {
        return Ok(());
    }
    Err(Error::runtime(format!("Expected {wanted} for input, but got: {shape:?}"))
        .label(Place::Arg(0), input.describe()))
}

fn pair(list: &[i64]) -> String {
    format!("({})", by(list, ", "))
}

fn unfold(b: &Bindings) -> Result<Value> {
    let (kernel, dilation) = (two(b, 1, "kernel", 1)?, two(b, 2, "dilation", 1)?);
    let (padding, stride) = (two(b, 3, "padding", 0)?, two(b, 4, "stride", 1)?);
    let input = b.tensor(0)?.to_array();
    if input.ndim() < 3 {
        return Err(Error::new(
            Class::IndexError,
            format!(
                "Dimension out of range (expected to be in range of [-{0}, {1}], but got 2)",
                input.ndim().max(1),
                input.ndim().max(1) - 1
            ),
        )
        .label(Place::Arg(0), input.describe()));
    }
    no_empty(b, 2, "3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions")?;
    let (input, had_batch) = batched(b, "unfold", 2)?;
    if !input.dtype.is_float() {
        return Err(not_implemented("im2col_out_cpu", input.dtype));
    }
    let size = sizes(&input, 2);
    let found = patches(&size, &kernel, &dilation, &padding, &stride);
    let outputs: Vec<i64> = found.iter().map(|(_, output)| *output).collect();
    if outputs.iter().any(|&output| output < 1) {
        return Err(Error::runtime(format!(
            "Given input with spatial size ({}, {}), kernel_size={}, dilation={}, padding={}, calculated shape of the array of sliding blocks as {}, but its components must be at least one.",
            size[0],
            size[1],
            pair(&kernel),
            pair(&dilation),
            pair(&padding),
            pair(&outputs)
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let sides: Vec<Side> = found.into_iter().map(|(side, _)| side).collect();
    let (batch, channels) = (input.shape()[0], input.shape()[1]);
    let geometry = Geometry { sides: three(sides, &Side::NONE), batch, channels, filters: 1, groups: 1 };
    let shape = [batch, channels * geometry.kernel(), geometry.output()];
    let result = match input.is_meta() {
        true => Array::meta(Layout::contiguous(&shape)?, input.dtype)?,
        false => columns::unfold(&geometry, &input, &shape)?,
    };
    finish(b, result, had_batch)
}

fn fold(b: &Bindings) -> Result<Value> {
    let (output, kernel) = (two(b, 1, "output", 1)?, two(b, 2, "kernel", 1)?);
    let dilation = two(b, 3, "dilation", 1)?;
    let (padding, stride) = (two(b, 4, "padding", 0)?, two(b, 5, "stride", 1)?);
    no_empty(
        b,
        1,
        "2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions",
    )?;
    let (input, had_batch) = batched(b, "fold", 1)?;
    if !input.dtype.is_float() {
        return Err(not_implemented("col2im_out_cpu", input.dtype));
    }
    let size: Vec<usize> = output.iter().map(|&n| to_usize(n)).collect();
    let found = patches(&size, &kernel, &dilation, &padding, &stride);
    let places = kernel[0].saturating_mul(kernel[1]);
    let shape = input.shape();
    if shape[1] as i64 % places != 0 {
        return Err(Error::runtime(format!(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={} and kernel_size={}.",
            shape[1],
            pair(&kernel)
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let (rows, cols) = (found[0].1, found[1].1);
    if rows.saturating_mul(cols) != shape[2] as i64 || rows < 1 || cols < 1 {
        return Err(Error::runtime(format!(
            "Given output_size={}, kernel_size={}, dilation={}, padding={}, stride={}, expected size of input's dimension 2 to match the calculated number of sliding blocks {rows} * {cols} = {}, but got input.size(2)={}.",
            pair(&output),
            pair(&kernel),
            pair(&dilation),
            pair(&padding),
            pair(&stride),
            rows * cols,
            shape[2]
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let sides: Vec<Side> = found.into_iter().map(|(side, _)| side).collect();
    let channels = shape[1] / to_usize(places).max(1);
    let geometry =
        Geometry { sides: three(sides, &Side::NONE), batch: shape[0], channels, filters: 1, groups: 1 };
    let out = [shape[0], channels, size[0], size[1]];
    let result = match input.is_meta() {
        true => Array::meta(Layout::contiguous(&out)?, input.dtype)?,
        false => columns::fold(&geometry, &input, &out)?,
    };
    finish(b, result, had_batch)
}
