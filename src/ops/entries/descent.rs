//! What optimizers do to many parameters at once.

use crate::entries;
use crate::error::{Error, Result};
use crate::kernels::elementwise::{pending, short};
use crate::ops::autograd::with_mode;
use crate::ops::{bind, dispatch, table};
use crate::value::entry::{AUTOGRAD, Bindings, Category, Entry, Forward};
use crate::value::{Args, Ctx, Value};

entries![Entry {
    name: "_descend",
    signature: "(params: any, rate: float) -> None",
    on: AUTOGRAD,
    category: Category::Gradients,
    summary: "Takes a share of its gradient from each parameter that has one.",
    examples: &[(
        "w = torch.ones(2, requires_grad=True); w.sum().backward(); torch.autograd._descend([w], 0.5); w",
        "tensor([0.5000, 0.5000], requires_grad=True)"
    )],
    forward: Forward::Eager(descend),
    ..Entry::EMPTY
}];

fn descend(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let rate = b.float(1)?;
    pending::settle_all()?;
    for param in bind::items(b.value(0)).unwrap_or_default() {
        let Value::Tensor(param) = &param else { continue };
        let Some(grad) = param.grad() else { continue };
        if short::add_scaled_into(&param.array(), &grad.array(), -rate).is_some() {
            param.count_edit();
            continue;
        }
        let add = table::method("add_").ok_or_else(|| Error::runtime("add_ is an op"))?;
        let keywords = [("alpha".into(), Value::Float(-rate))];
        let positional = [param.clone().into(), grad.into()];
        with_mode(ctx, false, |ctx| {
            dispatch::call_method(ctx, add, Args { positional: &positional, keywords: &keywords })
        })?;
    }
    Ok(Value::None)
}
