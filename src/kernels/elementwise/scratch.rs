//! Registers of programs: a few aligned buffers per thread, used again by every run.

use std::cell::RefCell;

/// An aligned buffer that grows to what is asked of it.
#[derive(Default)]
pub struct Buffer {
    words: Vec<u64>,
    start: usize,
}

impl Buffer {
    /// At least `bytes` bytes.
    pub fn reserve(&mut self, bytes: usize) {
        if self.words.len() * 8 < self.start + bytes {
            self.words = vec![0; bytes / 8 + 9];
            self.start = self.words.as_ptr().align_offset(64).min(8) * 8;
        }
    }

    /// The first `bytes` bytes.
    #[inline(always)]
    pub fn bytes(&self, bytes: usize) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[self.start..self.start + bytes]
    }

    /// The first `bytes` bytes, for writing.
    #[inline(always)]
    pub fn bytes_mut(&mut self, bytes: usize) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[self.start..self.start + bytes]
    }
}

thread_local! {
    static KEPT: RefCell<Vec<Buffer>> = const { RefCell::new(Vec::new()) };
}

/// Lends `count` buffers of at least `bytes` bytes each.
pub fn with_buffers<R>(count: usize, bytes: usize, body: impl FnOnce(&mut [Buffer]) -> R) -> R {
    let mut buffers = KEPT.with(|kept| kept.take());
    if buffers.len() < count {
        buffers.resize_with(count, Buffer::default);
    }
    for buffer in &mut buffers[..count] {
        buffer.reserve(bytes);
    }
    let result = body(&mut buffers[..count]);
    KEPT.with(|kept| kept.replace(buffers));
    result
}
