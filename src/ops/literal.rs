//! Tensors from nested lists: `torch.tensor([[1, 2], [3, 4]])`, with PyTorch's dtype inference.

use crate::error::{Error, Result};
use crate::ops::scalar_range::check_item;
use crate::tensor::array::Array;
use crate::tensor::dtype::{Category, DType};
use crate::tensor::layout::{MAX_DIMS, Shape};
use crate::tensor::promote::natural;
use crate::tensor::scalar::Scalar;
use crate::value::{Range, Tensor, Value};
use num_traits::ToPrimitive;
use smallvec::SmallVec;
use std::rc::Rc;

/// An array of the numbers in a value: a number, a tensor, or sequences of them to any depth. The dtype is the one
/// given, or the strongest of what is found.
pub fn array_of(value: &Value, dtype: Option<DType>) -> Result<Array> {
    let shape = shape_of(value)?;
    let mut reader = Reader { shape: &shape, items: Vec::new(), found: None, wanted: dtype, too_big: false };
    let room = reader.room()?;
    reader.items.reserve_exact(room);
    if room > 0 {
        reader.read(value, 0)?;
    }
    let dtype = dtype.or(reader.found).unwrap_or_else(|| natural(Category::Float));
    if reader.too_big && !dtype.is_float() {
        return Err(Error::value("Overflow when unpacking long long"));
    }
    fill(&reader.items, &shape, dtype)
}

/// The sizes, read off the first item of each level.
fn shape_of(value: &Value) -> Result<Shape> {
    let mut shape = Shape::new();
    let mut first = value.clone();
    while let Some(sequence) = Sequence::of(&first) {
        if shape.len() >= MAX_DIMS {
            return Err(Error::value(format!("too many dimensions '{}'", first.type_name())));
        }
        let len = sequence.len();
        shape.push(len);
        match sequence.get(0) {
            Some(item) if len > 0 => first = item,
            _ => break,
        }
    }
    Ok(shape)
}

/// What is indexed like a list.
enum Sequence {
    Tuple(Rc<crate::value::Tuple>),
    List(Rc<crate::value::List>),
    Range(Range),
    /// A NumPy array with dimensions; a tensor of PyTorch's is a number or an error.
    Array(Tensor),
}

impl Sequence {
    fn of(value: &Value) -> Option<Sequence> {
        match value {
            Value::Tuple(tuple) => Some(Sequence::Tuple(tuple.clone())),
            Value::List(list) => Some(Sequence::List(list.clone())),
            Value::Range(range) => Some(Sequence::Range(**range)),
            Value::Tensor(tensor) if tensor.is_numpy() && tensor.array().ndim() > 0 => {
                Some(Sequence::Array(tensor.clone()))
            }
            _ => None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Sequence::Tuple(tuple) => tuple.items.len(),
            Sequence::List(list) => list.len(),
            Sequence::Range(range) => usize::try_from(range.len()).unwrap_or(0),
            Sequence::Array(tensor) => tensor.array().shape().first().copied().unwrap_or(0),
        }
    }

    fn get(&self, at: usize) -> Option<Value> {
        match self {
            Sequence::Tuple(tuple) => tuple.items.get(at).cloned(),
            Sequence::List(list) => list.items().get(at).cloned(),
            Sequence::Range(range) => Some(Value::Int(range.at(at as i64))),
            Sequence::Array(tensor) => {
                let array = tensor.array();
                let row = crate::tensor::view::select(&array.layout, 0, at as i64).ok()?;
                Some(Tensor::of_flavour(array.with_layout(row), tensor.flavour()).into())
            }
        }
    }
}

/// Collects the numbers in order, checking the sizes.
struct Reader<'a> {
    shape: &'a [usize],
    items: Vec<Scalar>,
    found: Option<DType>,
    wanted: Option<DType>,
    /// Whether an int was found that no integer dtype holds.
    too_big: bool,
}

impl Reader<'_> {
    /// How many numbers there will be, checked against the byte limit.
    fn room(&self) -> Result<usize> {
        let numel = crate::tensor::layout::checked_numel(self.shape)?;
        crate::budget::check(numel.saturating_mul(size_of::<Scalar>()))?;
        Ok(numel)
    }

    /// Reads what stands at a depth. The depth is at most [`MAX_DIMS`], so recursion is bounded.
    fn read(&mut self, value: &Value, depth: usize) -> Result<()> {
        let Some(&size) = self.shape.get(depth) else { return self.number(value) };
        let Some(sequence) = Sequence::of(value) else { return Err(self.not_a_sequence(value)) };
        if sequence.len() != size {
            return Err(Error::value(format!(
                "expected sequence of length {size} at dim {depth} (got {})",
                sequence.len()
            )));
        }
        if depth + 1 == self.shape.len() {
            return self.row(&sequence);
        }
        (0..size).try_for_each(|at| match sequence.get(at) {
            Some(item) => self.read(&item, depth + 1),
            None => Ok(()),
        })
    }

    /// Reads the innermost sequence.
    fn row(&mut self, sequence: &Sequence) -> Result<()> {
        crate::budget::poll()?;
        match sequence {
            Sequence::List(list) => list.items().iter().try_for_each(|item| self.number(item)),
            Sequence::Tuple(tuple) => tuple.items.iter().try_for_each(|item| self.number(item)),
            other => (0..other.len()).filter_map(|at| other.get(at)).try_for_each(|item| self.number(&item)),
        }
    }

    fn number(&mut self, value: &Value) -> Result<()> {
        let (scalar, dtype) = match value {
            Value::Int(value) => (Scalar::Int(*value), DType::I64),
            Value::Float(value) => (Scalar::Float(*value), natural(Category::Float)),
            Value::Bool(value) => (Scalar::Bool(*value), DType::Bool),
            Value::Tensor(tensor) => self.element(tensor)?,
            // A float has room for it; whether the elements are floats is known at the end.
            Value::Big(big) => {
                self.too_big = true;
                (Scalar::Float(big.int().to_f64().unwrap_or(f64::INFINITY)), DType::I64)
            }
            other => return Err(self.not_a_number(other)),
        };
        if self.wanted.is_none() {
            self.found = Some(self.found.map_or(dtype, |found| found.promote(dtype)));
        }
        self.items.push(scalar);
        Ok(())
    }

    fn element(&self, tensor: &Tensor) -> Result<(Scalar, DType)> {
        let array = tensor.array();
        let dtype = self.wanted.or(self.found).unwrap_or(array.dtype);
        if array.numel() != 1 {
            return Err(if dtype.promote(array.dtype).is_float() {
                Error::value("only one element tensors can be converted to Python scalars")
            } else {
                Error::type_error("only integer tensors of a single element can be converted to an index")
            });
        }
        Ok((array.item()?, array.dtype))
    }

    /// The error for something that is no number where one has to be.
    #[cold]
    fn not_a_number(&self, value: &Value) -> Error {
        let name = value.type_name();
        if matches!(value, Value::Str(_)) {
            return match self.wanted {
                Some(_) => Error::value("too many dimensions 'str'"),
                None => Error::type_error("new(): invalid data type 'str'"),
            };
        }
        let dtype = self.wanted.or(self.found);
        match (Sequence::of(value).is_some() || self.wanted.is_some(), dtype) {
            (true, Some(dtype)) if dtype.is_float() => {
                Error::type_error(format!("must be real number, not {name}"))
            }
            (true, Some(_)) => {
                Error::type_error(format!("'{name}' object cannot be interpreted as an integer"))
            }
            _ => Error::runtime(format!("Could not infer dtype of {name}")),
        }
    }

    #[cold]
    fn not_a_sequence(&self, value: &Value) -> Error {
        match value {
            Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Tensor(_) => {
                Error::type_error("not a sequence")
            }
            other => self.not_a_number(other),
        }
    }
}

/// A row-major array of the numbers as a dtype.
fn fill(items: &[Scalar], shape: &[usize], dtype: DType) -> Result<Array> {
    let array = Array::uninit(shape, dtype)?;
    for item in items {
        if matches!(item, Scalar::Int(_) | Scalar::Float(_)) {
            check_item(*item, dtype)?;
        }
    }
    if dtype == DType::Bool {
        let bytes: SmallVec<[u8; 64]> = items.iter().map(|item| u8::from(item.truth())).collect();
        array.storage.bytes_mut()[..bytes.len()].copy_from_slice(&bytes);
        return Ok(array);
    }
    crate::with_element!(dtype, T => {
        let mut target = array.storage.write::<T>();
        for (slot, item) in target.iter_mut().zip(items) {
            *slot = item.to();
        }
    });
    Ok(array)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: Vec<Value>) -> Value {
        Value::list(items).unwrap()
    }

    fn check(value: Value, expected: &str) {
        let text = match array_of(&value, None) {
            Ok(array) => array.describe(),
            Err(error) => error.to_string(),
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn dtypes_are_inferred_and_ragged_lists_refused() {
        let ints = |items: &[i64]| list(items.iter().map(|&n| Value::Int(n)).collect());
        check(list(vec![ints(&[1, 2, 3]), ints(&[4, 5, 6])]), "int64[2, 3]");
        check(list(vec![Value::Bool(true), Value::Float(2.5)]), "float32[2]");
        check(list(vec![]), "float32[0]");
        check(list(vec![list(vec![]), ints(&[1])]), "float32[2, 0]");
        check(
            list(vec![ints(&[1, 2, 3]), ints(&[4, 5])]),
            "ValueError: expected sequence of length 3 at dim 1 (got 2)",
        );
        check(list(vec![ints(&[1]), Value::Int(4)]), "TypeError: not a sequence");
        check(
            list(vec![Value::Int(4), ints(&[1])]),
            "TypeError: 'list' object cannot be interpreted as an integer",
        );
        check(list(vec![Value::str("a")]), "TypeError: new(): invalid data type 'str'");
        check(Value::None, "RuntimeError: Could not infer dtype of NoneType");
    }
}
