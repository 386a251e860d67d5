//! Storages as objects of the language: `x.storage()` by elements, `x.untyped_storage()` by bytes.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::arguments::{int_of, scalar_of, scalar_value};
use crate::ops::device::Device;
use crate::tensor::dtype::DType;
use crate::tensor::format::{typed_storage_text, untyped_storage_text};
use crate::tensor::scalar::Scalar;
use crate::tensor::storage::Storage;
use crate::value::entry::{Category, Entry, Forward};
use crate::value::{Args, Native, NativeType, Object, Type, Value};
use std::any::Any;

/// The type of `x.storage()`.
pub static TYPED: NativeType = NativeType { module: "torch.storage", name: "TypedStorage" };

/// The type of `x.untyped_storage()`.
pub static UNTYPED: NativeType = NativeType { module: "torch.storage", name: "UntypedStorage" };

/// A storage read as elements of a dtype.
#[derive(Clone, Debug)]
pub struct TypedStorage {
    /// The bytes.
    pub storage: Storage,
    /// How they are read.
    pub dtype: DType,
}

/// A storage read as bytes.
#[derive(Clone, Debug)]
pub struct UntypedStorage {
    /// The bytes.
    pub storage: Storage,
}

impl Object for TypedStorage {
    fn type_of(&self) -> Type {
        Type::Native(&TYPED)
    }

    fn repr(&self) -> String {
        typed_storage_text(&self.storage, self.dtype).unwrap_or_default()
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        match name {
            "dtype" => Some(Value::DType(self.dtype)),
            "device" => Some(device(&self.storage)),
            _ => method(this, name),
        }
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        ENTRIES.iter().map(|entry| entry.name).chain(["dtype", "device"]).collect()
    }

    fn item(&self, index: &Value) -> Option<Result<Value>> {
        Some(read(&self.storage, self.dtype, index))
    }

    fn set_item(&self, index: &Value, value: &Value) -> Option<Result<()>> {
        Some(write(&self.storage, self.dtype, index, value))
    }

    fn length(&self) -> Option<usize> {
        Some(self.storage.len() / self.dtype.size())
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<TypedStorage>().is_some_and(|other| self.storage.same(&other.storage))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for UntypedStorage {
    fn type_of(&self) -> Type {
        Type::Native(&UNTYPED)
    }

    fn repr(&self) -> String {
        untyped_storage_text(&self.storage).unwrap_or_default()
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        match name {
            "device" => Some(device(&self.storage)),
            _ => method(this, name),
        }
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        ENTRIES.iter().map(|entry| entry.name).chain(["device"]).collect()
    }

    fn item(&self, index: &Value) -> Option<Result<Value>> {
        Some(read(&self.storage, DType::U8, index))
    }

    fn set_item(&self, index: &Value, value: &Value) -> Option<Result<()>> {
        Some(write(&self.storage, DType::U8, index, value))
    }

    fn length(&self) -> Option<usize> {
        Some(self.storage.len())
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<UntypedStorage>().is_some_and(|other| self.storage.same(&other.storage))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The storage behind a value that is one, with the dtype it is read as.
pub fn storage_of(value: &Value) -> Option<(Storage, DType)> {
    match value.downcast::<TypedStorage>() {
        Some(typed) => Some((typed.storage.clone(), typed.dtype)),
        None => value.downcast::<UntypedStorage>().map(|untyped| (untyped.storage.clone(), DType::U8)),
    }
}

fn device(storage: &Storage) -> Value {
    Device::of_storage(storage).value()
}

fn method(this: &Native, name: &str) -> Option<Value> {
    let entry = ENTRIES.iter().find(|entry| entry.name == name || entry.aliases.contains(&name))?;
    Some(Value::bound(Value::Object(this.clone()), entry))
}

/// The place an index names; it is counted in elements of a dtype.
fn place(storage: &Storage, dtype: DType, index: &Value) -> Result<usize> {
    let Some(index) = int_of(index) else {
        return Err(Error::type_error(format!(
            "can't index a <class 'torch.storage.UntypedStorage'> with {}",
            index.type_name()
        )));
    };
    let len = storage.len() / dtype.size();
    let wrapped = if index < 0 { index.saturating_add(len as i64) } else { index };
    usize::try_from(wrapped)
        .ok()
        .filter(|&place| place < len)
        .ok_or_else(|| Error::index(format!("index {index} out of range for storage of size {len}")))
}

fn no_data() -> Error {
    Error::new(crate::error::Class::NotImplementedError, "Not available for 'meta' device type")
}

fn read(storage: &Storage, dtype: DType, index: &Value) -> Result<Value> {
    let place = place(storage, dtype, index)?;
    Scalar::read(&storage.bytes(), place, dtype).map(scalar_value).ok_or_else(no_data)
}

fn write(storage: &Storage, dtype: DType, index: &Value, value: &Value) -> Result<()> {
    let scalar = scalar_of(value)?
        .ok_or_else(|| crate::value::wrong_type("can only set storage content with a number", value))?;
    if let Value::Slice(slice) = index
        && matches!((&slice.start, &slice.stop), (Value::None, Value::None))
    {
        let mut bytes = storage.bytes_mut();
        for at in 0..bytes.len() / dtype.size() {
            scalar.write(&mut bytes, at, dtype);
        }
        return Ok(());
    }
    let place = place(storage, dtype, index)?;
    if scalar.write(&mut storage.bytes_mut(), place, dtype) { Ok(()) } else { Err(no_data()) }
}

/// The storage a method was called on.
fn receiver(args: Args<'_>) -> Result<(Storage, DType)> {
    args.positional
        .first()
        .and_then(storage_of)
        .ok_or_else(|| Error::type_error("a method of storages was called on something else"))
}

const METHODS: Category = Category::Metadata;

entries![
    Entry {
        name: "nbytes",
        signature: "(self: any) -> int",
        category: METHODS,
        summary: "The bytes of the storage.",
        forward: Forward::Raw(|_, args| Ok(Value::from(receiver(args)?.0.len()))),
        ..Entry::EMPTY
    },
    Entry {
        name: "size",
        aliases: &["__len__"],
        signature: "(self: any) -> int",
        category: METHODS,
        summary: "The number of elements, or of bytes.",
        forward: Forward::Raw(|_, args| {
            let (storage, dtype) = receiver(args)?;
            Ok(Value::from(storage.len() / dtype.size()))
        }),
        ..Entry::EMPTY
    },
    Entry {
        name: "element_size",
        signature: "(self: any) -> int",
        category: METHODS,
        summary: "The bytes of one element.",
        forward: Forward::Raw(|_, args| Ok(Value::from(receiver(args)?.1.size()))),
        ..Entry::EMPTY
    },
    Entry {
        name: "data_ptr",
        signature: "(self: any) -> int",
        category: METHODS,
        summary: "The address of the first byte.",
        forward: Forward::Raw(|_, args| Ok(Value::from(receiver(args)?.0.address()))),
        ..Entry::EMPTY
    },
    Entry {
        name: "tolist",
        signature: "(self: any) -> list",
        category: METHODS,
        summary: "The elements, or bytes, as a list.",
        forward: Forward::Raw(|_, args| {
            let (storage, dtype) = receiver(args)?;
            let count = storage.len() / dtype.size();
            crate::budget::check(count.saturating_mul(size_of::<Value>()))?;
            let bytes = storage.bytes();
            let items = (0..count).filter_map(|at| Scalar::read(&bytes, at, dtype).map(scalar_value));
            Value::list(items.collect())
        }),
        ..Entry::EMPTY
    },
    Entry {
        name: "untyped",
        signature: "(self: any) -> UntypedStorage",
        category: METHODS,
        summary: "The same storage by bytes.",
        forward: Forward::Raw(|_, args| Ok(Value::object(UntypedStorage { storage: receiver(args)?.0 }))),
        ..Entry::EMPTY
    },
    Entry {
        name: "fill_",
        signature: "(self: any, value: Scalar) -> any",
        category: METHODS,
        summary: "Sets every element, or byte.",
        forward: Forward::Raw(|_, args| {
            let (storage, dtype) = receiver(args)?;
            let value = args.positional.get(1).map(scalar_of).transpose()?.flatten();
            let value = value.ok_or_else(|| Error::type_error("fill_() expects a number"))?;
            let mut bytes = storage.bytes_mut();
            for at in 0..bytes.len() / dtype.size() {
                value.write(&mut bytes, at, dtype);
            }
            drop(bytes);
            Ok(args.positional[0].clone())
        }),
        ..Entry::EMPTY
    },
    Entry {
        name: "resize_",
        signature: "(self: any, size: int) -> any",
        category: METHODS,
        summary: "Changes the number of elements, or bytes.",
        forward: Forward::Raw(|_, args| {
            let (storage, dtype) = receiver(args)?;
            let size = args.positional.get(1).and_then(int_of).and_then(|n| usize::try_from(n).ok());
            let size = size.ok_or_else(|| Error::type_error("resize_() expects a size"))?;
            storage.resize(crate::tensor::storage::byte_len(size, dtype)?)?;
            Ok(args.positional[0].clone())
        }),
        ..Entry::EMPTY
    },
];
