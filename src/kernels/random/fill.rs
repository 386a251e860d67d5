//! Filling arrays with random numbers, each element in its turn.

use super::box_muller::{self, GROUP};
use super::generator::Generator;
use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::walk::{self, Extents, Steps};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::Layout;
use crate::tensor::order::{is_dense, memory_order};
use crate::with_element;

/// How many elements are written between two looks at the interrupt.
const BLOCK: usize = 1 << 16;

/// Numbers from `from` up to `to`, which the float dtype of the array can hold. A number that rounds up to `to` becomes
/// `from`.
pub fn uniform(array: &Array, generator: &mut Generator, from: f64, to: f64) -> Result<()> {
    match array.dtype {
        DType::F64 => {
            let width = to - from;
            fill::<f64>(array, || settled(generator.double().mul_add(width, from), from, to))
        }
        DType::F32 => {
            let (from, to) = (from as f32, to as f32);
            let width = to - from;
            fill::<f32>(array, || settled(generator.float().mul_add(width, from), from, to))
        }
        dtype => with_element!(dtype, T => {
            let (low, high) = (from as f32, to as f32);
            let (from, to) = (T::from_f64(from), T::from_f64(to));
            fill::<T>(array, || {
                settled(T::from_f64(f64::from(generator.float().mul_add(high - low, low))), from, to)
            })
        }),
    }
}

#[inline(always)]
fn settled<T: PartialEq>(value: T, from: T, to: T) -> T {
    if value == to { from } else { value }
}

/// Normal numbers. From sixteen elements in row-major order on they are made by groups, which are other numbers.
pub fn normal(array: &Array, generator: &mut Generator, mean: f64, deviation: f64) -> Result<()> {
    if array.numel() < GROUP || !array.layout.is_contiguous() {
        return each(array, &mut || generator.normal().mul_add(deviation, mean));
    }
    match array.dtype {
        DType::F64 => grouped::<f64>(array, |values, whole| {
            values.fill_with(|| generator.double());
            if whole {
                box_muller::doubles(values, mean, deviation);
            }
        }),
        DType::F32 => grouped::<f32>(array, |values, whole| {
            values.fill_with(|| generator.float());
            if whole {
                box_muller::singles(values, mean as f32, deviation as f32);
            }
        }),
        dtype => with_element!(dtype, T => grouped::<T>(array, |values, whole| {
            // The 16-bit floats are made in single precision, and no number is drawn for what is made again.
            let mut group = [0f32; GROUP];
            for values in values.chunks_exact_mut(GROUP).filter(|_| whole) {
                group.fill_with(|| generator.float());
                box_muller::singles(&mut group, mean as f32, deviation as f32);
                for (value, &single) in values.iter_mut().zip(&group) {
                    *value = T::from_f64(f64::from(single));
                }
            }
        })),
    }
}

/// Calls `make` with runs of whole groups of a row-major array, then (not `whole`) with the rest, then with the last
/// sixteen elements, which are made anew where there is a rest.
fn grouped<T: Element>(array: &Array, mut make: impl FnMut(&mut [T], bool)) -> Result<()> {
    let (start, count) = (array.offset(), array.numel());
    let rest = count % GROUP;
    let mut data = array.storage.write::<T>();
    let values = &mut data[start..start + count];
    for block in values[..count - rest].chunks_mut(BLOCK) {
        make(block, true);
        budget::poll()?;
    }
    if rest != 0 {
        make(&mut values[count - rest..], false);
        make(&mut values[count - GROUP..], true);
    }
    Ok(())
}

/// Numbers made one by one, converted to the dtype.
pub fn each(array: &Array, make: &mut dyn FnMut() -> f64) -> Result<()> {
    with_element!(array.dtype, T => fill::<T>(array, || T::from_f64(make())))
}

/// Ints made one by one, converted to the dtype.
pub fn ints(array: &Array, make: &mut dyn FnMut() -> i64) -> Result<()> {
    match array.dtype {
        DType::Bool => fill::<u8>(array, || u8::from(make() != 0)),
        dtype => with_element!(dtype, T => fill::<T>(array, || T::from_i64(make()))),
    }
}

/// Writes every element once, in the order of memory.
fn fill<T: Element>(array: &Array, mut make: impl FnMut() -> T) -> Result<()> {
    let count = array.numel();
    let mut data = array.storage.write::<T>();
    if count > 0 && is_dense(&array.layout) && array.strides().iter().all(|&stride| stride >= 0) {
        for block in data[array.offset()..array.offset() + count].chunks_mut(BLOCK) {
            block.fill_with(&mut make);
            budget::poll()?;
        }
        return Ok(());
    }
    let (extents, [strides]) = in_memory_order(array.shape(), [&array.layout]);
    let mut since = 0;
    walk::each(&extents, [&strides], [array.offset() as isize], |[at]| {
        data[at as usize] = make();
        since += 1;
        if since % BLOCK == 0 { budget::poll() } else { Ok(()) }
    })
}

/// Ones with the probabilities of another array, which broadcasts to this one, and zeros.
pub fn coins(array: &Array, generator: &mut Generator, chances: &Array) -> Result<()> {
    let layout = crate::tensor::broadcast::expand(
        chances,
        &array.shape().iter().map(|&size| size as i64).collect::<Vec<_>>(),
    )?;
    let (extents, [to, from]) = in_memory_order(array.shape(), [&array.layout, &layout]);
    let precise = chances.dtype == DType::F64;
    let mut since = 0;
    with_element!(chances.dtype, P => {
        let chances = chances.storage.read::<P>();
        with_element!(array.dtype, T => {
            let mut data = array.storage.write::<T>();
            walk::each(&extents, [&to, &from], [array.offset() as isize, layout.offset() as isize], |[to, from]| {
                let chance = chances[from as usize].to_f64();
                if !(0.0..=1.0).contains(&chance) {
                    return Err(Error::runtime(
                        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)",
                    )
                    .note(format!("a probability is {chance}")));
                }
                let drawn = if precise { generator.double() } else { f64::from(generator.float()) };
                data[to as usize] = T::from_i64(i64::from(drawn < chance));
                since += 1;
                if since % BLOCK == 0 { budget::poll() } else { Ok(()) }
            })
        })
    })
}

/// A box and its strides with the dimension that moves fastest in memory last.
fn in_memory_order<const N: usize>(shape: &[usize], layouts: [&Layout; N]) -> (Extents, [Steps; N]) {
    let order = memory_order(&layouts, shape);
    let extents = order.iter().rev().map(|&dim| shape[dim]).collect();
    let strides = layouts.map(|layout| order.iter().rev().map(|&dim| layout.strides()[dim]).collect());
    (extents, strides)
}
