//! Storages: untyped, 64-byte-aligned bytes that any number of tensors look into.
//!
//! A storage is a run of bytes without a dtype; the tensors over it say how they are read, through `bytemuck`.
//! ndarray's own owners are not used here: `ArcArray` copies on write, while all views of a PyTorch storage see every
//! write. Kernels are lent slices (or ndarray views made of them) instead.
//!
//! Bytes come from the heap for small storages and from an anonymous memory map for large ones ([`block`]): the map is
//! zero pages until it is touched, so `zeros(20000, 20000)` costs nothing before it is written. When the last handle
//! goes, the storage is kept whole for the next one of its size ([`pool`]), up to a bound: [`set_pool_bound`].

mod block;
mod pool;

use crate::budget::{self, Charge};
use crate::error::{Error, Result};
use crate::tensor::dtype::{DType, Element};
use block::Block;
use pool::{Class, Pool};
use std::any::Any;
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::{Rc, Weak};

pub use block::ALIGNMENT;

/// A shared handle; clones are the same storage.
#[derive(Clone)]
pub struct Storage(Rc<Inner>);

struct Inner {
    id: Cell<u64>,
    bytes: Cell<usize>,
    version: Cell<u64>,
    edits: Cell<u64>,
    block: RefCell<Block>,
    charge: Charge,
    shadow: bool,
}

/// What a storage costs beside its bytes: itself, and what aligning them takes.
const WEIGHT: usize = 160 + ALIGNMENT;

/// What computes the bytes of a storage when they are asked for.
pub trait Deferred {
    /// A storage with the bytes.
    fn compute(&self) -> Result<Storage>;
    /// Whether that will have none, since it is computed from storages without bytes.
    fn is_meta(&self) -> bool;
    /// Itself, to be recognised by whoever made it.
    fn as_any(&self) -> &dyn Any;
    /// Itself, to be changed by whoever made it.
    fn as_any_mut(&mut self) -> &mut dyn Any;
    /// As a value that may be taken apart by who knows what it is.
    fn into_any(self: Rc<Self>) -> Rc<dyn Any>;
}

/// A storage that is not kept alive.
pub struct WeakStorage(Weak<Inner>);

impl WeakStorage {
    /// The storage, where it still lives.
    pub fn upgrade(&self) -> Option<Storage> {
        self.0.upgrade().map(Storage)
    }

    /// Whether it is this storage.
    pub fn is(&self, storage: &Storage) -> bool {
        std::ptr::eq(self.0.as_ptr(), Rc::as_ptr(&storage.0))
    }
}

/// The pool's share of the byte limit, and the most it takes where nobody says otherwise.
const SHARE: usize = 8;
const MOST: usize = 1 << 30;

/// Up to this size, zeros are written over a kept block: that is faster than fresh pages. A larger block is worth
/// more as zero pages that are there when they are touched.
const ZEROED: usize = 64 << 20;

thread_local! {
    static NEXT_ID: Cell<u64> = const { Cell::new(1) };
    static SHADOWING: Cell<bool> = const { Cell::new(false) };
    static POOL: RefCell<Pool<Rc<Inner>>> = const { RefCell::new(Pool::new()) };
    static BOUND: Cell<Option<usize>> = const { Cell::new(None) };
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
        if bytes <= ZEROED
            && let Some(storage) = Storage::kept(bytes)?
        {
            storage.0.block.borrow_mut().bytes_mut(bytes).fill(0);
            return Ok(storage);
        }
        Storage::fresh(bytes)
    }

    /// `bytes` bytes whose content does not matter, since the caller writes them all.
    #[inline]
    pub fn uninit(bytes: usize) -> Result<Storage> {
        match Storage::kept(bytes)? {
            Some(storage) => {
                if cfg!(debug_assertions) {
                    // Who does not write them all is found out.
                    storage.0.block.borrow_mut().bytes_mut(bytes).fill(0xa5);
                }
                Ok(storage)
            }
            None => Storage::fresh(bytes),
        }
    }

    /// One from the pool, with what it held.
    #[inline]
    fn kept(bytes: usize) -> Result<Option<Storage>> {
        let Some(class) = Class::of(bytes) else { return Ok(None) };
        let Some(inner) = POOL.with(|pool| pool.borrow_mut().take(class)) else { return Ok(None) };
        budget::keep_less(class.size());
        inner.charge.set(bytes)?;
        budget::add(WEIGHT);
        inner.id.set(next_id());
        inner.bytes.set(bytes);
        inner.version.set(0);
        inner.edits.set(0);
        Ok(Some(Storage(inner)))
    }

    #[cold]
    fn fresh(bytes: usize) -> Result<Storage> {
        let charge = Charge::new(bytes)?;
        let capacity = Class::of(bytes).map_or(bytes, Class::size);
        let block = Block::zeroed(capacity).or_else(|_| {
            // The machine is short of memory: what is kept for later goes first.
            shrink_pool(0);
            Block::zeroed(capacity)
        });
        Ok(Storage::new(bytes, block.map_err(|_| out_of_memory(bytes))?, charge))
    }

    /// A storage without bytes, for the `meta` device: it has a length and nothing else.
    pub fn meta(bytes: usize) -> Storage {
        Storage::new(bytes, Block::Meta, Charge::default())
    }

    /// A storage whose bytes will be computed when [`Storage::settle`] asks for them. Until then it reads as empty, and
    /// nothing is charged for it.
    pub fn deferred(bytes: usize, how: Rc<dyn Deferred>) -> Storage {
        Storage::new(bytes, Block::Deferred(Some(how)), Charge::default())
    }

    /// Whether its bytes are still to be computed.
    #[inline]
    pub fn is_deferred(&self) -> bool {
        matches!(&*self.0.block.borrow(), Block::Deferred(_))
    }

    /// What would compute its bytes.
    pub fn how(&self) -> Option<Rc<dyn Deferred>> {
        match &*self.0.block.borrow() {
            Block::Deferred(how) => how.clone(),
            _ => None,
        }
    }

    /// Takes what would compute its bytes; they never will be.
    pub fn take_how(&self) -> Option<Rc<dyn Deferred>> {
        match &mut *self.0.block.borrow_mut() {
            Block::Deferred(how) => how.take(),
            _ => None,
        }
    }

    /// Puts back what [`Storage::take_how`] took.
    pub fn put_how(&self, how: Rc<dyn Deferred>) {
        if let Block::Deferred(place) = &mut *self.0.block.borrow_mut() {
            *place = Some(how);
        }
    }

    /// Computes the bytes where that has not been done yet.
    pub fn settle(&self) -> Result<()> {
        if !self.is_deferred() {
            return Ok(());
        }
        let Some(how) = self.take_how() else {
            return Err(Error::runtime("internal error: an intermediate result was read twice"));
        };
        let computed = how.compute()?;
        self.0.id.set(computed.id());
        self.0.charge.swap(&computed.0.charge);
        self.0.block.swap(&computed.0.block);
        Ok(())
    }

    /// A handle that does not keep it alive.
    pub fn downgrade(&self) -> WeakStorage {
        WeakStorage(Rc::downgrade(&self.0))
    }

    /// A storage that holds a copy of `values`.
    pub fn from_slice<T: Element>(values: &[T]) -> Result<Storage> {
        let storage = Storage::uninit(std::mem::size_of_val(values))?;
        storage.write::<T>().copy_from_slice(values);
        Ok(storage)
    }

    fn new(bytes: usize, block: Block, charge: Charge) -> Storage {
        budget::add(WEIGHT);
        Storage(Rc::new(Inner {
            id: Cell::new(next_id()),
            bytes: Cell::new(bytes),
            version: Cell::new(0),
            edits: Cell::new(0),
            shadow: SHADOWING.get() && matches!(block, Block::Meta | Block::Deferred(_)),
            block: RefCell::new(block),
            charge,
        }))
    }

    /// A number that no other storage of this thread has had.
    pub fn id(&self) -> u64 {
        self.0.id.get()
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
        match &*self.0.block.borrow() {
            Block::Meta => true,
            Block::Deferred(Some(how)) => how.is_meta(),
            _ => false,
        }
    }

    /// Whether its bytes are there to be read.
    #[inline]
    pub fn has_bytes(&self) -> bool {
        self.0.block.borrow().is_there()
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

    /// How many in-place ops have written into it: what gradients are checked against.
    #[inline]
    pub fn edits(&self) -> u64 {
        self.0.edits.get()
    }

    /// Counts an in-place op.
    #[inline]
    pub fn count_edit(&self) {
        self.0.edits.set(self.0.edits.get() + 1);
    }

    /// How many handles there are.
    pub fn handles(&self) -> usize {
        Rc::strong_count(&self.0)
    }

    /// The address of the first byte; 0 for a storage without bytes.
    pub fn address(&self) -> usize {
        match &*self.0.block.borrow() {
            Block::Meta | Block::Deferred(_) => 0,
            _ if self.is_empty() => 0,
            block => block.bytes(self.len()).as_ptr() as usize,
        }
    }

    /// The bytes, for reading. A storage of the `meta` device reads as empty.
    #[inline]
    pub fn bytes(&self) -> Ref<'_, [u8]> {
        let len = self.len();
        Ref::map(self.0.block.borrow(), |block| block.bytes(len))
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
        RefMut::map(self.0.block.borrow_mut(), |block| block.bytes_mut(len))
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
        self.0.block.swap(&grown.0.block);
        self.0.bytes.set(bytes);
        self.0.version.set(self.0.version.get() + 1);
        grown.0.bytes.set(0);
        Ok(())
    }
}

/// The last handle puts the storage into the pool.
impl Drop for Storage {
    #[inline]
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            retire(&self.0);
        }
    }
}

#[inline]
fn retire(inner: &Rc<Inner>) {
    budget::release(WEIGHT);
    // Nothing can be in the way: less is always granted.
    let _ = inner.charge.set(0);
    let capacity = inner.block.borrow().capacity();
    let Some(class) = Class::of(capacity).filter(|class| class.size() == capacity && capacity > 0) else {
        return;
    };
    let bound = pool_bound();
    // When the thread ends, the pool may be gone before its last storages.
    let _ = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        pool.put(class, Rc::clone(inner), bound);
        budget::keep(pool.held(), shrink_pool_by);
    });
}

fn next_id() -> u64 {
    let id = NEXT_ID.get();
    NEXT_ID.set(id + 1);
    id
}

/// The most bytes the pool keeps.
pub fn pool_bound() -> usize {
    BOUND.get().unwrap_or_else(|| (budget::limit() / SHARE).min(MOST))
}

/// Sets the most bytes the pool keeps, and lets go what is above it; without a number it is a share of the byte limit
/// again.
pub fn set_pool_bound(bytes: Option<usize>) {
    BOUND.set(bytes);
    shrink_pool(pool_bound());
}

/// The bytes the pool keeps. They are not among those in use, and are let go where those need the room.
pub fn pooled() -> usize {
    POOL.with(|pool| pool.borrow().held())
}

fn shrink_pool(bytes: usize) {
    POOL.with(|pool| {
        let mut pool = pool.borrow_mut();
        pool.shrink(bytes);
        budget::keep(pool.held(), shrink_pool_by);
    });
}

/// Lets go so many bytes at least, as far as there are.
fn shrink_pool_by(bytes: usize) {
    shrink_pool(pooled().saturating_sub(bytes));
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
        for bytes in [0, 1, 63, 64, 1000, block::MAPPED, block::MAPPED + 8] {
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

    /// Makes tests of the pool independent of what ran on the thread before.
    fn emptied() {
        set_pool_bound(Some(0));
        set_pool_bound(Some(64 << 20));
    }

    #[test]
    fn what_is_freed_is_used_again() {
        for bytes in [24, 5000, 3 << 20] {
            emptied();
            let storage = Storage::from_slice(&vec![7u8; bytes]).expect("small");
            let (id, address, live) = (storage.id(), storage.address(), budget::live());
            let other = storage.clone();
            drop(storage);
            assert_eq!(pooled(), 0);
            drop(other);
            assert!(pooled() >= bytes && pooled() <= bytes / 4 * 5 + 64);
            assert_eq!(budget::live() + bytes + WEIGHT, live);
            let again = Storage::uninit(bytes - 1).expect("small");
            assert_eq!((again.address(), again.version(), pooled()), (address, 0, 0));
            assert!(again.id() > id);
            drop(again);
            let zeros = Storage::zeroed(bytes).expect("small");
            assert_eq!(zeros.address(), address);
            assert!(zeros.bytes().iter().all(|&b| b == 0));
        }
    }

    #[test]
    fn the_pool_gives_way_to_what_is_in_use() {
        emptied();
        let old = budget::limit();
        drop(Storage::zeroed(8 << 20).expect("small"));
        drop(Storage::zeroed(4 << 20).expect("small"));
        assert_eq!(pooled(), 12 << 20);
        budget::set_limit(budget::live() + (18 << 20));
        let _large = Storage::zeroed(10 << 20).expect("there is room without the pool");
        assert_eq!(pooled(), 4 << 20);
        assert!(Storage::zeroed(10 << 20).is_err());
        budget::set_limit(old);
    }

    #[test]
    fn a_resized_storage_goes_to_its_own_shelf() {
        emptied();
        let storage = Storage::zeroed(100).expect("small");
        storage.resize(2 << 20).expect("small");
        assert_eq!(pooled(), 128);
        drop(storage);
        assert_eq!(pooled(), 128 + (2 << 20));
    }
}
