//! Streams, colours, source files, memory limits and interrupts: what the session knows only as a [`crate::host::Host`].

pub mod colour;
pub mod console;
pub mod feed;
pub mod interrupt;
pub mod memory;
pub mod outlet;
pub mod source;
