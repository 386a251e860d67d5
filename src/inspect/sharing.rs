//! `:mem A B`: whether two tensors share memory, and where.

use super::options::Options;
use super::report::{bytes, field, width};
use super::{json, write};
use crate::error::Result;
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::tensor::array::Array;
use crate::tensor::cells::readers;
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::tensor::overlap::{self, Overlap};
use std::ops::Range;

/// How many cells of one tensor are tried while an example is looked for.
const TRIED: usize = 20_000;

/// How two tensors lie to each other.
pub(super) struct Sharing {
    /// Whether they have one storage.
    pub(super) same: bool,
    /// The bytes each spans, from the first to the last it reads.
    pub(super) spans: [Option<Range<usize>>; 2],
    /// Whether some byte belongs to elements of both; none where that is too hard to tell.
    pub(super) shared: Option<bool>,
    /// How many bytes belong to both.
    pub(super) bytes: Option<usize>,
    /// Indices of an element of each that have a byte in common.
    pub(super) example: Option<(Vec<usize>, Vec<usize>)>,
}

/// `:mem A B`
pub(super) fn run(vm: &mut Vm<'_>, a: (&str, &Array), b: (&str, &Array), options: &Options) -> Result<()> {
    let sharing = Sharing::of(a.1, b.1);
    if options.json {
        return json::sharing(vm, a, b, &sharing);
    }
    let width = width(vm);
    let mut out = Markup::new();
    let answer = match (sharing.same, sharing.shared) {
        (false, _) => "share no memory: their storages are different",
        (true, Some(true)) => "share memory",
        (true, Some(false)) => "share a storage, but no element",
        (true, None) => "share a storage; whether they share elements is too hard to tell",
    };
    out.push(Role::Name, a.0).push(Role::Text, " and ").push(Role::Name, b.0);
    out.push(Role::Text, " ").push(Role::Strong, answer).newline();
    let label = a.0.chars().count().max(b.0.chars().count());
    for ((name, array), span) in [a, b].into_iter().zip(&sharing.spans) {
        out.push(Role::Name, format!("  {name:label$}")).push(Role::Text, "  ");
        out.push(Role::Type, array.describe()).push(Role::Text, "  storage ");
        out.push(Role::Address, format!("#{}", array.storage.id()));
        match span {
            _ if array.is_meta() => out.push(Role::Text, ", a meta tensor: no bytes"),
            Some(span) => out.push(Role::Text, format!(", bytes {} to {}", span.start, span.end - 1)),
            None => out.push(Role::Text, ", no elements"),
        };
        out.newline();
    }
    if sharing.shared == Some(true) {
        let text = match sharing.bytes {
            Some(number) => format!("{} belong to elements of both", bytes(number)),
            None => "how many bytes they share is too hard to tell".to_owned(),
        };
        field(&mut out, width, "shared", &Markup::text(text));
    }
    if let Some((left, right)) = &sharing.example {
        let same = a.1.dtype.size() == b.1.dtype.size() && same_place(a.1, left, b.1, right);
        let what = if same { "is" } else { "shares bytes with" };
        let text = format!("{}{left:?} {what} {}{right:?}", a.0, b.0);
        field(&mut out, width, "example", &Markup::text(text));
    }
    write(vm, &out)
}

fn same_place(a: &Array, left: &[usize], b: &Array, right: &[usize]) -> bool {
    a.layout.place(left).wrapping_mul(a.dtype.size()) == b.layout.place(right).wrapping_mul(b.dtype.size())
}

impl Sharing {
    /// Finds out.
    pub(super) fn of(a: &Array, b: &Array) -> Sharing {
        let same = a.storage.same(&b.storage);
        let spans = [span(a), span(b)];
        let mut sharing = Sharing { same, spans, shared: Some(false), bytes: None, example: None };
        let [Some(left), Some(right)] = &sharing.spans else { return sharing };
        let common = left.start.max(right.start)..left.end.min(right.end);
        if !same || common.is_empty() {
            return sharing;
        }
        let relation = overlap::between(a, b);
        if relation == Overlap::None {
            return sharing;
        }
        sharing.example = example(a, b).or_else(|| example(b, a).map(|(right, left)| (left, right)));
        sharing.shared = sharing.example.is_some().then_some(true);
        sharing.bytes = shared_bytes(a, b, &common);
        sharing
    }
}

/// The bytes from the first to the last that a tensor reads.
fn span(array: &Array) -> Option<Range<usize>> {
    let (low, high) = array.layout.reach()?;
    let size = array.dtype.size();
    Some(low.checked_mul(size)?..high.checked_add(1)?.checked_mul(size)?)
}

/// A layout over bytes: one more dimension, the bytes of an element.
fn by_byte(array: &Array) -> Option<Layout> {
    let size = array.dtype.size();
    let mut shape = Shape::from_slice(array.shape());
    shape.push(size);
    let mut strides: Strides = Strides::new();
    for &stride in array.strides() {
        strides.push(stride.checked_mul(size as isize)?);
    }
    strides.push(1);
    Some(Layout::from_parts(shape, strides, array.offset().checked_mul(size)?))
}

/// The first element of `a`, in memory order among those tried, that has a byte in common with one of `b`.
fn example(a: &Array, b: &Array) -> Option<(Vec<usize>, Vec<usize>)> {
    let theirs = by_byte(b)?;
    let size = a.dtype.size();
    let (mut index, shape) = (vec![0usize; a.ndim()], a.shape());
    for place in a.layout.places().take(TRIED) {
        for byte in place * size..(place + 1) * size {
            if let Some(found) = readers(&theirs, byte, 1).first.into_iter().next() {
                let theirs = found.get(..b.ndim())?.to_vec();
                return Some((index, theirs));
            }
        }
        for dim in (0..shape.len()).rev() {
            index[dim] += 1;
            if index[dim] < shape[dim] {
                break;
            }
            index[dim] = 0;
        }
    }
    None
}

/// How many bytes both read, where that is quick to tell: two dense tensors, or few bytes in common.
fn shared_bytes(a: &Array, b: &Array, common: &Range<usize>) -> Option<usize> {
    use crate::tensor::order::is_dense;
    if is_dense(&a.layout) && is_dense(&b.layout) {
        return Some(common.len());
    }
    if common.len() > TRIED * 8 {
        return None;
    }
    let (ours, theirs) = (by_byte(a)?, by_byte(b)?);
    let reads = |layout: &Layout, byte: usize| readers(layout, byte, 0).count.map(|count| count > 0);
    let mut number = 0;
    for byte in common.clone() {
        number += usize::from(reads(&ours, byte)? && reads(&theirs, byte)?);
    }
    Some(number)
}
