//! Functions that remember what they have given: `lru_cache` and `cache`.

use super::{shown, tool};
use crate::budget::Weight;
use crate::builtins::objects::is_callable;
use crate::error::{Error, Result};
use crate::protocol::{self, arguments as a};
use crate::value::{Args, Ctx, Dict, Entry, Key, Native, NativeType, Object, Type, Value};
use std::any::Any;
use std::cell::Cell;

static LRU: NativeType = NativeType { module: "functools", name: "_lru_cache_wrapper" };

pub(super) fn lru_cache(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [maxsize, typed] = a::named(args, "lru_cache", ["maxsize", "typed"], 0)?;
    let typed = !matches!(typed, Value::Unbound) && protocol::truth(ctx, &typed)?;
    let limit = match &maxsize {
        Value::None => None,
        Value::Unbound => Some(128),
        Value::Int(_) | Value::Bool(_) => Some(a::size(ctx, &maxsize)?),
        // `@lru_cache` without parentheses.
        function if is_callable(function) => return Ok(cached(function.clone(), Some(128), false)),
        _ => {
            return Err(Error::type_error("Expected first argument to be an integer, a callable, or None"));
        }
    };
    Ok(Value::object(Caching { limit, typed }))
}

pub(super) fn cached(function: Value, limit: Option<usize>, typed: bool) -> Value {
    Value::object(Cached {
        function,
        limit,
        typed,
        known: Dict::new(),
        attributes: Dict::new(),
        hits: Cell::new(0),
        misses: Cell::new(0),
        _weight: Weight::new(),
    })
}

/// What `lru_cache(..)` gives: a decorator.
struct Caching {
    limit: Option<usize>,
    typed: bool,
}

impl Object for Caching {
    fn type_of(&self) -> Type {
        Type::Function
    }

    fn repr(&self) -> String {
        "<function lru_cache.<locals>.decorating_function>".to_owned()
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        let made = |function: &Value| cached(function.clone(), self.limit, self.typed);
        Some(a::one(args, "decorating_function").map(made))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A function that remembers its results. The dict is in order of use, the oldest first.
struct Cached {
    function: Value,
    limit: Option<usize>,
    typed: bool,
    known: Dict,
    attributes: Dict,
    hits: Cell<i64>,
    misses: Cell<i64>,
    _weight: Weight<224>,
}

impl Cached {
    fn key(&self, args: Args<'_>) -> Result<Key> {
        // As in CPython, one int or str is its own key, so that 1 and 1.0 are told apart there.
        if let ([only @ (Value::Int(_) | Value::Str(_))], [], false) =
            (args.positional, args.keywords, self.typed)
        {
            return Key::new(only.clone());
        }
        let mut parts = args.positional.to_vec();
        if !args.keywords.is_empty() {
            // Something that no argument is, between the two kinds.
            parts.push(Value::NotImplemented);
            for (name, value) in args.keywords {
                parts.extend([Value::str(&**name), value.clone()]);
            }
        }
        if self.typed {
            let types: Vec<Value> = parts.iter().map(|part| Value::Type(part.type_of())).collect();
            parts.extend(types);
        }
        Key::new(Value::tuple(parts))
    }

    fn run(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
        let key = self.key(args)?;
        if let Some(value) = self.known.get(&key) {
            self.hits.set(self.hits.get() + 1);
            if self.limit.is_some() {
                let old = self.known.remove(&key);
                self.known.insert(key, value.clone())?;
                drop(old);
            }
            return Ok(value);
        }
        self.misses.set(self.misses.get() + 1);
        let value = ctx.call(&self.function, args)?;
        if self.limit != Some(0) {
            if self.limit.is_some_and(|limit| self.known.len() >= limit && self.known.get(&key).is_none()) {
                let oldest = self.known.entries_mut().shift_remove_index(0);
                drop(oldest);
            }
            self.known.insert(key, value.clone())?;
        }
        Ok(value)
    }
}

static CACHE_INFO: Entry = tool("cache_info", "() -> tuple", "How often it knew the result.", |_, args| {
    let cached = receiver(args)?;
    Ok(Value::object(Info {
        hits: cached.hits.get(),
        misses: cached.misses.get(),
        limit: cached.limit,
        size: cached.known.len(),
    }))
});

static CACHE_CLEAR: Entry = tool("cache_clear", "() -> None", "Forgets all results.", |_, args| {
    let cached = receiver(args)?;
    cached.known.clear();
    cached.hits.set(0);
    cached.misses.set(0);
    Ok(Value::None)
});

fn receiver<'a>(args: Args<'a>) -> Result<&'a Cached> {
    let cached = args.positional.first().and_then(|value| value.downcast::<Cached>());
    cached.ok_or_else(|| Error::type_error("a function with a cache is needed"))
}

impl Object for Cached {
    fn type_of(&self) -> Type {
        Type::Native(&LRU)
    }

    fn repr(&self) -> String {
        match &self.function {
            Value::Function(function) => {
                format!("<functools._lru_cache_wrapper object of {}>", function.code.name)
            }
            _ => "<functools._lru_cache_wrapper object>".to_owned(),
        }
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        match name {
            "__wrapped__" => Some(self.function.clone()),
            "cache_info" => Some(Value::bound(Value::Object(this.clone()), &CACHE_INFO)),
            "cache_clear" => Some(Value::bound(Value::Object(this.clone()), &CACHE_CLEAR)),
            _ => self.attributes.get_text(name).or_else(|| match (&self.function, name) {
                (Value::Function(function), "__name__" | "__qualname__") => {
                    Some(Value::str(&*function.code.name))
                }
                (Value::Function(function), "__doc__") => {
                    Some(function.code.doc.as_ref().map_or(Value::None, |doc| Value::str(&**doc)))
                }
                _ => None,
            }),
        }
    }

    fn set_attribute(&self, name: &str, value: &Value) -> Result<bool> {
        self.attributes.insert(Key::text(name), value.clone())?;
        Ok(true)
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["__wrapped__", "cache_clear", "cache_info"]
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn binds(&self) -> bool {
        true
    }

    fn call(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        Some(self.run(ctx, args))
    }

    fn parts(&self) -> Vec<(String, Value)> {
        let values = self.known.entries().values().cloned().enumerate().collect::<Vec<_>>();
        let known = values.into_iter().map(|(n, value)| (format!(" (remembered, {n})"), value));
        std::iter::once((".__wrapped__".to_owned(), self.function.clone())).chain(known).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

static INFO: NativeType = NativeType { module: "functools", name: "_CacheInfo" };

/// `f.cache_info()`
struct Info {
    hits: i64,
    misses: i64,
    limit: Option<usize>,
    size: usize,
}

impl Info {
    fn fields(&self) -> [(&'static str, Value); 4] {
        [
            ("hits", Value::Int(self.hits)),
            ("misses", Value::Int(self.misses)),
            ("maxsize", self.limit.map_or(Value::None, Value::from)),
            ("currsize", Value::from(self.size)),
        ]
    }
}

impl Object for Info {
    fn type_of(&self) -> Type {
        Type::Native(&INFO)
    }

    fn repr(&self) -> String {
        let fields = self.fields().map(|(name, value)| format!("{name}={}", shown(&value)));
        format!("CacheInfo({})", fields.join(", "))
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        self.fields().iter().map(|(name, _)| *name).collect()
    }

    fn item(&self, index: &Value) -> Option<Result<Value>> {
        let Value::Int(at) = index else { return None };
        let at = usize::try_from(if *at < 0 { *at + 4 } else { *at }).ok();
        let field = at.and_then(|at| self.fields().into_iter().nth(at));
        Some(field.map(|(_, value)| value).ok_or_else(|| Error::index("tuple index out of range")))
    }

    fn length(&self) -> Option<usize> {
        Some(4)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
