//! Inner products: products of two float arrays, added up along some dimensions as they are made. Every element is read once,
//! so how the arrays lie decides the time: where both have the same neighbours they are read side by side; where a row of
//! one is a column of the other, in squares that are turned in registers, so that each cache line is used up while it is
//! there.
//!
//! A sum is cut in parts by the shape alone, and the parts are added pairwise: the bits are the same for any number of
//! threads, and the error grows with the logarithm of their number.

use super::elementwise::opcode::Fault;
use super::simd::run;
use super::threads;
use crate::budget;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use smallvec::SmallVec;
use std::ops::{Add, Mul};

/// Products of one part of a sum; the interrupt is polled between parts.
const GRAIN: usize = 1 << 15;

/// Fewer products than this are not worth the preparations.
const LEAST: usize = 1 << 10;

/// Neighbours fewer than this are not read as a line.
const LINE: usize = 32;

/// How much of a line is one piece of work.
const STRETCH: usize = 4096;

/// How many columns of the one array, rows of the other, are turned together: at the least a cache line of them.
const BAND: usize = 16;

/// The side of a square that is turned in registers.
const SIDE: usize = 4;

/// Sums side by side along a line.
const LANES: usize = 32;

/// `sum of a * b` along the dimensions from `kept` on, for each position of those before; both arrays have the same number of
/// dimensions and the same dtype, and a size of one is repeated along a kept dimension. Nothing where another way to read
/// them would be better, or where they are not float32 or float64.
pub fn inner(a: &Array, b: &Array, kept: usize) -> Result<Option<Array>> {
    match a.dtype {
        DType::F32 => inner_of::<f32>(a, b, kept),
        DType::F64 => inner_of::<f64>(a, b, kept),
        _ => Ok(None),
    }
}

trait Float: Element + Add<Output = Self> + Mul<Output = Self> {}

impl Float for f32 {}
impl Float for f64 {}

fn inner_of<T: Float>(a: &Array, b: &Array, kept: usize) -> Result<Option<Array>> {
    if a.is_meta() || b.is_meta() {
        return Ok(None);
    }
    let Some(dims) = Dim::of(a, b) else { return Ok(None) };
    let (outputs, summed) = dims.split_at(kept);
    let Some(nest) = Nest::new(summed) else { return Ok(None) };
    let count: usize = outputs.iter().map(|dim| dim.size).product();
    let shape: SmallVec<[usize; 6]> = outputs.iter().map(|dim| dim.size).collect();
    if count.saturating_mul(nest.products()) < LEAST {
        return Ok(None);
    }
    a.storage.settle()?;
    b.storage.settle()?;
    let result = Array::uninit(&shape, T::DTYPE)?;
    let (left, right) = (a.storage.read::<T>(), b.storage.read::<T>());
    let job = Job { left: &left, right: &right, at: [a.offset(), b.offset()], outputs, nest };
    let mut out = result.storage.write::<T>();
    let parts = job.nest.parts();
    if parts == 1 {
        job.run(&mut out[..count], 1)?;
    } else {
        // Sums over what is repeated in memory have many more parts than there are elements.
        budget::check(count.saturating_mul(parts).saturating_mul(size_of::<T>()))?;
        let mut found = vec![T::default(); count * parts];
        job.run(&mut found, parts)?;
        for (out, parts) in out.iter_mut().zip(found.chunks_exact(parts)) {
            *out = total(parts);
        }
    }
    drop(out);
    Ok(Some(result))
}

/// A dimension of both arrays: its size, and how far apart in each its elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dim {
    size: usize,
    steps: [usize; 2],
}

impl Dim {
    /// The dimensions of two arrays; nothing where one is walked backwards.
    fn of(a: &Array, b: &Array) -> Option<SmallVec<[Dim; 6]>> {
        let sizes = a.shape().iter().zip(b.shape());
        let steps = a.strides().iter().zip(b.strides());
        let dim = |((&m, &n), (&s, &t)): ((&usize, &usize), (&isize, &isize))| {
            let step =
                |size: usize, step: isize| if size == 1 { Some(0) } else { usize::try_from(step).ok() };
            Some(Dim { size: m.max(n), steps: [step(m, s)?, step(n, t)?] })
        };
        sizes.zip(steps).map(dim).collect()
    }

    /// The place of the position numbered `index` of some dimensions, outermost first.
    fn place(dims: &[Dim], index: usize) -> [usize; 2] {
        let (mut rest, mut at) = (index, [0; 2]);
        for dim in dims.iter().rev() {
            for (at, step) in at.iter_mut().zip(dim.steps) {
                *at += rest % dim.size * step;
            }
            rest /= dim.size;
        }
        at
    }
}

/// What is read at a time.
#[derive(Clone, Copy)]
enum Face {
    /// Neighbours in both arrays.
    Line(usize),
    /// Rows of the first array, columns of the second; and how far apart they are in each.
    Turned { rows: usize, columns: usize, steps: [usize; 2] },
}

/// The dimensions of one sum: those that are walked, of which the last one goes by pieces of the face, and the face.
struct Nest {
    walked: SmallVec<[Dim; 6]>,
    face: Face,
    /// Products of one piece.
    piece: usize,
}

impl Nest {
    fn new(summed: &[Dim]) -> Option<Nest> {
        let mut dims: SmallVec<[Dim; 6]> = summed.iter().copied().filter(|dim| dim.size != 1).collect();
        if dims.iter().any(|dim| dim.size == 0) {
            return None;
        }
        dims.sort_by_key(|dim| std::cmp::Reverse((dim.steps[0].max(dim.steps[1]), dim.steps[0])));
        let mut walked: SmallVec<[Dim; 6]> = SmallVec::new();
        for dim in dims {
            let whole = dim.steps.map(|step| step * dim.size);
            match walked.last_mut() {
                Some(last) if last.steps == whole => {
                    *last = Dim { size: last.size * dim.size, steps: dim.steps };
                }
                _ => walked.push(dim),
            }
        }
        let find = |walked: &[Dim], lies: fn(&Dim) -> bool| walked.iter().position(lies);
        if let Some(at) = find(&walked, |dim| dim.steps == [1, 1]) {
            let line = walked.remove(at).size;
            walked.push(Dim { size: line.div_ceil(STRETCH), steps: [STRETCH; 2] });
            let nest = Nest { walked, face: Face::Line(line), piece: line.min(STRETCH) };
            return (line >= LINE).then_some(nest);
        }
        let along = walked.remove(find(&walked, |dim| dim.steps[0] == 1)?);
        let across = walked.remove(find(&walked, |dim| dim.steps[1] == 1)?);
        let (rows, columns, steps) = (across.size, along.size, [across.steps[0], along.steps[1]]);
        walked.push(Dim { size: rows.div_ceil(BAND), steps: [BAND * steps[0], BAND] });
        let nest =
            Nest { walked, face: Face::Turned { rows, columns, steps }, piece: rows.min(BAND) * columns };
        (rows >= SIDE && columns >= SIDE).then_some(nest)
    }

    fn pieces(&self) -> usize {
        self.walked.iter().map(|dim| dim.size).product()
    }

    /// How many products one sum has, about.
    fn products(&self) -> usize {
        self.pieces().saturating_mul(self.piece)
    }

    /// How many pieces make one part.
    fn pieces_of_part(&self) -> usize {
        (GRAIN / self.piece).max(1)
    }

    fn parts(&self) -> usize {
        self.pieces().div_ceil(self.pieces_of_part())
    }
}

struct Job<'a, T> {
    left: &'a [T],
    right: &'a [T],
    at: [usize; 2],
    outputs: &'a [Dim],
    nest: Nest,
}

impl<T: Float> Job<'_, T> {
    /// The parts of each sum, one sum after the other.
    fn run(&self, out: &mut [T], parts: usize) -> Result<(), Fault> {
        let work = self.nest.products() / parts;
        let count = (GRAIN / work.max(1)).max(1);
        let shared = threads::SHARED_FROM <= out.len().saturating_mul(work) && threads::shared();
        let least = shared.then(|| threads::run_of(out.len().div_ceil(count), out.len() * work));
        threads::try_chunks(out, count, least, |(number, out)| {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            for (i, out) in out.iter_mut().enumerate() {
                let cell = number * count + i;
                let start = Dim::place(self.outputs, cell / parts);
                *out = self.part(cell % parts, [self.at[0] + start[0], self.at[1] + start[1]]);
            }
            Ok(())
        })
    }

    /// One part of a sum whose arrays begin at these places.
    fn part(&self, number: usize, at: [usize; 2]) -> T {
        let pieces = self.nest.pieces_of_part();
        let pieces = number * pieces..((number + 1) * pieces).min(self.nest.pieces());
        let last = self.nest.walked.last().map_or(1, |dim| dim.size);
        let places = pieces.map(|piece| {
            let start = Dim::place(&self.nest.walked, piece);
            (piece % last, at[0] + start[0], at[1] + start[1])
        });
        match self.nest.face {
            Face::Line(length) => {
                let mut sums = [T::default(); LANES];
                for (n, a, b) in places {
                    let count = STRETCH.min(length - n * STRETCH);
                    sums = line(&self.left[a..a + count], &self.right[b..b + count], sums);
                }
                total(&sums)
            }
            Face::Turned { rows, columns, steps } => {
                let mut sums = [[T::default(); SIDE]; SIDE];
                for (n, a, b) in places {
                    let band = Band { rows: BAND.min(rows - n * BAND), columns, steps };
                    sums = band.turned(&self.left[a..], &self.right[b..], sums);
                }
                total(sums.as_flattened())
            }
        }
    }
}

/// The sum of some values, pairwise.
fn total<T: Float>(values: &[T]) -> T {
    if values.len() <= 8 {
        return values.iter().fold(T::default(), |sum, &value| sum + value);
    }
    let (low, high) = values.split_at(values.len() / 2);
    total(low) + total(high)
}

/// Adds the products of two lines to the sums.
fn line<T: Float>(a: &[T], b: &[T], sums: [T; LANES]) -> [T; LANES] {
    let ((left, a), (right, b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = run(
        #[inline(always)]
        || {
            // Of its own, or the compiler could not tell that no store to it changes what is read.
            let mut sums = sums;
            for (left, right) in left.iter().zip(right) {
                for n in 0..LANES {
                    sums[n] = sums[n] + left[n] * right[n];
                }
            }
            sums
        },
    );
    for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
        *sum = *sum + a * b;
    }
    sums
}

/// Some rows of the first array, columns of the second.
#[derive(Clone, Copy)]
struct Band {
    rows: usize,
    columns: usize,
    steps: [usize; 2],
}

impl Band {
    /// Adds the products of `a[r, c]` and `b[c, r]` to the sums.
    fn turned<T: Float>(self, a: &[T], b: &[T], sums: [[T; SIDE]; SIDE]) -> [[T; SIDE]; SIDE] {
        let Band { rows, columns, steps: [down, along] } = self;
        let (whole, wide) = (rows / SIDE * SIDE, columns / SIDE * SIDE);
        let mut sums = run(
            #[inline(always)]
            || {
                let mut sums = sums;
                for r in (0..whole).step_by(SIDE) {
                    for c in (0..wide).step_by(SIDE) {
                        let mut left = [[T::default(); SIDE]; SIDE];
                        for (n, left) in left.iter_mut().enumerate() {
                            left.copy_from_slice(&a[(r + n) * down + c..][..SIDE]);
                        }
                        for q in 0..SIDE {
                            let right = &b[(c + q) * along + r..][..SIDE];
                            for n in 0..SIDE {
                                sums[q][n] = sums[q][n] + left[n][q] * right[n];
                            }
                        }
                    }
                }
                sums
            },
        );
        // What no square covers: columns to the right, then rows below.
        let product = |r: usize, c: usize| a[r * down + c] * b[c * along + r];
        for r in 0..whole {
            (wide..columns).for_each(|c| sums[c % SIDE][r % SIDE] = sums[c % SIDE][r % SIDE] + product(r, c));
        }
        for r in whole..rows {
            (0..columns).for_each(|c| sums[c % SIDE][r % SIDE] = sums[c % SIDE][r % SIDE] + product(r, c));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cast;
    use crate::kernels::testing::{elements, floats, layout_of, shapes};
    use crate::tensor::layout::{Layout, Shape, Strides};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_taken_on_is_added_up(
            (a, b, kept) in shapes().prop_flat_map(|shape| {
                let kept = 0..=shape.len();
                (layout_of(shape.clone()), layout_of(shape), kept)
            })
        ) {
            if let Some(found) = inner(&a, &b, kept).unwrap() {
                let outputs = a.shape()[..kept].iter().product();
                let magnitude: f64 =
                    elements(&a).iter().zip(elements(&b)).map(|(a, b)| (a * b).abs()).sum();
                for (found, wanted) in elements(&found).iter().zip(naive(&a, &b, outputs)) {
                    prop_assert!((found - wanted).abs() <= 1e-5 * magnitude, "{found} {wanted}");
                }
            }
        }
    }

    /// Small whole numbers under these sizes and steps: their sums of products are exact in any order.
    fn whole(shape: &[usize], steps: &[isize], seed: usize) -> Array {
        let reach: isize = shape.iter().zip(steps).map(|(&n, &step)| (n as isize - 1) * step).sum();
        let values: Vec<f32> = (0..=reach).map(|i| ((i as usize * 7919 + seed) % 5) as f32 - 2.0).collect();
        let layout = Layout::from_parts(Shape::from_slice(shape), Strides::from_slice(steps), 0);
        floats(&values, &[values.len()]).with_layout(layout)
    }

    fn naive(a: &Array, b: &Array, outputs: usize) -> Vec<f64> {
        let (a, b) = (elements(a), elements(b));
        let each = a.len() / outputs;
        (0..outputs).map(|o| (o * each..(o + 1) * each).map(|i| a[i] * b[i]).sum()).collect()
    }

    #[test]
    fn every_way_to_lie_gives_the_plain_sums() {
        type Case = (&'static [usize], &'static [isize], &'static [isize], usize);
        let cases: &[Case] = &[
            (&[5000], &[1], &[1], 0),
            (&[3, 70, 33], &[2310, 33, 1], &[2310, 33, 1], 1),
            (&[3, 70, 33], &[33, 99, 1], &[2400, 34, 1], 1),
            (&[130, 41], &[41, 1], &[1, 130], 0),
            (&[4, 37, 9, 35], &[37 * 9 * 35, 9 * 35, 35, 1], &[37 * 9 * 35, 1, 37, 37 * 9], 1),
            (&[100, 100, 100], &[10000, 100, 1], &[1, 100, 10000], 0),
            (&[2, 64, 64], &[0, 64, 1], &[4096, 1, 64], 1),
            (&[9000, 40], &[40, 1], &[41, 1], 1),
        ];
        for &(shape, left, right, kept) in cases {
            let (a, b) = (whole(shape, left, 1), whole(shape, right, 2));
            let wanted = naive(&a, &b, shape[..kept].iter().product());
            for dtype in [DType::F32, DType::F64] {
                let (a, b) = (a.clone(), b.clone());
                // A cast may bring the elements in order: the layout is put on what lies as before.
                let wide = |array: Array| {
                    let all = array.storage.len() / array.dtype.size();
                    let line = array.with_layout(Layout::contiguous(&[all]).unwrap());
                    cast::cast(&line, dtype).unwrap().with_layout(array.layout.clone())
                };
                let found = inner(&wide(a), &wide(b), kept).unwrap().unwrap();
                assert_eq!(found.shape(), &shape[..kept]);
                assert_eq!(elements(&found), wanted, "{shape:?} {left:?} {right:?}");
            }
        }
    }

    #[test]
    fn what_lies_otherwise_is_left_to_others() {
        let backwards = whole(&[64, 64], &[64, 1], 0);
        let turned =
            Layout::from_parts(Shape::from_slice(&[64, 64]), Strides::from_slice(&[-64, 1]), 63 * 64);
        let backwards = backwards.with_layout(turned);
        let plain = whole(&[64, 64], &[64, 1], 0);
        assert!(inner(&backwards, &plain, 0).unwrap().is_none());
        // The kept dimension is innermost: to be added up by columns.
        assert!(
            inner(
                &plain.with_layout(Layout::from_parts(
                    Shape::from_slice(&[64, 64]),
                    Strides::from_slice(&[1, 64]),
                    0
                )),
                &plain,
                1
            )
            .unwrap()
            .is_none()
        );
        assert!(inner(&whole(&[10], &[1], 0), &whole(&[10], &[1], 0), 0).unwrap().is_none());
    }
}
