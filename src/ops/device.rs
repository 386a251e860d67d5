//! Devices: `cpu` and `meta`, and the names of those that are not here.

use crate::error::{Error, Result};
use crate::tensor::storage::Storage;
use crate::value::{Native, Object, Type, Value};
use std::any::Any;

/// What PyTorch says where it is asked for a GPU and has none.
pub const NO_CUDA: &str = "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from http://www.nvidia.com/Download/index.aspx";

/// The kinds PyTorch knows, in the order its error lists them.
const KINDS: &[&str] = &[
    "cpu",
    "cuda",
    "ipu",
    "xpu",
    "mkldnn",
    "opengl",
    "opencl",
    "ideep",
    "hip",
    "ve",
    "fpga",
    "maia",
    "xla",
    "lazy",
    "vulkan",
    "mps",
    "meta",
    "hpu",
    "mtia",
    "privateuseone",
];

/// A device: what `torch.device('cuda:1')` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its kind: `cpu`, `meta`, `cuda`.
    pub kind: &'static str,
    /// Which one of its kind.
    pub index: Option<i64>,
}

impl Device {
    /// The one device that computes here.
    pub const CPU: Device = Device { kind: "cpu", index: None };
    /// Shapes without data.
    pub const META: Device = Device { kind: "meta", index: None };

    /// The device of a name: `cpu`, `cuda:1`.
    pub fn parse(text: &str) -> Result<Device> {
        let (kind, index) = match text.split_once(':') {
            Some((kind, index)) => (kind, Some(index)),
            None => (text, None),
        };
        let Some(&kind) = KINDS.iter().find(|&&known| known == kind) else {
            return Err(Error::runtime(format!(
                "Expected one of {} device type at start of device string: {kind}",
                KINDS.join(", ")
            )));
        };
        let index = match index {
            None => None,
            Some(digits) => match digits.parse::<u16>() {
                Ok(index) => Some(i64::from(index)),
                Err(_) => return Err(Error::runtime(format!("Invalid device string: '{text}'"))),
            },
        };
        Ok(Device { kind, index })
    }

    /// The device a value names: a string, a device, or the number of a GPU.
    pub fn of_value(value: &Value) -> Result<Device> {
        match value {
            Value::Str(text) => Device::parse(text),
            Value::Int(index) => Ok(Device { kind: "cuda", index: Some(*index) }),
            other => other
                .downcast::<Device>()
                .copied()
                .ok_or_else(|| crate::value::wrong_type("expected a device", other)),
        }
    }

    /// The device a storage is on.
    pub fn of_storage(storage: &Storage) -> Device {
        if storage.is_meta() && !storage.is_shadow() { Device::META } else { Device::CPU }
    }

    /// The device, if tensors can be on it here.
    pub fn usable(self) -> Result<Device> {
        match self.kind {
            "cpu" | "meta" => Ok(self),
            "cuda" => {
                Err(Error::runtime(NO_CUDA)
                    .note("Tenscope computes on the CPU; devices are `cpu` and `meta`"))
            }
            kind => Err(Error::runtime(format!("PyTorch is not linked with support for {kind} devices"))
                .note("Tenscope computes on the CPU; devices are `cpu` and `meta`")),
        }
    }

    /// Whether tensors on it have no data.
    pub fn is_meta(self) -> bool {
        self.kind == "meta"
    }

    /// As a value of the language.
    pub fn value(self) -> Value {
        Value::object(self)
    }
}

impl Object for Device {
    fn type_of(&self) -> Type {
        Type::Device
    }

    fn repr(&self) -> String {
        match self.index {
            Some(index) => format!("device(type='{}', index={index})", self.kind),
            None => format!("device(type='{}')", self.kind),
        }
    }

    fn text(&self) -> String {
        match self.index {
            Some(index) => format!("{}:{index}", self.kind),
            None => self.kind.to_owned(),
        }
    }

    fn attribute(&self, _this: &Native, name: &str) -> Option<Value> {
        match name {
            "type" => Some(Value::str(self.kind)),
            "index" => Some(self.index.map_or(Value::None, Value::Int)),
            _ => None,
        }
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["type", "index"]
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Device>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
