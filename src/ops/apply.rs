//! Applying an opcode to values of the language: promotion, the kernel, and the flavour of the result.

use crate::error::{Error, Result};
use crate::kernels::elementwise::{self, Opcode, pending};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_all;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Shape;
use crate::tensor::promote::{self, Rule, Types};
use crate::tensor::scalar::Scalar;
use crate::value::tensor::Flavour;
use crate::value::{Tensor, Value};
use smallvec::SmallVec;

/// An operand, ready for the kernels.
enum Operand {
    Array(Array),
    Scalar(Scalar),
}

/// The operands of an elementwise op, at least one of them a tensor.
pub struct Operands {
    list: SmallVec<[Operand; 3]>,
    flavour: Flavour,
}

impl Operands {
    /// Reads operands; none where one is neither a tensor nor a number, or where none is a tensor.
    pub fn of(values: &[&Value]) -> Result<Option<Operands>> {
        let mut list = SmallVec::new();
        let mut flavour = None;
        for value in values {
            list.push(match value {
                Value::Tensor(tensor) => {
                    // An op is NumPy's where all its tensors are arrays.
                    if flavour != Some(Flavour::Torch) {
                        flavour = Some(tensor.flavour());
                    }
                    Operand::Array(tensor.to_array())
                }
                Value::Int(value) => Operand::Scalar(Scalar::Int(*value)),
                Value::Float(value) => Operand::Scalar(Scalar::Float(*value)),
                Value::Bool(value) => Operand::Scalar(Scalar::Bool(*value)),
                Value::Big(_) => return Err(crate::ops::arguments::too_big()),
                _ => return Ok(None),
            });
        }
        let Some(flavour) = flavour else { return Ok(None) };
        let operands = Operands { list, flavour };
        operands.check_devices()?;
        Ok(Some(operands))
    }

    fn arrays(&self) -> impl Iterator<Item = &Array> {
        self.list.iter().filter_map(|operand| match operand {
            Operand::Array(array) => Some(array),
            Operand::Scalar(_) => None,
        })
    }

    /// Data and shapes without data do not mix; a 0-d tensor passes as a number.
    fn check_devices(&self) -> Result<()> {
        let mut devices = self.arrays().filter(|array| array.ndim() > 0).map(Array::is_meta);
        let Some(first) = devices.next() else { return Ok(()) };
        if devices.any(|meta| meta != first) {
            let (expected, found) = if first { ("meta", "cpu") } else { ("cpu", "meta") };
            return Err(Error::runtime(format!(
                "Tensor on device {found} is not on the expected device {expected}!"
            )));
        }
        Ok(())
    }

    /// What the op computes in and gives.
    pub fn types(&self, rule: Rule) -> Result<Types> {
        let operands: SmallVec<[promote::Operand; 3]> = self
            .list
            .iter()
            .map(|operand| match operand {
                Operand::Array(array) => promote::Operand::from(array),
                Operand::Scalar(scalar) => promote::Operand::from(*scalar),
            })
            .collect();
        super::flavour::promoted(self.flavour, rule, &operands)
    }

    /// The shape the operands broadcast to.
    pub fn shape(&self) -> Result<Shape> {
        let shapes: SmallVec<[&[usize]; 3]> = self.arrays().map(Array::shape).collect();
        if self.flavour == Flavour::Torch {
            return broadcast_all(shapes);
        }
        let list: String = shapes.iter().map(|shape| format!("{} ", sizes_text(shape))).collect();
        broadcast_all(shapes)
            .map_err(|_| Error::value(format!("operands could not be broadcast together with shapes {list}")))
    }

    fn lent(&self) -> SmallVec<[elementwise::Operand<'_>; 3]> {
        self.list
            .iter()
            .map(|operand| match operand {
                Operand::Array(array) => elementwise::Operand::Array(array),
                Operand::Scalar(scalar) => elementwise::Operand::Scalar(*scalar),
            })
            .collect()
    }

    /// The op's fresh result, which may be left pending where it is fleeting.
    pub fn apply(&self, opcode: &'static Opcode, rule: Rule, fleeting: bool) -> Result<Value> {
        if self.flavour != Flavour::Torch {
            self.shape()?;
        }
        let types = match self.types(rule) {
            Err(error) if rule.refuses_late() => return Err(self.shape().err().unwrap_or(error)),
            types => types?,
        };
        let (opcode, count) = self.shortcut(opcode, types.compute);
        let result =
            elementwise::map_as(opcode, types.compute, types.output, &self.lent()[..count], fleeting)?;
        Ok(Tensor::of_flavour(result, self.flavour).into())
    }

    /// Writes the op's result into an array of the broadcast shape.
    pub fn apply_into(&self, opcode: &'static Opcode, compute: DType, dest: &Array) -> Result<()> {
        let (opcode, count) = self.shortcut(opcode, compute);
        elementwise::map_into(opcode, compute, &self.lent()[..count], dest)
    }

    /// The op that stands for this one with the scalar it is given, and how many of the operands that has. NumPy knows
    /// fewer such powers than PyTorch.
    fn shortcut(&self, opcode: &'static Opcode, compute: DType) -> (&'static Opcode, usize) {
        let known = |value: Scalar| match self.flavour {
            Flavour::Torch => true,
            Flavour::Numpy | Flavour::Number => [2.0, 0.5, -1.0].contains(&value.to_f64()),
        };
        let short = match (opcode.shortcut, &*self.list) {
            (Some(shortcut), [Operand::Array(_), Operand::Scalar(value)]) if known(*value) => {
                shortcut(*value, compute)
            }
            _ => None,
        };
        short.map_or((opcode, self.list.len()), |short| (short, 1))
    }
}

/// A shape as NumPy's sentences have it: `(3,4)`, `(3,)`.
fn sizes_text(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(",")),
    }
}

/// An array as a dtype: itself where it has it.
pub fn as_dtype(array: Array, dtype: DType) -> Result<Array> {
    if array.dtype == dtype { Ok(array) } else { crate::kernels::cast::cast(&array, dtype) }
}

/// An elementwise op on tensors and numbers.
pub fn elementwise(opcode: &'static Opcode, rule: Rule, values: &[&Value]) -> Result<Value> {
    let fleeting = pending::take_wish();
    match Operands::of(values)? {
        Some(operands) => operands.apply(opcode, rule, fleeting),
        None => numbers(opcode, rule, values),
    }
}

/// `torch.add(1, 2)`: numbers alone are taken as tensors without dimensions.
fn numbers(opcode: &'static Opcode, rule: Rule, values: &[&Value]) -> Result<Value> {
    let mut tensors = SmallVec::<[Value; 3]>::new();
    for value in values {
        let Some(scalar) = super::arguments::scalar_of(value)? else {
            return Err(Error::type_error(format!(
                "{}(): argument must be Tensor, not {}",
                opcode.name,
                super::mismatch::type_name(value)
            )));
        };
        let dtype = promote::natural(scalar.category());
        tensors.push(Tensor::new(Array::from_scalar(scalar, dtype)?).into());
    }
    let lent: SmallVec<[&Value; 3]> = tensors.iter().collect();
    match Operands::of(&lent)? {
        Some(operands) => operands.apply(opcode, rule, false),
        None => Err(Error::type_error("an elementwise op needs operands")),
    }
}

/// Fails where a rule refuses operands.
pub fn check_rule(rule: Rule, values: &[&Value]) -> Result<()> {
    match Operands::of(values)? {
        Some(operands) => operands.types(rule).map(|_| ()),
        None => Ok(()),
    }
}

/// `where(condition, input, other)`: the condition takes no part in promotion.
pub fn conditional(condition: &Value, input: &Value, other: &Value) -> Result<Value> {
    let fleeting = pending::take_wish();
    let tensors: SmallVec<[Value; 2]> = match Operands::of(&[input, other])? {
        Some(_) => SmallVec::from_iter([input.clone(), other.clone()]),
        None => [input, other].into_iter().map(as_tensor).collect::<Result<_>>()?,
    };
    let Some(values) = Operands::of(&[&tensors[0], &tensors[1]])? else {
        return Err(Error::type_error("where() expects tensors or numbers"));
    };
    let types = values.types(Rule::Arithmetic)?;
    match Operands::of(&[condition, &tensors[0], &tensors[1]])? {
        Some(operands) => {
            let opcode = &elementwise::opcodes::WHERE;
            let (dtype, lent) = (types.compute, operands.lent());
            let result = elementwise::map_as(opcode, dtype, opcode.result_dtype(dtype), &lent, fleeting)?;
            Ok(Tensor::of_flavour(result, values.flavour).into())
        }
        None => Err(Error::type_error("where() expects tensors or numbers")),
    }
}

/// A number as a tensor without dimensions.
pub fn as_tensor(value: &Value) -> Result<Value> {
    if matches!(value, Value::Tensor(_)) {
        return Ok(value.clone());
    }
    match super::arguments::scalar_of(value)? {
        Some(scalar) => {
            Ok(Tensor::new(Array::from_scalar(scalar, promote::natural(scalar.category()))?).into())
        }
        None => Ok(value.clone()),
    }
}

/// Writes one value to the elements of `dest` where a mask of its shape is true.
pub fn choose_into(mask: &Array, value: &Array, dest: &Array) -> Result<()> {
    let operands = [
        elementwise::Operand::Array(mask),
        elementwise::Operand::Array(value),
        elementwise::Operand::Array(dest),
    ];
    elementwise::map_into(&elementwise::opcodes::WHERE, dest.dtype, &operands, dest)
}

/// Ops one after the other: each takes what the one before gave, and its own further operands.
pub fn chain(ops: &[(&'static Opcode, &[&Value])], first: &Value) -> Result<Value> {
    let mut value = first.clone();
    for (opcode, rest) in ops {
        let next = {
            let mut operands: SmallVec<[&Value; 3]> = SmallVec::from_iter([&value]);
            operands.extend(rest.iter().copied());
            elementwise(opcode, Rule::Arithmetic, &operands)?
        };
        value = next;
    }
    Ok(value)
}
