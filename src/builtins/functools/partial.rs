//! Functions made of functions: `partial`, and `wraps`, which passes a name on.

use super::shown;
use crate::budget::Weight;
use crate::builtins::objects::is_callable;
use crate::error::{Error, Result};
use crate::protocol::{self, arguments as a};
use crate::syntax::ast::Name;
use crate::value::{Args, Ctx, Dict, Key, Native, NativeType, Object, Type, Value};
use std::any::Any;
use std::rc::Rc;

static PARTIAL: NativeType = NativeType { module: "functools", name: "partial" };

pub(super) fn wraps(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let Some(wrapped) = args.positional.first() else {
        return Err(Error::type_error("wraps() missing 1 required positional argument: 'wrapped'"));
    };
    Ok(Value::object(Wraps { wrapped: wrapped.clone() }))
}

/// Copies name and documentation from one function to another.
pub(super) fn dress(ctx: &mut dyn Ctx, wrapper: &Value, wrapped: &Value) -> Result<Value> {
    for name in ["__module__", "__name__", "__qualname__", "__doc__"] {
        if let Some(value) = protocol::attributes::find_attr(ctx, wrapped, name)? {
            protocol::attributes::set_attr(ctx, wrapper, name, &value)?;
        }
    }
    if let Value::Function(function) = wrapped {
        let set: Vec<(Key, Value)> = match &*function.attributes.borrow() {
            Some(dict) => dict.entries().iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            None => Vec::new(),
        };
        for (key, value) in set {
            if let Value::Str(name) = key.value()
                && !name.starts_with("__")
            {
                protocol::attributes::set_attr(ctx, wrapper, name, &value)?;
            }
        }
    }
    protocol::attributes::set_attr(ctx, wrapper, "__wrapped__", wrapped)?;
    Ok(wrapper.clone())
}

/// What `wraps(f)` gives: a decorator.
struct Wraps {
    wrapped: Value,
}

impl Object for Wraps {
    fn type_of(&self) -> Type {
        Type::Native(&PARTIAL)
    }

    fn repr(&self) -> String {
        "functools.partial(<function update_wrapper>)".to_owned()
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        Some(a::one(args, "update_wrapper").and_then(|wrapper| dress(ctx, wrapper, &self.wrapped)))
    }

    fn parts(&self) -> Vec<(String, Value)> {
        vec![(".wrapped".to_owned(), self.wrapped.clone())]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

pub(super) fn partial(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let Some((function, given)) = args.positional.split_first() else {
        return Err(Error::type_error("type 'partial' takes at least one argument"));
    };
    if !is_callable(function) {
        return Err(Error::type_error("the first argument must be callable"));
    }
    let mut partial = Partial {
        function: function.clone(),
        positional: given.to_vec(),
        keywords: args.keywords.to_vec(),
        attributes: Dict::new(),
        _weight: Weight::new(),
    };
    // A partial of a partial is one.
    if let Some(inner) = function.downcast::<Partial>() {
        partial.positional = inner.positional.iter().chain(given).cloned().collect();
        partial.keywords = merged(&inner.keywords, args.keywords);
        partial.function = inner.function.clone();
    }
    Ok(Value::object(partial))
}

/// Keywords, of which later ones win.
fn merged(first: &[(Name, Value)], then: &[(Name, Value)]) -> Vec<(Name, Value)> {
    let mut all = first.to_vec();
    for (name, value) in then {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.clone(),
            None => all.push((name.clone(), value.clone())),
        }
    }
    all
}

/// `partial(f, ..)`
struct Partial {
    function: Value,
    positional: Vec<Value>,
    keywords: Vec<(Name, Value)>,
    attributes: Dict,
    _weight: Weight<160>,
}

impl Object for Partial {
    fn type_of(&self) -> Type {
        Type::Native(&PARTIAL)
    }

    fn repr(&self) -> String {
        let arguments = self.positional.iter().map(shown);
        let keywords = self.keywords.iter().map(|(name, value)| format!("{name}={}", shown(value)));
        let all: Vec<String> =
            std::iter::once(shown(&self.function)).chain(arguments).chain(keywords).collect();
        format!("functools.partial({})", all.join(", "))
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        match name {
            "func" => Some(self.function.clone()),
            "args" => Some(Value::tuple(self.positional.clone())),
            "keywords" => {
                let dict = Dict::new();
                for (name, value) in &self.keywords {
                    dict.insert(Key::text(name), value.clone()).ok()?;
                }
                Some(Value::Dict(Rc::new(dict)))
            }
            _ => self.attributes.get_text(name),
        }
    }

    fn set_attribute(&self, name: &str, value: &Value) -> Result<bool> {
        self.attributes.insert(Key::text(name), value.clone())?;
        Ok(true)
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["args", "func", "keywords"]
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        let positional: Vec<Value> = self.positional.iter().chain(args.positional).cloned().collect();
        let keywords = merged(&self.keywords, args.keywords);
        Some(ctx.call(&self.function, Args { positional: &positional, keywords: &keywords }))
    }

    fn parts(&self) -> Vec<(String, Value)> {
        let mut parts = vec![(".func".to_owned(), self.function.clone())];
        parts.extend(self.positional.iter().enumerate().map(|(n, v)| (format!(".args[{n}]"), v.clone())));
        parts.extend(self.keywords.iter().map(|(n, v)| (format!(".keywords['{n}']"), v.clone())));
        parts
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let mut held = std::mem::take(&mut self.positional);
        held.extend(std::mem::take(&mut self.keywords).into_iter().map(|(_, value)| value));
        held.push(std::mem::take(&mut self.function));
        crate::value::list::bury(held);
    }
}
