//! What pools have in common: the lists they are given, PyTorch's checks of them, and the windows that come of it.

use crate::error::{Class, Error, Place, Result};
use crate::kernels::copy;
use crate::kernels::pool::{self, Windows};
use crate::ops::results::alike;
use crate::ops::spatial::{pool_list, sizes, three};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order::{channels_last_strides, suggests_channels_last};
use crate::value::Value;
use crate::value::entry::Bindings;

/// Whether a bool was given, and true.
pub fn given(b: &Bindings, n: usize) -> bool {
    b.bool(n).unwrap_or(false)
}

/// The lists of a sliding pool, one number for each dimension.
pub struct Lists {
    /// How many elements a window covers.
    pub kernel: Vec<i64>,
    /// From one window to the next.
    pub stride: Vec<i64>,
    /// What stands before and behind the input.
    pub padding: Vec<i64>,
    /// From one element of a window to the next.
    pub dilation: Vec<i64>,
    /// Whether a window may hang over the end.
    pub ceil: bool,
}

/// Reads the lists of a pool; `dilation` and `ceil` are the places of those parameters.
pub fn lists(b: &Bindings, dims: usize, op: &str, dilation: Option<usize>, ceil: usize) -> Result<Lists> {
    let kernel = pool_list(b, 1, dims, op, "kernel_size")?;
    let given = b.given(2) && !b.ints(2)?.is_empty();
    let stride = if given { pool_list(b, 2, dims, op, "stride")? } else { kernel.clone() };
    let padding = pool_list(b, 3, dims, op, "padding")?;
    let dilation = match dilation {
        Some(n) => pool_list(b, n, dims, op, "dilation")?,
        None => vec![1; dims],
    };
    Ok(Lists { kernel, stride, padding, dilation, ceil: b.bool(ceil)? })
}

impl Lists {
    /// How many windows there are in dimension `n` of a size; may be 0 or less.
    pub fn output(&self, n: usize, size: usize) -> i64 {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let reach = self.dilation[n].saturating_mul(self.kernel[n] - 1) + 1;
        let (stride, padding) = (self.stride[n], self.padding[n]);
        let rest = size.saturating_add(2 * padding).saturating_sub(reach);
        let rest = if self.ceil { rest.saturating_add(stride - 1) } else { rest };
        let output = rest.div_euclid(stride) + 1;
        // The last window has to begin inside the input or its left padding.
        if self.ceil && (output - 1).saturating_mul(stride) >= size.saturating_add(padding) {
            output - 1
        } else {
            output
        }
    }

    /// The windows of dimension `n`.
    fn windows(&self, n: usize, size: usize, output: i64, padded: bool) -> Windows {
        let part = |value: i64| usize::try_from(value).unwrap_or(0);
        let numbers = [self.kernel[n], self.stride[n], self.padding[n], self.dilation[n]].map(part);
        Windows::sliding(size, part(output), numbers, padded)
    }

    /// PyTorch's checks of a pool in two or three dimensions, of which a pool of sequences is one; `empty` is the word for
    /// an input without elements.
    pub fn check(&self, input: &Array, empty: Option<&str>) -> Result<()> {
        if self.stride.contains(&0) {
            return Err(Error::runtime("stride should not be zero").label(Place::Arg(2), ""));
        }
        for n in 0..self.kernel.len() {
            if self.padding[n] < 0 {
                return Err(Error::runtime(format!(
                    "pad must be non-negative, but got pad: {}",
                    self.padding[n]
                ))
                .label(Place::Arg(3), ""));
            }
            let reach = self.dilation[n].saturating_mul(self.kernel[n] - 1) + 1;
            if self.padding[n] > reach / 2 {
                return Err(Error::runtime(format!(
                    "pad should be at most half of effective kernel size, but got pad={}, kernel_size={} and dilation={}",
                    self.padding[n], self.kernel[n], self.dilation[n]
                ))
                .label(Place::Arg(3), ""));
            }
        }
        positive("kernel size", "k", &self.kernel, 1)?;
        positive("stride", "d", &self.stride, 2)?;
        positive("dilation", "dilation", &self.dilation, 1)?;
        check_sizes(input, self.kernel.len(), empty)
    }
}

/// Fails where a number of a list is not above zero; of sequences PyTorch's sentences have a height of one.
fn positive(what: &str, letter: &str, list: &[i64], arg: usize) -> Result<()> {
    if list.iter().all(|&n| n > 0) {
        return Ok(());
    }
    let all: Vec<i64> =
        std::iter::repeat_n(1, usize::from(list.len() == 1)).chain(list.iter().copied()).collect();
    let names = &["T", "H", "W"][3 - all.len()..];
    let parts: Vec<String> = names.iter().zip(all).map(|(name, n)| format!("{letter}{name}: {n}")).collect();
    Err(Error::runtime(format!("{what} should be greater than zero, but got {}", parts.join(" ")))
        .label(Place::Arg(arg), ""))
}

/// Fails where a dimension behind the batch is empty, and where there are too many.
fn check_sizes(input: &Array, dims: usize, op: Option<&str>) -> Result<()> {
    let shape = input.shape();
    let inner = &shape[usize::from(shape.len() == dims + 2)..];
    if dims == 3 {
        return no_empty_size(input, op.unwrap_or("max_pool3d_with_indices_out_cpu_template()"));
    }
    if inner.contains(&0) || shape.len() > dims + 2 {
        let mut shown = shape.to_vec();
        if dims == 1 {
            shown.insert(shape.len() - 1, 1);
        }
        return Err(Error::runtime(format!(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:{shown:?}"
        ))
        .label(Place::Arg(0), input.describe()));
    }
    Ok(())
}

/// Fails where a dimension behind the batch is empty, in the words of pools of volumes.
fn no_empty_size(input: &Array, op: &str) -> Result<()> {
    let first = usize::from(input.ndim() == 5);
    match (first..input.ndim()).find(|&dim| input.shape()[dim] == 0) {
        Some(dim) => Err(empty_size(op, input.shape(), dim, input)),
        None => Ok(()),
    }
}

/// The error for an input of a shape whose dimension `dim` is empty.
#[cold]
pub fn empty_size(op: &str, shape: &[usize], dim: usize, input: &Array) -> Error {
    Error::runtime(format!(
        "{op}: Expected input to have non-zero size for non-batch dimensions, but input has sizes {shape:?} with dimension {dim} being empty"
    ))
    .label(Place::Arg(0), input.describe())
}

/// The windows of a pool, and the shape of its result.
pub fn windows_of(
    lists: &Lists,
    input: &Array,
    dims: usize,
    padded: bool,
) -> Result<([Windows; 3], Vec<usize>)> {
    let size = sizes(input, dims);
    let outputs: Vec<i64> = (0..dims).map(|n| lists.output(n, size[n])).collect();
    if outputs.iter().any(|&output| output < 1) {
        let channels = input.shape()[input.ndim() - dims - 1];
        let text = |list: Vec<i64>| {
            let mut all = vec![channels as i64];
            // Of sequences PyTorch's sentence has a height of one.
            all.extend(std::iter::repeat_n(1, usize::from(dims == 1)));
            all.extend(list);
            all.iter().map(i64::to_string).collect::<Vec<_>>().join("x")
        };
        return Err(Error::runtime(format!(
            "Given input size: ({}). Calculated output size: ({}). Output size is too small",
            text(size.iter().map(|&n| n as i64).collect()),
            text(outputs)
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let windows = (0..dims).map(|n| lists.windows(n, size[n], outputs[n], padded)).collect();
    let mut shape = input.shape()[..input.ndim() - dims].to_vec();
    shape.extend(outputs.iter().map(|&n| usize::try_from(n).unwrap_or(0)));
    Ok((three(windows, &Windows::none()), shape))
}

/// The result of a pool, in the memory format of its input: `channels_last` stays so.
pub fn laid_out(result: Array, input: &Array) -> Result<Array> {
    if !suggests_channels_last(&input.layout) || result.ndim() != input.ndim() {
        return Ok(result);
    }
    let strides = channels_last_strides(result.shape());
    let layout = Layout::from_parts(result.shape().into(), strides, 0);
    if result.is_meta() {
        return Array::meta(layout, result.dtype);
    }
    let moved = Array::uninit(result.shape(), result.dtype)?.with_layout(layout);
    copy::copy_into(&result, &moved)?;
    Ok(moved)
}

/// The result of a pool of the largest element.
pub fn largest(
    b: &Bindings,
    input: &Array,
    windows: &[Windows; 3],
    shape: &[usize],
    indices: bool,
) -> Result<Value> {
    let of = b.tensor(0)?;
    let (values, places) = if input.is_meta() {
        let layout = Layout::contiguous(shape)?;
        (Array::meta(layout.clone(), input.dtype)?, Array::meta(layout, DType::I64)?)
    } else {
        pool::max(input, windows, shape)?
    };
    let values = alike(of, laid_out(values, input)?);
    Ok(if indices { Value::tuple(vec![values, alike(of, laid_out(places, input)?)]) } else { values })
}

/// How many dimensions a pool slides over, which its name says.
pub fn dims_of(b: &Bindings) -> usize {
    [1, 2, 3].into_iter().find(|n| b.entry.name.contains(&format!("{n}d"))).unwrap_or(2)
}

/// The error of pools of sequences for an input of no such rank.
#[cold]
pub fn too_few(input: &Array, op: &str) -> Error {
    Error::runtime(format!(
        "Expected 2 to 3 dimensions, but got {}-dimensional tensor for argument #1 'self' (while checking arguments for {op})",
        input.ndim()
    ))
    .label(Place::Arg(0), input.describe())
}

/// PyTorch's error for a dimension counted from the end that an array does not have.
#[cold]
pub fn no_dim(input: &Array, dim: usize) -> Error {
    let ndim = input.ndim();
    let sentence = if ndim == 0 {
        format!("Dimension specified as -{dim} but tensor has no dimensions")
    } else {
        format!("Dimension out of range (expected to be in range of [-{ndim}, {}], but got -{dim})", ndim - 1)
    };
    Error::new(Class::IndexError, sentence).label(Place::Arg(0), input.describe())
}

/// [`no_dim`], of a mean over the last dimensions: a 0-d array counts as one of one dimension.
#[cold]
pub fn no_dim_or_one(input: &Array, dim: usize) -> Error {
    let ndim = input.ndim().max(1);
    Error::new(
        Class::IndexError,
        format!(
            "Dimension out of range (expected to be in range of [-{ndim}, {}], but got -{dim})",
            ndim - 1
        ),
    )
    .label(Place::Arg(0), input.describe())
}
