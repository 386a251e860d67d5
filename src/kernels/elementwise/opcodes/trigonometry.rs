//! Circular and hyperbolic functions; angles are in radians.

use crate::kernels;
use crate::kernels::elementwise::block::map1_rare;
use crate::kernels::elementwise::opcode::{Kernels, Opcode};
use crate::kernels::math;
use crate::tensor::dtype::DType;

// Huge angles are rare and need hundreds of digits of π: they go one by one.
/// Sine.
pub static SIN: Opcode = Opcode::unary(
    "sin",
    Kernels::NONE
        .with(DType::F32, |out, args| map1_rare(out, args, math::sin::<f32>, math::far, libm::sinf))
        .with(DType::F64, |out, args| map1_rare(out, args, math::sin::<f64>, math::far, libm::sin)),
)
.costing(8);
/// Cosine.
pub static COS: Opcode = Opcode::unary(
    "cos",
    Kernels::NONE
        .with(DType::F32, |out, args| map1_rare(out, args, math::cos::<f32>, math::far, libm::cosf))
        .with(DType::F64, |out, args| map1_rare(out, args, math::cos::<f64>, math::far, libm::cos)),
)
.costing(8);
/// Tangent.
pub static TAN: Opcode = Opcode::unary(
    "tan",
    Kernels::NONE
        .with(DType::F32, |out, args| map1_rare(out, args, math::tan::<f32>, math::far, libm::tanf))
        .with(DType::F64, |out, args| map1_rare(out, args, math::tan::<f64>, math::far, libm::tan)),
)
.costing(10);
/// Arc sine.
pub static ASIN: Opcode = Opcode::unary("asin", kernels! { floats: |a| a.asin() }).costing(20);
/// Arc cosine.
pub static ACOS: Opcode = Opcode::unary("acos", kernels! { floats: |a| a.acos() }).costing(20);
/// Arc tangent.
pub static ATAN: Opcode = Opcode::unary("atan", kernels! { floats: |a| a.atan() }).costing(20);
/// The angle of the point `(b, a)`.
pub static ATAN2: Opcode = Opcode::binary("atan2", kernels! { floats: |a, b| a.atan2(b) }).costing(40);
/// Hyperbolic sine.
pub static SINH: Opcode = Opcode::unary("sinh", kernels! { floats: |a| math::sinh(a) }).costing(10);
/// Hyperbolic cosine.
pub static COSH: Opcode = Opcode::unary("cosh", kernels! { floats: |a| math::cosh(a) }).costing(10);
/// Hyperbolic tangent.
pub static TANH: Opcode = Opcode::unary("tanh", kernels! { floats: |a| math::tanh(a) }).costing(10);
// The standard library's inverse hyperbolic functions are combinations of logarithms that lose digits near their ends.
/// Inverse hyperbolic sine.
pub static ASINH: Opcode =
    Opcode::unary("asinh", kernels! { f32: |a| libm::asinhf(a); f64: |a| libm::asinh(a) }).costing(30);
/// Inverse hyperbolic cosine.
pub static ACOSH: Opcode =
    Opcode::unary("acosh", kernels! { f32: |a| libm::acoshf(a); f64: |a| libm::acosh(a) }).costing(30);
/// Inverse hyperbolic tangent.
pub static ATANH: Opcode =
    Opcode::unary("atanh", kernels! { f32: |a| libm::atanhf(a); f64: |a| libm::atanh(a) }).costing(30);
/// Degrees to radians.
pub static DEG2RAD: Opcode = Opcode::unary(
    "deg2rad",
    kernels! { f32: |a| a * (std::f64::consts::PI / 180.0) as f32; f64: |a| a * (std::f64::consts::PI / 180.0) },
);
/// Radians to degrees.
pub static RAD2DEG: Opcode = Opcode::unary(
    "rad2deg",
    kernels! { f32: |a| a * (180.0 / std::f64::consts::PI) as f32; f64: |a| a * (180.0 / std::f64::consts::PI) },
);
/// `sin(πa) / (πa)`, 1 at 0.
pub static SINC: Opcode = Opcode::unary(
    "sinc",
    kernels! {
        f32: |a| if a == 0.0 { 1.0 } else { let x = a * std::f32::consts::PI; x.sin() / x };
        f64: |a| if a == 0.0 { 1.0 } else { let x = a * std::f64::consts::PI; x.sin() / x }
    },
)
.costing(30);
