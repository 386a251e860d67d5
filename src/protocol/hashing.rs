//! `hash(v)`: what CPython gives for numbers, anything consistent for the rest.

use crate::error::Result;
use crate::value::{Ctx, Key, Value};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The modulus of CPython's hash of numbers.
const MODULUS: u64 = (1 << 61) - 1;

/// `hash(v)`
pub fn hash(ctx: &mut dyn Ctx, v: &Value) -> Result<i64> {
    match v {
        Value::Instance(instance) => crate::protocol::classes::hooks::hash(ctx, v, instance),
        Value::Tuple(_) => super::keys::ready(ctx, v.clone()).and_then(|key| plain(key.value())),
        _ => plain(v),
    }
}

/// The same, of what needs no code of the program.
pub fn plain(v: &Value) -> Result<i64> {
    let hash = match v {
        Value::Bool(b) => i64::from(*b),
        Value::Int(n) => of_int(*n),
        Value::Big(big) => of_big(big.int()),
        Value::Float(x) => of_float(*x),
        _ => {
            let mut hasher = DefaultHasher::new();
            Key::new(v.clone())?.hash(&mut hasher);
            (hasher.finish() >> 2) as i64
        }
    };
    Ok(if hash == -1 { -2 } else { hash })
}

fn of_big(n: &BigInt) -> i64 {
    let magnitude = (n.magnitude() % MODULUS).to_i64().unwrap_or(0);
    if n.is_negative() { -magnitude } else { magnitude }
}

fn of_int(n: i64) -> i64 {
    let magnitude = (n.unsigned_abs() % MODULUS) as i64;
    if n < 0 { -magnitude } else { magnitude }
}

/// Equal to the hash of an int of the same value: the mantissa times the power of two, modulo the prime.
fn of_float(x: f64) -> i64 {
    if x.is_nan() {
        return 0;
    }
    if x.is_infinite() {
        return if x > 0.0 { 314_159 } else { -314_159 };
    }
    let bits = x.to_bits();
    let raw = ((bits >> 52) & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, power) = if raw == 0 { (fraction, -1074) } else { (fraction | 1 << 52, raw - 1075) };
    // Multiplying by 2 ** power is a rotation of 61 bits.
    let shift = power.rem_euclid(61) as u32;
    let wide = u128::from(mantissa % MODULUS) << shift;
    let hash = (wide % u128::from(MODULUS)) as i64;
    if x < 0.0 { -hash } else { hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_hash_as_in_cpython() {
        let check = |v: Value, expected| assert_eq!(plain(&v).expect("hashable"), expected);
        check(Value::Int(-1), -2);
        check(Value::Int(i64::MAX), 3);
        check(Value::Float(2.0), 2);
        check(Value::Float(0.5), 1_152_921_504_606_846_976);
        check(Value::Float(-0.1), -230_584_300_921_369_408);
        check(Value::Float(1e300), 1_224_995_262_755_759_164);
        check(Value::Float(5e-324), 16_777_216);
        assert!(plain(&Value::list(Vec::new()).expect("small")).is_err());
    }
}
