//! The generators of random numbers: their seeds and states.

use crate::entries;
use crate::ops::entries::random::DRAW;
use crate::ops::generator;
use crate::value::Value;
use crate::value::entry::{Entry, Forward, TORCH};

entries![
    Entry {
        name: "manual_seed",
        signature: "(seed: any) -> Generator",
        on: TORCH,
        summary: "Seeds the session's random numbers: the same seed gives the same numbers as PyTorch.",
        examples: &[("_ = torch.manual_seed(1); torch.rand(2)", "tensor([0.7576, 0.2793])")],
        forward: Forward::Eager(|ctx, b| {
            let seed = generator::seed_of(b.value(0))?;
            ctx.state().generator.reseed(seed);
            Ok(Value::object(generator::GeneratorObject::Session))
        }),
        ..DRAW
    },
    Entry {
        name: "seed",
        signature: "() -> int",
        on: TORCH,
        summary: "Seeds the session's random numbers with what nobody can foresee, which it gives.",
        examples: &[("torch.seed() == torch.initial_seed()", "True")],
        forward: Forward::Eager(generator::seed_anew),
        ..DRAW
    },
    Entry {
        name: "initial_seed",
        signature: "() -> int",
        on: TORCH,
        summary: "The seed the session's random numbers began with.",
        examples: &[("_ = torch.manual_seed(3); torch.initial_seed()", "3")],
        forward: Forward::Eager(generator::initial_seed),
        ..DRAW
    },
    Entry {
        name: "get_rng_state",
        signature: "() -> Tensor",
        on: TORCH,
        summary: "The state of the session's random numbers as bytes.",
        examples: &[("torch.get_rng_state().shape", "torch.Size([5056])")],
        forward: Forward::Eager(generator::state),
        ..DRAW
    },
    Entry {
        name: "set_rng_state",
        signature: "(new_state: Tensor) -> None",
        on: TORCH,
        summary: "Goes back to a state that `get_rng_state` gave.",
        examples: &[(
            "s = torch.get_rng_state(); a = torch.rand(2); torch.set_rng_state(s); a.equal(torch.rand(2))",
            "True",
        )],
        forward: Forward::Eager(|ctx, b| {
            generator::restore(ctx, b, b.tensor(0)?)?;
            Ok(Value::None)
        }),
        ..DRAW
    },
    Entry {
        name: "Generator",
        signature: "(device: device | None = None) -> Generator",
        on: TORCH,
        summary: "A generator of random numbers beside the session's own.",
        examples: &[(
            "g = torch.Generator().manual_seed(0); torch.rand(2, generator=g)",
            "tensor([0.4963, 0.7682])",
        )],
        forward: Forward::Eager(|_, b| {
            b.device(0)?;
            Ok(Value::object(generator::GeneratorObject::fresh()))
        }),
        ..DRAW
    },
];
