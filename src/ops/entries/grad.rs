//! Whether gradients are recorded: `torch.no_grad()` and its kin, managers of `with` that also decorate functions.

use crate::error::{Error, Result};
use crate::value::entry::{Bindings, Category, Forward, TORCH};
use crate::value::{Args, Ctx, Entry, Native, NativeType, Object, Type, Value};
use std::any::Any;
use std::cell::RefCell;

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const MODE: Entry = Entry { on: TORCH, category: Category::Settings, ..Entry::EMPTY };

crate::entries![
    Entry {
        name: "no_grad",
        signature: "(orig_func: callable | None = None) -> any",
        summary: "No gradients are recorded inside `with torch.no_grad():`, or in a function it decorates.",
        examples: &[("with torch.no_grad(): print(torch.is_grad_enabled())", "False")],
        forward: Forward::Eager(|_, b| Ok(made(
            &NO_GRAD,
            Change { no_grad: true, inference: None },
            b.value(0)
        ))),
        ..MODE
    },
    Entry {
        name: "enable_grad",
        signature: "(orig_func: callable | None = None) -> any",
        summary: "Gradients are recorded inside, also within `no_grad`.",
        examples: &[("with torch.enable_grad(): print(torch.is_grad_enabled())", "True")],
        forward: Forward::Eager(|_, b| {
            Ok(made(&ENABLE_GRAD, Change { no_grad: false, inference: None }, b.value(0)))
        }),
        ..MODE
    },
    Entry {
        name: "inference_mode",
        signature: "(mode: bool = True) -> any\n(mode: callable) -> any",
        summary: "As `no_grad`, for code that will never need gradients.",
        examples: &[("with torch.inference_mode(): print(torch.is_grad_enabled())", "False")],
        forward: Forward::Eager(inference_mode),
        ..MODE
    },
    Entry {
        name: "set_grad_enabled",
        signature: "(mode: bool) -> any",
        summary: "Turns recording on or off, at once; as a manager, until its end.",
        examples: &[("with torch.set_grad_enabled(False): print(torch.is_grad_enabled())", "False")],
        forward: Forward::Eager(set_grad_enabled),
        ..MODE
    },
    Entry {
        name: "is_grad_enabled",
        signature: "() -> bool",
        summary: "Whether gradients are recorded.",
        examples: &[("torch.is_grad_enabled()", "True")],
        forward: Forward::Eager(|ctx, _| Ok(Value::Bool(!ctx.state().no_grad))),
        ..MODE
    },
    Entry {
        name: "is_inference_mode_enabled",
        signature: "() -> bool",
        summary: "Whether inference mode is on.",
        examples: &[("torch.is_inference_mode_enabled()", "False")],
        forward: Forward::Eager(|ctx, _| Ok(Value::Bool(ctx.state().inference))),
        ..MODE
    },
];

static NO_GRAD: NativeType = NativeType { module: "torch.autograd.grad_mode", name: "no_grad" };
static ENABLE_GRAD: NativeType = NativeType { module: "torch.autograd.grad_mode", name: "enable_grad" };
static INFERENCE: NativeType = NativeType { module: "torch.autograd.grad_mode", name: "inference_mode" };
static SET_GRAD: NativeType = NativeType { module: "torch.autograd.grad_mode", name: "set_grad_enabled" };

/// What a manager changes while it is entered.
#[derive(Clone, Copy, Debug)]
struct Change {
    no_grad: bool,
    inference: Option<bool>,
}

impl Change {
    /// Makes the change; gives what was before.
    fn make(self, ctx: &mut dyn Ctx) -> (bool, bool) {
        let state = ctx.state();
        let before = (state.no_grad, state.inference);
        state.no_grad = self.no_grad;
        state.inference = self.inference.unwrap_or(state.inference);
        before
    }
}

fn restore(ctx: &mut dyn Ctx, before: (bool, bool)) {
    let state = ctx.state();
    (state.no_grad, state.inference) = before;
}

/// A manager, or the function that one without parentheses decorates.
fn made(of: &'static NativeType, change: Change, function: &Value) -> Value {
    match function {
        Value::None => Value::object(Mode { of, change, before: RefCell::default() }),
        function => Value::object(Decorated { change, function: function.clone() }),
    }
}

fn inference_mode(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    Ok(match b.value(0) {
        Value::Bool(mode) => {
            made(&INFERENCE, Change { no_grad: *mode, inference: Some(*mode) }, &Value::None)
        }
        function => made(&INFERENCE, Change { no_grad: true, inference: Some(true) }, function),
    })
}

fn set_grad_enabled(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let change = Change { no_grad: !b.bool(0)?, inference: None };
    let before = change.make(ctx);
    Ok(Value::object(Mode { of: &SET_GRAD, change, before: RefCell::new(vec![before]) }))
}

/// A manager of the recording of gradients.
struct Mode {
    of: &'static NativeType,
    change: Change,
    /// What was before each time it was entered.
    before: RefCell<Vec<(bool, bool)>>,
}

static ENTER: Entry = Entry { name: "__enter__", forward: Forward::Raw(enter), ..Entry::EMPTY };
static EXIT: Entry = Entry { name: "__exit__", forward: Forward::Raw(exit), ..Entry::EMPTY };

fn mode<'a>(args: Args<'a>) -> Result<&'a Mode> {
    let receiver = args.positional.first().and_then(|value| value.downcast::<Mode>());
    receiver.ok_or_else(|| Error::type_error("a grad mode manager is needed"))
}

fn enter(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let mode = mode(args)?;
    let set_already = std::ptr::eq(mode.of, &SET_GRAD) && mode.before.borrow().len() == 1;
    if !set_already {
        let before = mode.change.make(ctx);
        mode.before.borrow_mut().push(before);
    }
    Ok(Value::None)
}

fn exit(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let before = mode(args)?.before.borrow_mut().pop();
    if let Some(before) = before {
        restore(ctx, before);
    }
    Ok(Value::None)
}

impl Object for Mode {
    fn type_of(&self) -> Type {
        Type::Native(self.of)
    }

    fn repr(&self) -> String {
        format!("<{}.{} object>", self.of.module, self.of.name)
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        let method = match name {
            "__enter__" => &ENTER,
            "__exit__" => &EXIT,
            _ => return None,
        };
        Some(Value::bound(Value::Object(this.clone()), method))
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        Some(match args.positional {
            [function] => Ok(made(self.of, self.change, function)),
            _ => Err(Error::type_error(format!("{}() decorates one function", self.of.name))),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A function that runs under a change.
struct Decorated {
    change: Change,
    function: Value,
}

static DECORATED: NativeType = NativeType { module: "builtins", name: "function" };

impl Object for Decorated {
    fn type_of(&self) -> Type {
        Type::Native(&DECORATED)
    }

    fn repr(&self) -> String {
        "<function decorated by a grad mode>".to_owned()
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        match name {
            "__wrapped__" => Some(self.function.clone()),
            "__name__" | "__qualname__" => match &self.function {
                Value::Function(function) => Some(Value::str(&*function.code.name)),
                _ => None,
            },
            _ => None,
        }
    }

    fn binds(&self) -> bool {
        true
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        let before = self.change.make(ctx);
        let result = ctx.call(&self.function, args);
        restore(ctx, before);
        Some(result)
    }

    fn parts(&self) -> Vec<(String, Value)> {
        vec![(".__wrapped__".to_owned(), self.function.clone())]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
