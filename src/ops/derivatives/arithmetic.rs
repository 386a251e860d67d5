//! Functions of two numbers and more.

use crate::ops::autograd::term::Term;
use crate::value::Value;
use crate::value::graph::{Derivative, OUT, P0, P1, P2, Step};

/// Whether the n-th argument is a tensor.
fn is_tensor(b: &crate::value::entry::Bindings, n: usize) -> bool {
    matches!(b.value(n), Value::Tensor(_))
}

/// The factor `alpha`, where one was given that is not 1.
fn scaled<'s>(s: &'s Step<'_>, term: Term<'s>) -> Term<'s> {
    match s.args().value(2) {
        Value::None | Value::Int(1) | Value::Unbound => term,
        alpha => term * s.term(alpha.clone()),
    }
}

/// `a + alpha * b`
pub static ADD: Derivative = Derivative {
    name: |_| "AddBackward0",
    saves: &[0],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(1, || scaled(s, s.grad()))
    },
};

/// `a - alpha * b`
pub static SUB: Derivative = Derivative {
    name: |b| if is_tensor(b, 0) { "SubBackward0" } else { "RsubBackward1" },
    saves: &[0],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(1, || -scaled(s, s.grad()))
    },
};

/// `alpha * b - a`
pub static RSUB: Derivative = Derivative {
    name: |b| if is_tensor(b, 1) { "RsubBackward0" } else { "RsubBackward1" },
    saves: &[0],
    backward: |s| {
        s.to(0, || -scaled(s, s.grad()))?;
        s.to(1, || s.grad())
    },
};

/// `a * b`
pub static MUL: Derivative = Derivative {
    name: |_| "MulBackward0",
    saves: &[P1, P0],
    backward: |s| {
        s.to(0, || s.grad() * s.input(1))?;
        s.to(1, || s.grad() * s.input(0))
    },
};

/// `a / b`; a rounded quotient has no slope.
pub static DIV: Derivative = Derivative {
    name: |b| match (is_tensor(b, 0), b.value(2)) {
        (_, Value::Str(_)) => "DivBackward2",
        (true, _) => "DivBackward0",
        (false, _) => "MulBackward0",
    },
    saves: &[P1, P0 | P1],
    backward: |s| {
        if matches!(s.args().value(2), Value::Str(_)) {
            s.to(0, || s.term(0.0))?;
            return s.to(1, || s.term(0.0));
        }
        s.to(0, || s.grad() / s.input(1))?;
        s.to(1, || -s.grad() * ((s.input(0) / s.input(1)) / s.input(1)))
    },
};

/// `a ** b`
pub static POW: Derivative = Derivative {
    name: |b| match (is_tensor(b, 0), is_tensor(b, 1)) {
        (true, true) => "PowBackward1",
        (false, _) => "PowBackward2",
        (_, false) => "PowBackward0",
    },
    saves: &[P0 | P1, P0 | P1 | OUT],
    backward: |s| {
        s.to(0, || power_slope(s))?;
        s.to(1, || {
            let (base, exponent) = (s.input(0), s.input(1));
            let slope = s.grad() * (s.output(0) * logarithm(s, &base));
            // 0 ** b is 0 for all b from 0 on: no slope there.
            let flat = match base.tensor() {
                Some(_) => base.eq(&s.term(0.0)).with("logical_and", &[&exponent.ge(&s.term(0.0))]),
                None => s.term(0.0),
            };
            if base.tensor().is_some() { slope.except(&flat) } else { slope }
        })
    },
};

/// The logarithm of a tensor or number.
fn logarithm<'s>(s: &'s Step<'_>, base: &Term<'s>) -> Term<'s> {
    match base.value() {
        Some(Value::Tensor(_)) | None => base.op("log"),
        Some(Value::Float(x)) => s.term(x.ln()),
        Some(Value::Int(n)) => s.term((*n as f64).ln()),
        Some(_) => s.term(0.0),
    }
}

fn power_slope<'s>(s: &'s Step<'_>) -> Term<'s> {
    let (base, exponent) = (s.input(0), s.input(1));
    let number = match exponent.value() {
        Some(Value::Int(n)) => Some(*n as f64),
        Some(Value::Float(x)) => Some(*x),
        Some(Value::Bool(b)) => Some(f64::from(u8::from(*b))),
        _ => None,
    };
    match number {
        Some(0.0) => s.term(0.0),
        Some(2.0) => s.grad() * (base * 2.0),
        Some(n) => s.grad() * (base.pow(n - 1.0) * n),
        None => {
            let slope = s.grad() * (&exponent * base.power(&(&exponent - 1.0)));
            slope.except(&exponent.eq(&s.term(0.0)))
        }
    }
}

/// `a % b`
pub static REMAINDER: Derivative = Derivative {
    name: |b| if is_tensor(b, 1) { "RemainderBackward1" } else { "RemainderBackward0" },
    saves: &[0, P0 | P1],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(1, || -s.grad() * (s.input(0) / s.input(1)).op("floor"))
    },
};

/// `fmod(a, b)`
pub static FMOD: Derivative = Derivative {
    name: |b| if is_tensor(b, 1) { "FmodBackward1" } else { "FmodBackward0" },
    saves: &[0, P0 | P1],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(1, || -s.grad() * (s.input(0) / s.input(1)).op("trunc"))
    },
};

/// `atan2(a, b)`
pub static ATAN2: Derivative = Derivative {
    name: |_| "Atan2Backward0",
    saves: &[P0 | P1],
    backward: |s| {
        let (y, x) = (s.input(0), s.input(1));
        let square = &x * &x + &y * &y;
        s.to(0, || s.grad() * (&x / &square))?;
        s.to(1, || s.grad() * (-&y / &square))
    },
};

/// The larger or smaller of two, whose gradient ties share.
fn extreme(s: &Step<'_>, larger: bool) -> crate::error::Result<()> {
    let (a, b) = (s.input(0), s.input(1));
    let (mine, other) = if larger { (a.lt(&b), b.lt(&a)) } else { (b.lt(&a), a.lt(&b)) };
    let tie = a.eq(&b);
    let shared = tie.choose(&(s.grad() / 2.0), &s.grad());
    s.to(0, || shared.except(&mine))?;
    s.to(1, || shared.except(&other))
}

/// `maximum(a, b)`
pub static MAXIMUM: Derivative =
    Derivative { name: |_| "MaximumBackward0", saves: &[P0 | P1], backward: |s| extreme(s, true) };

/// `minimum(a, b)`
pub static MINIMUM: Derivative =
    Derivative { name: |_| "MinimumBackward0", saves: &[P0 | P1], backward: |s| extreme(s, false) };

/// One of two where a comparison that passes over nan says so.
fn passing(s: &Step<'_>, larger: bool) -> crate::error::Result<()> {
    let (a, b) = (s.input(0), s.input(1));
    let better = if larger { a.gt(&b) } else { a.lt(&b) };
    let first = better.with("logical_or", &[&b.op("isnan")]);
    // Equal operands share the gradient.
    let halved = s.grad().only(&a.eq(&b)) * 0.5;
    s.to(0, || s.grad().only(&first) + &halved)?;
    s.to(1, || s.grad().except(&first) - &halved)
}

/// `fmax(a, b)`
pub static FMAX: Derivative =
    Derivative { name: |_| "FmaxBackward0", saves: &[P0 | P1], backward: |s| passing(s, true) };

/// `fmin(a, b)`
pub static FMIN: Derivative =
    Derivative { name: |_| "FminBackward0", saves: &[P0 | P1], backward: |s| passing(s, false) };

/// `hypot(a, b)`
pub static HYPOT: Derivative = Derivative {
    name: |_| "HypotBackward0",
    saves: &[P0 | OUT, P1 | OUT],
    backward: |s| {
        s.to(0, || s.grad() * (s.input(0) / s.output(0)))?;
        s.to(1, || s.grad() * (s.input(1) / s.output(0)))
    },
};

/// `logaddexp(a, b)`
pub static LOGADDEXP: Derivative = Derivative {
    name: |_| "LogaddexpBackward0",
    saves: &[P0 | P1],
    backward: |s| {
        let (a, b) = (s.input(0), s.input(1));
        s.to(0, || s.grad() / ((&b - &a).op("exp") + 1.0))?;
        s.to(1, || s.grad() / ((&a - &b).op("exp") + 1.0))
    },
};

/// `copysign(a, b)`
pub static COPYSIGN: Derivative = Derivative {
    name: |b| if is_tensor(b, 1) { "CopysignBackward0" } else { "CopysignBackward1" },
    saves: &[P0 | OUT, 0],
    backward: |s| {
        s.to(0, || {
            let x = s.input(0);
            let ratio = (s.output(0) / &x).except(&x.eq(&s.term(0.0)));
            s.grad() * ratio
        })?;
        s.to(1, || s.term(0.0))
    },
};

/// `xlogy(a, b)`
pub static XLOGY: Derivative = Derivative {
    name: |b| match (is_tensor(b, 0), is_tensor(b, 1)) {
        (true, true) => "XlogyBackward0",
        (false, _) => "XlogyBackward1",
        (_, false) => "XlogyBackward2",
    },
    saves: &[P0 | P1],
    backward: |s| {
        s.to(0, || {
            let (x, y) = (s.input(0), s.input(1));
            if y.tensor().is_none() {
                return s.grad() * logarithm(s, &y);
            }
            let flat = x.eq(&s.term(0.0)).with("logical_and", &[&y.le(&s.term(0.0))]);
            s.grad() * logarithm(s, &y).only(&flat.op("logical_not"))
        })?;
        s.to(1, || s.grad() * s.input(0) / s.input(1))
    },
};

/// What has no slope: `floor_divide`, `heaviside`.
pub static FLAT: Derivative = Derivative {
    name: |b| if b.entry.name == "floor_divide" { "NotImplemented" } else { "HeavisideBackward0" },
    saves: &[0],
    backward: |s| {
        s.to(0, || s.term(0.0))?;
        s.to(1, || s.term(0.0))
    },
};

/// The part of a gradient that goes to the side of `x`, where `x` is above (or below) a bound. A bound that is a tensor
/// shares with `x` what both are equal at; a number takes it all.
fn inside<'s>(grad: &Term<'s>, x: &Term<'s>, bound: &Term<'s>, above: bool, shared: bool) -> Term<'s> {
    let strictly = grad.only(&if above { x.gt(bound) } else { x.lt(bound) });
    if shared { strictly + grad.only(&x.eq(bound)) * 0.5 } else { strictly }
}

/// `clamp(x, low, high)`: bounds take the gradient where they hold.
pub static CLAMP: Derivative = Derivative {
    name: |b| if is_tensor(b, 1) || is_tensor(b, 2) { "ClampBackward0" } else { "ClampBackward1" },
    saves: &[P0 | P1 | P2],
    backward: |s| {
        let x = s.input(0);
        let given = |n: usize| !matches!(s.args().value(n), Value::None);
        let (low, high) = (given(1).then(|| s.input(1)), given(2).then(|| s.input(2)));
        let shared = |n: usize| s.operand(n).is_some();
        s.to(0, || {
            let mut grad = s.grad();
            if let Some(low) = &low {
                grad = inside(&grad, &x, low, true, shared(1));
            }
            if let Some(high) = &high {
                grad = inside(&grad, &x, high, false, shared(2));
            }
            grad
        })?;
        s.to(1, || match (&low, &high) {
            (Some(low), Some(high)) => inside(&s.grad(), &x, low, false, true).only(&low.lt(high)),
            (Some(low), None) => inside(&s.grad(), &x, low, false, true),
            _ => s.term(0.0),
        })?;
        s.to(2, || match (&low, &high) {
            (Some(low), Some(high)) => {
                let held = inside(&s.grad(), &x, high, true, true);
                high.lt(low).choose(&s.grad(), &held)
            }
            (None, Some(high)) => inside(&s.grad(), &x, high, true, true),
            _ => s.term(0.0),
        })
    },
};

/// `clamp_min(x, low)`
pub static CLAMP_MIN: Derivative = Derivative {
    name: |b| if is_tensor(b, 1) { "ClampMinBackward1" } else { "ClampMinBackward0" },
    saves: &[P0 | P1],
    backward: |s| {
        let shared = s.operand(1).is_some();
        s.to(0, || inside(&s.grad(), &s.input(0), &s.input(1), true, shared))?;
        s.to(1, || inside(&s.grad(), &s.input(0), &s.input(1), false, true))
    },
};

/// `clamp_max(x, high)`
pub static CLAMP_MAX: Derivative = Derivative {
    name: |b| if is_tensor(b, 1) { "ClampMaxBackward1" } else { "ClampMaxBackward0" },
    saves: &[P0 | P1],
    backward: |s| {
        let shared = s.operand(1).is_some();
        s.to(0, || inside(&s.grad(), &s.input(0), &s.input(1), false, shared))?;
        s.to(1, || inside(&s.grad(), &s.input(0), &s.input(1), true, true))
    },
};

/// `lerp(start, end, weight)`
pub static LERP: Derivative = Derivative {
    name: |b| if is_tensor(b, 2) { "LerpBackward1" } else { "LerpBackward0" },
    saves: &[P2, P2, P0 | P1],
    backward: |s| {
        s.to(0, || s.grad() * (1.0 - s.input(2)))?;
        s.to(1, || s.grad() * s.input(2))?;
        s.to(2, || s.grad() * (s.input(1) - s.input(0)))
    },
};

/// The factor `value` of `addcmul` and `addcdiv`.
fn valued<'s>(s: &'s Step<'_>, term: Term<'s>) -> Term<'s> {
    match s.args().value(3) {
        Value::None | Value::Int(1) | Value::Unbound => term,
        value => term * s.term(value.clone()),
    }
}

/// `input + value * a * b`
pub static ADDCMUL: Derivative = Derivative {
    name: |_| "AddcmulBackward0",
    saves: &[0, P2, P1],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(1, || valued(s, s.grad() * s.input(2)))?;
        s.to(2, || valued(s, s.grad() * s.input(1)))
    },
};

/// `input + value * a / b`
pub static ADDCDIV: Derivative = Derivative {
    name: |_| "AddcdivBackward0",
    saves: &[0, P2, P1 | P2],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(1, || valued(s, s.grad() / s.input(2)))?;
        s.to(2, || valued(s, -s.grad() * (s.input(1) / (s.input(2) * s.input(2)))))
    },
};

/// `logit(x, eps)`
pub static LOGIT: Derivative = Derivative {
    name: |_| "LogitBackward0",
    saves: &[P0],
    backward: |s| {
        let x = s.input(0);
        let grad = s.grad() / (&x * (1.0 - &x));
        match s.args().value(1) {
            Value::None => s.give(0, grad),
            eps => {
                let low = s.term(eps.clone());
                let high = 1.0 - &low;
                s.give(0, grad.only(&x.ge(&low)).only(&x.le(&high)))
            }
        }
    },
};

/// `nan_to_num(x)`
pub static NAN_TO_NUM: Derivative = Derivative {
    name: |_| "NanToNumBackward0",
    saves: &[P0],
    backward: |s| s.give(0, s.grad().only(&s.input(0).op("isfinite"))),
};
