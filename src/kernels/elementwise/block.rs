//! Block kernels: the inner loops of elementwise ops, over contiguous slices, with the dtype erased.
//!
//! A kernel writes one block and reads one slice per operand. An operand's slice has as many elements as the block, or
//! just one, which then stands for all of them: so scalars and broadcast columns are never spread out in memory.
//! The loops are compiled for each vector width through [`simd::dispatch`], which costs a nanosecond; a single element
//! takes the same way, so that it has the processor's fused multiplication as well.

use crate::kernels::simd::{self, LOOKED_AT};
use bytemuck::{Pod, cast_slice, cast_slice_mut};
use pulp::NullaryFnOnce;

/// Writes a block from the operands' blocks; all are the bytes of whole elements, aligned for them.
pub type BlockKernel = fn(&mut [u8], &[&[u8]]);

/// How many elements of a one-element operand are spread out at a time where a loop over it has no form of its own.
const SPREAD: usize = 256;

/// What a kernel's expression may give, and how that is stored: a `bool` is a byte.
pub trait Output: Copy {
    /// The stored form.
    type Cell: Pod + Send;
    /// Into the stored form.
    fn cell(self) -> Self::Cell;
}

impl Output for bool {
    type Cell = u8;
    #[inline(always)]
    fn cell(self) -> u8 {
        u8::from(self)
    }
}

macro_rules! stored_as_itself {
    ($($t:ty),*) => {$(
        impl Output for $t {
            type Cell = $t;
            #[inline(always)]
            fn cell(self) -> $t {
                self
            }
        }
    )*};
}

stored_as_itself!(u8, i8, i16, i32, i64, f32, f64, half::f16, half::bf16);

struct Map1<'a, C, A, F> {
    out: &'a mut [C],
    a: &'a [A],
    f: F,
}

impl<C: Pod, A: Copy, R: Output<Cell = C>, F: Fn(A) -> R> NullaryFnOnce for Map1<'_, C, A, F> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        for (out, &a) in self.out.iter_mut().zip(self.a) {
            *out = (self.f)(a).cell();
        }
    }
}

struct Map2<'a, C, A, B, F> {
    out: &'a mut [C],
    a: &'a [A],
    b: &'a [B],
    f: F,
}

impl<C: Pod, A: Copy, B: Copy, R: Output<Cell = C>, F: Fn(A, B) -> R> NullaryFnOnce for Map2<'_, C, A, B, F> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        for ((out, &a), &b) in self.out.iter_mut().zip(self.a).zip(self.b) {
            *out = (self.f)(a, b).cell();
        }
    }
}

struct Map3<'a, C, A, B, D, F> {
    out: &'a mut [C],
    a: &'a [A],
    b: &'a [B],
    c: &'a [D],
    f: F,
}

impl<C: Pod, A: Copy, B: Copy, D: Copy, R: Output<Cell = C>, F: Fn(A, B, D) -> R> NullaryFnOnce
    for Map3<'_, C, A, B, D, F>
{
    type Output = ();
    #[inline(always)]
    fn call(self) {
        for (((out, &a), &b), &c) in self.out.iter_mut().zip(self.a).zip(self.b).zip(self.c) {
            *out = (self.f)(a, b, c).cell();
        }
    }
}

/// All elements are what one is computed to.
#[inline(always)]
fn repeat<C: Copy>(out: &mut [C], one: impl FnOnce(&mut [C])) {
    let Some((first, rest)) = out.split_first_mut() else { return };
    one(std::slice::from_mut(first));
    rest.fill(*first);
}

/// `out[i] = f(a[i])`.
#[inline(always)]
pub fn map1<A: Pod, R: Output>(out: &mut [u8], args: &[&[u8]], f: impl Fn(A) -> R) {
    let [a] = args else { return };
    let (out, a) = (cast_slice_mut::<u8, R::Cell>(out), cast_slice::<u8, A>(a));
    match a {
        [_] => repeat(out, |out| simd::dispatch(Map1 { out, a, f })),
        _ => simd::dispatch(Map1 { out, a, f }),
    }
}

struct AnyIs<'a, A, P>(&'a [A], P);

impl<A: Copy, P: Fn(A) -> bool> NullaryFnOnce for AnyIs<'_, A, P> {
    type Output = bool;
    #[inline(always)]
    fn call(self) -> bool {
        // Not `any`, which stops early and so is no vector loop.
        self.0.iter().fold(false, |found, &a| found | (self.1)(a))
    }
}

/// `out[i] = f(a[i])`, save where `is_rare(a[i])`: there it is `slow(a[i])`.
#[inline(always)]
pub fn map1_rare<A: Pod, R: Output>(
    out: &mut [u8],
    args: &[&[u8]],
    f: impl Fn(A) -> R,
    is_rare: impl Fn(A) -> bool,
    slow: impl Fn(A) -> R,
) {
    map1(out, args, f);
    let [a] = args else { return };
    let (out, a) = (cast_slice_mut::<u8, R::Cell>(out), cast_slice::<u8, A>(a));
    if let [a] = a {
        if is_rare(*a) {
            out.fill(slow(*a).cell());
        }
        return;
    }
    for (out, a) in out.chunks_mut(LOOKED_AT).zip(a.chunks(LOOKED_AT)) {
        if simd::dispatch(AnyIs(a, &is_rare)) {
            for (out, &a) in out.iter_mut().zip(a).filter(|(_, a)| is_rare(**a)) {
                *out = slow(a).cell();
            }
        }
    }
}

struct MapNear<'a, C, A, N, P, F> {
    out: &'a mut [C],
    a: &'a [A],
    near: N,
    is_far: P,
    f: F,
}

impl<C, A, R, N, P, F> NullaryFnOnce for MapNear<'_, C, A, N, P, F>
where
    C: Pod,
    A: Copy,
    R: Output<Cell = C>,
    N: Fn(A) -> R,
    P: Fn(A) -> bool,
    F: Fn(A) -> R,
{
    type Output = ();
    #[inline(always)]
    fn call(self) {
        for (out, a) in self.out.chunks_mut(LOOKED_AT).zip(self.a.chunks(LOOKED_AT)) {
            let mut far = false;
            for &a in a {
                far |= (self.is_far)(a);
            }
            if far {
                for (out, &a) in out.iter_mut().zip(a) {
                    *out = (self.f)(a).cell();
                }
            } else {
                for (out, &a) in out.iter_mut().zip(a) {
                    *out = (self.near)(a).cell();
                }
            }
        }
    }
}

/// `out[i] = f(a[i])`, by the shorter `near` wherever no argument around is far: both give the same there.
#[inline(always)]
pub fn map1_near<A: Pod, R: Output>(
    out: &mut [u8],
    args: &[&[u8]],
    near: impl Fn(A) -> R,
    is_far: impl Fn(A) -> bool,
    f: impl Fn(A) -> R,
) {
    let [a] = args else { return };
    let (out, a) = (cast_slice_mut::<u8, R::Cell>(out), cast_slice::<u8, A>(a));
    match a {
        [_] => repeat(out, |out| simd::dispatch(Map1 { out, a, f })),
        _ => simd::dispatch(MapNear { out, a, near, is_far, f }),
    }
}

/// `out[i] = f(a[i], b[i])`.
#[inline(always)]
pub fn map2<A: Pod, B: Pod, R: Output>(out: &mut [u8], args: &[&[u8]], f: impl Fn(A, B) -> R) {
    let [a, b] = args else { return };
    let out = cast_slice_mut::<u8, R::Cell>(out);
    let (a, b) = (cast_slice::<u8, A>(a), cast_slice::<u8, B>(b));
    match (a, b) {
        (&[_], &[_]) => repeat(out, |out| simd::dispatch(Map2 { out, a, b, f })),
        (&[a], _) => simd::dispatch(Map1 { out, a: b, f: move |b| f(a, b) }),
        (_, &[b]) => simd::dispatch(Map1 { out, a, f: move |a| f(a, b) }),
        _ => simd::dispatch(Map2 { out, a, b, f }),
    }
}

struct Update<'a, A, F> {
    out: &'a mut [A],
    b: &'a [A],
    f: F,
}

impl<A: Copy, F: Fn(A, A) -> A> NullaryFnOnce for Update<'_, A, F> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        match self.b {
            &[b] => self.out.iter_mut().for_each(|out| *out = (self.f)(*out, b)),
            b => self.out.iter_mut().zip(b).for_each(|(out, &b)| *out = (self.f)(*out, b)),
        }
    }
}

/// `out[i] = f(out[i], b[i])`; the first operand, which stands in `out`, is not looked at.
#[inline(always)]
pub fn update2<A: Pod>(out: &mut [u8], args: &[&[u8]], f: impl Fn(A, A) -> A) {
    let [_, b] = args else { return };
    simd::dispatch(Update { out: cast_slice_mut::<u8, A>(out), b: cast_slice::<u8, A>(b), f });
}

/// `out[i] = f(a[i], b[i])`, save where `is_rare(a[i], b[i])`: there it is `slow(a[i], b[i])`.
#[inline(always)]
pub fn map2_rare<A: Pod, R: Output>(
    out: &mut [u8],
    args: &[&[u8]],
    f: impl Fn(A, A) -> R,
    is_rare: impl Fn(A, A) -> bool,
    slow: impl Fn(A, A) -> R,
) {
    map2(out, args, f);
    let [a, b] = args else { return };
    let out = cast_slice_mut::<u8, R::Cell>(out);
    let (a, b) = (cast_slice::<u8, A>(a), cast_slice::<u8, A>(b));
    let (a, b) = (Spread::new(a), Spread::new(b));
    let mut rare = [0u8; SPREAD];
    for (i, out) in out.chunks_mut(SPREAD).enumerate() {
        let (at, n) = (i * SPREAD, out.len());
        let (a, b, rare) = (a.part(at, n), b.part(at, n), &mut rare[..n]);
        simd::dispatch(Map2 { out: &mut *rare, a, b, f: &is_rare });
        if simd::dispatch(AnyIs(rare, |rare| rare != 0)) {
            for (i, out) in out.iter_mut().enumerate().filter(|(i, _)| rare[*i] != 0) {
                *out = slow(a[i], b[i]).cell();
            }
        }
    }
}

/// `out[i] = f(a[i], b[i], c[i])`.
#[inline(always)]
pub fn map3<A: Pod, B: Pod, C: Pod, R: Output>(out: &mut [u8], args: &[&[u8]], f: impl Fn(A, B, C) -> R) {
    let [a, b, c] = args else { return };
    let out = cast_slice_mut::<u8, R::Cell>(out);
    let (a, b, c) = (cast_slice::<u8, A>(a), cast_slice::<u8, B>(b), cast_slice::<u8, C>(c));
    let len = out.len();
    if a.len() == len && b.len() == len && c.len() == len {
        return simd::dispatch(Map3 { out, a, b, c, f });
    }
    let (a, b, c) = (Spread::new(a), Spread::new(b), Spread::new(c));
    for (i, out) in out.chunks_mut(SPREAD).enumerate() {
        let (at, n) = (i * SPREAD, out.len());
        simd::dispatch(Map3 { out, a: a.part(at, n), b: b.part(at, n), c: c.part(at, n), f: &f });
    }
}

/// An operand of which every part can be had as a slice, also where it is a single element.
enum Spread<'a, T> {
    Full(&'a [T]),
    One([T; SPREAD]),
}

impl<'a, T: Pod> Spread<'a, T> {
    #[inline(always)]
    fn new(values: &'a [T]) -> Spread<'a, T> {
        match values {
            [one] => Spread::One([*one; SPREAD]),
            _ => Spread::Full(values),
        }
    }

    #[inline(always)]
    fn part(&self, at: usize, len: usize) -> &[T] {
        match self {
            Spread::Full(values) => &values[at..at + len],
            Spread::One(values) => &values[..len],
        }
    }
}
