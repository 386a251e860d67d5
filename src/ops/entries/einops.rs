//! The entries of einops: what they take is read here; what patterns mean is in [`crate::ops::einops`].
//!
//! The steps are calls of other entries, as if the program had written them: views are views, and gradients are theirs.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::trace;
use crate::ops::einops::Fault;
use crate::ops::einops::pattern::{Name, Rules, Side};
use crate::ops::einops::recipe::{self, Operation, Steps};
use crate::ops::{arguments, dispatch, table};
use crate::value::entry::{BARE, Category, EINOPS, Entry, Forward};
use crate::value::{Args, Ctx, Tensor, Value};
use std::any::Any;
use std::rc::Rc;

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const PATTERN: Entry = Entry { on: EINOPS, category: Category::Einsum, ..Entry::EMPTY };

entries![
    Entry {
        name: "rearrange",
        signature: "(tensor: Tensor | Tensors, pattern: str, **axes_lengths: int) -> Tensor",
        on: EINOPS | BARE,
        summary: "Axes in another order, split and joined: 'b (h p) -> p b h', with lengths by name where they do not follow.",
        examples: &[
            (
                "rearrange(torch.arange(6), '(h w) -> w h', w=3)",
                "tensor([[0, 3],\n        [1, 4],\n        [2, 5]])",
            ),
            ("rearrange(torch.zeros(2, 3, 4), 'b ... c -> b (... c)').shape", "torch.Size([2, 12])"),
        ],
        forward: Forward::Raw(|ctx, args| transform(ctx, args, "rearrange")),
        ..PATTERN
    },
    Entry {
        name: "reduce",
        signature: "(tensor: Tensor | Tensors, pattern: str, reduction: str | callable, **axes_lengths: int) -> Tensor",
        on: EINOPS | BARE,
        summary: "Axes that are not on the right side go: by their min, max, sum, mean, prod, any, all, or a function.",
        examples: &[("reduce(torch.arange(8.0), '(n 2) -> n', 'max')", "tensor([1., 3., 5., 7.])")],
        forward: Forward::Raw(|ctx, args| transform(ctx, args, "reduce")),
        ..PATTERN
    },
    Entry {
        name: "repeat",
        signature: "(tensor: Tensor | Tensors, pattern: str, **axes_lengths: int) -> Tensor",
        on: EINOPS | BARE,
        summary: "New axes on the right side, along which elements are repeated.",
        examples: &[(
            "repeat(torch.tensor([1, 2]), 'w -> (w 2) c', c=2)",
            "tensor([[1, 1],\n        [1, 1],\n        [2, 2],\n        [2, 2]])",
        )],
        forward: Forward::Raw(|ctx, args| transform(ctx, args, "repeat")),
        ..PATTERN
    },
    Entry {
        name: "einsum",
        signature: "(*tensors: Tensor, pattern: str) -> Tensor",
        summary: "einsum with names for letters; the pattern stands last: 'batch i, i j -> batch j'.",
        examples: &[("einops.einsum(torch.ones(2, 3), torch.ones(3), 'i j, j -> i')", "tensor([3., 3.])")],
        forward: Forward::Raw(einsum),
        ..PATTERN
    },
];

/// The parameters of a call by position or name, and the keywords that name none of them.
pub(super) struct Call<'a> {
    pub(super) values: Vec<&'a Value>,
    /// Which argument of the call each was.
    pub(super) places: Vec<usize>,
    pub(super) rest: Vec<(&'a str, &'a Value)>,
}

impl<'a> Call<'a> {
    /// Fails as Python does where one is missing or too many were given.
    pub(super) fn read(name: &str, params: &[&str], args: Args<'a>) -> Result<Call<'a>> {
        let (given, wanted) = (args.positional.len(), params.len());
        if given > wanted {
            let (s, were) = (if wanted == 1 { "" } else { "s" }, if given == 1 { "was" } else { "were" });
            return Err(Error::type_error(format!(
                "{name}() takes {wanted} positional argument{s} but {given} {were} given"
            )));
        }
        let mut call =
            Call { values: args.positional.iter().collect(), places: (0..given).collect(), rest: vec![] };
        let keyword = |param: &str| args.keywords.iter().position(|(key, _)| &**key == param);
        let missing: Vec<String> =
            params[given..].iter().filter(|p| keyword(p).is_none()).map(|p| format!("'{p}'")).collect();
        if !missing.is_empty() {
            let s = if missing.len() == 1 { "" } else { "s" };
            let list = missing.join(" and ");
            let count = missing.len();
            return Err(Error::type_error(format!(
                "{name}() missing {count} required positional argument{s}: {list}"
            )));
        }
        for at in params[given..].iter().filter_map(|param| keyword(param)) {
            call.values.push(&args.keywords[at].1);
            call.places.push(given + at);
        }
        for (key, value) in args.keywords {
            match params.iter().position(|param| *param == &**key) {
                Some(n) if n < given => {
                    return Err(Error::type_error(format!(
                        "{name}() got multiple values for argument '{key}'"
                    )));
                }
                Some(_) => {}
                None => call.rest.push((key, value)),
            }
        }
        Ok(call)
    }

    /// Text; anything else has no method `split`.
    pub(super) fn text(&self, n: usize) -> Result<&'a str> {
        match self.values[n] {
            Value::Str(text) => Ok(text),
            other => {
                let sentence = format!("'{}' object has no attribute 'split'", other.type_name());
                Err(Error::new(Class::AttributeError, sentence)
                    .label(Place::Arg(self.places[n]), "the pattern is text: 'b c -> c b'"))
            }
        }
    }
}

/// A value that is no tensor.
pub(super) fn unknown(value: &Value, place: usize) -> Error {
    let sentence = format!("Tensor type unknown to einops <class '{}'>", value.type_name());
    let error = Error::runtime(sentence).label(Place::Arg(place), value.type_name());
    match value {
        Value::Str(_) => error.note("the tensor comes first, then the pattern"),
        Value::Tuple(_) => error.note("a list of tensors is stacked along a new first axis, a tuple is not"),
        _ => error,
    }
}

/// The tensor to work on; a list of tensors is stacked.
fn operand(ctx: &mut dyn Ctx, value: &Value, place: usize) -> Result<Tensor> {
    let list = match value {
        Value::Tensor(tensor) => return Ok(tensor.clone()),
        Value::List(list) => list.items().clone(),
        other => return Err(unknown(other, place)),
    };
    match list.first() {
        Some(Value::Tensor(_)) => one(function(ctx, "stack", std::slice::from_ref(value))?),
        Some(other) => Err(unknown(other, place)),
        None => Err(Error::type_error("Rearrange/Reduce/Repeat can't be applied to an empty list")
            .label(Place::Arg(place), "")),
    }
}

pub(super) fn one(value: Value) -> Result<Tensor> {
    match value {
        Value::Tensor(tensor) => Ok(tensor),
        other => {
            let sentence = format!("'{}' object has no attribute 'reshape'", other.type_name());
            Err(Error::new(Class::AttributeError, sentence))
        }
    }
}

/// Calls a method of a tensor.
pub(super) fn method(ctx: &mut dyn Ctx, name: &str, args: &[Value]) -> Result<Tensor> {
    one(crate::ops::method(ctx, name, args)?)
}

/// Calls a function of `torch`.
pub(super) fn function(ctx: &mut dyn Ctx, name: &str, args: &[Value]) -> Result<Value> {
    match table::torch(name) {
        Some(entry) => dispatch::call(ctx, entry, Args::positional(args)),
        None => Err(Error::new(Class::AttributeError, format!("module 'torch' has no attribute '{name}'"))),
    }
}

pub(super) fn sizes(list: &[i64]) -> Value {
    Value::tuple(list.iter().map(|&n| Value::Int(n)).collect())
}

/// `rearrange`, `reduce` and `repeat`.
fn transform(ctx: &mut dyn Ctx, args: Args<'_>, name: &str) -> Result<Value> {
    let params: &[&str] =
        if name == "reduce" { &["tensor", "pattern", "reduction"] } else { &["tensor", "pattern"] };
    let call = Call::read(name, params, args)?;
    let pattern = call.text(1)?;
    let tensor = operand(ctx, call.values[0], call.places[0])?;
    check_arrow(pattern, call.places[1])?;
    let described;
    let operation = match call.values.get(2) {
        None if name == "rearrange" => Operation::Rearrange,
        None => Operation::Repeat,
        Some(Value::Str(reduction)) => Operation::named(reduction),
        Some(other) => {
            described = match other {
                Value::Entry(entry) => format!("<built-in function {}>", entry.name),
                other => format!("<{}>", other.type_name()),
            };
            Operation::Custom(&described)
        }
    };
    let lengths = lengths(&call, args)?;
    let shape = tensor.array().shape().to_vec();
    let steps = recipe::steps(pattern, operation, &shape, &lengths).map_err(|fault| {
        // A length that was given by name is pointed at where it stands.
        let given = args.keywords.iter().position(|(key, _)| fault.message.contains(&format!(" {key} is ")));
        let error = fault
            .error(call.places[1], |sentence| framed(sentence, operation.name(), pattern, &tensor, &lengths));
        match given {
            Some(at) => error.context(Place::Arg(args.positional.len() + at), ""),
            None => error,
        }
    })?;
    if trace::is_on()
        && let Ok(account) = recipe::account(pattern, operation, &shape, &lengths)
    {
        // What the steps that follow are for.
        let detail: Option<Rc<dyn Any>> = Some(Rc::new(account));
        trace::push(trace::Step::Kernel(trace::Kernel {
            name: "pattern",
            reads: Vec::new(),
            writes: Vec::new(),
            detail,
        }));
    }
    apply(ctx, tensor, &steps, operation, call.values.get(2).copied()).map(Value::Tensor)
}

/// einops unpacks the two sides of the arrow.
fn check_arrow(pattern: &str, place: usize) -> Result<()> {
    let arrows = pattern.matches("->").count();
    let sentence = match arrows {
        1 => return Ok(()),
        0 => "not enough values to unpack (expected 2, got 1)",
        _ => "too many values to unpack (expected 2)",
    };
    let error = Error::value(sentence).note("a pattern has one arrow: 'b c -> c b'");
    Err(match pattern.rmatch_indices("->").next() {
        Some((at, _)) => error.label(Place::Within(place, at as u32, at as u32 + 2), "one arrow too many"),
        None => error.label(Place::Arg(place), "there is no `->`"),
    })
}

/// The lengths that were given by name.
pub(super) fn lengths<'a>(call: &Call<'a>, args: Args<'_>) -> Result<Vec<(&'a str, i64)>> {
    let read = |&(key, value): &(&'a str, &Value)| match arguments::int_of(value) {
        Some(length) => Ok((key, length)),
        None => {
            let kind = value.type_name();
            let error = Error::type_error(format!("the length of axis '{key}' must be int, not {kind}"));
            let at = args.keywords.iter().position(|(name, _)| &**name == key).unwrap_or(0);
            Err(error.label(Place::Arg(args.positional.len() + at), kind))
        }
    };
    call.rest.iter().map(read).collect()
}

/// einops' text around a sentence.
fn framed(
    sentence: &str,
    operation: &str,
    pattern: &str,
    tensor: &Tensor,
    lengths: &[(&str, i64)],
) -> String {
    let given: Vec<String> = lengths.iter().map(|(name, length)| format!("'{name}': {length}")).collect();
    let input = shape_text(tensor);
    // Its lines begin with a space.
    format!(
        " Error while processing {operation}-reduction pattern \"{pattern}\".\n Input tensor shape: {input}. Additional info: {{{}}}.\n {sentence}",
        given.join(", ")
    )
}

/// A shape as Python prints it.
pub(super) fn shape_text(tensor: &Tensor) -> String {
    let array = tensor.array();
    let sizes: Vec<String> = array.shape().iter().map(usize::to_string).collect();
    match (tensor.is_numpy(), sizes.as_slice()) {
        (false, _) => format!("torch.Size([{}])", sizes.join(", ")),
        (true, [one]) => format!("({one},)"),
        (true, _) => format!("({})", sizes.join(", ")),
    }
}

/// Takes the steps.
fn apply(
    ctx: &mut dyn Ctx,
    tensor: Tensor,
    steps: &Steps,
    operation: Operation<'_>,
    reduction: Option<&Value>,
) -> Result<Tensor> {
    let mut value = tensor;
    if let Some(shape) = &steps.split {
        value = method(ctx, "reshape", &[value.into(), sizes(shape)])?;
    }
    if let Some(order) = &steps.order {
        value = method(ctx, "permute", &[value.into(), sizes(order)])?;
    }
    if !steps.reduced.is_empty() {
        value = match (operation, reduction) {
            (Operation::Custom(_), Some(function)) => {
                let args = [Value::Tensor(value), sizes(&steps.reduced)];
                one(ctx.call(function, Args::positional(&args))?)?
            }
            _ => reduced(ctx, value, operation.name(), &steps.reduced)?,
        };
    }
    if !steps.added.is_empty() {
        let mut lengths = vec![-1; steps.ndim];
        for &(at, length) in &steps.added {
            value = method(ctx, "unsqueeze", &[value.into(), Value::from(at)])?;
            lengths[at] = length;
        }
        value = method(ctx, "expand", &[value.into(), sizes(&lengths)])?;
        if value.is_numpy() {
            // NumPy's tile copies.
            value = method(ctx, "clone", &[value.into()])?;
        }
    }
    if let Some(shape) = &steps.join {
        value = method(ctx, "reshape", &[value.into(), sizes(shape)])?;
    }
    Ok(value)
}

/// A reduction by its name.
fn reduced(ctx: &mut dyn Ctx, tensor: Tensor, name: &str, dims: &[i64]) -> Result<Tensor> {
    let all = sizes(dims);
    match name {
        "min" => method(ctx, "amin", &[tensor.into(), all]),
        "max" => method(ctx, "amax", &[tensor.into(), all]),
        "mean" if !tensor.array().dtype.is_float() => {
            let sentence = "reduce_mean is not available for non-floating tensors";
            let error = Error::new(Class::NotImplementedError, sentence);
            Err(error.label(Place::Arg(0), tensor.array().describe()))
        }
        // One dimension after the other, as einops does with PyTorch: it decides how a product is rounded.
        "prod" | "any" | "all" => dims
            .iter()
            .rev()
            .try_fold(tensor, |value, &dim| method(ctx, name, &[value.into(), Value::Int(dim)])),
        _ => method(ctx, name, &[tensor.into(), all]),
    }
}

/// `einsum(*tensors, pattern)`
fn einsum(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if let Some((key, _)) = args.keywords.first() {
        return Err(Error::type_error(format!("einsum() got an unexpected keyword argument '{key}'")));
    }
    let Some((last, tensors)) = args.positional.split_last().filter(|(_, tensors)| !tensors.is_empty())
    else {
        return Err(Error::value(
            "`einops.einsum` takes at minimum two arguments: the tensors (at least one), followed by the pattern.",
        ));
    };
    let place = tensors.len();
    let Value::Str(pattern) = last else {
        return Err(Error::value(
            "The last argument passed to `einops.einsum` must be a string, representing the einsum pattern.",
        )
        .label(Place::Arg(place), last.type_name()));
    };
    let (equation, names) = equation(pattern, place)?;
    if let Some((n, other)) = tensors.iter().enumerate().find(|(_, value)| !matches!(value, Value::Tensor(_)))
    {
        return Err(unknown(other, n));
    }
    let mut operands = vec![Value::str(equation)];
    operands.extend_from_slice(tensors);
    let letters = |error: Error| {
        let mut error = error;
        error.data_mut().labels.clear();
        error.data_mut().fix = None;
        let meanings: Vec<String> =
            names.iter().map(|(name, letter)| format!("{letter} is {name}")).collect();
        error
            .label(Place::Arg(place), "")
            .note(format!("in the equation that is computed {}", meanings.join(", ")))
    };
    function(ctx, "einsum", &operands).map_err(letters)
}

/// A pattern as an equation of letters, and which letter each name got.
fn equation(pattern: &str, place: usize) -> Result<(String, Vec<(String, char)>)> {
    let plain = |fault: Fault| fault.error(place, str::to_owned);
    let Some(arrow) = pattern.find("->") else {
        return Err(
            Error::value("Einsum pattern must contain '->'.").label(Place::Arg(place), "there is no `->`")
        );
    };
    if pattern[arrow + 2..].contains("->") {
        check_arrow(pattern, place)?;
    }
    let mut letters =
        ('a'..='z').chain('A'..='Z').chain(('\u{c0}'..='\u{2ffff}').filter(|c| c.is_alphabetic()));
    let mut names: Vec<(String, char)> = Vec::new();
    let mut equation = String::new();
    let rules = Rules { underscore: true, duplicates: true };
    let mut start = 0;
    for (n, term) in pattern[..arrow].split(',').enumerate() {
        if n > 0 {
            equation.push(',');
        }
        let side = Side::parse(pattern, start..start + term.len(), rules).map_err(plain)?;
        start += term.len() + 1;
        for name in einsum_names(&side, place)? {
            let known = names.iter().find(|(known, _)| known == name).map(|(_, letter)| *letter);
            match (name, known) {
                ("...", _) => equation.push_str(name),
                (_, Some(letter)) => equation.push(letter),
                (_, None) => {
                    let letter = letters.next().ok_or_else(|| Error::runtime("Too many axes in einsum."))?;
                    names.push((name.to_owned(), letter));
                    equation.push(letter);
                }
            }
        }
    }
    equation.push_str("->");
    let rules = Rules { underscore: true, duplicates: false };
    let side = Side::parse(pattern, arrow + 2..pattern.len(), rules).map_err(plain)?;
    let axes: Vec<_> = side.axes().map(|axis| axis.at.clone()).collect();
    for (name, at) in einsum_names(&side, place)?.into_iter().zip(axes) {
        match names.iter().find(|(known, _)| known == name) {
            _ if name == "..." => equation.push_str(name),
            Some((_, letter)) => equation.push(*letter),
            None => {
                let near = crate::ops::nearest::nearest(name, names.iter().map(|(known, _)| known.as_str()));
                let label = near.map_or(String::new(), |near| format!("did you mean '{near}'?"));
                let fault = Fault::new(format!("Unknown axis {name} on right side of einsum {pattern}."));
                return Err(plain(fault.at(at, label)));
            }
        }
    }
    Ok((equation, names))
}

/// The names of a side, which einsum takes one a dimension.
fn einsum_names(side: &Side, place: usize) -> Result<Vec<&str>> {
    let refused = |what: &str, at: std::ops::Range<usize>| {
        let error = Error::new(Class::NotImplementedError, format!("{what} not yet supported in einsum."));
        Err(error.label(Place::Within(place, at.start as u32, at.end as u32), ""))
    };
    let mut names = Vec::new();
    for group in &side.groups {
        match group.axes.as_slice() {
            [] => return refused("Singleton () axes are", group.at.clone()),
            [axis] => match &axis.name {
                Name::Ellipsis => names.push("..."),
                Name::Named(name) => names.push(&**name),
                Name::Anonymous(_) => return refused("Anonymous axes are", group.at.clone()),
            },
            _ => return refused("Shape rearrangement is", group.at.clone()),
        }
    }
    Ok(names)
}

/// The items of a list or tuple.
pub(super) fn items(value: &Value, place: usize) -> Result<Vec<Value>> {
    match crate::ops::bind::items(value) {
        Some(items) => Ok(items.into_vec()),
        None => Err(Error::type_error(format!("'{}' object is not iterable", value.type_name()))
            .label(Place::Arg(place), "a list of tensors is wanted here")),
    }
}
