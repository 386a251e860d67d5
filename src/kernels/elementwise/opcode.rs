//! Opcodes: what an elementwise op computes, as a static value that an op's table entry can hold.
//!
//! ```
//! use tenscope::kernels::elementwise::Opcode;
//! use tenscope::kernels;
//! static SQUARE: Opcode = Opcode::unary("square", kernels! { ints: |x| x.wrapping_mul(x); floats: |x| x * x });
//! ```

use super::block::BlockKernel;
use crate::error::{Class, Error};
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;

/// What can go wrong on data. Workers hand it to the calling thread, which makes an [`Error`] of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An integer was divided by zero.
    DivisionByZero,
    /// Ctrl-C.
    Interrupted,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::DivisionByZero => Error::runtime("ZeroDivisionError"),
            Fault::Interrupted => Error::new(Class::KeyboardInterrupt, ""),
        }
    }
}

/// Looks at the operands of a step before its kernel runs.
pub type Check = fn(DType, &[&[u8]]) -> Result<(), Fault>;

/// The block kernels of an op: one per dtype it is computed in. The 16-bit floats have none: they are computed in
/// float32 and rounded after each op, as PyTorch does.
#[derive(Clone, Copy, Debug)]
pub struct Kernels([Option<BlockKernel>; DType::ALL.len()]);

impl Kernels {
    /// No kernels yet.
    pub const NONE: Kernels = Kernels([None; DType::ALL.len()]);

    /// These and one more.
    pub const fn with(mut self, dtype: DType, kernel: BlockKernel) -> Kernels {
        self.0[dtype as usize] = Some(kernel);
        self
    }

    /// These and others, which win.
    pub const fn and(mut self, others: Kernels) -> Kernels {
        let mut i = 0;
        while i < self.0.len() {
            if others.0[i].is_some() {
                self.0[i] = others.0[i];
            }
            i += 1;
        }
        self
    }

    /// The kernel for operands of a dtype.
    #[inline]
    pub fn get(&self, dtype: DType) -> Option<BlockKernel> {
        self.0[dtype as usize]
    }
}

/// The op of one operand that stands for one of two, given the second as a scalar and the dtype of the computation.
pub type Shortcut = fn(Scalar, DType) -> Option<&'static Opcode>;

/// The dtype of an op's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultType {
    /// The dtype it is computed in.
    Computed,
    /// Always bool: comparisons and tests.
    Bool,
}

/// An elementwise op: a pure function of one element per operand. All operands have the dtype the op is computed in,
/// save the condition of `where`.
#[derive(Clone, Copy, Debug)]
pub struct Opcode {
    /// The op's name, for `:explain` and for errors.
    pub name: &'static str,
    /// How many operands it has, 1 to 3.
    pub arity: usize,
    /// The dtype of its result.
    pub result: ResultType,
    /// The first operand is a bool whatever the others are.
    pub condition: bool,
    /// A Python scalar meets a 16-bit float in float32, unrounded.
    pub wide_scalars: bool,
    /// What one element costs, in additions; decides from what size threads pay.
    pub cost: u32,
    /// What may fail on data; such a step closes its program.
    pub check: Option<Check>,
    /// Which op of one operand gives what this one gives where its second operand is a Python scalar.
    pub shortcut: Option<Shortcut>,
    kernels: Kernels,
    updates: Kernels,
}

impl Opcode {
    /// An op of some arity whose result has the dtype it is computed in.
    pub const fn new(name: &'static str, arity: usize, kernels: Kernels) -> Opcode {
        Opcode {
            name,
            arity,
            result: ResultType::Computed,
            condition: false,
            wide_scalars: false,
            cost: 1,
            check: None,
            shortcut: None,
            kernels,
            updates: Kernels::NONE,
        }
    }

    /// An op of one operand.
    pub const fn unary(name: &'static str, kernels: Kernels) -> Opcode {
        Opcode::new(name, 1, kernels)
    }

    /// An op of two operands.
    pub const fn binary(name: &'static str, kernels: Kernels) -> Opcode {
        Opcode::new(name, 2, kernels)
    }

    /// An op of three operands.
    pub const fn ternary(name: &'static str, kernels: Kernels) -> Opcode {
        Opcode::new(name, 3, kernels)
    }

    /// The result is bool.
    pub const fn to_bool(mut self) -> Opcode {
        self.result = ResultType::Bool;
        self
    }

    /// The first operand is a bool.
    pub const fn with_condition(mut self) -> Opcode {
        self.condition = true;
        self
    }

    /// Python scalars meet 16-bit floats unrounded.
    pub const fn with_wide_scalars(mut self) -> Opcode {
        self.wide_scalars = true;
        self
    }

    /// One element costs as much as so many additions.
    pub const fn costing(mut self, additions: u32) -> Opcode {
        self.cost = additions;
        self
    }

    /// The operands are looked at before the kernel runs.
    pub const fn checked(mut self, check: Check) -> Opcode {
        self.check = Some(check);
        self
    }

    /// Scalars for which another op stands.
    pub const fn with_shortcut(mut self, shortcut: Shortcut) -> Opcode {
        self.shortcut = Some(shortcut);
        self
    }

    /// Kernels for the op in place, which find the first operand where they write; see [`updates!`](crate::updates).
    pub const fn in_place(mut self, updates: Kernels) -> Opcode {
        self.updates = updates;
        self
    }

    /// The kernel that finds the first operand where it writes, where there is one. Others are given a copy of it.
    #[inline]
    pub fn update(&self, dtype: DType) -> Option<BlockKernel> {
        self.updates.get(dtype)
    }

    /// The dtype the kernel runs in where the op is computed in `compute`: float32 for the 16-bit floats that have no
    /// kernel of their own.
    #[inline]
    pub fn kernel_dtype(&self, compute: DType) -> DType {
        match compute {
            DType::F16 | DType::BF16 if self.kernels.get(compute).is_none() => DType::F32,
            _ => compute,
        }
    }

    /// The kernel that runs where the op is computed in `compute`.
    #[inline]
    pub fn kernel(&self, compute: DType) -> Option<BlockKernel> {
        self.kernels.get(self.kernel_dtype(compute))
    }

    /// Whether the op can be computed in a dtype.
    pub fn supports(&self, compute: DType) -> bool {
        self.kernel(compute).is_some()
    }

    /// The dtype of the result where the op is computed in `compute`.
    #[inline]
    pub fn result_dtype(&self, compute: DType) -> DType {
        match self.result {
            ResultType::Computed => compute,
            ResultType::Bool => DType::Bool,
        }
    }
}

/// The kernels of an op from expressions over its operands, one for each group of dtypes that shares its spelling:
/// `bool`, `u8`, `signed`, `ints`, `floats`, `numbers` (ints and floats), `all`, or a single Rust type. A bool operand
/// is a `u8` of 0 or 1. Later groups win.
#[macro_export]
macro_rules! kernels {
    ($($group:ident: |$($x:ident),+| $body:expr);+ $(;)?) => {
        $crate::kernels::elementwise::Kernels::NONE
            $(.and($crate::kernel_group!($group, $($x),+ => $body)))+
    };
}

/// The in-place kernels of an op of two operands, from its expression for the dtypes that are added up in bulk.
#[macro_export]
macro_rules! updates {
    ($($dtype:ident $t:ty),+: |$a:ident, $b:ident| $body:expr) => {
        $crate::kernels::elementwise::Kernels::NONE$(.with(
            $crate::tensor::dtype::DType::$dtype,
            |out, args| $crate::kernels::elementwise::block::update2(out, args, |$a: $t, $b: $t| $body),
        ))+
    };
}

/// The kernels of one group; a part of [`kernels!`].
#[macro_export]
#[doc(hidden)]
macro_rules! kernel_group {
    (@entry $dtype:ident, $t:ty, $($x:ident),+ => $body:expr) => {
        $crate::kernels::elementwise::Kernels::NONE.with(
            $crate::tensor::dtype::DType::$dtype,
            |out, args| $crate::block_kernel!(out, args, $t, $($x),+ => $body),
        )
    };
    (bool, $($rest:tt)+) => { $crate::kernel_group!(@entry Bool, u8, $($rest)+) };
    (u8, $($rest:tt)+) => { $crate::kernel_group!(@entry U8, u8, $($rest)+) };
    (i8, $($rest:tt)+) => { $crate::kernel_group!(@entry I8, i8, $($rest)+) };
    (i16, $($rest:tt)+) => { $crate::kernel_group!(@entry I16, i16, $($rest)+) };
    (i32, $($rest:tt)+) => { $crate::kernel_group!(@entry I32, i32, $($rest)+) };
    (i64, $($rest:tt)+) => { $crate::kernel_group!(@entry I64, i64, $($rest)+) };
    (f32, $($rest:tt)+) => { $crate::kernel_group!(@entry F32, f32, $($rest)+) };
    (f64, $($rest:tt)+) => { $crate::kernel_group!(@entry F64, f64, $($rest)+) };
    (signed, $($rest:tt)+) => {
        $crate::kernel_group!(i8, $($rest)+)
            .and($crate::kernel_group!(i16, $($rest)+))
            .and($crate::kernel_group!(i32, $($rest)+))
            .and($crate::kernel_group!(i64, $($rest)+))
    };
    (ints, $($rest:tt)+) => {
        $crate::kernel_group!(u8, $($rest)+).and($crate::kernel_group!(signed, $($rest)+))
    };
    (floats, $($rest:tt)+) => {
        $crate::kernel_group!(f32, $($rest)+).and($crate::kernel_group!(f64, $($rest)+))
    };
    (numbers, $($rest:tt)+) => {
        $crate::kernel_group!(ints, $($rest)+).and($crate::kernel_group!(floats, $($rest)+))
    };
    (all, $($rest:tt)+) => {
        $crate::kernel_group!(bool, $($rest)+).and($crate::kernel_group!(numbers, $($rest)+))
    };
}

/// One kernel's loop; a part of [`kernels!`].
#[macro_export]
#[doc(hidden)]
macro_rules! block_kernel {
    ($out:ident, $args:ident, $t:ty, $a:ident => $body:expr) => {
        $crate::kernels::elementwise::block::map1($out, $args, |$a: $t| $body)
    };
    ($out:ident, $args:ident, $t:ty, $a:ident, $b:ident => $body:expr) => {
        $crate::kernels::elementwise::block::map2($out, $args, |$a: $t, $b: $t| $body)
    };
    ($out:ident, $args:ident, $t:ty, $a:ident, $b:ident, $c:ident => $body:expr) => {
        $crate::kernels::elementwise::block::map3($out, $args, |$a: $t, $b: $t, $c: $t| $body)
    };
}
