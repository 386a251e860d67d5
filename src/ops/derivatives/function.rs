//! Functions of one number.

use crate::value::graph::{Derivative, OUT, P0};
use std::f64::consts::{LN_2, LN_10, PI};

/// Defines derivatives of functions of one operand: name, PyTorch's node, what is saved, the gradient.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident $node:literal $saves:expr, |$s:ident| $formula:expr;)*) => {$(
        $(#[$doc])*
        pub static $name: Derivative =
            Derivative { name: |_| $node, saves: &[$saves], backward: |$s| $s.give(0, $formula) };
    )*};
}

unary! {
    /// `abs`: 0 at 0.
    ABS "AbsBackward0" P0, |s| s.grad() * s.input(0).op("sign");
    /// `neg`
    NEG "NegBackward0" 0, |s| -s.grad();
    /// `positive`, `clone` and what else changes no number.
    CLONE "CloneBackward0" 0, |s| s.grad();
    /// `exp`
    EXP "ExpBackward0" OUT, |s| s.grad() * s.output(0);
    /// `exp2`
    EXP2 "Exp2Backward0" OUT, |s| s.grad() * s.output(0) * LN_2;
    /// `expm1`
    EXPM1 "Expm1Backward0" OUT, |s| s.grad() * (s.output(0) + 1.0);
    /// `log`
    LOG "LogBackward0" P0, |s| s.grad() / s.input(0);
    /// `log2`
    LOG2 "Log2Backward0" P0, |s| s.grad() / (s.input(0) * LN_2);
    /// `log10`
    LOG10 "Log10Backward0" P0, |s| s.grad() / (s.input(0) * LN_10);
    /// `log1p`
    LOG1P "Log1PBackward0" P0, |s| s.grad() / (s.input(0) + 1.0);
    /// `sqrt`
    SQRT "SqrtBackward0" OUT, |s| s.grad() / (s.output(0) * 2.0);
    /// `rsqrt`
    RSQRT "RsqrtBackward0" OUT, |s| s.grad() * -0.5 * s.output(0).pow(3.0);
    /// `reciprocal`
    RECIPROCAL "ReciprocalBackward0" OUT, |s| -s.grad() * (s.output(0) * s.output(0));
    /// `sin`
    SIN "SinBackward0" P0, |s| s.grad() * s.input(0).op("cos");
    /// `cos`
    COS "CosBackward0" P0, |s| s.grad() * -s.input(0).op("sin");
    /// `tan`
    TAN "TanBackward0" OUT, |s| s.grad() * (s.output(0) * s.output(0) + 1.0);
    /// `asin`
    ASIN "AsinBackward0" P0, |s| s.grad() * (1.0 - s.input(0) * s.input(0)).op("rsqrt");
    /// `acos`
    ACOS "AcosBackward0" P0, |s| s.grad() * -(1.0 - s.input(0) * s.input(0)).op("rsqrt");
    /// `atan`
    ATAN "AtanBackward0" P0, |s| s.grad() / (s.input(0) * s.input(0) + 1.0);
    /// `sinh`
    SINH "SinhBackward0" P0, |s| s.grad() * s.input(0).op("cosh");
    /// `cosh`
    COSH "CoshBackward0" P0, |s| s.grad() * s.input(0).op("sinh");
    /// `tanh`
    TANH "TanhBackward0" OUT, |s| s.grad() * (1.0 - s.output(0) * s.output(0));
    /// `asinh`
    ASINH "AsinhBackward0" P0, |s| s.grad() * (s.input(0) * s.input(0) + 1.0).op("rsqrt");
    /// `acosh`
    ACOSH "AcoshBackward0" P0, |s| s.grad() * (s.input(0) * s.input(0) - 1.0).op("rsqrt");
    /// `atanh`
    ATANH "AtanhBackward0" P0, |s| s.grad() / (1.0 - s.input(0) * s.input(0));
    /// `sigmoid`
    SIGMOID "SigmoidBackward0" OUT, |s| s.grad() * (1.0 - s.output(0)) * s.output(0);
    /// `erf`
    ERF "ErfBackward0" P0, |s| {
        s.grad() * ((s.input(0) * s.input(0)).op("neg").op("exp") * (2.0 / PI.sqrt()))
    };
    /// `erfc`
    ERFC "ErfcBackward0" P0, |s| {
        s.grad() * ((s.input(0) * s.input(0)).op("neg").op("exp") * (-2.0 / PI.sqrt()))
    };
    /// `erfinv`
    ERFINV "ErfinvBackward0" OUT, |s| {
        s.grad() * ((s.output(0) * s.output(0)).op("exp") * (PI.sqrt() / 2.0))
    };
    /// `lgamma`
    LGAMMA "LgammaBackward0" P0, |s| s.grad() * s.input(0).op("digamma");
    /// `deg2rad`
    DEG2RAD "Deg2RadBackward0" 0, |s| s.grad() * (PI / 180.0);
    /// `rad2deg`
    RAD2DEG "Rad2DegBackward0" 0, |s| s.grad() * (180.0 / PI);
    /// `sinc`: 0 at 0.
    SINC "SincBackward0" P0, |s| {
        let x = s.input(0);
        let at = &x * PI;
        let slope = (at.op("cos") * &at - at.op("sin")) / (&at * &x);
        s.grad() * slope.except(&x.eq(&s.term(0.0)))
    };
    /// `floor`
    FLOOR "FloorBackward0" 0, |s| s.term(0.0);
    /// `ceil`
    CEIL "CeilBackward0" 0, |s| s.term(0.0);
    /// `trunc`
    TRUNC "TruncBackward0" 0, |s| s.term(0.0);
    /// `round`
    ROUND "RoundBackward0" 0, |s| s.term(0.0);
    /// `frac`
    FRAC "FracBackward0" 0, |s| s.grad();
    /// `sign`
    SIGN "SignBackward0" 0, |s| s.term(0.0);
    /// `square`
    SQUARE "PowBackward0" P0, |s| s.grad() * (s.input(0) * 2.0);
}
