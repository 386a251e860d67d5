//! Objects that are no more than a name: `torch.strided`, `torch.contiguous_format`, `torch.default_generator`.

use crate::value::{Native, NativeType, Object, Type, Value};
use std::any::Any;

/// A constant that is known by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// What `repr` gives.
    pub text: &'static str,
    /// Its type.
    pub of: &'static NativeType,
}

static LAYOUT: NativeType = NativeType { module: "torch", name: "layout" };
static FORMAT: NativeType = NativeType { module: "torch", name: "memory_format" };

impl Named {
    /// `torch.strided`
    pub const STRIDED: Named = Named { text: "torch.strided", of: &LAYOUT };

    /// The constants of `torch`, by name.
    pub fn of_torch(name: &str) -> Option<Named> {
        let format = |text| Some(Named { text, of: &FORMAT });
        match name {
            "strided" => Some(Named::STRIDED),
            "contiguous_format" => format("torch.contiguous_format"),
            "preserve_format" => format("torch.preserve_format"),
            "channels_last" => format("torch.channels_last"),
            _ => None,
        }
    }
}

impl Object for Named {
    fn type_of(&self) -> Type {
        Type::Native(self.of)
    }

    fn repr(&self) -> String {
        self.text.to_owned()
    }

    fn attribute(&self, _this: &Native, _name: &str) -> Option<Value> {
        None
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Named>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
