//! The ten element types, their Rust counterparts, and promotion between them.

use half::{bf16, f16};

/// An element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// One byte, 0 or 1.
    Bool,
    /// Unsigned 8 bits.
    U8,
    /// Signed 8 bits.
    I8,
    /// Signed 16 bits.
    I16,
    /// Signed 32 bits.
    I32,
    /// Signed 64 bits; Python's ints.
    I64,
    /// IEEE half precision.
    F16,
    /// bfloat16.
    BF16,
    /// IEEE single precision; the default for floats.
    F32,
    /// IEEE double precision; Python's floats.
    F64,
}

/// The categories of promotion, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// `bool`
    Bool,
    /// The integers.
    Integer,
    /// The floats.
    Float,
}

impl DType {
    /// Every dtype, in the order of the enum.
    pub const ALL: [DType; 10] = [
        DType::Bool,
        DType::U8,
        DType::I8,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::F16,
        DType::BF16,
        DType::F32,
        DType::F64,
    ];

    /// Bytes of one element.
    #[inline]
    pub fn size(self) -> usize {
        match self {
            DType::Bool | DType::U8 | DType::I8 => 1,
            DType::I16 | DType::F16 | DType::BF16 => 2,
            DType::I32 | DType::F32 => 4,
            DType::I64 | DType::F64 => 8,
        }
    }

    /// PyTorch's name without `torch.`: `float32`.
    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::U8 => "uint8",
            DType::I8 => "int8",
            DType::I16 => "int16",
            DType::I32 => "int32",
            DType::I64 => "int64",
            DType::F16 => "float16",
            DType::BF16 => "bfloat16",
            DType::F32 => "float32",
            DType::F64 => "float64",
        }
    }

    /// The name PyTorch's C++ messages use: `Float`, `Long`.
    pub fn scalar_type(self) -> &'static str {
        match self {
            DType::Bool => "Bool",
            DType::U8 => "Byte",
            DType::I8 => "Char",
            DType::I16 => "Short",
            DType::I32 => "Int",
            DType::I64 => "Long",
            DType::F16 => "Half",
            DType::BF16 => "BFloat16",
            DType::F32 => "Float",
            DType::F64 => "Double",
        }
    }

    /// Its category.
    #[inline]
    pub fn category(self) -> Category {
        match self {
            DType::Bool => Category::Bool,
            DType::U8 | DType::I8 | DType::I16 | DType::I32 | DType::I64 => Category::Integer,
            DType::F16 | DType::BF16 | DType::F32 | DType::F64 => Category::Float,
        }
    }

    /// Whether it is a float.
    #[inline]
    pub fn is_float(self) -> bool {
        self.category() == Category::Float
    }

    /// Whether it is an integer (`bool` is not).
    pub fn is_integer(self) -> bool {
        self.category() == Category::Integer
    }

    /// The dtype two operands of equal rank in promotion meet in: `torch.promote_types`.
    pub fn promote(self, other: DType) -> DType {
        use DType::{BF16, F16, F32, I8, I16, U8};
        if self == other {
            return self;
        }
        let (low, high) = if self <= other { (self, other) } else { (other, self) };
        match (low, high) {
            (U8, I8) => I16,
            (F16, BF16) => F32,
            _ => high,
        }
    }
}

/// A Rust type that stores elements of one [`DType`]. `bool` is stored as [`u8`] and so has no `Element` of its own:
/// kernels over `Bool` read `u8`.
pub trait Element: bytemuck::Pod + Send + Sync + PartialOrd + Default + 'static {
    /// The dtype stored in this type; for `u8`, [`DType::U8`].
    const DTYPE: DType;
    /// The nearest value of this type: ints wrap, floats round to nearest even, a float to an int truncates.
    fn from_f64(value: f64) -> Self;
    /// The nearest value of this type; ints wrap.
    fn from_i64(value: i64) -> Self;
    /// The value as a double; an `i64` beyond 2^53 is rounded.
    fn to_f64(self) -> f64;
    /// The value as a 64-bit integer: a float truncates; out of range is what the hardware's conversion gives in PyTorch.
    fn to_i64(self) -> i64;
}

macro_rules! integer_element {
    ($($rust:ty => $dtype:ident),*) => {$(
        impl Element for $rust {
            const DTYPE: DType = DType::$dtype;
            #[inline]
            fn from_f64(value: f64) -> Self {
                truncate(value) as $rust
            }
            #[inline]
            fn from_i64(value: i64) -> Self {
                value as $rust
            }
            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline]
            fn to_i64(self) -> i64 {
                self as i64
            }
        }
    )*};
}

integer_element!(u8 => U8, i8 => I8, i16 => I16, i32 => I32, i64 => I64);

/// A double to a 64-bit integer as x86's `cvttsd2si` does it: nan and what is out of range give the smallest integer.
#[inline]
pub fn truncate(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) { value as i64 } else { i64::MIN }
}

macro_rules! float_element {
    ($($rust:ty => $dtype:ident, $from:expr, $to:expr);*) => {$(
        impl Element for $rust {
            const DTYPE: DType = DType::$dtype;
            #[inline]
            fn from_f64(value: f64) -> Self {
                ($from)(value)
            }
            #[inline]
            fn from_i64(value: i64) -> Self {
                ($from)(value as f64)
            }
            #[inline]
            fn to_f64(self) -> f64 {
                ($to)(self)
            }
            #[inline]
            fn to_i64(self) -> i64 {
                truncate(self.to_f64())
            }
        }
    )*};
}

// A double reaches the 16-bit floats through single precision, as PyTorch's conversions do.
float_element!(
    f32 => F32, |v: f64| v as f32, f64::from;
    f64 => F64, |v: f64| v, |v: f64| v;
    f16 => F16, |v: f64| f16::from_f32(v as f32), f16::to_f64;
    bf16 => BF16, |v: f64| bf16::from_f32(v as f32), bf16::to_f64
);

/// Runs `$body` with the type alias `$T` standing for the Rust type that stores `$dtype`.
#[macro_export]
macro_rules! with_element {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::tensor::dtype::DType::Bool | $crate::tensor::dtype::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::tensor::dtype::DType::I8 => {
                type $T = i8;
                $body
            }
            $crate::tensor::dtype::DType::I16 => {
                type $T = i16;
                $body
            }
            $crate::tensor::dtype::DType::I32 => {
                type $T = i32;
                $body
            }
            $crate::tensor::dtype::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::tensor::dtype::DType::F16 => {
                type $T = half::f16;
                $body
            }
            $crate::tensor::dtype::DType::BF16 => {
                type $T = half::bf16;
                $body
            }
            $crate::tensor::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::tensor::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}
