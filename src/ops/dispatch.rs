//! The one door to the ops: binds the arguments, runs the entry, remembers what a view is a view of, and says in errors
//! which arguments they are about.

use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::{Opcode, pending};
use crate::kernels::trace;
use crate::kernels::watch;
use crate::ops::apply::{self, Operands};
use crate::ops::autograd;
use crate::ops::bind::{Style, bind};
use crate::ops::door;
use crate::ops::table;
use crate::ops::write;
use crate::tensor::promote::{self, Rule};
use crate::value::entry::{Bindings, Chosen, Entry, Forward, Gradient, INIT};
use crate::value::graph::{self, Derivative};
use crate::value::tensor::Bond;
use crate::value::{Args, Ctx, Tensor, Value};
use smallvec::SmallVec;

/// Calls an entry as a function: `torch.sum(x)`.
pub fn call(ctx: &mut dyn Ctx, entry: &'static Entry, args: Args<'_>) -> Result<Value> {
    run(ctx, entry, args, Style::Function)
}

/// Calls an entry as a method; the receiver is the first argument.
pub fn call_method(ctx: &mut dyn Ctx, entry: &'static Entry, args: Args<'_>) -> Result<Value> {
    run(ctx, entry, args, Style::Method)
}

fn run(ctx: &mut dyn Ctx, entry: &'static Entry, args: Args<'_>, style: Style) -> Result<Value> {
    let fleeting = pending::take_wish();
    let recorded = trace::is_on().then(|| (trace::name_op(entry.name), trace::len()));
    if pending::any() {
        door::before(entry, args)?;
    }
    if let Forward::Raw(function) = entry.forward {
        let value = function(ctx, args).map_err(|error| explain(error, args))?;
        if let Some((outer, before)) = recorded {
            door::record(entry, args, &value, before);
            trace::name_op(outer);
        }
        return Ok(value);
    }
    let bindings = bind(entry, args, style)?;
    let value = if writes(entry) || (graph::active() && writes_by_flag(entry, &bindings)) {
        write(ctx, entry, &bindings)
    } else if autograd::wanted(ctx, &bindings.values) {
        tracked(ctx, entry, &bindings)
    } else {
        pending::wish(fleeting && door::may_wait(entry, args));
        forward(ctx, entry, &bindings)
    };
    let value = value.map_err(|error| locate(error, entry, &bindings, args))?;
    if watch::is_on()
        && let Value::Tensor(result) = &value
        && !matches!(entry.forward, Forward::View(_))
    {
        watch::look(entry.name, &result.array())?;
    }
    pending::wish(false);
    if pending::any() {
        door::after(args, &value, fleeting)?;
    }
    if let Some((outer, before)) = recorded {
        door::record(entry, args, &value, before);
        trace::name_op(outer);
    }
    Ok(value)
}

/// Whether an entry writes into its first argument, which is said by its name.
#[inline]
fn writes(entry: &Entry) -> bool {
    entry.name.as_bytes().last() == Some(&b'_')
        && !matches!(entry.name, "requires_grad_" | "detach_")
        && !entry.name.starts_with("__")
}

/// Whether it was told to: `F.relu(x, inplace=True)`.
fn writes_by_flag(entry: &'static Entry, bindings: &Bindings) -> bool {
    let given = |n: usize| matches!(bindings.values.get(n), Some(Value::Bool(true)));
    if !bindings.values.iter().any(|value| matches!(value, Value::Bool(true))) {
        return false;
    }
    let overload = entry.parsed().overloads.get(bindings.overload);
    overload
        .is_some_and(|o| o.params.iter().enumerate().any(|(n, param)| param.name == "inplace" && given(n)))
}

/// Runs an entry of whose operands one asks for gradients.
#[cold]
fn tracked(ctx: &mut dyn Ctx, entry: &'static Entry, bindings: &Bindings) -> Result<Value> {
    if out_argument(entry, bindings).is_some() {
        return Err(Error::runtime(format!(
            "{}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.",
            entry.name
        )));
    }
    autograd::record::call(ctx, entry, bindings)
}

/// Runs an entry that writes into its first argument, and records that where gradients are asked for.
fn write(ctx: &mut dyn Ctx, entry: &'static Entry, bindings: &Bindings) -> Result<Value> {
    if !graph::active() || entry.is_on(INIT) || !autograd::wanted(ctx, &bindings.values) {
        let value = forward(ctx, entry, bindings)?;
        if let Ok(target) = bindings.tensor(0) {
            target.count_edit();
        }
        return Ok(value);
    }
    let target = bindings.tensor(0)?.clone();
    let derivative: Option<&'static Derivative> = match (entry.gradient, &entry.forward) {
        (Gradient::Differentiable(derivative), _) => Some(derivative),
        (Gradient::Todo(_), _) => Some(&autograd::record::UNWRITTEN),
        (Gradient::NotDifferentiable, _) => Some(&autograd::record::ERASED),
        (Gradient::View(name), Forward::InPlace(base)) => {
            return view_in_place(ctx, base, bindings, name(bindings));
        }
        (Gradient::View(_), _) => None,
        (Gradient::Composed(function), _) => {
            autograd::writing::begin(ctx, None, bindings, 1)?;
            let result = function(ctx, bindings)?;
            let copy = table::method("copy_").ok_or_else(|| Error::runtime("copy_ is an op"))?;
            return call(ctx, copy, Args::positional(&[target.into(), result]));
        }
    };
    let recording = autograd::writing::begin(ctx, derivative, bindings, bindings.values.len())?;
    let value = forward(ctx, entry, bindings)?;
    target.count_edit();
    if let Some(recording) = recording {
        recording.finish(&target)?;
    }
    Ok(value)
}

/// `x.t_()`: another view in the same object, whose node is that of the view.
fn view_in_place(
    ctx: &mut dyn Ctx,
    base: &'static Entry,
    bindings: &Bindings,
    name: &'static str,
) -> Result<Value> {
    let target = bindings.tensor(0)?.clone();
    let before = Tensor::new(target.to_array());
    autograd::writing::begin(ctx, None, bindings, 1)?;
    if let Some((node, result)) = autograd::node(&target) {
        before.set_node(node, result);
    }
    let mut values = bindings.values.clone();
    values[0] = before.into();
    let value = autograd::record::view(
        ctx,
        base,
        &Bindings { entry: base, overload: bindings.overload, values, in_place: std::cell::Cell::new(false) },
        name,
    )?;
    if let Value::Tensor(view) = &value {
        target.replace(view.to_array());
        target.count_edit();
        if let Some((node, result)) = view.node() {
            target.set_node(node, result);
        }
    }
    Ok(target.into())
}

/// Runs an entry on bound arguments.
pub fn forward(ctx: &mut dyn Ctx, entry: &'static Entry, bindings: &Bindings) -> Result<Value> {
    match entry.forward {
        Forward::InPlace(base) => in_place(ctx, base, bindings),
        _ => match out_argument(entry, bindings) {
            Some(out) => {
                write::check_out_first(entry, bindings, &out)?;
                let result = compute(ctx, entry, bindings)?;
                write::check_out(entry, &result, &out)?;
                write::into_out(&result, &out)?;
                if let Value::Tensor(out) = &out {
                    out.count_edit();
                }
                Ok(out)
            }
            None => compute(ctx, entry, bindings),
        },
    }
}

fn compute(ctx: &mut dyn Ctx, entry: &'static Entry, bindings: &Bindings) -> Result<Value> {
    match entry.forward {
        Forward::Elementwise(opcode, rule) => {
            let operands: SmallVec<[&Value; 3]> = bindings.values.iter().take(opcode.arity).collect();
            apply::elementwise(opcode, rule, &operands)
        }
        Forward::Chosen(choose) => {
            let fleeting = pending::take_wish();
            let Chosen { opcode, rule, operands } = choose(bindings)?;
            pending::wish(fleeting);
            apply::elementwise(opcode, rule, &operands.iter().collect::<SmallVec<[&Value; 3]>>())
        }
        Forward::Eager(function) => function(ctx, bindings),
        Forward::View(function) => {
            let value = function(ctx, bindings)?;
            if let Ok(parent) = bindings.tensor(0) {
                adopt(ctx, parent, &value);
            }
            Ok(value)
        }
        Forward::Raw(function) => function(ctx, Args::positional(&bindings.values)),
        Forward::InPlace(base) => compute(ctx, base, bindings),
    }
}

/// The in-place form of an elementwise op: one pass, straight into the target.
fn elementwise_in_place(
    target: &Tensor,
    (opcode, rule): (&'static Opcode, Rule),
    values: &[&Value],
    bindings: &Bindings,
) -> Result<()> {
    let Some(operands) = Operands::of(values)? else {
        return Err(Error::type_error(format!("{}(): arguments must be tensors or numbers", opcode.name)));
    };
    let dest = target.to_array();
    // PyTorch's order: what the op refuses, overlaps, shapes, what the target cannot hold, what the kernel refuses.
    let types = operands.types(rule);
    if !rule.refuses_late() {
        types.as_ref().map_err(Clone::clone)?;
    }
    write::check_overlap(target, bindings)?;
    let shape = operands.shape()?;
    if shape.as_slice() != dest.shape() {
        return Err(write::wrong_shape(&dest, &shape));
    }
    let types = types?;
    promote::check_cast(types.output, dest.dtype)?;
    operands.apply_into(opcode, types.compute, &dest)
}

/// Marks the tensors in a view's result that share the parent's storage as views of it.
fn adopt(ctx: &mut dyn Ctx, parent: &Tensor, value: &Value) {
    let items: &[Value] = match value {
        Value::Tensor(_) => std::slice::from_ref(value),
        Value::Tuple(tuple) => &tuple.items,
        _ => return,
    };
    let site = ctx.call_site();
    for item in items {
        if let Value::Tensor(view) = item
            && !view.same(parent)
            && view.origin().is_none()
            && view.array().storage.same(&parent.array().storage)
        {
            view.set_origin(parent, site.clone());
            if graph::active() && ctx.state().no_grad {
                view.set_bond(Bond::Unrecorded);
            }
        }
    }
}

/// The in-place form: what the entry gives is written into its first argument; of a view the layout is.
fn in_place(ctx: &mut dyn Ctx, base: &'static Entry, bindings: &Bindings) -> Result<Value> {
    let target = bindings.tensor(0)?.clone();
    if let Forward::View(function) = base.forward {
        let Value::Tensor(view) = function(ctx, bindings)? else {
            return Err(Error::runtime(format!("{}_ does not give one tensor", base.name)));
        };
        let array = view.to_array();
        target.replace(array);
        return Ok(target.into());
    }
    match base.forward {
        Forward::Elementwise(opcode, rule) => {
            let values: SmallVec<[&Value; 3]> = bindings.values.iter().take(opcode.arity).collect();
            elementwise_in_place(&target, (opcode, rule), &values, bindings)?;
            return Ok(target.into());
        }
        Forward::Chosen(choose) => {
            let Chosen { opcode, rule, operands } = choose(bindings)?;
            let values: SmallVec<[&Value; 3]> = operands.iter().collect();
            elementwise_in_place(&target, (opcode, rule), &values, bindings)?;
            return Ok(target.into());
        }
        _ => {}
    }
    if let Err(overlap) = write::check_overlap(&target, bindings) {
        // What the op itself refuses is told first.
        return Err(compute(ctx, base, bindings).err().unwrap_or(overlap));
    }
    bindings.in_place.set(true);
    // What the engine computes goes straight into the target.
    pending::wish(door::streams(base));
    let result = compute(ctx, base, bindings);
    pending::wish(false);
    bindings.in_place.set(false);
    let result = result?;
    match result {
        Value::Tensor(result) => write::store(&target, &result.array())?,
        other => return Err(crate::value::wrong_type("an in-place op gives a tensor", &other)),
    }
    Ok(target.into())
}

/// The value of the parameter `out`, where one was given.
fn out_argument(entry: &'static Entry, bindings: &Bindings) -> Option<Value> {
    let params = &entry.parsed().overloads.get(bindings.overload)?.params;
    let last = params.iter().rposition(|param| param.name == "out")?;
    bindings.values.get(last).filter(|value| !matches!(value, Value::None)).cloned()
}

/// Puts the places of an error, which count parameters, to the arguments of the call, and shows the types of the tensors
/// involved where the op has said nothing of them.
#[cold]
fn locate(mut error: Error, entry: &'static Entry, bindings: &Bindings, args: Args<'_>) -> Error {
    let place = |n: usize| argument_of(entry, bindings, args, n);
    let data = error.data_mut();
    for label in &mut data.labels {
        if let Place::Arg(n) = label.place {
            label.place = place(n).map_or(Place::Whole, Place::Arg);
        }
        if let Place::Within(n, start, end) = label.place {
            label.place = place(n).map_or(Place::Whole, |at| Place::Within(at, start, end));
        }
    }
    if let Some(fix) = &mut data.fix
        && let Place::Arg(n) = fix.place
    {
        match place(n) {
            Some(at) => fix.place = Place::Arg(at),
            None => data.fix = None,
        }
    }
    explain(error, args)
}

/// Which argument of the call a parameter was filled from.
fn argument_of(entry: &'static Entry, bindings: &Bindings, args: Args<'_>, n: usize) -> Option<usize> {
    let params = &entry.parsed().overloads.get(bindings.overload)?.params;
    if n < args.positional.len() {
        return Some(n);
    }
    let name = params.get(n)?.name;
    let at = args
        .keywords
        .iter()
        .position(|(keyword, _)| &**keyword == name || super::bind::synonyms(name).contains(&&**keyword))?;
    Some(args.positional.len() + at)
}

/// Shows the type of every tensor argument, where an error of shapes or values has no labels of its own.
#[cold]
fn explain(mut error: Error, args: Args<'_>) -> Error {
    let class = error.class();
    if !error.data().labels.is_empty() || class == Class::KeyboardInterrupt || class == Class::SystemExit {
        return error;
    }
    let keywords = args.keywords.iter().map(|(_, value)| value);
    for (n, value) in args.positional.iter().chain(keywords).enumerate() {
        if matches!(value, Value::Tensor(_)) {
            error = error.label(Place::Arg(n), value.describe());
        }
    }
    error
}
