//! What ops with several results give: named tuples such as `torch.return_types.max(values=.., indices=..)`.

use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dim::wrap;
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::value::list::Fields;
use crate::value::{NativeType, Tensor, Tuple, TupleKind, Value};
use std::rc::Rc;

macro_rules! value_index_types {
    ($($constant:ident $name:literal),* $(,)?) => {$(
        #[doc = concat!("`torch.return_types.", $name, "`")]
        pub static $constant: Fields = Fields {
            of: NativeType { module: "torch.return_types", name: $name },
            fields: &["values", "indices"],
        };
    )*};
}

value_index_types![
    MAX "max", MIN "min", MEDIAN "median", NANMEDIAN "nanmedian", MODE "mode", SORT "sort", TOPK "topk",
    KTHVALUE "kthvalue", CUMMAX "cummax", CUMMIN "cummin",
];

/// `torch.return_types.aminmax`
pub static AMINMAX: Fields =
    Fields { of: NativeType { module: "torch.return_types", name: "aminmax" }, fields: &["min", "max"] };

/// `torch.return_types.frexp`
pub static FREXP: Fields = Fields {
    of: NativeType { module: "torch.return_types", name: "frexp" },
    fields: &["mantissa", "exponent"],
};

/// `torch.return_types.histogram`
pub static HISTOGRAM: Fields = Fields {
    of: NativeType { module: "torch.return_types", name: "histogram" },
    fields: &["hist", "bin_edges"],
};

/// A named tuple of two tensors of the flavour of a third.
pub fn pair(fields: &'static Fields, of: &Tensor, (first, second): (Array, Array)) -> Value {
    let items = vec![
        Value::Tensor(Tensor::of_flavour(first, of.flavour())),
        Value::Tensor(Tensor::of_flavour(second, of.flavour())),
    ];
    Value::Tuple(Rc::new(Tuple::of_kind(items, TupleKind::Named(fields))))
}

/// A tensor of the flavour of another.
pub fn alike(of: &Tensor, array: Array) -> Value {
    Tensor::of_flavour(array, of.flavour()).into()
}

/// An array and a dimension to go along. A 0-d array is lent as a vector of one.
pub struct Lane {
    /// The array.
    pub array: Array,
    /// The dimension.
    pub dim: usize,
    scalar: bool,
}

impl Lane {
    /// Along a dimension of a tensor.
    pub fn of(tensor: &Tensor, dim: i64) -> Result<Lane> {
        let array = tensor.to_array();
        let dim = wrap(dim, array.ndim())?;
        let scalar = array.ndim() == 0;
        let array = if scalar { array.with_layout(view::unsqueeze(&array.layout, 0)?) } else { array };
        Ok(Lane { array, dim, scalar })
    }

    /// A result, without the dimension that was lent.
    pub fn back(&self, result: Array) -> Result<Array> {
        if self.scalar && result.numel() == 1 {
            let layout = Layout::contiguous(&[])?.at(result.offset());
            return Ok(result.with_layout(layout));
        }
        Ok(result)
    }

    /// Two results, without the dimension that was lent.
    pub fn back_pair(&self, (first, second): (Array, Array)) -> Result<(Array, Array)> {
        Ok((self.back(first)?, self.back(second)?))
    }
}
