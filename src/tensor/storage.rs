//! Storages: untyped, 64-byte-aligned bytes that any number of tensors look into.
//!
//! A storage is a run of bytes without a dtype; the tensors over it say how they are read, through `bytemuck`.
//! ndarray's own owners are not used here: `ArcArray` copies on write, while all views of a PyTorch storage see every
//! write. Kernels are lent slices (or ndarray views made of them) instead.
//!
//! Bytes come from the heap for small storages and from an anonymous memory map for large ones: the map is zero pages
//! until it is touched, so `zeros(20000, 20000)` costs nothing before it is written.

use crate::budget::{self, Charge, Weight};
use crate::error::{Error, Result};
use crate::tensor::dtype::{DType, Element};
use memmap2::MmapMut;
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::Rc;

/// The alignment of every storage, in bytes: a cache line.
pub const ALIGNMENT: usize = 64;

/// From this size on, bytes come from a memory map of their own.
const MAPPED: usize = 1 << 20;

/// A shared handle; clones are the same storage.
#[derive(Clone)]
pub struct Storage(Rc<Inner>);

struct Inner {
    id: u64,
    bytes: Cell<usize>,
    version: Cell<u64>,
    data: RefCell<Data>,
    charge: Charge,
    _weight: Weight<WEIGHT>,
    shadow: bool,
}

/// What a storage costs beside its bytes: itself, and what aligning them takes.
const WEIGHT: usize = 160 + ALIGNMENT;

/// Where the bytes are.
enum Data {
    /// On the heap; the bytes begin at the first multiple of [`ALIGNMENT`].
    Heap(Vec<u64>, usize),
    /// In a map of their own.
    Mapped(MmapMut),
    /// Nowhere: only the length is known (the `meta` device).
    Meta,
}

thread_local! {
    static NEXT_ID: Cell<u64> = const { Cell::new(1) };
    static SHADOWING: Cell<bool> = const { Cell::new(false) };
}

/// While one lives, the thread works with shadows: tensors are made without data, and a storage of the `meta` device
/// stands for one that would have bytes. That is how types are found without computing.
pub struct Shadowing(bool);

impl Shadowing {
    /// Begins to work with shadows, or pauses.
    pub fn set(on: bool) -> Shadowing {
        Shadowing(SHADOWING.replace(on))
    }

    /// Whether the thread works with shadows.
    pub fn is_on() -> bool {
        SHADOWING.get()
    }
}

impl Drop for Shadowing {
    fn drop(&mut self) {
        SHADOWING.set(self.0);
    }
}

impl Storage {
    /// `bytes` zero bytes. Fails, before anything is taken, where the limit would be passed.
    pub fn zeroed(bytes: usize) -> Result<Storage> {
        let charge = Charge::new(bytes)?;
        let data = if bytes >= MAPPED {
            Data::Mapped(MmapMut::map_anon(bytes).map_err(|_| out_of_memory(bytes))?)
        } else {
            let blocks = vec![0u64; (bytes + ALIGNMENT) / 8 + 1];
            let start = blocks.as_ptr().align_offset(ALIGNMENT) * 8;
            Data::Heap(blocks, start)
        };
        Ok(Storage::new(bytes, data, charge))
    }

    /// `bytes` bytes whose content does not matter, since the caller writes them all: those of [`Storage::zeroed`]
    /// unless a buffer is at hand.
    pub fn uninit(bytes: usize) -> Result<Storage> {
        Storage::zeroed(bytes)
    }

    /// A storage without bytes, for the `meta` device: it has a length and nothing else.
    pub fn meta(bytes: usize) -> Storage {
        Storage::new(bytes, Data::Meta, Charge::default())
    }

    /// A storage that holds a copy of `values`.
    pub fn from_slice<T: Element>(values: &[T]) -> Result<Storage> {
        let storage = Storage::uninit(std::mem::size_of_val(values))?;
        storage.write::<T>().copy_from_slice(values);
        Ok(storage)
    }

    fn new(bytes: usize, data: Data, charge: Charge) -> Storage {
        let id = NEXT_ID.get();
        NEXT_ID.set(id + 1);
        Storage(Rc::new(Inner {
            id,
            bytes: Cell::new(bytes),
            version: Cell::new(0),
            shadow: SHADOWING.get() && matches!(data, Data::Meta),
            data: RefCell::new(data),
            charge,
            _weight: Weight::new(),
        }))
    }

    /// A number that no other storage of this thread has had.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Its length in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.bytes.get()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is a length without bytes.
    #[inline]
    pub fn is_meta(&self) -> bool {
        matches!(&*self.0.data.borrow(), Data::Meta)
    }

    /// Whether it stands for a storage with bytes: see [`Shadowing`].
    pub fn is_shadow(&self) -> bool {
        self.0.shadow
    }

    /// Whether two handles are the same storage.
    #[inline]
    pub fn same(&self, other: &Storage) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// How many writes it has seen.
    pub fn version(&self) -> u64 {
        self.0.version.get()
    }

    /// How many handles there are.
    pub fn handles(&self) -> usize {
        Rc::strong_count(&self.0)
    }

    /// The address of the first byte; 0 for a storage without bytes.
    pub fn address(&self) -> usize {
        match &*self.0.data.borrow() {
            Data::Meta => 0,
            _ if self.is_empty() => 0,
            data => data.bytes(self.len()).as_ptr() as usize,
        }
    }

    /// The bytes, for reading. A storage of the `meta` device reads as empty.
    #[inline]
    pub fn bytes(&self) -> Ref<'_, [u8]> {
        let len = self.len();
        Ref::map(self.0.data.borrow(), |data| data.bytes(len))
    }

    /// The bytes as elements, for reading; a rest smaller than an element is left off.
    #[inline]
    pub fn read<T: Element>(&self) -> Ref<'_, [T]> {
        Ref::map(self.bytes(), whole::<T>)
    }

    /// The bytes, for writing: the one way a storage changes. Counts as one write.
    #[inline]
    pub fn bytes_mut(&self) -> RefMut<'_, [u8]> {
        self.0.version.set(self.0.version.get() + 1);
        let len = self.len();
        RefMut::map(self.0.data.borrow_mut(), |data| data.bytes_mut(len))
    }

    /// The bytes as elements, for writing.
    #[inline]
    pub fn write<T: Element>(&self) -> RefMut<'_, [T]> {
        RefMut::map(self.bytes_mut(), whole_mut::<T>)
    }

    /// Changes the length; what is new is zero. Used by `resize_`.
    pub fn resize(&self, bytes: usize) -> Result<()> {
        if self.is_meta() {
            self.0.bytes.set(bytes);
            return Ok(());
        }
        let kept = self.len().min(bytes);
        let grown = Storage::zeroed(bytes)?;
        grown.bytes_mut()[..kept].copy_from_slice(&self.bytes()[..kept]);
        self.0.charge.set(bytes)?;
        self.0.data.swap(&grown.0.data);
        self.0.bytes.set(bytes);
        self.0.version.set(self.0.version.get() + 1);
        grown.0.bytes.set(0);
        Ok(())
    }
}

impl Data {
    #[inline]
    fn bytes(&self, len: usize) -> &[u8] {
        match self {
            Data::Heap(blocks, start) => &bytemuck::cast_slice(blocks)[*start..start + len],
            Data::Mapped(map) => &map[..len],
            Data::Meta => &[],
        }
    }

    #[inline]
    fn bytes_mut(&mut self, len: usize) -> &mut [u8] {
        match self {
            Data::Heap(blocks, start) => &mut bytemuck::cast_slice_mut(blocks)[*start..*start + len],
            Data::Mapped(map) => &mut map[..len],
            Data::Meta => &mut [],
        }
    }
}

/// The whole elements in `bytes`; a storage's bytes are aligned for every dtype.
#[inline]
pub fn whole<T: Element>(bytes: &[u8]) -> &[T] {
    let size = size_of::<T>();
    if bytes.is_empty() {
        // Nothing need not be aligned: a storage without data reads as no elements.
        return &[];
    }
    bytemuck::cast_slice(&bytes[..bytes.len() / size * size])
}

/// [`whole`], for writing.
#[inline]
pub fn whole_mut<T: Element>(bytes: &mut [u8]) -> &mut [T] {
    let size = size_of::<T>();
    let len = bytes.len() / size * size;
    if len == 0 {
        return &mut [];
    }
    bytemuck::cast_slice_mut(&mut bytes[..len])
}

fn out_of_memory(bytes: usize) -> Error {
    Error::new(crate::error::Class::MemoryError, format!("cannot allocate {}", budget::human(bytes)))
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Storage(#{}, {} bytes)", self.id(), self.len())
    }
}

/// The bytes that `numel` elements of a dtype take; fails where the number does not fit.
pub fn byte_len(numel: usize, dtype: DType) -> Result<usize> {
    numel.checked_mul(dtype.size()).filter(|&n| isize::try_from(n).is_ok()).ok_or_else(|| {
        Error::runtime(format!(
            "Storage size calculation overflowed with {numel} elements of {}",
            dtype.name()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storages_are_aligned_and_zero() {
        for bytes in [0, 1, 63, 64, 1000, MAPPED, MAPPED + 8] {
            let storage = Storage::zeroed(bytes).expect("small");
            assert_eq!(storage.address() % ALIGNMENT, 0);
            assert_eq!(storage.bytes().len(), bytes);
            assert!(storage.bytes().iter().all(|&b| b == 0));
        }
    }

    #[test]
    fn resizing_keeps_the_front_and_zeroes_the_rest() {
        let storage = Storage::from_slice(&[1i32, 2, 3]).expect("small");
        storage.resize(20).expect("small");
        assert_eq!(&*storage.read::<i32>(), [1, 2, 3, 0, 0]);
        storage.resize(4).expect("small");
        assert_eq!(&*storage.read::<i32>(), [1]);
    }

    #[test]
    fn every_write_is_counted() {
        let storage = Storage::from_slice(&[1.0f32]).expect("small");
        let before = storage.version();
        storage.write::<f32>()[0] = 2.0;
        assert_eq!(storage.version(), before + 1);
    }
}
