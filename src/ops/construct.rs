//! Calling a type: `torch.Tensor(2, 3)`, `torch.FloatTensor([1, 2])`, `torch.Size([2, 3])`, `torch.device('cpu')`.

use crate::error::{Error, Result};
use crate::ops::arguments::int_of;
use crate::ops::device::Device;
use crate::ops::{factory, literal, mismatch};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::promote::default_dtype;
use crate::tensor::scalar::Scalar;
use crate::value::{Args, Tensor, Tuple, TupleKind, Type, Value};
use std::rc::Rc;

/// Calls one of the types that belong to tensors; none for other types.
pub fn call(of: Type, args: Args<'_>) -> Option<Result<Value>> {
    match of {
        Type::Tensor => Some(of_dtype(args.positional, default_dtype())),
        Type::Size => Some(size(args)),
        Type::Device => Some(device(args)),
        Type::DType => Some(Err(Error::type_error("cannot create 'torch.dtype' instances"))),
        _ => None,
    }
}

/// A call without keyword arguments.
const OPTIONS: factory::Options = factory::Options { dtype: None, device: None, requires_grad: false };

/// A tensor of a dtype: of a size given as ints, of the numbers in a sequence, or empty.
pub fn of_dtype(args: &[Value], dtype: DType) -> Result<Value> {
    match args {
        [] => Ok(Tensor::new(Array::zeros(&[0], dtype)?).into()),
        [Value::Tensor(tensor)] if !tensor.is_numpy() && tensor.array().ndim() > 0 => {
            Ok(Tensor::new(tensor.to_array()).into())
        }
        [Value::Tuple(tuple)] if matches!(tuple.kind, TupleKind::Size) => of_dtype(&tuple.items, dtype),
        [data @ (Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Tensor(_))] => {
            let array = literal::array_of(data, None)?;
            let array = if array.dtype == dtype { array } else { crate::kernels::cast::cast(&array, dtype)? };
            OPTIONS.copy_of(array)
        }
        [Value::Str(_)] => Err(Error::type_error("new(): invalid data type 'str'")),
        [Value::Int(_), ..] => {
            let mut sizes = Vec::with_capacity(args.len());
            for (n, arg) in args.iter().enumerate() {
                let Some(size) = int_of(arg) else {
                    return Err(Error::type_error(format!(
                        "new(): argument 'size' failed to unpack the object at pos {} with error \"type must be tuple of ints,but got {}\"",
                        n + 1,
                        mismatch::type_name(arg)
                    )));
                };
                sizes.push(size);
            }
            OPTIONS.full(&factory::shape_of(&sizes, "")?, Scalar::Int(0), dtype)
        }
        [other, ..] => Err(Error::type_error(format!(
            "new(): data must be a sequence (got {})",
            mismatch::type_name(other)
        ))),
    }
}

fn size(args: Args<'_>) -> Result<Value> {
    let sizes = match args.positional {
        [] => Vec::new(),
        [Value::Tuple(tuple)] => tuple.items.to_vec(),
        [Value::List(list)] => list.items().clone(),
        [Value::Range(range)] => {
            crate::budget::check(usize::try_from(range.len()).unwrap_or(usize::MAX).saturating_mul(16))?;
            (0..range.len()).map(|n| Value::Int(range.at(n))).collect()
        }
        [other, ..] => {
            return Err(Error::type_error(format!("'{}' object is not iterable", other.type_name())));
        }
    };
    for (n, size) in sizes.iter().enumerate() {
        if int_of(size).is_none() {
            return Err(Error::type_error(format!(
                "torch.Size() takes an iterable of 'int' (item {n} is '{}')",
                mismatch::type_name(size)
            )));
        }
    }
    let sizes = sizes.iter().filter_map(int_of).map(Value::Int).collect();
    Ok(Value::Tuple(Rc::new(Tuple::of_kind(sizes, TupleKind::Size))))
}

fn device(args: Args<'_>) -> Result<Value> {
    let named = |name: &str| args.keywords.iter().find(|(keyword, _)| &**keyword == name).map(|(_, v)| v);
    let first = args.positional.first().or_else(|| named("type")).or_else(|| named("device"));
    let Some(first) = first else {
        return Err(Error::type_error(
            "device() received an invalid combination of arguments - got (), but expected one of:\n * (torch.device device)\n * (str type, int index = -1)",
        ));
    };
    if !matches!(first, Value::Str(_) | Value::Int(_) | Value::Object(_)) {
        return Err(Error::type_error(format!(
            "device(): argument 'type' (position 1) must be str, not {}",
            mismatch::type_name(first)
        )));
    }
    let mut device = Device::of_value(first)?;
    if let Some(index) = args.positional.get(1).or_else(|| named("index")).and_then(int_of) {
        device.index = Some(index);
    }
    Ok(device.value())
}
