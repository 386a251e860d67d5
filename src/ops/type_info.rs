//! `torch.finfo` and `torch.iinfo`: the limits of dtypes.

use crate::error::{Error, Result};
use crate::number::general;
use crate::ops::scalar_range::int_range;
use crate::tensor::dtype::DType;
use crate::value::{Native, NativeType, Object, Type, Value};
use std::any::Any;

static FINFO: NativeType = NativeType { module: "torch", name: "finfo" };
static IINFO: NativeType = NativeType { module: "torch", name: "iinfo" };

/// The limits of a dtype.
#[derive(Clone, Copy, Debug)]
pub struct TypeInfo {
    dtype: DType,
}

impl TypeInfo {
    /// The limits of a float dtype.
    pub fn of_float(dtype: DType) -> Result<TypeInfo> {
        if dtype.is_float() {
            return Ok(TypeInfo { dtype });
        }
        Err(Error::type_error(
            "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
        ))
    }

    /// The limits of an integer dtype.
    pub fn of_int(dtype: DType) -> Result<TypeInfo> {
        match dtype {
            DType::Bool => Err(Error::type_error("torch.bool is not supported by torch.iinfo")),
            _ if dtype.is_float() => Err(Error::type_error(
                "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
            )),
            _ => Ok(TypeInfo { dtype }),
        }
    }

    fn largest(&self) -> f64 {
        match self.dtype {
            DType::F16 => half::f16::MAX.to_f64(),
            DType::BF16 => half::bf16::MAX.to_f64(),
            DType::F32 => f64::from(f32::MAX),
            DType::F64 => f64::MAX,
            other => int_range(other).map_or(0.0, |(_, high)| high as f64),
        }
    }

    fn tiny(&self) -> f64 {
        match self.dtype {
            DType::F16 => half::f16::MIN_POSITIVE.to_f64(),
            DType::BF16 | DType::F32 => f64::from(f32::MIN_POSITIVE),
            _ => f64::MIN_POSITIVE,
        }
    }

    fn eps(&self) -> f64 {
        match self.dtype {
            DType::F16 => half::f16::EPSILON.to_f64(),
            DType::BF16 => half::bf16::EPSILON.to_f64(),
            DType::F32 => f64::from(f32::EPSILON),
            _ => f64::EPSILON,
        }
    }

    fn resolution(&self) -> f64 {
        match self.dtype {
            DType::F16 => 1e-3,
            DType::BF16 => 1e-2,
            DType::F32 => 1e-6,
            _ => 1e-15,
        }
    }
}

impl Object for TypeInfo {
    fn type_of(&self) -> Type {
        Type::Native(if self.dtype.is_float() { &FINFO } else { &IINFO })
    }

    fn repr(&self) -> String {
        let name = self.dtype.name();
        if let Some((low, high)) = int_range(self.dtype) {
            return format!(
                "iinfo(min={}, max={}, dtype={name})",
                general(low as f64, 6),
                general(high as f64, 6)
            );
        }
        let show = |value: f64| general(value, 6);
        format!(
            "finfo(resolution={}, min={}, max={}, eps={}, smallest_normal={tiny}, tiny={tiny}, dtype={name})",
            show(self.resolution()),
            show(-self.largest()),
            show(self.largest()),
            show(self.eps()),
            tiny = show(self.tiny())
        )
    }

    fn attribute(&self, _this: &Native, name: &str) -> Option<Value> {
        match (name, int_range(self.dtype)) {
            ("bits", _) => return Some(Value::from(self.dtype.size() * 8)),
            ("dtype", _) => return Some(Value::str(self.dtype.name())),
            ("min", Some((low, _))) => return Some(Value::Int(low)),
            ("max", Some((_, high))) => return Some(Value::Int(high)),
            (_, Some(_)) => return None,
            _ => {}
        }
        Some(Value::Float(match name {
            "max" => self.largest(),
            "min" => -self.largest(),
            "eps" => self.eps(),
            "tiny" | "smallest_normal" => self.tiny(),
            "resolution" => self.resolution(),
            _ => return None,
        }))
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        if self.dtype.is_float() {
            vec!["bits", "dtype", "eps", "max", "min", "resolution", "smallest_normal", "tiny"]
        } else {
            vec!["bits", "dtype", "max", "min"]
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
