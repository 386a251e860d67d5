//! Elements moved between channels and places.

use super::resampling::RESAMPLE;
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::autograd::term::compose;
use crate::through;
use crate::value::entry::{Bindings, Entry, FUNCTIONAL, Forward, TORCH};
use crate::value::{Ctx, Value};

entries![
    Entry {
        name: "pixel_shuffle",
        signature: "(input: Tensor, upscale_factor: int) -> Tensor",
        on: FUNCTIONAL | TORCH,
        summary: "Channels spread over blocks of pixels: fewer channels, larger images.",
        examples: &[(
            "F.pixel_shuffle(torch.arange(4.0).reshape(1, 4, 1, 1), 2)",
            "tensor([[[[0., 1.],\n          [2., 3.]]]])"
        )],
        forward: Forward::Eager(pixel_shuffle),
        gradient: through!("PixelShuffleBackward0", pixel_shuffle),
        ..RESAMPLE
    },
    Entry {
        name: "pixel_unshuffle",
        signature: "(input: Tensor, downscale_factor: int) -> Tensor",
        on: FUNCTIONAL | TORCH,
        summary: "Blocks of pixels collected in channels: the way back of `pixel_shuffle`.",
        examples: &[(
            "F.pixel_unshuffle(torch.arange(4.0).reshape(1, 1, 2, 2), 2).flatten()",
            "tensor([0., 1., 2., 3.])"
        )],
        forward: Forward::Eager(pixel_unshuffle),
        gradient: through!("PixelUnshuffleBackward0", pixel_unshuffle),
        ..RESAMPLE
    },
    Entry {
        name: "channel_shuffle",
        aliases: &["native_channel_shuffle"],
        signature: "(input: Tensor, groups: int) -> Tensor",
        on: FUNCTIONAL | TORCH,
        summary: "Channels of groups dealt out in turn.",
        examples: &[(
            "F.channel_shuffle(torch.arange(4.0).reshape(1, 4, 1), 2).flatten()",
            "tensor([0., 2., 1., 3.])"
        )],
        forward: Forward::Eager(channel_shuffle),
        gradient: through!("ChannelShuffleBackward0", channel_shuffle),
        ..RESAMPLE
    },
];

/// The factor of a shuffle, checked, and the last three sizes.
fn shuffled(b: &Bindings, op: &str, name: &str) -> Result<(usize, Vec<usize>, [usize; 3])> {
    let input = b.tensor(0)?.to_array();
    let shape = input.shape().to_vec();
    let [outer @ .., channels, height, width] = shape.as_slice() else {
        return Err(Error::runtime(format!(
            "{op} expects input to have at least 3 dimensions, but got input with {} dimension(s)",
            shape.len()
        ))
        .label(Place::Arg(0), input.describe()));
    };
    let factor = b.int(1)?;
    let factor_size = usize::try_from(factor).ok().filter(|&n| n > 0).ok_or_else(|| {
        Error::runtime(format!("{op} expects a positive {name}, but got {factor}")).label(Place::Arg(1), "")
    })?;
    Ok((factor_size, outer.to_vec(), [*channels, *height, *width]))
}

/// `reshape`, `permute`, `reshape`: the order is that of the last dimensions, the others stay.
fn moved(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    outer: &[usize],
    split: &[usize],
    order: &[usize],
    joined: &[usize],
) -> Result<Value> {
    let count = outer.len();
    let order: Vec<Value> = (0..count).chain(order.iter().map(|n| n + count)).map(Value::from).collect();
    let whole = |tail: &[usize]| outer.iter().chain(tail).copied().collect::<Vec<usize>>();
    compose(ctx, |f| {
        let parts = f.term(b.value(0).clone()).reshape(&whole(split));
        let moved = parts.call("permute", &[Value::tuple(order)]).reshape(&whole(joined)).op("contiguous");
        let source = b.tensor(0).ok()?.to_array();
        if !moved.tensor().is_some_and(|moved| moved.array().storage.same(&source.storage)) {
            return moved.value().cloned();
        }
        // PyTorch's is a kernel, which always gives a fresh tensor.
        let count = source.numel();
        moved.op("clone").reshape(&[count]).reshape(&whole(joined)).value().cloned()
    })
}

fn pixel_shuffle(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (r, outer, [channels, height, width]) = shuffled(b, "pixel_shuffle", "upscale_factor")?;
    if channels % (r * r) != 0 {
        return Err(Error::runtime(format!(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)={channels} is not divisible by {}",
            r * r
        ))
        .label(Place::Arg(1), ""));
    }
    let left = channels / (r * r);
    moved(ctx, b, &outer, &[left, r, r, height, width], &[0, 3, 1, 4, 2], &[left, height * r, width * r])
}

fn pixel_unshuffle(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (r, outer, [channels, height, width]) = shuffled(b, "pixel_unshuffle", "downscale_factor")?;
    for (name, size, dim) in [("height", height, -2), ("width", width, -1)] {
        if size % r != 0 {
            return Err(Error::runtime(format!(
                "pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({dim})={size} is not divisible by {r}"
            ))
            .label(Place::Arg(1), ""));
        }
    }
    let (h, w) = (height / r, width / r);
    moved(ctx, b, &outer, &[channels, h, r, w, r], &[0, 2, 4, 1, 3], &[channels * r * r, h, w])
}

fn channel_shuffle(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let [outer, channels, rest @ ..] = input.shape() else {
        return Err(Error::runtime(format!(
            "channel_shuffle expects input with > 2 dims, but got input with sizes {:?}",
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    };
    let asked = b.int(1)?;
    let groups = usize::try_from(asked).ok().filter(|&n| n > 0).ok_or_else(|| {
        Error::runtime(format!(
            "Number of groups to divide channels in must be positive. Value of groups:{asked}"
        ))
        .label(Place::Arg(1), "")
    })?;
    if channels % groups != 0 {
        return Err(Error::runtime(format!(
            "Number of channels must be divisible by groups. Got {channels} channels and {groups} groups."
        ))
        .label(Place::Arg(1), ""));
    }
    let inner: usize = rest.iter().product();
    let mut joined = vec![*channels];
    joined.extend(rest);
    moved(ctx, b, &[*outer], &[groups, channels / groups, inner], &[1, 0, 2], &joined)
}
