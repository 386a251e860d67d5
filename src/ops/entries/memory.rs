//! Where a tensor lies: its storage, its address, what it is a view of.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::entries::metadata::FACT;
use crate::ops::storage_object::{TypedStorage, UntypedStorage};
use crate::value::entry::{Entry, Forward, METHOD};
use crate::value::{Tensor, Value};

entries![
    Entry {
        name: "storage_offset",
        signature: "(input: Tensor) -> int",
        on: METHOD,
        summary: "Where in the storage the first element lies, counted in elements.",
        examples: &[("torch.arange(6)[2:].storage_offset()", "2")],
        forward: Forward::Eager(|_, b| Ok(Value::from(b.tensor(0)?.array().offset()))),
        ..FACT
    },
    Entry {
        name: "data_ptr",
        on: METHOD,
        summary: "The address of the first element.",
        examples: &[("x = torch.zeros(4); x[1:].data_ptr() - x.data_ptr()", "4")],
        forward: Forward::Eager(|_, b| address(b.tensor(0)?)),
        ..FACT
    },
    Entry {
        name: "storage",
        aliases: &["_typed_storage"],
        on: METHOD,
        summary: "The storage as a sequence of elements of the tensor's dtype.",
        examples: &[(
            "torch.tensor([1, 2]).expand(3, 2).storage()",
            " 1\n 2\n[torch.storage.TypedStorage(dtype=torch.int64, device=cpu) of size 2]",
        )],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            Ok(Value::object(TypedStorage { storage: array.storage, dtype: array.dtype }))
        }),
        ..FACT
    },
    Entry {
        name: "untyped_storage",
        on: METHOD,
        summary: "The storage as a sequence of bytes.",
        examples: &[("torch.tensor([1, 2]).untyped_storage().nbytes()", "16")],
        forward: Forward::Eager(|_, b| {
            Ok(Value::object(UntypedStorage { storage: b.tensor(0)?.to_array().storage }))
        }),
        ..FACT
    },
    Entry {
        name: "element_size",
        on: METHOD,
        summary: "The bytes of one element.",
        examples: &[("torch.zeros(1).element_size()", "4")],
        forward: Forward::Eager(|_, b| Ok(Value::from(b.tensor(0)?.array().dtype.size()))),
        ..FACT
    },
    Entry {
        name: "itemsize",
        summary: "The bytes of one element.",
        examples: &[("torch.zeros(1).itemsize", "4")],
        forward: Forward::Eager(|_, b| Ok(Value::from(b.tensor(0)?.array().dtype.size()))),
        ..FACT
    },
    Entry {
        name: "nbytes",
        summary: "The bytes of all elements, counted as if none were shared.",
        examples: &[("torch.zeros(2, 3).nbytes", "24")],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            Ok(Value::from(array.numel().saturating_mul(array.dtype.size())))
        }),
        ..FACT
    },
    Entry {
        name: "_base",
        summary: "The tensor it is a view of, or None.",
        examples: &[("torch.arange(3)[1:]._base", "tensor([0, 1, 2])")],
        forward: Forward::Eager(|_, b| Ok(base(b.tensor(0)?).map_or(Value::None, Value::Tensor))),
        ..FACT
    },
    Entry {
        name: "_is_view",
        on: METHOD,
        summary: "Whether it is a view of another tensor.",
        examples: &[("torch.arange(3)[1:]._is_view()", "True")],
        forward: Forward::Eager(|_, b| Ok(b.tensor(0)?.origin().is_some().into())),
        ..FACT
    },
    Entry {
        name: "is_set_to",
        signature: "(input: Tensor, tensor: Tensor) -> bool",
        on: METHOD,
        summary: "Whether two tensors are one look into one storage: same offset, shape and strides.",
        examples: &[("x = torch.zeros(2); x.is_set_to(x.view(2))", "True")],
        forward: Forward::Eager(|_, b| {
            let (a, c) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
            Ok((a.storage.same(&c.storage) && a.layout == c.layout).into())
        }),
        ..FACT
    },
];

fn address(tensor: &Tensor) -> Result<Value> {
    let array = tensor.array();
    if array.storage.is_shadow() {
        return Err(Error::runtime(
            "an address is known only of a tensor that has been computed, not of a meta tensor",
        ));
    }
    if array.is_meta() || array.numel() == 0 {
        return Ok(Value::Int(0));
    }
    let bytes = array.offset().saturating_mul(array.dtype.size());
    Ok(Value::from(array.storage.address().saturating_add(bytes)))
}

/// The tensor at the root of a chain of views.
pub fn base(tensor: &Tensor) -> Option<Tensor> {
    let mut origin = tensor.origin()?;
    while let Some(next) = origin.parent.origin() {
        origin = next;
    }
    Some(origin.parent.clone())
}
