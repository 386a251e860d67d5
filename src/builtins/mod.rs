//! Stand-in.
use crate::error::*;
use crate::value::entry::*;
use crate::value::*;
/// x
pub fn lookup(name: &str) -> Option<Value> {
    TABLE.iter().find(|e| e.name == name).map(Value::Entry)
}
/// x
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|e| e.name)
}
/// x
pub fn table() -> impl Iterator<Item = &'static Entry> {
    TABLE.iter()
}
/// x
pub fn call_type(_: &mut dyn Ctx, _: Type, _: Args<'_>) -> Result<Value> {
    Ok(Value::None)
}
/// x
pub fn import(path: &str) -> Result<&'static Module> {
    Err(Error::new(Class::ModuleNotFoundError, path))
}
fn print(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let mut s = Vec::new();
    for a in args.positional {
        s.push(crate::protocol::text(ctx, a)?);
    }
    ctx.print(&format!("{}\n", s.join(" ")))?;
    Ok(Value::None)
}
fn range(_ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let Value::Int(stop) = args.positional[0] else { return Ok(Value::None) };
    Ok(Value::Range(std::rc::Rc::new(Range { start: 0, stop, step: 1 })))
}
static TABLE: [Entry; 2] = [
    crate::protocol::methods::method(PYTHON, "print", "", "", print),
    crate::protocol::methods::method(PYTHON, "range", "", "", range),
];
