//! The module `functools`.

use super::function;
use super::objects::is_callable;
use crate::budget::Weight;
use crate::error::{Error, Result};
use crate::protocol::{self, arguments as a, iterate, quote, repr};
use crate::syntax::ast::Name;
use crate::value::entry::{Category::Python, LIBRARY};
use crate::value::{Args, Ctx, Dict, Entry, Key, Module, Native, NativeType, Object, Type, Value};
use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

/// The module.
pub static MODULE: Module = Module {
    name: "functools",
    get: |name| ENTRIES.iter().find(|entry| entry.name == name).map(Value::Entry),
    names: || ENTRIES.iter().map(|entry| entry.name).collect(),
};

const fn tool(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    function(LIBRARY, Python, name, signature, summary, run)
}

crate::entries![
    tool(
        "reduce",
        "(function: callable, iterable: any, initial: any) -> any",
        "A function of two arguments, applied along the items.",
        reduce
    ),
    tool(
        "partial",
        "(func: callable, *args: any) -> callable",
        "A function with some arguments given.",
        partial
    ),
    tool("wraps", "(wrapped: callable) -> callable", "Gives a wrapper the name of what it wraps.", wraps),
    tool(
        "update_wrapper",
        "(wrapper: callable, wrapped: callable) -> callable",
        "Gives a wrapper the name of what it wraps.",
        |ctx, args| {
            let values = a::between(Args::positional(args.positional), "update_wrapper", 2, 4)?;
            dress(ctx, &values[0], &values[1])
        }
    ),
    tool(
        "lru_cache",
        "(maxsize: int | None = 128, typed: bool = False) -> callable",
        "Remembers what a function has given for its last arguments.",
        lru_cache
    ),
    tool(
        "cache",
        "(user_function: callable) -> callable",
        "Remembers what a function has given.",
        |_, args| { Ok(cached(a::one(args, "cache")?.clone(), None, false)) }
    ),
];

/// The text of an argument, without the items of containers.
fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => quote::quoted(text),
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) | Value::Tensor(_) => {
            format!("<{}>", value.describe())
        }
        Value::Object(object) => object.repr(),
        other => repr::plain(other),
    }
}

fn reduce(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "reduce", 2, 3)?;
    let iter = match iterate::try_iterate(ctx, &values[1])? {
        Some(iter) => iter,
        None => return Err(Error::type_error("reduce() arg 2 must support iteration")),
    };
    let first = match values.get(2) {
        Some(initial) => Some(initial.clone()),
        None => protocol::next(ctx, &iter)?,
    };
    let mut total =
        first.ok_or_else(|| Error::type_error("reduce() of empty iterable with no initial value"))?;
    while let Some(item) = protocol::next(ctx, &iter)? {
        total = ctx.call(&values[0], Args::positional(&[total, item]))?;
    }
    Ok(total)
}

fn wraps(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let Some(wrapped) = args.positional.first() else {
        return Err(Error::type_error("wraps() missing 1 required positional argument: 'wrapped'"));
    };
    Ok(Value::object(Wraps { wrapped: wrapped.clone() }))
}

/// Copies name and documentation from one function to another.
fn dress(ctx: &mut dyn Ctx, wrapper: &Value, wrapped: &Value) -> Result<Value> {
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

static PARTIAL: NativeType = NativeType { module: "functools", name: "partial" };
static LRU: NativeType = NativeType { module: "functools", name: "_lru_cache_wrapper" };

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

fn partial(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
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

fn lru_cache(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
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

fn cached(function: Value, limit: Option<usize>, typed: bool) -> Value {
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
