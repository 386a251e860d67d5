//! An entry of the one table: an op or a built-in function, all that is known of it in one place.
//!
//! Argument binding, help, completion, did-you-mean, the reference pages, the executed examples and the checks of every
//! op iterate entries; nothing keeps a second list. The table itself is in [`crate::ops`] and [`crate::builtins`].

use crate::error::Result;
use crate::kernels::elementwise::Opcode;
use crate::tensor::dtype::DType;
use crate::tensor::promote::Rule;
use crate::value::graph::Derivative;
use crate::value::signature;
use crate::value::{Args, Ctx, Tensor, Value};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU32, Ordering};

/// One op or built-in.
pub struct Entry {
    /// Its name: `sum`.
    pub name: &'static str,
    /// Other names of it: `["true_divide"]`.
    pub aliases: &'static [&'static str],
    /// Its overloads, one a line, in the signature grammar of [`crate::value::signature`]:
    /// `(input: Tensor, dim: int | tuple | None = None, *, keepdim: bool = False) -> Tensor`.
    pub signature: &'static str,
    /// Where it can be called: any of [`METHOD`], [`TORCH`], [`FUNCTIONAL`], ...
    pub on: u32,
    /// What kind of thing it does; the reference has a page for each.
    pub category: Category,
    /// One line.
    pub summary: &'static str,
    /// What is typed, and what is printed. Executed by the tests.
    pub examples: &'static [(&'static str, &'static str)],
    /// How it is computed.
    pub forward: Forward,
    /// A shorter way for small tensors and plain arguments, which needs no binding.
    pub quick: Option<Quick>,
    /// Whether it reads its tensors through the engine alone, each once, block by block: then they need not be computed
    /// before (see [`crate::kernels::elementwise::pending`]). Elementwise entries always do.
    pub streams: bool,
    /// What `out=` may be.
    pub out: Out,
    /// How its gradient is computed.
    pub gradient: Gradient,
    /// The place of the parsed signature, see [`Entry::parsed`]; 0 before the first use. (A number has no destructor, so
    /// that entries can be made with struct update syntax in statics.)
    pub slot: AtomicU32,
}

/// Makes a file's part of the table: `entries![Entry { .. }, ..];` defines `pub static ENTRIES: &[Entry]`.
#[macro_export]
macro_rules! entries {
    ($($entry:expr),* $(,)?) => {
        /// The part of the table that stands in this file.
        pub static ENTRIES: &[$crate::value::Entry] = &ALL;
        static ALL: [$crate::value::Entry; [$(stringify!($entry)),*].len()] = [$($entry),*];
    };
}

/// The gradient of an entry that is recorded as one node under a name, and differentiated through the formula it could
/// have been computed by: `through!("HuberLossBackward0", huber_loss)`.
#[macro_export]
macro_rules! through {
    ($name:literal, $formula:expr) => {
        $crate::through!(|_| $name, $formula)
    };
    ($name:expr, $formula:expr) => {
        $crate::value::entry::Gradient::Differentiable(&$crate::value::graph::Derivative {
            name: $name,
            saves: &[$crate::value::graph::EVERY],
            backward: |step| step.through($formula),
        })
    };
}

/// A method of tensors: `x.sum()`.
pub const METHOD: u32 = 1;
/// A function of `torch`: `torch.sum(x)`.
pub const TORCH: u32 = 1 << 1;
/// A function of `torch.nn.functional`: `F.relu(x)`.
pub const FUNCTIONAL: u32 = 1 << 2;
/// In scope without a module: `zeros(3)`. Python's own built-ins and the names of the program win over it.
pub const BARE: u32 = 1 << 3;
/// An attribute of tensors, without parentheses: `x.shape`. Called with the receiver alone.
pub const ATTRIBUTE: u32 = 1 << 4;
/// A built-in function of Python: `len`.
pub const PYTHON: u32 = 1 << 5;
/// Also in place: the method `name_` writes the result into its receiver.
pub const IN_PLACE: u32 = 1 << 6;
/// A function of `numpy`.
pub const NUMPY: u32 = 1 << 7;
/// A function of `torch.linalg`.
pub const LINALG: u32 = 1 << 8;
/// A function of `math`.
pub const MATH: u32 = 1 << 9;
/// A function of `time`.
pub const TIME: u32 = 1 << 10;
/// A method of `str`.
pub const STR: u32 = 1 << 11;
/// A method of `list`.
pub const LIST: u32 = 1 << 12;
/// A method of `tuple` and `torch.Size`.
pub const TUPLE: u32 = 1 << 13;
/// A method of `dict`.
pub const DICT: u32 = 1 << 14;
/// A method of `set`.
pub const SET: u32 = 1 << 15;
/// A method of `int` and `bool`.
pub const INT: u32 = 1 << 16;
/// A method of `float`.
pub const FLOAT: u32 = 1 << 17;
/// A function of `torch.cuda`.
pub const CUDA: u32 = 1 << 18;
/// A function of `sys`.
pub const SYS: u32 = 1 << 19;
/// A method of exceptions.
pub const EXCEPTION: u32 = 1 << 29;
/// A method of generators.
pub const GENERATOR: u32 = 1 << 28;
/// A method that the language calls, of built-in types: `__len__`, `__init__`.
pub const SPECIAL_METHOD: u32 = 1 << 26;
/// A function of a module of Python's library that has no place of its own.
pub const LIBRARY: u32 = 1 << 27;

/// A function of `torch.nn.init`.
pub const INIT: u32 = 1 << 20;
/// A function of `torch.special`.
pub const SPECIAL: u32 = 1 << 21;

/// A function of `einops`.
pub const EINOPS: u32 = 1 << 22;
/// A function of `torch.autograd`.
pub const AUTOGRAD: u32 = 1 << 26;

/// What kind of thing an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is a page of the reference")]
pub enum Category {
    Creation,
    Elementwise,
    Comparison,
    Reduction,
    View,
    Movement,
    Indexing,
    Product,
    LinearAlgebra,
    Loss,
    Layer,
    Conversion,
    Metadata,
    Random,
    Einsum,
    Gradients,
    Settings,
    Python,
    Text,
    Container,
    Mathematics,
}

impl Category {
    /// Its title in the reference and in `:help`.
    pub fn title(self) -> &'static str {
        match self {
            Category::Creation => "Creating tensors",
            Category::Elementwise => "Elementwise arithmetic",
            Category::Comparison => "Comparison and logic",
            Category::Reduction => "Reductions",
            Category::View => "Views",
            Category::Movement => "Joining and moving",
            Category::Indexing => "Indexing",
            Category::Product => "Products",
            Category::LinearAlgebra => "Linear algebra",
            Category::Loss => "Losses",
            Category::Layer => "Layers of neural networks",
            Category::Conversion => "Conversion",
            Category::Metadata => "What a tensor is",
            Category::Random => "Random numbers",
            Category::Einsum => "einsum and einops",
            Category::Gradients => "Gradients",
            Category::Settings => "Settings",
            Category::Python => "Python's built-in functions",
            Category::Text => "Methods of str",
            Category::Container => "Methods of list, tuple, dict and set",
            Category::Mathematics => "Plain mathematics",
        }
    }
}

/// A shorter way of an entry: a tensor and the positional arguments after it, as they were passed. None wherever not
/// everything is plain; then the entry is called as always, which must give the same.
pub type Quick = fn(&Tensor, &[Value]) -> Option<Tensor>;

/// How an entry is computed. The functions get their arguments bound: one value for each parameter of the signature.
pub enum Forward {
    /// An opcode over the leading arguments, as many as it has operands, with its promotion rule.
    Elementwise(&'static Opcode, Rule),
    /// An opcode over operands that the arguments decide.
    Chosen(fn(&Bindings) -> Result<Chosen>),
    /// A view: shares its first argument's storage (or may: `reshape`). The dispatch remembers what it is a view of.
    View(fn(&mut dyn Ctx, &Bindings) -> Result<Value>),
    /// Anything else.
    Eager(fn(&mut dyn Ctx, &Bindings) -> Result<Value>),
    /// Takes its arguments as they were passed; the signature is for people only.
    Raw(fn(&mut dyn Ctx, Args<'_>) -> Result<Value>),
    /// The in-place form of another entry: what that gives is written into the first argument.
    InPlace(&'static Entry),
}

/// What an op asks of the tensor given as `out=`, beside that it is one.
#[derive(Clone, Copy)]
pub enum Out {
    /// That the result's dtype can be cast to its own.
    Castable,
    /// That it has the result's dtype; the sentence is that of kernels of one dtype.
    Found,
    /// That it has the result's dtype, in the sentence of structured kernels.
    Expected,
    /// As [`Out::Expected`], where the op gives several tensors.
    ExpectedOfEach,
    /// That it has the result's dtype, in the sentence of data pointers.
    Pointed,
    /// That it has the result's dtype, in a sentence of the op's own.
    Worded(fn(DType, DType) -> String),
    /// Something of its own, before anything is computed: the first argument, and `out`.
    First(fn(&Bindings, DType) -> Result<()>),
}

/// An elementwise op whose arguments have decided what it is.
pub struct Chosen {
    /// What is computed.
    pub opcode: &'static Opcode,
    /// Its promotion rule.
    pub rule: Rule,
    /// Its operands.
    pub operands: SmallVec<[Value; 3]>,
}

impl Chosen {
    /// An opcode over operands.
    pub fn new<const N: usize>(opcode: &'static Opcode, rule: Rule, operands: [&Value; N]) -> Chosen {
        Chosen { opcode, rule, operands: operands.into_iter().cloned().collect() }
    }
}

/// How the gradient of an entry is computed.
#[derive(Clone, Copy)]
pub enum Gradient {
    /// It has none, and need not.
    NotDifferentiable,
    /// By a derivative: the op is recorded as one node.
    Differentiable(&'static Derivative),
    /// Of a view: the same view undone. The name of the node.
    View(fn(&Bindings) -> &'static str),
    /// Where gradients are recorded, the op is computed by this function instead, from differentiable ops.
    Composed(fn(&mut dyn Ctx, &Bindings) -> Result<Value>),
    /// It has one that is not written yet; why.
    Todo(&'static str),
}

/// A parsed signature: its overloads.
#[derive(Debug)]
pub struct Parsed {
    /// In the order they are tried.
    pub overloads: Vec<Overload>,
}

/// One overload.
#[derive(Debug)]
pub struct Overload {
    /// Its parameters in order.
    pub params: Vec<Param>,
    /// What it returns, as it is shown.
    pub returns: &'static str,
    /// Accepted for old programs, but not shown: the line of the signature begins with `~`.
    pub hidden: bool,
}

/// One parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes: any of these.
    pub types: Vec<ParamType>,
    /// Its default; none where it must be given.
    pub default: Option<Default>,
    /// Whether it can only be given by name.
    pub keyword_only: bool,
    /// Whether it takes all remaining positional arguments, or one sequence of them: `*size: int`.
    pub variadic: bool,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the word of the signature grammar")]
pub enum ParamType {
    Any,
    Tensor,
    /// A Python number, or a tensor of one element.
    Scalar,
    Int,
    Float,
    Bool,
    Str,
    /// A tuple or list of ints, or a `torch.Size`.
    Ints,
    /// A tuple or list of tensors.
    Tensors,
    DType,
    Device,
    None,
    Callable,
    List,
    Dict,
    Generator,
}

/// A default, as a literal of the signature.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is a literal")]
pub enum Default {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'static str),
    /// `()`
    Empty,
    /// `(0, 1)`
    Ints(&'static [i64]),
}

/// The arguments of a call after they were matched with the parameters of an overload.
pub struct Bindings {
    /// The entry that is called.
    pub entry: &'static Entry,
    /// Which overload matched.
    pub overload: usize,
    /// One value for each of its parameters; [`Value::Unbound`] never.
    pub values: SmallVec<[Value; 4]>,
    /// Whether the first argument is to become the result: an op that would copy it and write into the copy may write
    /// into it instead ([`Bindings::target`]).
    pub in_place: Cell<bool>,
}

impl Entry {
    /// What the entries of the table are made from with struct update syntax.
    #[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
    pub const EMPTY: Entry = Entry {
        name: "",
        aliases: &[],
        signature: "",
        on: 0,
        category: Category::Python,
        summary: "",
        examples: &[],
        forward: Forward::Raw(|_, _| Ok(Value::None)),
        quick: None,
        streams: false,
        out: Out::Castable,
        gradient: Gradient::NotDifferentiable,
        slot: AtomicU32::new(0),
    };

    /// The signature, parsed at the first call on this thread.
    #[inline]
    pub fn parsed(&'static self) -> &'static Parsed {
        let slot = self.slot.load(Ordering::Relaxed) as usize;
        let known = PARSED.with_borrow(|parsed| parsed.get(slot).copied().flatten());
        known.unwrap_or_else(|| self.parse())
    }

    #[cold]
    fn parse(&'static self) -> &'static Parsed {
        static SLOTS: AtomicU32 = AtomicU32::new(1);
        let mut slot = self.slot.load(Ordering::Relaxed);
        if slot == 0 {
            let fresh = SLOTS.fetch_add(1, Ordering::Relaxed);
            // Another thread may have come first; a slot that is lost to it stays empty.
            slot = match self.slot.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => fresh,
                Err(theirs) => theirs,
            };
        }
        PARSED.with_borrow_mut(|parsed| {
            let slot = slot as usize;
            if parsed.len() <= slot {
                parsed.resize(slot + 1, None);
            }
            // Entries are static, so what is parsed of them may be as well: it is made once a thread.
            *parsed[slot].get_or_insert_with(|| Box::leak(Box::new(signature::parse(self.signature))))
        })
    }

    /// Whether it is callable in a place: `entry.is_on(METHOD)`.
    pub fn is_on(&self, place: u32) -> bool {
        self.on & place != 0
    }
}

thread_local! {
    /// The parsed signatures by slot; slot 0 stays empty.
    static PARSED: RefCell<Vec<Option<&'static Parsed>>> = const { RefCell::new(Vec::new()) };
}
