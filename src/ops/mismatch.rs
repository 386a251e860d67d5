//! Why a call does not fit the signature of its entry, in the sentences of PyTorch's argument parser.
//!
//! Where one overload alone takes that number of arguments, the sentence is about its parameters; otherwise all
//! overloads are listed. Arguments of methods are counted without the receiver, as PyTorch counts them.

use crate::error::{Error, Place};
use crate::ops::bind::{self, Style};
use crate::ops::nearest::nearest;
use crate::value::entry::{Default, Entry, Overload, Param, ParamType};
use crate::value::{Args, Type, Value};
use std::fmt::Write;

/// The error for arguments that no overload takes.
#[cold]
pub fn explain(entry: &'static Entry, args: Args<'_>, style: Style) -> Error {
    let skip = usize::from(style == Style::Method);
    let call = Call { name: entry.name, args, skip };
    let visible: Vec<&Overload> = entry.parsed().overloads.iter().filter(|o| !o.hidden).collect();
    let given = (args.positional.len() + args.keywords.len()).saturating_sub(skip);
    let fits = |o: &&Overload| {
        let params = o.params.iter().skip(skip).filter(|p| counts(p, skip));
        let (least, most) = (params.clone().filter(|p| p.default.is_none()).count(), params.count());
        (least..=most).contains(&given)
    };
    let plausible: Vec<&Overload> = visible.iter().copied().filter(fits).collect();
    let hidden = entry.parsed().overloads.len() > visible.len();
    match (visible.as_slice(), plausible.as_slice()) {
        ([only], _) if !hidden => call.against(only),
        (_, [only]) => call.against(only),
        _ => None,
    }
    .or_else(|| visible.iter().find_map(|overload| call.against(overload).filter(is_unpacking)))
    .unwrap_or_else(|| call.invalid_combination(&visible))
}

/// Whether a parameter is one of PyTorch's method too: `out` is the function's alone.
fn counts(param: &Param, skip: usize) -> bool {
    skip == 0 || param.name != "out"
}

/// PyTorch looks at the first item of a sequence only when it chooses an overload, so an error about a later item is about
/// the overload that was chosen.
fn is_unpacking(error: &Error) -> bool {
    error.message().contains("failed to unpack the object")
}

/// A call that failed.
struct Call<'a> {
    name: &'static str,
    args: Args<'a>,
    /// How many arguments are not counted: the receiver of a method.
    skip: usize,
}

impl Call<'_> {
    /// What is wrong with the call as one of a single overload; none where nothing is.
    fn against(&self, overload: &Overload) -> Option<Error> {
        let (name, params) = (self.name, &overload.params);
        let positional = params.iter().filter(|p| !p.keyword_only).count() - self.skip.min(params.len());
        let given = self.args.positional.len().saturating_sub(self.skip);
        let rest = self.args.positional.get(self.skip..).unwrap_or_default();
        if self.skip == 1 && params.iter().filter(|p| counts(p, 1)).count() == 1 {
            let message = match (given, self.args.keywords.is_empty()) {
                (_, false) => format!("TensorBase.{name}() takes no keyword arguments"),
                _ => format!("TensorBase.{name}() takes no arguments ({given} given)"),
            };
            return Some(Error::type_error(message).label(Place::Callee, ""));
        }
        let spreads = params
            .get(self.skip)
            .is_some_and(|p| p.variadic && rest.first().is_some_and(|v| bind::accepts_one(p, v)));
        if given > positional && !spreads {
            return Some(self.too_many(params, positional, given));
        }
        let mut at = 0;
        for (number, param) in params.iter().enumerate().skip(self.skip) {
            let from_position = rest.get(at).filter(|_| !param.keyword_only);
            match from_position {
                Some(value) if param.variadic && !bind::takes_whole(param, value) => {
                    if let Some(bad) = rest.iter().skip(at).position(|v| !bind::accepts_one(param, v)) {
                        return Some(self.bad_items(param, rest, at, bad));
                    }
                    at = rest.len();
                }
                Some(value) => {
                    if !bind::accepts(param, value) {
                        return Some(self.bad_argument(param, value, Some(at)));
                    }
                    at += 1;
                }
                None => match bind::keyword(overload, param, self.args) {
                    Some(value) if !bind::accepts(param, value) => {
                        return Some(self.bad_argument(param, value, None));
                    }
                    None if param.default.is_none() => {
                        let missing: Vec<_> =
                            params[number..].iter().filter(|p| p.default.is_none()).collect();
                        return Some(self.missing(&missing));
                    }
                    _ => {}
                },
            }
        }
        self.unexpected_keyword(overload, at)
    }

    fn too_many(&self, params: &[Param], most: usize, given: usize) -> Error {
        let needed = params.iter().skip(self.skip).filter(|p| p.default.is_none() && !p.keyword_only).count();
        let name = self.name;
        let was = if given == 1 { "was" } else { "were" };
        let message = if needed == most {
            let s = if most == 1 { "" } else { "s" };
            format!("{name}() takes {most} positional argument{s} but {given} {was} given")
        } else {
            format!("{name}() takes from {needed} to {most} positional arguments but {given} {was} given")
        };
        let first = most + self.skip;
        let label = self.args.positional.get(first).map(Value::describe).unwrap_or_default();
        Error::type_error(message).label(Place::Arg(first), label)
    }

    fn missing(&self, missing: &[&Param]) -> Error {
        let names: Vec<String> = missing.iter().map(|p| format!("\"{}\"", p.name)).collect();
        // The plural is PyTorch's.
        let s = if missing.len() == 1 { "s" } else { "" };
        Error::type_error(format!(
            "{}() missing {} required positional argument{s}: {}",
            self.name,
            missing.len(),
            names.join(", ")
        ))
        .label(Place::Callee, "")
    }

    fn bad_argument(&self, param: &Param, value: &Value, position: Option<usize>) -> Error {
        let (name, wanted) = (self.name, type_text(param));
        let place = Place::Arg(match position {
            Some(at) => at + self.skip,
            None => self.keyword_place(param.name),
        });
        if let Some(items) = bind::items(value)
            && (param.variadic || param.types.contains(&ParamType::Ints))
            && let Some(bad) = items.iter().position(|item| !bind::is_a(ParamType::Int, item))
            && bad > 0
        {
            return Error::type_error(self.unpack(param, bad, &items[bad])).label(place, value.describe());
        }
        if let Some(items) = bind::items(value)
            && param.types.contains(&ParamType::Tensors)
            && let Some(bad) = items.iter().position(|item| !matches!(item, Value::Tensor(_)))
        {
            let number = position.unwrap_or(0);
            return Error::type_error(format!(
                "expected Tensor as element {bad} in argument {number}, but got {}",
                type_name(&items[bad])
            ))
            .label(place, value.describe());
        }
        let which = match position {
            Some(at) => format!("'{}' (position {})", param.name, at + 1),
            None => format!("'{}'", param.name),
        };
        Error::type_error(format!("{name}(): argument {which} must be {wanted}, not {}", type_name(value)))
            .label(place, value.describe())
    }

    /// The arguments from `at` on were to be the items of one sequence; the `bad`-th of them is not one.
    fn bad_items(&self, param: &Param, rest: &[Value], at: usize, bad: usize) -> Error {
        let value = &rest[at + bad];
        if bad == 0 {
            return self.bad_argument(param, value, Some(at));
        }
        let message = if param.types.contains(&ParamType::Tensor) {
            format!("expected Tensor as element {bad} in argument 0, but got {}", type_name(value))
        } else {
            self.unpack(param, bad, value)
        };
        Error::type_error(message).label(Place::Arg(at + bad + self.skip), value.describe())
    }

    fn unpack(&self, param: &Param, at: usize, value: &Value) -> String {
        format!(
            "{}(): argument '{}' failed to unpack the object at pos {} with error \"type must be {},but got {}\"",
            self.name,
            param.name,
            at + 1,
            type_text(param),
            type_name(value)
        )
    }

    /// A keyword that names no parameter, or one that has its value already.
    fn unexpected_keyword(&self, overload: &Overload, used: usize) -> Option<Error> {
        for (number, (keyword, _)) in self.args.keywords.iter().enumerate() {
            let place = Place::Arg(self.args.positional.len() + number);
            let at = overload
                .params
                .iter()
                .position(|p| p.name == &**keyword || bind::synonyms(p.name).contains(&&**keyword));
            let message = match at {
                Some(at) if at < used + self.skip => {
                    format!("{}() got multiple values for argument '{keyword}'", self.name)
                }
                Some(_) => continue,
                None => format!("{}() got an unexpected keyword argument '{keyword}'", self.name),
            };
            let mut error = Error::type_error(message).label(place, "");
            if at.is_none()
                && let Some(near) = nearest(keyword, overload.params.iter().skip(self.skip).map(|p| p.name))
            {
                error = error.note(format!("did you mean `{near}`?"));
            }
            return Some(error);
        }
        None
    }

    fn keyword_place(&self, name: &str) -> usize {
        let at = self
            .args
            .keywords
            .iter()
            .position(|(keyword, _)| &**keyword == name || bind::synonyms(name).contains(&&**keyword));
        self.args.positional.len() + at.unwrap_or(0)
    }

    fn invalid_combination(&self, overloads: &[&Overload]) -> Error {
        let mut got: Vec<String> =
            self.args.positional.iter().skip(self.skip).map(|v| type_name(v).to_owned()).collect();
        let mut keywords = String::new();
        for (name, value) in self.args.keywords {
            let _ = write!(keywords, "{name}={}, ", type_name(value));
        }
        if !keywords.is_empty() {
            // PyTorch leaves the comma where keywords stand alone.
            got.push(if got.is_empty() { keywords } else { keywords.trim_end_matches(", ").to_owned() });
        }
        let head = format!(
            "{}() received an invalid combination of arguments - got ({})",
            self.name,
            got.join(", ")
        );
        let message = match overloads {
            [only] => format!("{head}, but expected {}", overload_text(only, self.skip)),
            _ => overloads.iter().fold(format!("{head}, but expected one of:"), |text, overload| {
                text + "\n * " + &overload_text(overload, self.skip)
            }),
        };
        let mut error = Error::type_error(message);
        for (number, value) in self.args.positional.iter().enumerate().skip(self.skip) {
            error = error.label(Place::Arg(number), value.describe());
        }
        if error.data().labels.is_empty() {
            error = error.label(Place::Callee, "");
        }
        let known = overloads.iter().flat_map(|o| o.params.iter().skip(self.skip).map(|p| p.name));
        for (name, _) in self.args.keywords {
            if !known.clone().any(|known| known == &**name || bind::synonyms(known).contains(&&**name))
                && let Some(near) = nearest(name, known.clone())
            {
                error = error.note(format!("there is no argument `{name}`; did you mean `{near}`?"));
            }
        }
        error
    }
}

/// An overload as PyTorch shows it: `(Tensor other, *, Number alpha = 1)`.
fn overload_text(overload: &Overload, skip: usize) -> String {
    let mut pieces = Vec::new();
    let mut keyword_only = false;
    for param in overload.params.iter().skip(skip).filter(|p| counts(p, skip)) {
        if param.keyword_only && !keyword_only {
            keyword_only = true;
            pieces.push("*".to_owned());
        }
        let mut piece = format!("{} {}", type_text(param), param.name);
        if let Some(default) = param.default {
            let _ = match default {
                Default::None => write!(piece, " = None"),
                Default::Bool(true) => write!(piece, " = True"),
                Default::Bool(false) => write!(piece, " = False"),
                Default::Int(value) => write!(piece, " = {value}"),
                Default::Float(value) => write!(piece, " = {value}"),
                Default::Str(value) => write!(piece, " = \"{value}\""),
                Default::Empty => write!(piece, " = ()"),
                Default::Ints(items) => {
                    let items: Vec<String> = items.iter().map(i64::to_string).collect();
                    write!(piece, " = ({})", items.join(","))
                }
            };
        }
        pieces.push(piece);
    }
    format!("({})", pieces.join(", "))
}

/// What a parameter takes, as PyTorch's sentences name it.
fn type_text(param: &Param) -> &'static str {
    let has = |kind| param.types.contains(&kind);
    if param.variadic {
        return if has(ParamType::Tensor) { "tuple of Tensors" } else { "tuple of ints" };
    }
    // Where several types will do PyTorch names one: a number passes as a tensor, an int as a tuple of them.
    for kind in [ParamType::Tensor, ParamType::Ints, ParamType::Tensors] {
        if has(kind) {
            return kind.text();
        }
    }
    param.types.iter().find(|&&kind| kind != ParamType::None).map_or("None", |kind| kind.text())
}

/// The name of a value's type as C extensions spell it: `torch.dtype`, `numpy.ndarray`.
pub fn type_name(value: &Value) -> &'static str {
    match value.type_of() {
        Type::DType => "torch.dtype",
        Type::Device => "torch.device",
        Type::Size => "torch.Size",
        Type::NdArray => "numpy.ndarray",
        _ => value.type_name(),
    }
}
