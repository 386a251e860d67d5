//! What NumPy arrays have beside PyTorch's attributes: `flags`, `data`, `__array_interface__`.

use crate::error::{Class, Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::value::dict::Key;
use crate::value::{Dict, Native, NativeType, Object, Type, Value, numpy_type};
use std::any::Any;
use std::rc::Rc;

/// `a.flags`: how the elements lie, and whose they are.
pub struct Flags {
    rows: bool,
    columns: bool,
    owned: bool,
    writeable: bool,
}

static FLAGS: NativeType = NativeType { module: "numpy._core.multiarray", name: "flagsobj" };
static MEMORY: NativeType = NativeType { module: "builtins", name: "memoryview" };

impl Flags {
    /// The flags of an array; `owned` says that it is no view.
    pub fn of(array: &Array, owned: bool) -> Flags {
        let layout = &array.layout;
        let columns = runs(layout, 0..layout.ndim());
        let rows = runs(layout, (0..layout.ndim()).rev());
        // A spread array would change in several places at once.
        let spread =
            layout.shape().iter().zip(layout.strides()).any(|(&size, &stride)| size > 1 && stride == 0);
        Flags { rows, columns, owned, writeable: !spread }
    }

    fn number(&self) -> i64 {
        let bit = |flag: bool, bit: i64| if flag { bit } else { 0 };
        bit(self.rows, 1) + bit(self.columns, 2) + bit(self.owned, 4) + 256 + bit(self.writeable, 1024)
    }

    fn named(&self, name: &str) -> Option<bool> {
        Some(match name {
            "C" | "C_CONTIGUOUS" | "CONTIGUOUS" => self.rows,
            "F" | "F_CONTIGUOUS" | "FORTRAN" => self.columns,
            "O" | "OWNDATA" => self.owned,
            "W" | "WRITEABLE" => self.writeable,
            "A" | "ALIGNED" => true,
            "X" | "WRITEBACKIFCOPY" => false,
            "FNC" => self.columns && !self.rows,
            "FORC" => self.columns || self.rows,
            "B" | "BEHAVED" => self.writeable,
            "CA" | "CARRAY" => self.writeable && self.rows,
            "FA" | "FARRAY" => self.writeable && self.columns && !self.rows,
            _ => return None,
        })
    }
}

/// Whether the elements lie one after the other, the dimensions taken in an order from the fastest.
fn runs(layout: &Layout, mut order: impl Iterator<Item = usize>) -> bool {
    let mut wanted = 1isize;
    layout.numel() == 0
        || order.all(|dim| {
            let (size, stride) = (layout.shape()[dim], layout.strides()[dim]);
            let fits = size == 1 || stride == wanted;
            wanted = wanted.saturating_mul(size as isize);
            fits
        })
}

impl Object for Flags {
    fn type_of(&self) -> Type {
        Type::Native(&FLAGS)
    }

    fn repr(&self) -> String {
        let names = ["C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA", "WRITEABLE", "ALIGNED", "WRITEBACKIFCOPY"];
        let line = |name: &str| {
            format!("  {name} : {}\n", if self.named(name) == Some(true) { "True" } else { "False" })
        };
        names.into_iter().map(line).collect()
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        if name == "num" {
            return Some(Value::Int(self.number()));
        }
        let upper = name.to_ascii_uppercase();
        if name != name.to_ascii_lowercase() || name.len() < 2 {
            return None;
        }
        self.named(&upper).map(Value::Bool)
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec![
            "c_contiguous",
            "f_contiguous",
            "owndata",
            "writeable",
            "aligned",
            "contiguous",
            "fnc",
            "forc",
            "num",
        ]
    }

    fn item(&self, index: &Value) -> Option<Result<Value>> {
        let found = match index {
            Value::Str(name) => self.named(name).map(Value::Bool),
            _ => None,
        };
        Some(found.ok_or_else(|| Error::new(Class::KeyError, "Unknown flag")))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `a.data`: the memory of an array.
pub struct Memory(pub Array);

impl Object for Memory {
    fn type_of(&self) -> Type {
        Type::Native(&MEMORY)
    }

    fn repr(&self) -> String {
        format!("<memory at 0x{:x}>", self.0.storage.address())
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        let array = &self.0;
        Some(match name {
            "nbytes" => Value::from(array.numel().saturating_mul(array.dtype.size())),
            "itemsize" => Value::from(array.dtype.size()),
            "ndim" => Value::from(array.ndim()),
            "shape" => sizes(array),
            "strides" => strides(array),
            "readonly" => Value::Bool(false),
            "format" => Value::str(match array.dtype {
                DType::Bool => "?",
                DType::U8 => "B",
                DType::I8 => "b",
                DType::I16 => "h",
                DType::I32 => "i",
                DType::I64 => "l",
                DType::F16 | DType::BF16 => "e",
                DType::F32 => "f",
                DType::F64 => "d",
            }),
            "c_contiguous" => Value::Bool(Flags::of(array, false).rows),
            "f_contiguous" => Value::Bool(Flags::of(array, false).columns),
            _ => return None,
        })
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["nbytes", "itemsize", "ndim", "shape", "strides", "readonly", "format"]
    }

    fn length(&self) -> Option<usize> {
        self.0.shape().first().copied()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The shape of an array, a plain tuple.
pub fn sizes(array: &Array) -> Value {
    Value::tuple(array.shape().iter().map(|&size| Value::from(size)).collect())
}

/// The strides of an array in bytes.
pub fn strides(array: &Array) -> Value {
    let bytes = array.dtype.size() as i64;
    Value::tuple(array.strides().iter().map(|&n| Value::Int((n as i64).saturating_mul(bytes))).collect())
}

/// `a.__array_interface__`
pub fn interface(array: &Array) -> Result<Value> {
    let short = numpy_type::short_name(array.dtype);
    let address = array.storage.address() + array.offset() * array.dtype.size();
    let plain = Flags::of(array, false).rows;
    let described = Value::tuple(vec![Value::str(""), Value::str(short.as_str())]);
    let dict = Dict::new();
    for (name, value) in [
        ("data", Value::tuple(vec![Value::from(address), Value::Bool(false)])),
        ("strides", if plain { Value::None } else { strides(array) }),
        ("descr", Value::list(vec![described])?),
        ("typestr", Value::str(short.as_str())),
        ("shape", sizes(array)),
        ("version", Value::Int(3)),
    ] {
        dict.insert(Key::text(name), value)?;
    }
    Ok(Value::Dict(Rc::new(dict)))
}
