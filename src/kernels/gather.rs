//! Reading and writing at places that index tensors name: `x[i, j]`, `x[i] = v`, `index_put_`.
//!
//! The places are checked first, all of them. Then each position of the index tensors moves a box, the dimensions that are
//! not indexed; they are split into those outside of the index positions and those inside, so that both arrays are walked
//! in the order of their memory, and a box that is contiguous in both moves as a row. Reads are shared by threads; writes
//! are not, since of repeated places the last one stays.

use crate::budget;
use crate::error::Result;
use crate::kernels::simd;
use crate::kernels::threads::{self, SHARED_FROM};
use crate::kernels::transfer::with_size;
use crate::kernels::walk::{self, Extents, Steps};
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_layout;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::index::{Gather, out_of_bounds};
use crate::with_element;
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// How many places are worked out at a time.
const BLOCK: usize = 512;

/// `source[indices]`, fresh. The plan is for the source's own storage.
pub fn get(source: &Array, plan: &Gather) -> Result<Array> {
    let layout = plan.result_layout();
    if source.is_meta() || plan.indices.iter().any(Array::is_meta) {
        return Array::meta(layout, source.dtype);
    }
    let longs = longs(plan, None)?;
    let lent: Vec<_> = longs.iter().map(|index| index.storage.read::<i64>()).collect();
    let places = Places::new(plan, longs.iter().zip(&lent).map(|(index, lent)| &lent[index.offset()..]))?;
    let Some(split) = Split::by_memory(plan, layout.strides()) else {
        // The positions of the result are not in the order of the index tensors' own.
        let plain = Array::uninit(&plan.shape, source.dtype)?;
        if let Some(split) = Split::by_memory(plan, plain.strides()) {
            split.read(source, plan, &places, &plain)?;
        }
        let result = Array::uninit_like(layout, source.dtype)?;
        copy::copy_into(&plain, &result)?;
        return Ok(result);
    };
    let result = Array::uninit_like(layout, source.dtype)?;
    split.read(source, plan, &places, &result)?;
    Ok(result)
}

/// `dest[indices] = values`, or `+=` that counts repeated places; the values broadcast to the shape of `dest[indices]` and
/// have the dtype of `dest`. Of repeated places the last write stays.
pub fn put(dest: &Array, plan: &Gather, values: &Array, accumulate: bool) -> Result<()> {
    if dest.is_meta() || values.is_meta() || plan.indices.iter().any(Array::is_meta) {
        return Ok(());
    }
    let longs = longs(plan, Some(dest))?;
    let lent: Vec<_> = longs.iter().map(|index| index.storage.read::<i64>()).collect();
    let places = Places::new(plan, longs.iter().zip(&lent).map(|(index, lent)| &lent[index.offset()..]))?;
    let values = if values.storage.same(&dest.storage) { copy::duplicate(values)? } else { values.clone() };
    let Some(layout) = broadcast_layout(&values.layout, &plan.shape) else { return Ok(()) };
    let mut values = values.with_layout(layout);
    let split = match Split::by_position(plan, values.strides()) {
        Some(split) => split,
        None => {
            values = copy::contiguous(&values)?;
            let Some(split) = Split::by_position(plan, values.strides()) else { return Ok(()) };
            split
        }
    };
    let starts = [plan.source.offset(), values.offset()].map(|start| start as isize);
    if accumulate {
        if dest.dtype == DType::Bool {
            let (from, mut to) = (values.storage.bytes(), dest.storage.bytes_mut());
            return split.write::<u8>(&places, starts, &from, &mut to, |a, b| if a == 0 { b } else { a });
        }
        return with_element!(dest.dtype, T => {
            let (from, mut to) = (values.storage.read::<T>(), dest.storage.write::<T>());
            split.write::<T>(&places, starts, &from, &mut to, add::<T>)
        });
    }
    let (from, mut to) = (values.storage.bytes(), dest.storage.bytes_mut());
    with_size!(dest.dtype.size(), E => {
        split.write::<E>(&places, starts, cast_slice(&from), cast_slice_mut(&mut to), |_, value| value)
    })
}

/// Addition as numbers do it: ints wrap, floats round.
#[inline(always)]
pub fn add<T: Element>(a: T, b: T) -> T {
    if T::DTYPE.is_float() {
        // The sum of two floats of one type, computed in double precision and rounded once, is the rounded sum.
        T::from_f64(a.to_f64() + b.to_f64())
    } else {
        T::from_i64(a.to_i64().wrapping_add(b.to_i64()))
    }
}

/// An index tensor in int64.
pub fn as_longs(index: &Array) -> Result<Array> {
    if index.dtype == DType::I64 { Ok(index.clone()) } else { cast::cast(index, DType::I64) }
}

/// The index tensors in int64, row-major, and in storages other than that of `dest`.
fn longs(plan: &Gather, dest: Option<&Array>) -> Result<Vec<Array>> {
    plan.indices
        .iter()
        .map(|index| {
            let index = as_longs(index)?;
            let apart = dest.is_none_or(|dest| !dest.storage.same(&index.storage));
            if index.layout.is_contiguous() && apart { Ok(index) } else { copy::contiguous(&index) }
        })
        .collect()
}

/// The positions of the index tensors, each with its distance in the source; all of them within its bounds.
struct Places<'a> {
    count: usize,
    /// The places of each index tensor, the size they count from where they are negative, and the stride.
    indices: Vec<(&'a [i64], i64, isize)>,
}

impl<'a> Places<'a> {
    fn new(plan: &Gather, lent: impl Iterator<Item = &'a [i64]>) -> Result<Places<'a>> {
        let count: usize = plan.index_shape.iter().product();
        let sizes = plan.indexed_sizes();
        let mut indices = Vec::with_capacity(sizes.len());
        for (number, places) in lent.enumerate() {
            let (places, size) = (&places[..count], sizes[number] as i64);
            for block in places.chunks(1 << 16) {
                budget::poll()?;
                let (low, high) = simd::bounds(block);
                if (low < -size || high >= size)
                    && let Some(&place) = block.iter().find(|&&place| place < -size || place >= size)
                {
                    return Err(out_of_bounds(place, number, sizes[number]));
                }
            }
            indices.push((places, size, plan.source.strides()[plan.before + number]));
        }
        Ok(Places { count, indices })
    }

    /// The distances of the positions from `from` on, as many as `out` has room for.
    #[inline]
    fn distances(&self, from: usize, out: &mut [isize]) {
        for (number, &(places, size, stride)) in self.indices.iter().enumerate() {
            let places = &places[from..from + out.len()];
            let distance =
                |place: i64| ((if place < 0 { place + size } else { place }) as isize).wrapping_mul(stride);
            if number == 0 {
                out.iter_mut().zip(places).for_each(|(out, &place)| *out = distance(place));
            } else {
                out.iter_mut().zip(places).for_each(|(out, &place)| *out = out.wrapping_add(distance(place)));
            }
        }
    }
}

/// Dimensions with their strides in the source and in the other array, those that continue each other merged.
#[derive(Debug, Default)]
struct Part {
    extents: Extents,
    source: Steps,
    other: Steps,
}

impl Part {
    /// Of dimensions from the outermost to the innermost.
    fn new(dims: impl Iterator<Item = (usize, isize, isize)>) -> Part {
        let mut merged = Part::default();
        for (extent, source, other) in dims.filter(|&(extent, ..)| extent != 1) {
            let last = merged.extents.len().wrapping_sub(1);
            let continues = |steps: &Steps, step: isize| {
                steps.get(last).is_some_and(|&outer| outer == step.wrapping_mul(extent as isize))
            };
            if continues(&merged.source, source) && continues(&merged.other, other) {
                merged.extents[last] *= extent;
                (merged.source[last], merged.other[last]) = (source, other);
            } else {
                merged.extents.push(extent);
                merged.source.push(source);
                merged.other.push(other);
            }
        }
        merged
    }

    fn volume(&self) -> usize {
        self.extents.iter().product()
    }

    /// The strides of a box that is a single row of contiguous elements of the source; with the other's.
    fn row(&self) -> Option<isize> {
        match (&self.source[..], &self.other[..]) {
            ([], []) => Some(1),
            ([1], [other]) => Some(*other),
            _ => None,
        }
    }
}

/// The dimensions of a gather: those outside of the index positions, the positions, those inside.
struct Split {
    outer: Part,
    /// The step of the other array from one position to the next.
    step: isize,
    inner: Part,
}

impl Split {
    /// By the order of the other array's memory, which is dense; none where its positions are not equally spaced.
    fn by_memory(plan: &Gather, other: &[isize]) -> Option<Split> {
        let step = position_step(plan, other)?;
        let mut dims: Vec<(usize, isize, isize)> = boxed(plan, other).collect();
        dims.sort_by_key(|&(_, _, other)| std::cmp::Reverse(other));
        let outside = |&&(_, _, other): &&(usize, isize, isize)| other > step;
        // With one position, or none, the step says nothing, and all is inside.
        let outer: Vec<_> = match plan.index_shape.iter().product::<usize>() {
            0 | 1 => Vec::new(),
            _ => dims.iter().filter(outside).copied().collect(),
        };
        let inner = Part::new(dims[outer.len()..].iter().copied());
        let step = inner.volume() as isize;
        Some(Split { outer: Part::new(outer.into_iter()), step, inner })
    }

    /// By the order of the dimensions; none where the other array's positions are not equally spaced.
    fn by_position(plan: &Gather, other: &[isize]) -> Option<Split> {
        let step = position_step(plan, other)?;
        let dims: Vec<(usize, isize, isize)> = boxed(plan, other).collect();
        let (outer, inner) = dims.split_at(plan.before);
        Some(Split { outer: Part::new(outer.iter().copied()), step, inner: Part::new(inner.iter().copied()) })
    }

    /// Reads into a fresh array, dense in the order of the split.
    fn read(&self, source: &Array, plan: &Gather, places: &Places<'_>, result: &Array) -> Result<()> {
        if result.numel() == 0 {
            return Ok(());
        }
        let first = plan.source.offset() as isize;
        // Where there are several outer positions, the distances are worked out once.
        let mut known = Vec::new();
        if self.outer.volume() > 1 && places.count <= SHARED_FROM {
            known.resize(places.count, 0);
            places.distances(0, &mut known);
        }
        let (from, mut to) = (source.storage.bytes(), result.storage.bytes_mut());
        with_size!(source.dtype.size(), E => {
            let (from, to) = (cast_slice::<u8, E>(&from), cast_slice_mut::<u8, E>(&mut to));
            let width = self.inner.volume();
            threads::blocks(to, width, |row, to| self.read_rows(from, first, (places, &known), row, to))
        })
    }

    /// Rows from number `row` on: each outer position has one for each place.
    fn read_rows<E: Pod>(
        &self,
        from: &[E],
        first: isize,
        (places, known): (&Places<'_>, &[isize]),
        row: usize,
        to: &mut [E],
    ) {
        let width = self.inner.volume();
        let (mut outer, mut position) = (row / places.count, row % places.count);
        let mut fresh = [0; BLOCK];
        let mut rest = to;
        while !rest.is_empty() {
            let at_once = if known.is_empty() { BLOCK } else { places.count };
            let rows = (places.count - position).min(rest.len() / width).min(at_once);
            let (now, later) = std::mem::take(&mut rest).split_at_mut(rows * width);
            let distances = match known.get(position..position + rows) {
                Some(known) => known,
                None => {
                    places.distances(position, &mut fresh[..rows]);
                    &fresh[..rows]
                }
            };
            let base = first.wrapping_add(distance(outer, &self.outer.extents, &self.outer.source));
            match self.inner.row() {
                Some(_) if width == 1 => {
                    for (to, &at) in now.iter_mut().zip(distances) {
                        *to = from[base.wrapping_add(at) as usize];
                    }
                }
                Some(_) => {
                    for (to, &at) in now.chunks_exact_mut(width).zip(distances) {
                        let at = base.wrapping_add(at) as usize;
                        to.copy_from_slice(&from[at..at + width]);
                    }
                }
                None => {
                    let mut next = now.iter_mut();
                    for &at in distances {
                        walk::visit(
                            &self.inner.extents,
                            [&self.inner.source],
                            [base.wrapping_add(at)],
                            |[at]| {
                                if let Some(to) = next.next() {
                                    *to = from[at as usize];
                                }
                            },
                        );
                    }
                }
            }
            rest = later;
            position += rows;
            if position == places.count {
                (outer, position) = (outer + 1, 0);
            }
        }
    }

    /// Writes, place after place.
    fn write<E: Pod>(
        &self,
        places: &Places<'_>,
        [first, start]: [isize; 2],
        from: &[E],
        to: &mut [E],
        join: impl Fn(E, E) -> E + Copy,
    ) -> Result<()> {
        let width = self.inner.volume();
        if width == 0 {
            return Ok(());
        }
        let row = self.inner.row();
        let mut distances = [0; BLOCK];
        let block = (SHARED_FROM / width).clamp(1, BLOCK);
        walk::each(
            &self.outer.extents,
            [&self.outer.source, &self.outer.other],
            [first, start],
            |[base, other]| {
                for from_position in (0..places.count).step_by(block) {
                    budget::poll()?;
                    let distances = &mut distances[..block.min(places.count - from_position)];
                    places.distances(from_position, distances);
                    let mut other = other.wrapping_add((from_position as isize).wrapping_mul(self.step));
                    for &at in &*distances {
                        let at = base.wrapping_add(at);
                        match row {
                            _ if width == 1 => {
                                let to = &mut to[at as usize];
                                *to = join(*to, from[other as usize]);
                            }
                            Some(1) => join_row(
                                &mut to[at as usize..at as usize + width],
                                &from[other as usize..],
                                join,
                            ),
                            Some(0) => {
                                let value = from[other as usize];
                                to[at as usize..at as usize + width]
                                    .iter_mut()
                                    .for_each(|to| *to = join(*to, value));
                            }
                            _ => {
                                let steps = [&self.inner.source[..], &self.inner.other];
                                walk::visit(&self.inner.extents, steps, [at, other], |[at, other]| {
                                    let to = &mut to[at as usize];
                                    *to = join(*to, from[other as usize]);
                                });
                            }
                        }
                        other = other.wrapping_add(self.step);
                    }
                }
                Ok(())
            },
        )
    }
}

/// Joins a row with as many values.
#[inline]
pub fn join_row<E: Pod>(to: &mut [E], from: &[E], join: impl Fn(E, E) -> E) {
    let from = &from[..to.len()];
    for (to, &value) in to.iter_mut().zip(from) {
        *to = join(*to, value);
    }
}

/// The dimensions that are not indexed: extent, stride in the source, stride in the other array.
fn boxed<'a>(plan: &'a Gather, other: &'a [isize]) -> impl Iterator<Item = (usize, isize, isize)> + 'a {
    let own = plan.source.strides();
    let (before, indexed, places) = (plan.before, plan.indices.len(), plan.index_shape.len());
    let front = (0..before).map(move |dim| (plan.shape[dim], own[dim], other[dim]));
    let back = (before + places..plan.shape.len())
        .map(move |dim| (plan.shape[dim], own[dim - places + indexed], other[dim]));
    front.chain(back)
}

/// The step of the other array from one position of the index tensors to the next, where it is the same for all.
fn position_step(plan: &Gather, other: &[isize]) -> Option<isize> {
    let mut known: Option<(isize, isize)> = None;
    for (dim, &extent) in plan.index_shape.iter().enumerate().rev().filter(|&(_, &extent)| extent != 1) {
        let stride = other[plan.before + dim];
        match known {
            None => known = Some((stride, stride.wrapping_mul(extent as isize))),
            Some((step, next)) if next == stride => {
                known = Some((step, next.wrapping_mul(extent as isize)));
            }
            Some(_) => return None,
        }
    }
    Some(known.map_or(0, |(step, _)| step))
}

/// How far a position, counted in row-major order, is from the first.
pub fn distance(position: usize, extents: &[usize], steps: &[isize]) -> isize {
    let (mut rest, mut at) = (position, 0isize);
    for (&extent, &step) in extents.iter().zip(steps).rev() {
        at = at.wrapping_add(((rest % extent) as isize).wrapping_mul(step));
        rest /= extent;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::nonzero::nonzero_columns;
    use crate::kernels::testing::{elements, floats, longs};
    use crate::tensor::index::{IndexPlan, Item};

    fn plan(array: &Array, items: &[Item]) -> Gather {
        IndexPlan::new(&array.layout, items, true).unwrap().gather(nonzero_columns).unwrap()
    }

    fn range(shape: &[usize]) -> Array {
        floats(&(0..shape.iter().product::<usize>()).map(|i| i as f32).collect::<Vec<_>>(), shape)
    }

    const ALL: Item = Item::Slice { start: None, stop: None, step: None };

    #[test]
    fn index_tensors_pick_and_place() {
        let a = range(&[2, 3, 4]);
        // PyTorch: a[:, [0, -1]][0] and a[[0, 1], :, [1, 2]]
        let rows = get(&a, &plan(&a, &[ALL, Item::Array(longs(&[0, -1]))])).unwrap();
        assert_eq!(elements(&rows)[..8], [0.0, 1.0, 2.0, 3.0, 8.0, 9.0, 10.0, 11.0]);
        let apart = plan(&a, &[Item::Array(longs(&[0, 1])), ALL, Item::Array(longs(&[1, 2]))]);
        assert_eq!(elements(&get(&a, &apart).unwrap()), [1.0, 5.0, 9.0, 14.0, 18.0, 22.0]);
        put(&a, &apart, &floats(&[-1.0, -2.0, -3.0], &[3]), false).unwrap();
        assert_eq!(elements(&get(&a, &apart).unwrap()), [-1.0, -2.0, -3.0, -1.0, -2.0, -3.0]);
    }

    #[test]
    fn masks_and_repeated_places() {
        let a = range(&[4]);
        let mask = Array::from_bools(&[true, false, true, true], &[4]).unwrap();
        let under = plan(&a, &[Item::Array(mask)]);
        assert_eq!(elements(&get(&a, &under).unwrap()), [0.0, 2.0, 3.0]);
        let twice = plan(&a, &[Item::Array(longs(&[1, 1]))]);
        put(&a, &twice, &floats(&[10.0, 20.0], &[2]), true).unwrap();
        assert_eq!(elements(&a)[1], 31.0);
        put(&a, &twice, &floats(&[10.0, 20.0], &[2]), false).unwrap();
        assert_eq!(elements(&a)[1], 20.0);
    }

    #[test]
    fn what_is_out_of_bounds() {
        let a = range(&[3]);
        let error = get(&a, &plan(&a, &[Item::Array(longs(&[0, 5]))])).unwrap_err();
        assert_eq!(error.message(), "index 5 is out of bounds for dimension 0 with size 3");
    }
}
