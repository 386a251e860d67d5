//! Matrix products. Those of float32 and float64 are [blocked], those with a vector [narrow]; where a side is too narrow for
//! the one and too wide for the other they go to `faer` ([thin]), cut in tiles so that an interrupt is seen within about
//! 10 ms. Products of a few elements run in [plain] loops, those of ints as floats where that is exact, or else in tiles of
//! their own ([ints]); 16-bit floats are multiplied in float32 and rounded once, as PyTorch does.
//!
//! Shapes are checked by the ops; here an operand whose inner sizes do not meet is a programming error.

mod blocked;
mod ints;
mod lane;
mod narrow;
mod plain;
mod strip;
mod thin;
mod tile;

use crate::error::{Class, Error, Result};
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::threads;
use crate::kernels::{cast, copy, inner, walk};
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::{Layout, Shape};
use faer::traits::RealField;
use lane::Lane;
use rayon::prelude::*;

/// Up to this many multiplications plain loops are quicker than anything that has to be set up.
const TINY: usize = 10 * 10 * 10;

/// Up to this many they are where there is no [blocked] product: quicker than starting `faer`.
const PLAIN: usize = 16 * 16 * 16;

/// From this many multiplications on, threads are asked to help: about 5 µs of one core, and to hand work over takes about
/// one.
const SHARED_FROM: usize = 1 << 19;

/// The product of matrices in the last two dimensions; the others are batches, which broadcast. The result is row-major
/// and of the operands' common dtype, which is that of both.
pub fn matmul(a: &Array, b: &Array) -> Result<Array> {
    product(a, b, false)
}

/// [`matmul`], of which one side stands for a vector or not.
fn product(a: &Array, b: &Array, vector: bool) -> Result<Array> {
    debug_assert!(a.ndim() >= 2 && b.ndim() >= 2 && a.dtype == b.dtype);
    if a.ndim() == 2
        && b.ndim() == 2
        && let Some(result) = small(a, b, vector)
    {
        return result;
    }
    let (rows, inner, cols) = (a.shape()[a.ndim() - 2], a.shape()[a.ndim() - 1], b.shape()[b.ndim() - 1]);
    let batch = broadcast_shapes(&a.shape()[..a.ndim() - 2], &b.shape()[..b.ndim() - 2])?;
    let mut shape = Shape::from_slice(&batch);
    shape.extend([rows, cols]);
    let layout = Layout::contiguous(&shape)?;
    if a.is_meta() || b.is_meta() {
        return Array::meta(layout, a.dtype);
    }
    if matches!(a.dtype, DType::F16 | DType::BF16) {
        let wide = product(&cast::cast(a, DType::F32)?, &cast::cast(b, DType::F32)?, vector)?;
        return cast::cast(&wide, a.dtype);
    }
    if a.dtype == DType::Bool {
        return Err(Error::new(Class::NotImplementedError, "\"addmm_impl_cpu_\" not implemented for 'Bool'"));
    }
    if rows == 0 || cols == 0 || inner == 0 || batch.contains(&0) {
        return Array::zeros(&shape, a.dtype);
    }
    let size = Size { rows, inner, cols, vector };
    let multiplications = batch.iter().fold(size.work(), |n, &size| n.saturating_mul(size));
    if !a.dtype.is_float()
        && multiplications >= ints::EXACT_FROM
        && let Some(dtype) = ints::exact_in(a, b, inner)?
    {
        let exact = product(&cast::cast(a, dtype)?, &cast::cast(b, dtype)?, vector)?;
        // By way of int64, so that what a narrow dtype cannot hold wraps.
        return cast::cast(&cast::cast(&exact, DType::I64)?, a.dtype);
    }
    let result = Array::uninit(&shape, a.dtype)?;
    let (a, b) = (operand(a, &batch)?, operand(b, &batch)?);
    match a.dtype {
        DType::F32 => batches::<f32>(&a, &b, &result, size, float_product::<f32>),
        DType::F64 => batches::<f64>(&a, &b, &result, size, float_product::<f64>),
        DType::U8 => batches::<u8>(&a, &b, &result, size, ints::product),
        DType::I8 => batches::<i8>(&a, &b, &result, size, ints::product),
        DType::I16 => batches::<i16>(&a, &b, &result, size, ints::product),
        DType::I32 => batches::<i32>(&a, &b, &result, size, ints::product),
        _ => batches::<i64>(&a, &b, &result, size, ints::product),
    }?;
    Ok(result)
}

/// The product of two small matrices, by the loops that [`matmul`] would come to; none where it would not, or where the
/// shapes or dtypes do not meet.
pub fn tiny(a: &Array, b: &Array) -> Option<Array> {
    let (&[_, inner], &[wanted, _]) = (a.shape(), b.shape()) else { return None };
    let there = a.storage.has_bytes() && b.storage.has_bytes();
    if inner != wanted || a.dtype != b.dtype || !there {
        return None;
    }
    small(a, b, false)?.ok()
}

/// The product of two matrices of a few elements, over any strides, without ceremony.
#[inline]
fn small(a: &Array, b: &Array, vector: bool) -> Option<Result<Array>> {
    let (rows, inner, cols) = (a.shape()[0], a.shape()[1], b.shape()[1]);
    let size = Size { rows, inner, cols, vector };
    if !(1..=PLAIN).contains(&size.work()) || a.is_meta() || b.is_meta() {
        return None;
    }
    match a.dtype {
        DType::F32 => small_of::<f32>(a, b, size, float_product),
        DType::F64 => small_of::<f64>(a, b, size, float_product),
        DType::I64 => small_of::<i64>(a, b, size, ints::product),
        DType::I32 => small_of::<i32>(a, b, size, ints::product),
        _ => None,
    }
}

fn small_of<T: Element>(a: &Array, b: &Array, size: Size, product: Product<T>) -> Option<Result<Array>> {
    let part = |array: &Array| -> Option<(usize, usize, usize)> {
        let [row, col] = *array.strides() else { return None };
        Some((array.offset(), usize::try_from(row).ok()?, usize::try_from(col).ok()?))
    };
    let ((from, row, col), (start, down, along)) = (part(a)?, part(b)?);
    // The step of a single column says nothing; where columns share their elements, the general way copies them.
    let along = if size.cols == 1 { 1 } else { along };
    if along == 0 {
        return None;
    }
    let result = match Array::uninit(&[size.rows, size.cols], a.dtype) {
        Ok(result) => result,
        Err(error) => return Some(Err(error)),
    };
    let done = {
        let (left, right) = (a.storage.read::<T>(), b.storage.read::<T>());
        let mut out = result.storage.write::<T>();
        let left = Matrix { data: &left[from..], row, col };
        let right = Matrix { data: &right[start..], row: down, col: along };
        product(left, right, &mut out[..size.rows * size.cols], size, false)
    };
    Some(done.map(|()| result).map_err(Into::into))
}

/// The product of two vectors' elements, summed: a 0-d array.
pub fn dot(a: &Array, b: &Array) -> Result<Array> {
    if let Some(sum) = inner::inner(a, b, 0)? {
        return Ok(sum);
    }
    let row = a.with_layout(vector_layout(a, true));
    let column = b.with_layout(vector_layout(b, false));
    let product = product(&row, &column, true)?;
    Ok(product.with_layout(Layout::contiguous(&[])?))
}

/// A matrix times a vector; batches are those of the matrix.
pub fn mv(a: &Array, b: &Array) -> Result<Array> {
    let column = b.with_layout(vector_layout(b, false));
    let product = product(a, &column, true)?;
    let shape = &product.shape()[..product.ndim() - 1];
    let layout = Layout::contiguous(shape)?;
    Ok(product.with_layout(layout))
}

/// A vector times a matrix; batches are those of the matrix.
pub fn vm(a: &Array, b: &Array) -> Result<Array> {
    let row = a.with_layout(vector_layout(a, true));
    let product = product(&row, b, true)?;
    let mut shape = Shape::from_slice(product.shape());
    shape.remove(shape.len() - 2);
    Ok(product.with_layout(Layout::contiguous(&shape)?))
}

/// A vector as a matrix of one row, or of one column.
fn vector_layout(vector: &Array, as_row: bool) -> Layout {
    let (size, stride) = (vector.shape()[0], vector.strides()[0]);
    let (shape, strides) = if as_row { ([1, size], [1, stride]) } else { ([size, 1], [stride, 1]) };
    Layout::from_parts(shape.into_iter().collect(), strides.into_iter().collect(), vector.offset())
}

#[derive(Clone, Copy)]
struct Size {
    rows: usize,
    inner: usize,
    cols: usize,
    /// Whether one side stands for a vector: its sums begin at 0, while a product of one term keeps the sign of zero.
    vector: bool,
}

impl Size {
    /// What each sum begins with: -0 where there is one product, and `0 + -0` would be another zero than it.
    fn start<T: Mac + Default>(self) -> T {
        if self.inner == 1 && !self.vector { T::NOTHING } else { T::default() }
    }

    fn work(self) -> usize {
        self.rows.saturating_mul(self.inner).saturating_mul(self.cols)
    }
}

/// A matrix in a slice that begins with its first element.
#[derive(Clone, Copy)]
struct Matrix<'a, T> {
    data: &'a [T],
    row: usize,
    col: usize,
}

/// Multiplies into a row-major matrix; `threads` says whether it may use them.
type Product<T> = fn(Matrix<'_, T>, Matrix<'_, T>, &mut [T], Size, bool) -> Result<(), Fault>;

/// Whether the matrices in the last two dimensions lie as a product reads them: one of the two strides is 1, none is
/// negative, and rows do not overlap.
pub fn fits(array: &Array) -> bool {
    let n = array.ndim();
    let (row, col) = (array.strides()[n - 2], array.strides()[n - 1]);
    let (rows, cols) = (array.shape()[n - 2], array.shape()[n - 1]);
    let lies = |step: isize, size: usize, other: isize, count: usize| {
        (step == 1 || size == 1) && (count == 1 || other >= size as isize)
    };
    lies(col, cols, row, rows) || lies(row, rows, col, cols)
}

/// The operand with its batches broadcast, copied where a matrix has strides that a product cannot use.
fn operand(array: &Array, batch: &[usize]) -> Result<Array> {
    let n = array.ndim();
    let (rows, cols) = (array.shape()[n - 2], array.shape()[n - 1]);
    let array = if fits(array) { array.clone() } else { copy::contiguous(array)? };
    let mut shape = Shape::from_slice(batch);
    shape.extend([rows, cols]);
    let layout = broadcast_layout(&array.layout, &shape).unwrap_or_else(|| array.layout.clone());
    Ok(array.with_layout(layout))
}

/// Where a batch's matrices lie, apart from their beginning.
struct Strides {
    row: usize,
    col: usize,
    reach: usize,
}

impl Strides {
    fn new(array: &Array) -> Strides {
        let n = array.ndim();
        let (rows, cols) = (array.shape()[n - 2], array.shape()[n - 1]);
        let (row, col) = (array.strides()[n - 2].unsigned_abs(), array.strides()[n - 1].unsigned_abs());
        // The stride of a single row or column says nothing.
        let (row, col) = (if rows == 1 { cols } else { row }, if cols == 1 { 1 } else { col });
        let (row, col) = if rows == 1 && col != 1 { (1, col) } else { (row, col) };
        Strides { row, col, reach: (rows - 1) * row + (cols - 1) * col + 1 }
    }

    fn matrix<'a, T>(&self, data: &'a [T], at: isize) -> Matrix<'a, T> {
        Matrix { data: &data[at as usize..at as usize + self.reach], row: self.row, col: self.col }
    }
}

fn batches<T: Element>(
    a: &Array,
    b: &Array,
    result: &Array,
    size: Size,
    product: Product<T>,
) -> Result<(), Fault> {
    let n = result.ndim() - 2;
    let (left, right) = (a.storage.read::<T>(), b.storage.read::<T>());
    let (left, right): (&[T], &[T]) = (&left, &right);
    let mut out = result.storage.write::<T>();
    let mut places = Vec::new();
    let strides = [&a.strides()[..n], &b.strides()[..n]];
    let starts = [a.offset() as isize, b.offset() as isize];
    walk::visit(&result.shape()[..n], strides, starts, |at| places.push(at));
    let (la, lb) = (Strides::new(a), Strides::new(b));
    let one = |at: [isize; 2], out: &mut [T], threads: bool| {
        product(la.matrix(left, at[0]), lb.matrix(right, at[1]), out, size, threads)
    };
    let chunks = size.rows * size.cols;
    let shared = size.work().saturating_mul(places.len()) >= SHARED_FROM && threads::shared();
    if places.len() >= 4 && shared {
        let least = (SHARED_FROM / 8 / size.work().max(1)).max(1);
        let parts = out.par_chunks_mut(chunks).zip(places.par_iter());
        return threads::try_each(parts, least, |(out, &at)| one(at, out, false));
    }
    out.chunks_mut(chunks).zip(places).try_for_each(|(out, at)| one(at, out, shared))
}

/// A product of floats, by the way that is quickest for its size.
fn float_product<T: Element + RealField + Mac + Lane>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    size: Size,
    threads: bool,
) -> Result<(), Fault> {
    if size.work() > TINY && blocked::applies(size) {
        return blocked::product(a, b, out, size, threads);
    }
    if size.work() > TINY && narrow::applies(a, b, size) {
        return narrow::product(a, b, out, size, threads);
    }
    if size.work() <= PLAIN {
        plain::product(a, b, out, size);
        return Ok(());
    }
    thin::product(a, b, out, size, threads)
}

impl<'a, T> Matrix<'a, T> {
    /// Rows for columns.
    fn transposed(self) -> Matrix<'a, T> {
        Matrix { data: self.data, row: self.col, col: self.row }
    }
}

/// Multiplying and adding: ints wrap.
trait Mac: Copy {
    /// 1.
    const ONE: Self;
    /// What changes nothing when it is added to: of floats -0, since 0 + -0 is 0.
    const NOTHING: Self;
    /// `self + a·b`.
    fn mac(self, a: Self, b: Self) -> Self;
}

macro_rules! macs {
    ($($t:ty: $one:expr, $nothing:expr, $mac:expr);+ $(;)?) => {$(
        impl Mac for $t {
            const ONE: $t = $one;
            const NOTHING: $t = $nothing;
            #[inline(always)]
            fn mac(self, a: $t, b: $t) -> $t {
                let mac: fn($t, $t, $t) -> $t = $mac;
                mac(self, a, b)
            }
        }
    )+};
}

macs! {
    f32: 1.0, -0.0, |sum, a, b| sum + a * b;
    f64: 1.0, -0.0, |sum, a, b| sum + a * b;
    u8: 1, 0, |sum, a, b| sum.wrapping_add(a.wrapping_mul(b));
    i8: 1, 0, |sum, a, b| sum.wrapping_add(a.wrapping_mul(b));
    i16: 1, 0, |sum, a, b| sum.wrapping_add(a.wrapping_mul(b));
    i32: 1, 0, |sum, a, b| sum.wrapping_add(a.wrapping_mul(b));
    i64: 1, 0, |sum, a, b| sum.wrapping_add(a.wrapping_mul(b));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats};
    use proptest::prelude::*;

    fn naive(a: &[f64], b: &[f64], rows: usize, inner: usize, cols: usize) -> Vec<f64> {
        let cell = |i: usize, j: usize| (0..inner).map(|k| a[i * inner + k] * b[k * cols + j]).sum();
        (0..rows * cols).map(|at| cell(at / cols, at % cols)).collect()
    }

    /// A matrix of small whole numbers, so that float products are exact, maybe stored transposed or with gaps.
    fn whole(rows: usize, cols: usize, seed: usize, way: usize) -> Array {
        let gap = if way == 2 { 3 } else { 1 };
        let values: Vec<f32> = (0..rows * cols * gap).map(|i| ((i * 7 + seed) % 11) as f32 - 5.0).collect();
        let strides = match way {
            0 => [cols as isize, 1],
            1 => [1, rows as isize],
            _ => [3 * cols as isize, 3],
        };
        let layout = Layout::from_parts([rows, cols].into_iter().collect(), strides.into_iter().collect(), 0);
        floats(&values, &[values.len()]).with_layout(layout)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn products_of_any_strides(
            rows in 1usize..40, inner in 1usize..40, cols in 1usize..40, ways in (0usize..3, 0usize..3)
        ) {
            let (a, b) = (whole(rows, inner, 1, ways.0), whole(inner, cols, 2, ways.1));
            let expected = naive(&elements(&a), &elements(&b), rows, inner, cols);
            prop_assert_eq!(&elements(&matmul(&a, &b).unwrap()), &expected);
            for dtype in [DType::F64, DType::I32, DType::I64, DType::F16] {
                let (a, b) = (cast::cast(&a, dtype).unwrap(), cast::cast(&b, dtype).unwrap());
                prop_assert_eq!(&elements(&matmul(&a, &b).unwrap()), &expected);
            }
        }
    }

    #[test]
    fn batches_broadcast() {
        let a = floats(&(0..24).map(|i| i as f32).collect::<Vec<_>>(), &[2, 1, 3, 4]);
        let b = floats(&(0..40).map(|i| i as f32).collect::<Vec<_>>(), &[5, 4, 2]);
        let product = matmul(&a, &b).unwrap();
        assert_eq!(product.shape(), [2, 5, 3, 2]);
        let (x, y) = (elements(&a), elements(&b));
        for i in 0..2 {
            for j in 0..5 {
                let expected = naive(&x[i * 12..][..12], &y[j * 8..][..8], 3, 4, 2);
                assert_eq!(elements(&product)[(i * 5 + j) * 6..][..6], expected);
            }
        }
    }

    #[test]
    fn large_products() {
        let (a, b) = (whole(300, 200, 3, 0), whole(200, 250, 4, 1));
        let expected = naive(&elements(&a), &elements(&b), 300, 200, 250);
        assert_eq!(elements(&matmul(&a, &b).unwrap()), expected);
        let (a, b) = (cast::cast(&a, DType::I64).unwrap(), cast::cast(&b, DType::I64).unwrap());
        assert_eq!(elements(&matmul(&a, &b).unwrap()), expected);
    }

    #[test]
    fn vectors() {
        let a = floats(&[1.0, 2.0, 3.0], &[3]);
        let m = floats(&[1.0, 0.0, 2.0, 0.0, 1.0, 1.0], &[2, 3]);
        assert_eq!(elements(&dot(&a, &a).unwrap()), [14.0]);
        assert_eq!(elements(&mv(&m, &a).unwrap()), [7.0, 5.0]);
        let two = floats(&[2.0, 1.0], &[2]);
        assert_eq!(elements(&vm(&two, &m).unwrap()), [2.0, 1.0, 5.0]);
        let nothing = floats(&[], &[0]);
        assert_eq!(elements(&dot(&nothing, &nothing).unwrap()), [0.0]);
    }
}
