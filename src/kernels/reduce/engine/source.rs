//! Where a fold's elements come from.

use crate::kernels::elementwise::block::BlockKernel;
use crate::kernels::elementwise::scratch::Buffer;
use crate::kernels::elementwise::stretch::Stretches;
use crate::kernels::transfer;

/// Where blocks come from, converted to the dtype of the computation on the way.
pub(super) struct Source<'a> {
    pub blocks: Blocks<'a>,
    pub from: usize,
    pub to: usize,
    pub cast: Option<BlockKernel>,
}

/// What is folded.
pub(super) enum Blocks<'a> {
    /// The bytes of an array.
    Bytes(&'a [u8]),
    /// A program: its result is computed a block at a time and never stored.
    Program(&'a dyn Stretches),
}

impl Source<'_> {
    /// How many buffers [`Source::fetch`] takes.
    pub(super) fn buffers(&self) -> usize {
        match &self.blocks {
            Blocks::Bytes(_) => 2,
            Blocks::Program(job) => 1 + job.buffers(),
        }
    }

    /// `count` elements from a place on.
    #[inline]
    pub(super) fn fetch<'b>(
        &'b self,
        at: isize,
        count: usize,
        stride: isize,
        buffers: &'b mut [Buffer],
    ) -> &'b [u8] {
        let [converted, own @ ..] = buffers else { return &[] };
        let bytes = match &self.blocks {
            Blocks::Program(job) => job.stretch(at as usize, count, own),
            Blocks::Bytes(bytes) if stride == 1 || count == 1 => {
                &bytes[at as usize * self.from..(at as usize + count) * self.from]
            }
            Blocks::Bytes(bytes) => {
                let Some(raw) = own.first_mut() else { return &[] };
                transfer::gather(self.from, bytes, at, &[count], &[stride], raw.bytes_mut(count * self.from));
                raw.bytes(count * self.from)
            }
        };
        match self.cast {
            None => bytes,
            Some(kernel) => {
                kernel(converted.bytes_mut(count * self.to), &[bytes]);
                converted.bytes(count * self.to)
            }
        }
    }

    /// Boxes of `each` elements, one after the other.
    pub(super) fn gathered<'b>(
        &self,
        bytes: &[u8],
        places: impl ExactSizeIterator<Item = isize>,
        each: usize,
        (extents, strides): (&[usize], &[isize]),
        buffers: &'b mut [Buffer],
    ) -> &'b [u8] {
        let [raw, converted, ..] = buffers else { return &[] };
        let count = places.len() * each;
        let out = raw.bytes_mut(count * self.from);
        for (at, out) in places.zip(out.chunks_exact_mut(each * self.from)) {
            match strides {
                [step] => transfer::gather_line(self.from, bytes, at, *step, out),
                _ => transfer::gather(self.from, bytes, at, extents, strides, out),
            }
        }
        match self.cast {
            None => raw.bytes(count * self.from),
            Some(kernel) => {
                kernel(converted.bytes_mut(count * self.to), &[raw.bytes(count * self.from)]);
                converted.bytes(count * self.to)
            }
        }
    }
}
