//! The functions of `torch.special`, and others of one number that have a formula of their own.

use crate::error::{Class, Error, Result};
use crate::ops::autograd::term::Term;
use crate::value::Value;
use crate::value::graph::{Derivative, OUT, P0, P1, Step};
use std::f64::consts::{FRAC_2_PI, FRAC_2_SQRT_PI, LN_2, PI, SQRT_2};

/// The derivative of a function of one number, by a formula of its operand.
macro_rules! unary {
    ($($(#[$doc:meta])* $constant:ident $name:literal |$s:ident, $x:ident| $formula:expr;)*) => {$(
        $(#[$doc])*
        pub static $constant: Derivative = Derivative {
            name: |_| $name,
            saves: &[P0],
            backward: |$s| {
                let $x = $s.input(0);
                $s.give(0, $formula)
            },
        };
    )*};
}

unary! {
    /// `digamma`
    DIGAMMA "DigammaBackward0" |s, x| s.grad() * x.call("polygamma", &[Value::Int(1)]);
    /// `i0`
    I0 "I0Backward0" |s, x| s.grad() * x.op("i1");
    /// `i0e`
    I0E "SpecialI0EBackward0" |s, x| s.grad() * (x.op("i1e") - x.op("sign") * x.op("i0e"));
    /// `i1`: 1/2 at 0.
    I1 "SpecialI1Backward0" |s, x| s.grad() * at_zero(&x, x.op("i0") - x.op("i1") / &nonzero(&x));
    /// `i1e`: 1/2 at 0.
    I1E "SpecialI1EBackward0" |s, x| {
        let steps = x.op("sign") + 1.0 / nonzero(&x);
        s.grad() * at_zero(&x, x.op("i0e") - x.op("i1e") * steps)
    };
    /// `entr`
    ENTR "SpecialEntrBackward0" |s, x| s.grad() * (-1.0 - x.op("log"));
    /// `erfcx`
    ERFCX "SpecialErfcxBackward0" |s, x| s.grad() * (2.0 * &x * x.op("erfcx") - FRAC_2_SQRT_PI);
    /// `ndtr`
    NDTR "MulBackward1" |s, x| s.grad() * ((&x * &x) * -0.5).op("exp") * (1.0 / (2.0 * PI).sqrt());
    /// `log_ndtr`
    LOG_NDTR "SpecialLogNdtrBackward0" |s, x| s.grad() / (&x * (-1.0 / SQRT_2)).op("erfcx") * FRAC_2_PI.sqrt();
    /// `angle`: real numbers do not turn.
    ANGLE "AngleBackward0" |s, x| s.grad() * x.zeros_like();
}

/// 1 in the place of 0, so that nothing is divided by it.
fn nonzero<'s>(x: &Term<'s>) -> Term<'s> {
    x.with("masked_fill", &[&x.eq(&x.of(0.0)), &x.of(1.0)])
}

/// A slope that is 1/2 at 0.
fn at_zero<'s>(x: &Term<'s>, slope: Term<'s>) -> Term<'s> {
    slope.with("masked_fill", &[&x.eq(&x.of(0.0)), &x.of(0.5)])
}

/// `ndtri`
pub static NDTRI: Derivative = Derivative {
    name: |_| "SpecialNdtriBackward0",
    saves: &[OUT],
    backward: |s| {
        let place = s.output(0);
        s.give(0, s.grad() * (&place * &place * 0.5).op("exp") * (2.0 * PI).sqrt())
    },
};

/// `polygamma`, whose order stands before the numbers or behind them.
pub static POLYGAMMA: Derivative = Derivative {
    name: |_| "PolygammaBackward0",
    saves: &[P0, P1],
    backward: |s| {
        let (of, order) = if s.operand(0).is_some() { (0, 1) } else { (1, 0) };
        let next = s.args().int(order)?.saturating_add(1);
        s.give(of, s.grad() * s.input(of).call("polygamma", &[Value::Int(next)]))
    },
};

/// `xlog1py`
pub static XLOG1PY: Derivative = Derivative {
    name: |_| "SpecialXlog1PyBackward0",
    saves: &[P0 | P1, P0 | P1],
    backward: |s| {
        let (x, y) = (s.input(0), s.input(1));
        let y = if y.tensor().is_none() && x.tensor().is_some() { x.zeros_like() + y } else { y };
        s.to(0, || {
            let none = x.eq(&y.of(0.0));
            let never = y.le(&y.of(-1.0));
            let slope = s.grad() * y.op("log1p");
            match none.tensor() {
                Some(_) => slope.except(&none.with("logical_and", &[&never])),
                None => slope,
            }
        })?;
        s.to(1, || s.grad() * &x / (&y + 1.0))
    },
};

/// What PyTorch says where it knows no slope along an operand.
fn unknown(op: &str, operand: &str) -> Error {
    Error::new(
        Class::NotImplementedError,
        format!("the derivative for '{op}: {operand}' is not implemented."),
    )
}

/// `zeta`: there is no slope along the exponent.
pub static ZETA: Derivative = Derivative {
    name: |b| match (b.value(0), b.value(1)) {
        (Value::Tensor(_), Value::Tensor(_)) => "SpecialZetaBackward0",
        (Value::Tensor(_), _) => "SpecialZetaBackward2",
        _ => "SpecialZetaBackward1",
    },
    saves: &[P0 | P1, P0 | P1],
    backward: |s| {
        if s.wants(0) {
            return Err(unknown("zeta", "self"));
        }
        s.to(1, || {
            let (x, q) = (s.input(0), s.input(1));
            let next = (&x + 1.0).value().cloned().unwrap_or(Value::None);
            s.grad() * -(x * s.term(next).with("zeta", &[&q]))
        })
    },
};

/// The slope of the incomplete gamma functions along the upper bound.
fn incomplete(s: &Step<'_>, sign: f64) -> Result<()> {
    if s.wants(0) {
        return Err(unknown(s.args().entry.name, "input"));
    }
    s.to(1, || {
        let (a, x) = (s.input(0), s.input(1));
        let slope = ((&a - 1.0) * x.op("log") - &x - a.op("lgamma")).op("exp");
        s.grad() * slope * sign
    })
}

/// `igamma`
pub static IGAMMA: Derivative =
    Derivative { name: |_| "IgammaBackward0", saves: &[P0 | P1], backward: |s| incomplete(s, 1.0) };

/// `igammac`
pub static IGAMMAC: Derivative =
    Derivative { name: |_| "IgammacBackward0", saves: &[P0 | P1], backward: |s| incomplete(s, -1.0) };

/// `logaddexp2`
pub static LOGADDEXP2: Derivative = Derivative {
    name: |_| "Logaddexp2Backward0",
    saves: &[P0 | P1],
    backward: |s| {
        let gap = (s.input(1) - s.input(0)) * LN_2;
        s.to(0, || s.grad() * (-&gap).op("sigmoid"))?;
        s.to(1, || s.grad() * gap.op("sigmoid"))
    },
};

/// `frexp`: the power of 2 has no slope.
pub static FREXP: Derivative = Derivative {
    name: |_| "FrexpBackward0",
    saves: &[crate::value::graph::OUT1],
    backward: |s| {
        let power = s.output(1).to(s.grad().dtype()).op("exp2");
        s.give(0, s.grad() / power)
    },
};

/// `hardshrink`
pub static HARDSHRINK: Derivative = Derivative {
    name: |_| "HardshrinkBackward0",
    saves: &[P0],
    backward: |s| {
        let bound = s.args().float(1)?;
        s.give(0, s.grad().except(&s.input(0).op("abs").le(&s.term(bound))))
    },
};
