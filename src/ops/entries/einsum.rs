//! The entry of einsum: what it takes is read here, what it does is in [`crate::einsum`].

use crate::einsum::account::Account;
use crate::einsum::notation::{Notation, Numbers};
use crate::einsum::path;
use crate::einsum::record::{Measuring, Record};
use crate::einsum::{Compiled, compiled, remembered, warns};
use crate::error::{Class, Error, Place, Result};
use crate::host::{Progress, Stream};
use crate::kernels::{cast, trace};
use crate::markup::{Markup, Role};
use crate::ops::derivatives;
use crate::tensor::array::Array;
use crate::value::entry::{BARE, Category, Entry, Forward, Gradient, NUMPY, TORCH};
use crate::value::graph;
use crate::value::{Args, Ctx, Tensor, Value, wrong_type};
use std::rc::Rc;
use std::time::{Duration, Instant};

crate::entries![
    Entry {
        name: "einsum",
        signature: "(equation: str, *operands: Tensor) -> Tensor",
        on: TORCH,
        category: Category::Einsum,
        summary: "sums of products by index notation: repeated letters meet, letters that are not in the output are summed",
        examples: &[
            (
                "torch.einsum('ij,jk->ik', torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]]))",
                "tensor([[19, 22],\n        [43, 50]])",
            ),
            ("torch.einsum('ii->i', torch.arange(9).reshape(3, 3))", "tensor([0, 4, 8])"),
        ],
        forward: Forward::Raw(run),
        gradient: Gradient::NotDifferentiable,
        ..Entry::EMPTY
    },
    Entry {
        name: "einsum",
        signature: "(equation: str, *operands: Tensor, optimize: bool | str | list = True) -> Tensor",
        on: BARE | NUMPY,
        category: Category::Einsum,
        summary: "sums of products by index notation; `optimize` may be a path of positions, which is followed",
        examples: &[("einsum('i,i->', torch.arange(3), torch.arange(3), optimize='optimal')", "tensor(5)")],
        forward: Forward::Raw(run_with_options),
        gradient: Gradient::NotDifferentiable,
        ..Entry::EMPTY
    },
    Entry {
        name: "einsum_path",
        signature: "(equation: str, *operands: Tensor, optimize: bool | str | list = True) -> tuple",
        on: BARE | NUMPY,
        category: Category::Einsum,
        summary: "in which order the operands of an einsum meet: the path, and a report; nothing is computed",
        examples: &[(
            "einsum_path('ij,jk,kl->il', torch.ones(9, 2), torch.ones(2, 9), torch.ones(9, 2))[0]",
            "['einsum_path', (1, 2), (0, 1)]",
        )],
        forward: Forward::Raw(run_path),
        gradient: Gradient::NotDifferentiable,
        ..Entry::EMPTY
    }
];

/// `np.einsum(.., optimize=..)`: our plans are the best there are, so only a path that is given, or a limit, changes
/// anything.
fn run_with_options(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let optimize = options(args)?;
    match optimize {
        Optimize::Always => run(ctx, Args::positional(args.positional)),
        _ => Call::new(args.positional)?.run(ctx, &optimize),
    }
}

/// `np.einsum_path`
fn run_path(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let optimize = options(args)?;
    let call = Call::new(args.positional)?;
    let arrays = promoted(&call.tensors)?;
    let ready = call.compiled(&arrays, &optimize)?;
    let mut list: Vec<Value> = vec![Value::str("einsum_path")];
    for positions in path::positions(&ready.plan, arrays.len()) {
        let items: Vec<Value> = positions.into_iter().map(|at| Value::Int(at as i64)).collect();
        list.push(Value::tuple(items));
    }
    Ok(Value::tuple(vec![Value::list(list)?, Value::str(ready.report())]))
}

/// What `optimize=` asks for.
enum Optimize {
    /// The best plan, which we make anyway.
    Always,
    /// `['einsum_path', (0, 1), ..]`: the positions that meet.
    Path(Vec<Vec<usize>>),
    /// `('greedy', 1000)`: the most elements that the result of a step may have.
    Limit(f64),
}

/// An equation and its operands, as they were given.
struct Call<'a> {
    equation: Equated<'a>,
    tensors: Vec<Tensor>,
}

/// Either form of an equation.
enum Equated<'a> {
    Text(&'a str),
    Lists(Vec<Numbers>, Option<Numbers>),
}

impl<'a> Call<'a> {
    /// Reads `einsum(equation, *operands)`, `einsum(equation, operands)` or `einsum(x, [0, 1], y, [1, 2], [0, 2])`.
    fn new(args: &'a [Value]) -> Result<Call<'a>> {
        let (first, rest) = match args {
            [first, rest @ ..] if !rest.is_empty() => (first, rest),
            _ => {
                return Err(Error::value(
                    "einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list",
                ));
            }
        };
        match first {
            Value::Tensor(_) => sublists(args),
            Value::Str(text) => Ok(Call { equation: Equated::Text(text), tensors: operands(rest)? }),
            other => Err(wrong_type("einsum(): argument 'equation' (position 1) must be str", other)),
        }
    }

    fn notation(&self) -> Notation<'_> {
        match &self.equation {
            Equated::Text(text) => Notation::Text(text),
            Equated::Lists(operands, output) => Notation::Lists(operands, output.as_ref()),
        }
    }

    /// Bound and planned for these operands.
    fn compiled(&self, arrays: &[Array], optimize: &Optimize) -> Result<Rc<Compiled>> {
        let most = if let Optimize::Limit(most) = optimize { Some(*most) } else { None };
        let ready = compiled(self.notation(), arrays, most).map_err(in_equation)?;
        let Optimize::Path(path) = optimize else { return Ok(ready) };
        let pairs = path::pairs(path, arrays.len()).ok_or_else(|| {
            Error::runtime("Invalid einsum_path is specified: it does not contract every operand once")
        })?;
        Ok(Rc::new(ready.in_order(&pairs)))
    }

    /// The tensor it comes to.
    fn run(&self, ctx: &mut dyn Ctx, optimize: &Optimize) -> Result<Value> {
        let arrays = promoted(&self.tensors)?;
        let ready = self.compiled(&arrays, optimize)?;
        if warns() {
            warn(ctx, &ready);
        }
        finish(ctx, self.notation().text(), &ready, &self.tensors, &arrays)
    }
}

/// What is given by `optimize`.
fn options(args: Args<'_>) -> Result<Optimize> {
    for (name, _) in args.keywords {
        if &**name != "optimize" {
            return Err(Error::type_error(format!("einsum() got an unexpected keyword argument '{name}'")));
        }
    }
    let Some((_, value)) = args.keywords.first() else { return Ok(Optimize::Always) };
    let items = match value {
        Value::Bool(_) => return Ok(Optimize::Always),
        Value::Str(name) => return known(name).map(|()| Optimize::Always),
        _ => crate::ops::bind::items(value)
            .ok_or_else(|| wrong_type("optimize must be a bool, a name or a path", value))?,
    };
    let (head, steps) = match items.split_first() {
        Some((Value::Str(head), steps)) => (head, steps),
        _ => return Err(wrong_type("optimize must begin with a name, as in ['einsum_path', (0, 1)]", value)),
    };
    if **head != *"einsum_path" {
        known(head)?;
        return match steps {
            [] => Ok(Optimize::Always),
            [Value::Int(most)] if *most > 0 => Ok(Optimize::Limit(*most as f64)),
            [Value::Float(most)] if *most > 0.0 => Ok(Optimize::Limit(*most)),
            [other, ..] => Err(wrong_type(
                "a limit is the most elements that the result of a step may have, and positive",
                other,
            )),
        };
    }
    let positions = |step: &Value| -> Result<Vec<usize>> {
        let ints = crate::ops::arguments::ints_of(step);
        let ints = ints.ok_or_else(|| wrong_type("a step of a path is a tuple of positions", step))?;
        ints.iter()
            .map(|&at| usize::try_from(at).map_err(|_| wrong_type("a position is not negative", step)))
            .collect()
    };
    steps.iter().map(positions).collect::<Result<Vec<_>>>().map(Optimize::Path)
}

fn known(name: &str) -> Result<()> {
    match name {
        "greedy" | "optimal" => Ok(()),
        _ => Err(Error::new(Class::KeyError, format!("('Path name %s not found', '{name}')"))),
    }
}

/// `einsum(equation, *operands)`, `einsum(equation, operands)` or `einsum(x, [0, 1], y, [1, 2], [0, 2])`.
fn run(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if let ([Value::Str(equation), Value::Tensor(a), Value::Tensor(b)], []) = (args.positional, args.keywords)
        && let Some(result) = again(equation, a, b)
    {
        return Ok(Tensor::of_flavour(result?, a.flavour()).into());
    }
    if let Some((name, _)) = args.keywords.first() {
        return Err(Error::type_error(format!("einsum() got an unexpected keyword argument '{name}'")));
    }
    Call::new(args.positional)?.run(ctx, &Optimize::Always)
}

/// The tensor of a contraction, which remembers what it is made of where gradients are asked for.
fn finish(
    ctx: &mut dyn Ctx,
    equation: &str,
    ready: &Rc<Compiled>,
    tensors: &[Tensor],
    arrays: &[Array],
) -> Result<Value> {
    let result = contract(ctx, equation, ready, arrays).map_err(in_equation)?;
    let shares = ready.is_view() && result.storage.same(&arrays[0].storage);
    let result = match shares {
        true => Tensor::view_of(&tensors[0], result, ctx.call_site()),
        false => Tensor::of_flavour(result, tensors[0].flavour()),
    };
    if graph::active() && tensors.iter().any(Tensor::requires_grad) && !ctx.state().no_grad {
        derivatives::einsum::record(&ready.binding, tensors, &result);
    }
    Ok(result.into())
}

/// A product of two matrices that was asked for before.
fn again(equation: &str, a: &Tensor, b: &Tensor) -> Option<Result<Array>> {
    if trace::is_on() || Measuring::is_on() || warns() || graph::active() {
        return None;
    }
    let (first, second) = (a.array(), b.array());
    let known = remembered(equation, [first.shape(), second.shape()].into_iter())?;
    known.quickly(&first, &second)
}

/// Says which letters are summed away silently.
#[cold]
fn warn(ctx: &mut dyn Ctx, ready: &Compiled) {
    for id in ready.binding.lonely() {
        let letter = ready.binding.labels[id as usize];
        let operand = ready.binding.operands.iter().position(|ids| ids.contains(&id)).unwrap_or(0);
        let mut text = Markup::new();
        text.push(Role::Note, "note").push(
            Role::Text,
            format!(": einsum: {letter} occurs once, in operand {operand}, and is summed away; name it in the output to keep it\n"),
        );
        // Where nobody reads notes, the work goes on.
        let _ = ctx.host().write(Stream::Err, &text);
    }
}

/// Runs it, and tells those who want to know.
fn contract(ctx: &mut dyn Ctx, equation: &str, ready: &Rc<Compiled>, arrays: &[Array]) -> Result<Array> {
    if trace::is_on() {
        let before = trace::len();
        let mut record = Record::on();
        let result = ready.run(arrays, &mut record)?;
        trace::truncate(before);
        let account = Account {
            equation: equation.to_owned(),
            compiled: ready.clone(),
            operands: arrays.to_vec(),
            result: result.clone(),
            done: record.into_steps(),
        };
        let moves = !ready.is_view();
        trace::push(trace::Step::Kernel(trace::Kernel {
            name: "einsum",
            reads: if moves { arrays.to_vec() } else { Vec::new() },
            writes: if moves { vec![result.clone()] } else { Vec::new() },
            detail: Some(Rc::new(account)),
        }));
        return Ok(result);
    }
    if Measuring::is_on() {
        let mut record = Record::on();
        let result = ready.run(arrays, &mut record)?;
        Measuring::leave(record.into_steps());
        return Ok(result);
    }
    let whole = ready.plan.cost().total();
    if whole < LONG || !ctx.host().shows_progress() {
        return ready.run(arrays, &mut Record::off());
    }
    let began = Instant::now();
    let mut tell = |step: usize, of: usize| {
        if whole > SURELY_LONG || began.elapsed() > PATIENCE {
            let before = &ready.plan.steps[..step.saturating_sub(1)];
            let done = before.iter().fold(0.0, |sum, step| sum + step.cost.total()) / whole * 100.0;
            let text = format!("einsum: step {} of {of}, {done:.0}% of the work is done", step.max(1));
            ctx.host().progress(Progress::Show(&text));
        }
    };
    let result = ready.run(arrays, &mut Record::heard(&mut tell));
    ctx.host().progress(Progress::Clear);
    result
}

/// From this many multiplications on, progress is shown to who waits: after some time, or, where it is going to take
/// seconds, at once.
const LONG: f64 = 1e10;
const SURELY_LONG: f64 = 4e11;
const PATIENCE: Duration = Duration::from_millis(500);

/// Mistakes are in the equation, the first argument.
fn in_equation(error: Error) -> Error {
    if error.data().labels.is_empty() { error.label(Place::Arg(0), "") } else { error }
}

/// The operands after the equation: tensors, or one list of them.
fn operands(rest: &[Value]) -> Result<Vec<Tensor>> {
    let listed: Vec<Value>;
    let values = match rest {
        [Value::List(list)] => {
            listed = list.items().clone();
            &listed
        }
        [Value::Tuple(tuple)] => &tuple.items[..],
        _ => rest,
    };
    let tensor = |(n, value): (usize, &Value)| match value {
        Value::Tensor(tensor) => Ok(tensor.clone()),
        other => {
            let error =
                format!("expected Tensor as element {n} in argument 1, but got {}", other.type_name());
            Err(Error::type_error(error).label(Place::Arg(n + 1), other.type_name()))
        }
    };
    values.iter().enumerate().map(tensor).collect()
}

/// The form with lists of numbers: an operand, its subscripts, .., and at the end perhaps those of the output.
fn sublists(args: &[Value]) -> Result<Call<'_>> {
    let (pairs, output) = if args.len() % 2 == 1 { args.split_at(args.len() - 1) } else { (args, &[][..]) };
    let (mut tensors, mut lists) = (Vec::new(), Vec::new());
    for pair in pairs.chunks(2) {
        match &pair[0] {
            Value::Tensor(tensor) => tensors.push(tensor.clone()),
            other => return Err(wrong_type("einsum(): an operand must be Tensor", other)),
        }
        lists.push(subscripts(&pair[1])?);
    }
    let output = output.first().map(subscripts).transpose()?;
    Ok(Call { equation: Equated::Lists(lists, output), tensors })
}

fn subscripts(list: &Value) -> Result<Numbers> {
    let read = |items: &[Value]| {
        let each = items.iter().map(|item| match item {
            Value::Ellipsis => Ok(None),
            Value::Int(n) => Ok(Some(*n)),
            Value::Bool(b) => Ok(Some(i64::from(*b))),
            other => {
                let name = other.type_name();
                Err(Error::type_error(format!("'>=' not supported between instances of '{name}' and 'int'")))
            }
        });
        each.collect::<Result<Vec<_>>>()
    };
    match list {
        Value::List(list) => read(&list.items()),
        Value::Tuple(tuple) => read(&tuple.items),
        other => Err(Error::new(Class::TypeError, format!("'{}' object is not iterable", other.type_name()))),
    }
}

/// The operands in their common dtype.
fn promoted(tensors: &[Tensor]) -> Result<Vec<Array>> {
    let dtype = tensors.iter().map(|t| t.array().dtype).reduce(|a, b| a.promote(b));
    let cast = |tensor: &Tensor| {
        let array = tensor.to_array();
        match dtype {
            Some(dtype) if dtype != array.dtype => cast::cast(&array, dtype),
            _ => Ok(array),
        }
    };
    tensors.iter().map(cast).collect()
}
