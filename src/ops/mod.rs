//! Stand-in.
pub mod dispatch {
    //! x
    use crate::error::*;
    use crate::value::entry::*;
    use crate::value::*;
    /// x
    pub fn call(ctx: &mut dyn Ctx, entry: &'static Entry, args: Args<'_>) -> Result<Value> {
        match entry.forward {
            Forward::Raw(f) => f(ctx, args),
            _ => Err(Error::runtime("no")),
        }
    }
    /// x
    pub fn call_method(ctx: &mut dyn Ctx, entry: &'static Entry, args: Args<'_>) -> Result<Value> {
        call(ctx, entry, args)
    }
}
pub mod table {
    //! x
    use crate::value::*;
    /// x
    pub fn method(_name: &str) -> Option<&'static Entry> {
        None
    }
    /// x
    pub fn all() -> impl Iterator<Item = &'static Entry> {
        [].into_iter()
    }
}
pub mod nearest;
