//! Methods of generators.

use super::{method, nothing, one_of};
use crate::error::{Error, Result};
use crate::protocol::{arguments, exceptions, generators};
use crate::value::ctx::Resume;
use crate::value::entry::GENERATOR;
use crate::value::{Args, Ctx, Value};

crate::entries![
    method(GENERATOR, "send", "(value: any) -> any", "Goes on, with a value for the `yield`.", send),
    method(GENERATOR, "throw", "(exception: any) -> any", "Goes on with an exception at the `yield`.", throw),
    method(GENERATOR, "close", "() -> None", "Ends it; its `finally`s run.", close),
];

fn send(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (generator, rest) = arguments::method(args, "generator", "send")?;
    let value = one_of(rest, "generator", "send")?.clone();
    answer(generators::go_on(ctx, generator, Resume::Send(value))?, generator)
}

fn throw(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (generator, rest) = arguments::method(args, "generator", "throw")?;
    let error = match rest {
        [exception] => exceptions::raised(ctx, exception)?,
        // The older form: a class and what it is made with.
        [class, value, ..] if exceptions::of(value).is_none() => {
            let exception = ctx.call(class, Args::positional(std::slice::from_ref(value)))?;
            exceptions::raised(ctx, &exception)?
        }
        [_, exception, ..] => exceptions::raised(ctx, exception)?,
        [] => return Err(Error::type_error("throw expected at least 1 argument, got 0")),
    };
    answer(generators::go_on(ctx, generator, Resume::Throw(error))?, generator)
}

fn close(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (generator, rest) = arguments::method(args, "generator", "close")?;
    nothing(rest, "generator", "close")?;
    generators::close(ctx, generator)?;
    Ok(Value::None)
}

fn answer(value: Option<Value>, generator: &Value) -> Result<Value> {
    value.ok_or_else(|| generators::stop(generator))
}
