//! Blocks: the bytes behind a storage, aligned, from the heap or in a memory map of their own.

use super::Deferred;
use memmap2::MmapMut;
use std::io;
use std::rc::Rc;

/// The alignment of every storage, in bytes: a cache line.
pub const ALIGNMENT: usize = 64;

/// From this size on, bytes come from a memory map of their own.
pub(super) const MAPPED: usize = 1 << 20;

/// From this size on, a map asks for huge pages: what is larger than the caches is read 10 % faster in them, and each fault
/// they save costs more than the arithmetic. Smaller ones stay in small pages, which lie scattered: in huge ones, columns
/// whose distance is a power of two fall on the same few lines of the second cache (traces of 64 x 64 matrices, whose lines
/// would fit it, took three times as long).
#[cfg(target_os = "linux")]
const HUGE: usize = 12 << 20;

/// Where the bytes are.
pub(super) enum Block {
    /// On the heap; the bytes begin at the first multiple of [`ALIGNMENT`].
    Heap {
        /// What was asked of the heap: the bytes, and what aligning them may take.
        words: Vec<u64>,
        /// Where the bytes begin.
        start: usize,
    },
    /// In a map of their own.
    Mapped(MmapMut),
    /// Nowhere: only the length is known (the `meta` device).
    Meta,
    /// Not computed yet; none where what would compute them has been taken for another purpose.
    Deferred(Option<Rc<dyn Deferred>>),
}

impl Block {
    /// Zero bytes. A map is zero pages until it is touched.
    pub(super) fn zeroed(capacity: usize) -> io::Result<Block> {
        if capacity < MAPPED {
            let words = vec![0u64; (capacity + ALIGNMENT) / 8];
            let start = words.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT / 8) * 8;
            return Ok(Block::Heap { words, start });
        }
        let map = MmapMut::map_anon(capacity)?;
        #[cfg(target_os = "linux")]
        if capacity >= HUGE {
            // Where there are no huge pages, so be it.
            let _ = map.advise(memmap2::Advice::HugePage);
        }
        Ok(Block::Mapped(map))
    }

    /// Whether there are bytes to be read.
    #[inline]
    pub(super) fn is_there(&self) -> bool {
        matches!(self, Block::Heap { .. } | Block::Mapped(_))
    }

    /// How many bytes there are.
    pub(super) fn capacity(&self) -> usize {
        match self {
            Block::Heap { words, .. } => words.len() * 8 - ALIGNMENT,
            Block::Mapped(map) => map.len(),
            Block::Meta | Block::Deferred(_) => 0,
        }
    }

    /// The first `len` bytes.
    #[inline]
    pub(super) fn bytes(&self, len: usize) -> &[u8] {
        match self {
            Block::Heap { words, start } => &bytemuck::cast_slice(words)[*start..*start + len],
            Block::Mapped(map) => &map[..len],
            Block::Meta | Block::Deferred(_) => &[],
        }
    }

    /// The first `len` bytes, for writing.
    #[inline]
    pub(super) fn bytes_mut(&mut self, len: usize) -> &mut [u8] {
        match self {
            Block::Heap { words, start } => &mut bytemuck::cast_slice_mut(words)[*start..*start + len],
            Block::Mapped(map) => &mut map[..len],
            Block::Meta | Block::Deferred(_) => &mut [],
        }
    }
}
