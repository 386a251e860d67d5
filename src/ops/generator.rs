//! Generators of random numbers as objects of the language: `torch.Generator()`, `torch.default_generator`.

use crate::entries;
use crate::error::{Class, Error, Result};
use crate::kernels::random::{DEFAULT_SEED, Generator};
use crate::ops::device::Device;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::storage::Shadowing;
use crate::value::entry::{Bindings, Category, Entry, Forward};
use crate::value::{Ctx, Native, NativeType, Object, Tensor, Type, Value};
use std::any::Any;
use std::cell::RefCell;

/// The type of generators.
pub static GENERATOR: NativeType = NativeType { module: "torch._C", name: "Generator" };

/// A generator a program can hold.
pub enum GeneratorObject {
    /// The session's own.
    Session,
    /// One the program has made.
    Own(RefCell<Generator>),
}

impl GeneratorObject {
    /// `torch.Generator()`: always with the same seed.
    pub fn fresh() -> GeneratorObject {
        GeneratorObject::Own(RefCell::new(Generator::new(DEFAULT_SEED)))
    }
}

/// Runs `body` with the generator that the parameter `generator` names, or the session's.
pub fn with<R>(ctx: &mut dyn Ctx, b: &Bindings, body: impl FnOnce(&mut Generator) -> Result<R>) -> Result<R> {
    with_object(ctx, b.named("generator"), body)
}

fn with_object<R>(
    ctx: &mut dyn Ctx,
    value: Option<&Value>,
    body: impl FnOnce(&mut Generator) -> Result<R>,
) -> Result<R> {
    match value.and_then(Value::downcast::<GeneratorObject>) {
        Some(GeneratorObject::Own(generator)) => body(&mut generator.borrow_mut()),
        Some(GeneratorObject::Session) | None => body(&mut ctx.state().generator),
    }
}

impl Object for GeneratorObject {
    fn type_of(&self) -> Type {
        Type::Native(&GENERATOR)
    }

    fn repr(&self) -> String {
        format!("<torch._C.Generator object at {:#014x}>", std::ptr::from_ref(self).cast::<u8>() as usize)
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        if name == "device" {
            return Some(Device::CPU.value());
        }
        let entry = ENTRIES.iter().find(|entry| entry.name == name)?;
        Some(Value::bound(Value::Object(this.clone()), entry))
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        ENTRIES.iter().map(|entry| entry.name).chain(["device"]).collect()
    }

    fn shadow(&self, _: &mut dyn FnMut(&Value) -> Result<Value>) -> Option<Result<Value>> {
        match self {
            GeneratorObject::Session => None,
            GeneratorObject::Own(generator) => {
                Some(Ok(Value::object(GeneratorObject::Own(RefCell::new(generator.borrow().clone())))))
            }
        }
    }

    fn equal(&self, other: &dyn Object) -> bool {
        matches!(
            (self, other.as_any().downcast_ref()),
            (GeneratorObject::Session, Some(GeneratorObject::Session))
        )
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const METHOD: Entry = Entry { category: Category::Random, ..Entry::EMPTY };

entries![
    Entry {
        name: "manual_seed",
        signature: "(generator: Generator, seed: any) -> Generator",
        summary: "Begins anew with a seed.",
        examples: &[("torch.Generator().manual_seed(3).initial_seed()", "3")],
        forward: Forward::Eager(|ctx, b| {
            if !matches!(b.value(1), Value::Int(_) | Value::Bool(_)) {
                return Err(Error::runtime(format!(
                    "manual_seed expected a long, but got {}",
                    b.value(1).type_name()
                )));
            }
            let seed = seed_of(b.value(1))?;
            with(ctx, b, |generator| {
                generator.reseed(seed);
                Ok(())
            })?;
            Ok(b.value(0).clone())
        }),
        ..METHOD
    },
    Entry {
        name: "initial_seed",
        signature: "(generator: Generator) -> int",
        summary: "The seed it began with.",
        examples: &[("torch.Generator().initial_seed()", "67280421310721")],
        forward: Forward::Eager(initial_seed),
        ..METHOD
    },
    Entry {
        name: "seed",
        signature: "(generator: Generator) -> int",
        summary: "Begins anew with a seed nobody can foresee, which it gives.",
        examples: &[("g = torch.Generator(); g.seed() == g.initial_seed()", "True")],
        forward: Forward::Eager(seed_anew),
        ..METHOD
    },
    Entry {
        name: "get_state",
        signature: "(generator: Generator) -> Tensor",
        summary: "The whole state as bytes.",
        examples: &[("torch.Generator().get_state().shape", "torch.Size([5056])")],
        forward: Forward::Eager(state),
        ..METHOD
    },
    Entry {
        name: "set_state",
        signature: "(generator: Generator, new_state: Tensor) -> Generator",
        summary: "Goes back to a state that `get_state` gave.",
        examples: &[(
            "g = torch.Generator(); s = g.get_state(); a = torch.rand(2, generator=g); a.equal(torch.rand(2, generator=g.set_state(s)))",
            "True",
        )],
        forward: Forward::Eager(|ctx, b| {
            restore(ctx, b, b.tensor(1)?)?;
            Ok(b.value(0).clone())
        }),
        ..METHOD
    },
    Entry {
        name: "clone_state",
        signature: "(generator: Generator) -> Generator",
        summary: "Another generator in the same state.",
        examples: &[("torch.Generator().clone_state().initial_seed()", "67280421310721")],
        forward: Forward::Eager(|ctx, b| {
            let copy = with(ctx, b, |generator| Ok(generator.clone()))?;
            Ok(Value::object(GeneratorObject::Own(RefCell::new(copy))))
        }),
        ..METHOD
    },
];

/// A seed: an int of 64 bits, or what `int()` makes one of.
pub fn seed_of(value: &Value) -> Result<u64> {
    let seed = match value {
        Value::Float(value) => crate::tensor::dtype::truncate(*value),
        Value::Str(text) => text
            .trim()
            .parse()
            .map_err(|_| Error::value(format!("invalid literal for int() with base 10: '{}'", &**text)))?,
        other => crate::ops::arguments::int_of(other).ok_or_else(|| {
            Error::type_error(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                other.type_name()
            ))
        })?,
    };
    Ok(seed as u64)
}

/// The seed a generator began with.
pub fn initial_seed(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    with(ctx, b, |generator| Ok(int(generator.seed())))
}

/// Seeds a generator with what nobody can foresee.
pub fn seed_anew(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    with(ctx, b, |generator| Ok(int(generator.seed_anew())))
}

/// A seed as an int; ints of the language have 64 bits.
fn int(seed: u64) -> Value {
    Value::Int(seed as i64)
}

/// The state of a generator as bytes.
pub fn state(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let bytes = with(ctx, b, |generator| Ok(generator.state()))?;
    let shape = [bytes.len()];
    let array = match Shadowing::is_on() {
        true => Array::meta(Layout::contiguous(&shape)?, DType::U8)?,
        false => Array::from_slice(&bytes, &shape)?,
    };
    Ok(Tensor::new(array).into())
}

/// Puts a generator into a state given as bytes.
pub fn restore(ctx: &mut dyn Ctx, b: &Bindings, state: &Tensor) -> Result<()> {
    let array = crate::kernels::copy::contiguous(&state.array())?;
    if array.dtype != DType::U8 {
        return Err(Error::new(Class::TypeError, "RNG state must be a torch.ByteTensor"));
    }
    array.require_data("set_state")?;
    let (start, count) = (array.offset(), array.numel());
    let bytes = array.storage.bytes()[start..start + count].to_vec();
    with(ctx, b, |generator| generator.restore(&bytes))
}
