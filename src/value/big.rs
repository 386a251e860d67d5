//! Ints that do not fit 64 bits.
//!
//! [`Value::Int`] holds every int that fits 64 bits and [`Value::Big`] the others, never one that fits: so two ints of
//! different variants are different numbers, and the quick paths of the evaluator see plain machine words.

use crate::budget::{self, Charge};
use crate::error::Result;
use crate::value::Value;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::rc::Rc;

/// An int beyond 64 bits, with its weight on the byte limit.
pub struct Big {
    int: BigInt,
    _charge: Charge,
}

impl Big {
    /// The int.
    pub fn int(&self) -> &BigInt {
        &self.int
    }

    /// The float that is exactly this int, if there is one: the two are one key of a dict.
    pub fn as_float(&self) -> Option<f64> {
        let zeros = self.int.trailing_zeros().unwrap_or(0);
        let exact = self.int.bits() - zeros <= 53 && self.int.bits() <= 1024;
        self.int.to_f64().filter(|_| exact)
    }
}

impl Value {
    /// An int of any size. Fails where the byte limit would be passed.
    pub fn integer(int: BigInt) -> Result<Value> {
        Ok(match i64::try_from(&int) {
            Ok(small) => Value::Int(small),
            Err(_) => {
                let _charge = Charge::new(bytes(int.bits()) + size_of::<Big>())?;
                Value::Big(Rc::new(Big { int, _charge }))
            }
        })
    }
}

/// How many bytes an int of so many bits takes.
pub fn bytes(bits: u64) -> usize {
    usize::try_from(bits / 8 + 8).unwrap_or(usize::MAX)
}

/// Asks for the room of an int of so many bits, before it is made.
pub fn check(bits: u64) -> Result<()> {
    budget::check(bytes(bits))
}
