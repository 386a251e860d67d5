//! Images and volumes read through a grid of places.

use super::resampling::RESAMPLE;
use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::grid_sample::{self, Mix, Outside};
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::through;
use crate::value::entry::{Bindings, Entry, Forward};
use crate::value::{Ctx, Value};

entries![
    Entry {
        name: "affine_grid",
        signature: "(theta: Tensor, size: ints, align_corners: bool | None = None) -> Tensor",
        summary: "The places that an affine map gives each pixel, for `grid_sample`.",
        examples: &[(
            "F.affine_grid(torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2))",
            "tensor([[[[-0.5000,  0.0000],\n          [ 0.5000,  0.0000]]]])",
        )],
        forward: Forward::Eager(affine_grid),
        gradient: through!("AffineGridGeneratorBackward0", affine_grid),
        ..RESAMPLE
    },
    Entry {
        name: "grid_sample",
        signature: "(input: Tensor, grid: Tensor, mode: str = 'bilinear', padding_mode: str = 'zeros', align_corners: bool | None = None) -> Tensor",
        summary: "Images read at the places of a grid, from -1 to 1 along each side.",
        examples: &[(
            "F.grid_sample(torch.tensor([[[[0.0, 1.0]]]]), torch.tensor([[[[0.0, 0.0]]]]))",
            "tensor([[[[0.5000]]]])",
        )],
        forward: Forward::Eager(sampled),
        gradient: through!(
            |b| if b.tensor(0).is_ok_and(|x| x.array().ndim() == 5) {
                "GridSampler3DBackward0"
            } else {
                "GridSampler2DBackward0"
            },
            derivatives::sampling::grid_sample
        ),
        ..RESAMPLE
    },
];

fn affine_grid(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let theta = b.tensor(0)?.to_array();
    let size = b.ints(1)?;
    let align = b.bool(2)?;
    let shown = match b.value(1) {
        Value::List(_) => format!("{:?}", &size[..]),
        _ => format!("({})", crate::ops::spatial::by(&size, ", ")),
    };
    if !theta.dtype.is_float() {
        return Err(Error::value(format!(
            "Expected theta to have floating point type, but got torch.{}",
            theta.dtype.name()
        ))
        .label(Place::Arg(0), theta.describe()));
    }
    let dims = size.len().wrapping_sub(2);
    if !matches!(dims, 2 | 3) {
        return Err(Error::new(
            Class::NotImplementedError,
            format!("affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {shown}."),
        )
        .label(Place::Arg(1), ""));
    }
    if theta.ndim() != 3 || theta.shape()[1..] != [dims, dims + 1] {
        return Err(Error::value(format!(
            "Expected a batch of {dims}D affine matrices of shape Nx{dims}x{} for size {shown}. Got torch.Size({:?}).",
            dims + 1,
            theta.shape()
        ))
        .label(Place::Arg(0), theta.describe()));
    }
    if size.iter().any(|&n| n <= 0) {
        return Err(Error::value(format!("Expected non-zero, positive output size. Got {shown}"))
            .label(Place::Arg(1), ""));
    }
    if size[0] != theta.shape()[0] as i64 {
        return Err(Error::runtime(format!(
            "Expected size for first two dimensions of batch2 tensor to be: [{}, {}] but got: [{}, {}].",
            size[0],
            dims + 1,
            theta.shape()[0],
            dims + 1
        ))
        .label(Place::Arg(0), theta.describe()));
    }
    let space: Vec<usize> = size[2..].iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect();
    let count = space.iter().fold(1usize, |count, &n| count.saturating_mul(n));
    crate::budget::check(count.saturating_mul(8 * (dims + 1)))?;
    if theta.dtype == DType::F16 && space.contains(&1) {
        return Err(crate::tensor::promote::not_implemented("tensor_cpu", theta.dtype));
    }
    let batch = theta.shape()[0];
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        // Places from -1 to 1 along each dimension, in the dtype of the transforms.
        let line = |n: usize| -> Option<Value> {
            let count = space[n];
            let ends = [Value::Float(-1.0), Value::Float(1.0), Value::from(count)];
            let mut line = match count {
                1 => x.op("detach").new_zeros(&[1]),
                _ => f.op("linspace", &ends).to(theta.dtype),
            };
            if !align {
                line = line * (count as f64 - 1.0) / count as f64;
            }
            let mut shape = vec![1; dims];
            shape[n] = count;
            let whole: Vec<usize> = std::iter::once(1).chain(space.iter().copied()).collect();
            line.reshape(&shape).unsqueeze(0).expand(&whole).value().cloned()
        };
        let mut columns = (0..dims).rev().map(line).collect::<Option<Vec<_>>>()?;
        let whole: Vec<usize> = std::iter::once(1).chain(space.iter().copied()).collect();
        let one = x.op("detach").new_zeros(&[1]) + 1.0;
        columns.push(one.reshape(&vec![1; dims + 1]).expand(&whole).value()?.clone());
        let columns = f.keep(Value::list(columns))?;
        let base = f.op("stack", &[columns, Value::Int(-1)]).reshape(&[1, count, dims + 1]);
        let turned = x.transposed();
        let mut shape = vec![batch];
        shape.extend(&space);
        shape.push(dims);
        base.expand(&[batch, count, dims + 1]).matmul(&turned).reshape(&shape).value().cloned()
    })
}

fn sampled(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (input, grid) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let mix = match b.str(2)? {
        "bilinear" => Mix::Linear,
        "nearest" => Mix::Nearest,
        "bicubic" => Mix::Cubic,
        other => {
            return Err(Error::value(format!(
                "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{other}'"
            ))
            .label(Place::Arg(2), ""));
        }
    };
    let outside = match b.str(3)? {
        "zeros" => Outside::Zeros,
        "border" => Outside::Border,
        "reflection" => Outside::Reflection,
        other => {
            return Err(Error::value(format!(
                "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{other}'"
            ))
            .label(Place::Arg(3), ""));
        }
    };
    check_grid(&input, &grid).map_err(|error| {
        error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), grid.describe())
    })?;
    let dims = input.ndim() - 2;
    if dims == 3 && mix == Mix::Cubic {
        return Err(Error::new(
            Class::NotImplementedError,
            "grid_sampler(): bicubic interpolation only supports 4D input",
        )
        .label(Place::Arg(2), "")
        .note("PyTorch's wheels read outside their tables here, and give a number of no meaning"));
    }
    if !input.dtype.is_float() {
        let kernel = if dims == 2 { "grid_sampler_2d_cpu_kernel_impl" } else { "grid_sampler3d_cpu" };
        return Err(crate::tensor::promote::not_implemented(kernel, input.dtype));
    }
    if input.dtype != grid.dtype {
        return Err(Error::runtime(format!(
            "expected scalar type {} but found {}",
            input.dtype.scalar_type(),
            grid.dtype.scalar_type()
        ))
        .label(Place::Arg(1), grid.describe()));
    }
    if input.is_meta() || grid.is_meta() {
        let mut shape = input.shape()[..2].to_vec();
        shape.extend(&grid.shape()[1..=dims]);
        return Ok(alike(b.tensor(0)?, Array::meta(Layout::contiguous(&shape)?, input.dtype)?));
    }
    Ok(alike(b.tensor(0)?, grid_sample::sample(&input, &grid, mix, outside, b.bool(4)?)?))
}

/// PyTorch's checks of an input and the places it is read at, in its order.
fn check_grid(input: &Array, grid: &Array) -> Result<()> {
    let (shape, places) = (input.shape(), grid.shape());
    let sizes = || format!("but got input with sizes {shape:?} and grid with sizes {places:?}");
    if shape.is_empty() || places.is_empty() {
        return Err(Error::new(Class::IndexError, "Dimension specified as 0 but tensor has no dimensions"));
    }
    if shape[0] != places[0] {
        return Err(Error::runtime(format!(
            "grid_sampler(): expected grid and input to have same batch size, {}",
            sizes()
        ))
        .note("images are [batch, channels, height, width], grids [batch, height, width, 2]"));
    }
    let wanted = shape.len() as i64 - 2;
    if places.last().map(|&n| n as i64) != Some(wanted) && places.len() == shape.len() {
        return Err(Error::runtime(format!(
            "grid_sampler(): expected grid to have size {wanted} in last dimension, but got grid with sizes {places:?}"
        )));
    }
    if let Some(dim) = (2..shape.len()).find(|&dim| shape[dim] == 0) {
        return Err(Error::runtime(format!(
            "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {shape:?} with dimension {dim} being empty"
        )));
    }
    if shape.len() != places.len() || !matches!(shape.len(), 4 | 5) {
        let ndim = if shape.len() == 4 || shape.len() == 5 { shape.len() } else { 4 };
        return Err(Error::runtime(format!(
            "grid_sampler(): expected {ndim}D input and grid with same number of dimensions, {}",
            sizes()
        )));
    }
    Ok(())
}
