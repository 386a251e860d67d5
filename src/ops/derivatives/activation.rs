//! Activations and softmax.

use crate::kernels::elementwise::opcodes;
use crate::kernels::softmax;
use crate::ops::autograd::term::Term;
use crate::value::Value;
use crate::value::graph::{Derivative, OUT, P0, Step};
use std::f64::consts::PI;

/// A number among the arguments.
fn number(s: &Step<'_>, n: usize, default: f64) -> f64 {
    match s.args().value(n) {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        _ => default,
    }
}

/// `relu`: 0 at 0.
pub static RELU: Derivative = Derivative {
    name: |_| "ReluBackward0",
    saves: &[OUT],
    backward: |s| {
        let (grad, out) = (s.grad(), s.output(0));
        let direct = grad.direct_op(&opcodes::RELU_BACKWARD, &out);
        s.give(0, direct.unwrap_or_else(|| grad.except(&out.le(&s.term(0.0)))))
    },
};

/// A gradient where an operand lies strictly between two numbers.
fn inside<'s>(s: &'s Step<'_>, low: f64, high: f64) -> Term<'s> {
    let x = s.input(0);
    s.grad().only(&x.above(low).with("logical_and", &[&x.below(high)]))
}

/// `hardtanh` and `relu6`
pub static HARDTANH: Derivative = Derivative {
    name: |_| "HardtanhBackward0",
    saves: &[P0],
    backward: |s| match s.args().entry.name {
        "relu6" => s.give(0, inside(s, 0.0, 6.0)),
        _ => s.give(0, inside(s, number(s, 1, -1.0), number(s, 2, 1.0))),
    },
};

/// `leaky_relu`
pub static LEAKY_RELU: Derivative = Derivative {
    name: |_| "LeakyReluBackward0",
    saves: &[P0],
    backward: |s| {
        let slope = number(s, 1, 0.01);
        let grad = s.grad();
        s.give(0, s.input(0).above(0.0).choose(&grad, &(&grad * slope)))
    },
};

/// The slope of `elu` and its kin: `scale` above 0, `scale * alpha * exp(x * inner)` below.
fn exponential<'s>(s: &'s Step<'_>, alpha: f64, scale: f64, inner: f64) -> Term<'s> {
    let (x, grad) = (s.input(0), s.grad());
    let below = &grad * ((&x * inner).op("exp") * (alpha * scale * inner));
    x.above(0.0).choose(&(&grad * scale), &below)
}

/// `elu`, `celu`, `selu`
pub static ELU: Derivative = Derivative {
    name: |b| if b.entry.name == "celu" { "CeluBackward0" } else { "EluBackward0" },
    saves: &[P0],
    backward: |s| {
        let term = match s.args().entry.name {
            "selu" => exponential(s, 1.673_263_242_354_377_2, 1.050_700_987_355_480_5, 1.0),
            "celu" => {
                let alpha = number(s, 1, 1.0);
                exponential(s, alpha, 1.0, 1.0 / alpha)
            }
            _ => exponential(s, number(s, 1, 1.0), 1.0, 1.0),
        };
        s.give(0, term)
    },
};

/// `gelu`
pub static GELU: Derivative = Derivative {
    name: |_| "GeluBackward0",
    saves: &[P0],
    backward: |s| {
        let x = s.input(0);
        if matches!(s.args().value(1), Value::Str(text) if &**text == "tanh") {
            let beta = (2.0 / PI).sqrt();
            let inner = (&x + x.pow(3.0) * 0.044_715) * beta;
            let tanh = inner.op("tanh");
            let slope = (x.pow(2.0) * (3.0 * 0.044_715) + 1.0) * beta;
            let first = (&tanh + 1.0) * 0.5;
            let second = &x * 0.5 * (1.0 - &tanh * &tanh) * slope;
            return s.give(0, s.grad() * (first + second));
        }
        let share = ((&x * std::f64::consts::FRAC_1_SQRT_2).op("erf") + 1.0) * 0.5;
        let density = ((&x * &x) * -0.5).op("exp") * (1.0 / (2.0 * PI).sqrt());
        s.give(0, s.grad() * (share + x * density))
    },
};

/// `silu`
pub static SILU: Derivative = Derivative {
    name: |_| "SiluBackward0",
    saves: &[P0],
    backward: |s| {
        let x = s.input(0);
        let sigmoid = x.op("sigmoid");
        s.give(0, s.grad() * (&sigmoid * (x * (1.0 - &sigmoid) + 1.0)))
    },
};

/// `mish`
pub static MISH: Derivative = Derivative {
    name: |_| "MishBackward0",
    saves: &[P0],
    backward: |s| {
        let x = s.input(0);
        let tanh = x.op("softplus").op("tanh");
        let sigmoid = x.op("sigmoid");
        s.give(0, s.grad() * (&tanh + x * sigmoid * (1.0 - &tanh * &tanh)))
    },
};

/// `softplus`
pub static SOFTPLUS: Derivative = Derivative {
    name: |_| "SoftplusBackward0",
    saves: &[P0],
    backward: |s| {
        let (beta, threshold) = (number(s, 1, 1.0), number(s, 2, 20.0));
        let (scaled, grad) = (s.input(0) * beta, s.grad());
        let slope = scaled.op("sigmoid");
        s.give(0, scaled.above(threshold).choose(&grad, &(&grad * slope)))
    },
};

/// `logsigmoid`
pub static LOGSIGMOID: Derivative = Derivative {
    name: |_| "LogSigmoidBackward0",
    saves: &[P0],
    backward: |s| s.give(0, s.grad() * s.input(0).op("neg").op("sigmoid")),
};

/// `hardsigmoid`
pub static HARDSIGMOID: Derivative = Derivative {
    name: |_| "HardsigmoidBackward0",
    saves: &[P0],
    backward: |s| s.give(0, inside(s, -3.0, 3.0) / 6.0),
};

/// `hardswish`
pub static HARDSWISH: Derivative = Derivative {
    name: |_| "HardswishBackward0",
    saves: &[P0],
    backward: |s| {
        let (x, grad) = (s.input(0), s.grad());
        let middle = &grad * (&x / 3.0 + 0.5);
        let upper = x.ge(&s.term(3.0)).choose(&grad, &middle);
        s.give(0, upper.except(&x.le(&s.term(-3.0))))
    },
};

/// `threshold`
pub static THRESHOLD: Derivative = Derivative {
    name: |_| "ThresholdBackward0",
    saves: &[P0],
    backward: |s| s.give(0, s.grad().only(&s.input(0).above(number(s, 1, 0.0)))),
};

/// The dimension of a softmax; PyTorch's choice where none is named.
fn softmax_dim(s: &Step<'_>) -> i64 {
    match s.args().value(1) {
        Value::Int(dim) => *dim,
        _ => i64::from(!matches!(s.shape(0).len(), 0 | 1 | 3)),
    }
}

fn along<'s>(term: Term<'s>, dim: i64) -> Term<'s> {
    if term.ndim() == 0 { term } else { term.sum(&[dim], true) }
}

/// The gradient in one pass, along the last dimension of rows that lie one after the other.
fn rows<'s>(s: &'s Step<'_>, log: bool) -> Option<Term<'s>> {
    let dim = softmax_dim(s);
    s.grad().direct_with(&s.output(0), |grad, out| {
        let dim = usize::try_from(if dim < 0 { dim + out.ndim() as i64 } else { dim }).ok()?;
        let alike = grad.dtype == out.dtype && grad.shape() == out.shape();
        let there = grad.storage.has_bytes() && out.storage.has_bytes();
        let fits = alike && there && softmax::applies(out, dim) && softmax::applies(grad, dim);
        if fits { softmax::backward(grad, out, log).ok() } else { None }
    })
}

/// `softmax`
pub static SOFTMAX: Derivative = Derivative {
    name: |_| "SoftmaxBackward0",
    saves: &[OUT],
    backward: |s| {
        if let Some(grad) = rows(s, false) {
            return s.give(0, grad);
        }
        let weighted = s.grad() * s.output(0);
        let total = along(weighted.clone(), softmax_dim(s));
        s.give(0, weighted - s.output(0) * total)
    },
};

/// `log_softmax`
pub static LOG_SOFTMAX: Derivative = Derivative {
    name: |_| "LogSoftmaxBackward0",
    saves: &[OUT],
    backward: |s| {
        if let Some(grad) = rows(s, true) {
            return s.give(0, grad);
        }
        let total = along(s.grad(), softmax_dim(s));
        s.give(0, s.grad() - s.output(0).op("exp") * total)
    },
};
