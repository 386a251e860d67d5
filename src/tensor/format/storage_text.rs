//! The text of a storage: one element a line, then its type and size, as PyTorch prints it.

use crate::budget;
use crate::error::Result;
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;
use crate::tensor::storage::Storage;
use std::fmt::Write;

/// `x.storage()`.
pub fn typed_storage_text(storage: &Storage, dtype: DType) -> Result<String> {
    let count = storage.len() / dtype.size();
    let kind =
        format!("TypedStorage(dtype=torch.{}, device={}) of size {count}", dtype.name(), device(storage));
    text(storage, dtype, count, &kind)
}

/// `x.untyped_storage()`: its bytes.
pub fn untyped_storage_text(storage: &Storage) -> Result<String> {
    let kind = format!("UntypedStorage(device={}) of size {}", device(storage), storage.len());
    text(storage, DType::U8, storage.len(), &kind)
}

fn device(storage: &Storage) -> &'static str {
    if storage.is_meta() { "meta" } else { "cpu" }
}

fn text(storage: &Storage, dtype: DType, count: usize, kind: &str) -> Result<String> {
    if storage.is_meta() {
        return Ok(format!("...\n[torch.storage.{kind}]"));
    }
    // PyTorch shortens nothing here: check that the whole text has room before it grows.
    budget::check(count.saturating_mul(3))?;
    let bytes = storage.bytes();
    let mut text = String::new();
    for place in 0..count {
        if place.is_multiple_of(4096) {
            budget::poll()?;
            budget::check(text.capacity())?;
        }
        if let Some(value) = Scalar::read(&bytes, place, dtype) {
            let _ = writeln!(text, " {value}");
        }
    }
    if count == 0 {
        text.push_str(" \n");
    }
    let _ = write!(text, "[torch.storage.{kind}]");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The texts are PyTorch's.
    #[test]
    fn storages_print_as_in_pytorch() {
        let ints = Storage::from_slice(&[10i64, 20, 30]).unwrap();
        assert_eq!(
            typed_storage_text(&ints, DType::I64).unwrap(),
            " 10\n 20\n 30\n[torch.storage.TypedStorage(dtype=torch.int64, device=cpu) of size 3]"
        );
        let float = Storage::from_slice(&[0.1f32]).unwrap();
        assert_eq!(
            typed_storage_text(&float, DType::F32).unwrap(),
            " 0.10000000149011612\n[torch.storage.TypedStorage(dtype=torch.float32, device=cpu) of size 1]"
        );
        let empty = Storage::zeroed(0).unwrap();
        assert_eq!(
            untyped_storage_text(&empty).unwrap(),
            " \n[torch.storage.UntypedStorage(device=cpu) of size 0]"
        );
        assert_eq!(
            typed_storage_text(&Storage::meta(24), DType::F32).unwrap(),
            "...\n[torch.storage.TypedStorage(dtype=torch.float32, device=meta) of size 6]"
        );
    }
}
