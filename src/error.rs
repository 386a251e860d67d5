//! The one error type. An error carries data (class, sentence, places, notes, a fix) and is rendered late, by `io`.

use crate::span::{SourceRef, Span};
use std::any::Any;
use std::fmt;
use std::rc::Rc;

/// What every fallible function of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Python's exception classes, as far as something here raises them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is Python's class of that name")]
pub enum Class {
    BaseException,
    SystemExit,
    KeyboardInterrupt,
    GeneratorExit,
    Exception,
    StopIteration,
    ArithmeticError,
    OverflowError,
    FloatingPointError,
    ZeroDivisionError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    ImportError,
    ModuleNotFoundError,
    LookupError,
    IndexError,
    KeyError,
    MemoryError,
    NameError,
    UnboundLocalError,
    OSError,
    ConnectionError,
    FileExistsError,
    FileNotFoundError,
    PermissionError,
    TimeoutError,
    ReferenceError,
    RuntimeError,
    NotImplementedError,
    RecursionError,
    SyntaxError,
    IndentationError,
    TabError,
    SystemError,
    TypeError,
    ValueError,
    UnicodeError,
    UnicodeDecodeError,
    UnicodeEncodeError,
    Warning,
    DeprecationWarning,
    FutureWarning,
    RuntimeWarning,
    SyntaxWarning,
    UserWarning,
    /// torch's `torch.linalg.LinAlgError`.
    LinAlgError,
    /// NumPy's error for an op that no dtype of its operands has.
    UFuncTypeError,
    /// einops' `einops.EinopsError`.
    EinopsError,
}

impl Class {
    /// Every class, parents before children.
    pub const ALL: &[Class] = &[
        Class::BaseException,
        Class::SystemExit,
        Class::KeyboardInterrupt,
        Class::GeneratorExit,
        Class::Exception,
        Class::StopIteration,
        Class::ArithmeticError,
        Class::OverflowError,
        Class::FloatingPointError,
        Class::ZeroDivisionError,
        Class::AssertionError,
        Class::AttributeError,
        Class::BufferError,
        Class::EOFError,
        Class::ImportError,
        Class::ModuleNotFoundError,
        Class::LookupError,
        Class::IndexError,
        Class::KeyError,
        Class::MemoryError,
        Class::NameError,
        Class::UnboundLocalError,
        Class::OSError,
        Class::ConnectionError,
        Class::FileExistsError,
        Class::FileNotFoundError,
        Class::PermissionError,
        Class::TimeoutError,
        Class::ReferenceError,
        Class::RuntimeError,
        Class::NotImplementedError,
        Class::RecursionError,
        Class::SyntaxError,
        Class::IndentationError,
        Class::TabError,
        Class::SystemError,
        Class::TypeError,
        Class::ValueError,
        Class::UnicodeError,
        Class::UnicodeDecodeError,
        Class::UnicodeEncodeError,
        Class::Warning,
        Class::DeprecationWarning,
        Class::FutureWarning,
        Class::RuntimeWarning,
        Class::SyntaxWarning,
        Class::UserWarning,
        Class::LinAlgError,
        Class::EinopsError,
        Class::UFuncTypeError,
    ];

    /// Whether it is a name of Python's own, in scope without an import.
    pub fn is_builtin(self) -> bool {
        !matches!(self, Class::LinAlgError | Class::EinopsError | Class::UFuncTypeError)
    }

    /// The class's name in Python.
    pub fn name(self) -> &'static str {
        match self {
            Class::BaseException => "BaseException",
            Class::SystemExit => "SystemExit",
            Class::KeyboardInterrupt => "KeyboardInterrupt",
            Class::GeneratorExit => "GeneratorExit",
            Class::Exception => "Exception",
            Class::StopIteration => "StopIteration",
            Class::ArithmeticError => "ArithmeticError",
            Class::OverflowError => "OverflowError",
            Class::FloatingPointError => "FloatingPointError",
            Class::ZeroDivisionError => "ZeroDivisionError",
            Class::AssertionError => "AssertionError",
            Class::AttributeError => "AttributeError",
            Class::BufferError => "BufferError",
            Class::EOFError => "EOFError",
            Class::ImportError => "ImportError",
            Class::ModuleNotFoundError => "ModuleNotFoundError",
            Class::LookupError => "LookupError",
            Class::IndexError => "IndexError",
            Class::KeyError => "KeyError",
            Class::MemoryError => "MemoryError",
            Class::NameError => "NameError",
            Class::UnboundLocalError => "UnboundLocalError",
            Class::OSError => "OSError",
            Class::ConnectionError => "ConnectionError",
            Class::FileExistsError => "FileExistsError",
            Class::FileNotFoundError => "FileNotFoundError",
            Class::PermissionError => "PermissionError",
            Class::TimeoutError => "TimeoutError",
            Class::ReferenceError => "ReferenceError",
            Class::RuntimeError => "RuntimeError",
            Class::NotImplementedError => "NotImplementedError",
            Class::RecursionError => "RecursionError",
            Class::SyntaxError => "SyntaxError",
            Class::IndentationError => "IndentationError",
            Class::TabError => "TabError",
            Class::SystemError => "SystemError",
            Class::TypeError => "TypeError",
            Class::ValueError => "ValueError",
            Class::UnicodeError => "UnicodeError",
            Class::UnicodeDecodeError => "UnicodeDecodeError",
            Class::UnicodeEncodeError => "UnicodeEncodeError",
            Class::Warning => "Warning",
            Class::DeprecationWarning => "DeprecationWarning",
            Class::FutureWarning => "FutureWarning",
            Class::RuntimeWarning => "RuntimeWarning",
            Class::SyntaxWarning => "SyntaxWarning",
            Class::UserWarning => "UserWarning",
            Class::LinAlgError => "LinAlgError",
            Class::EinopsError => "EinopsError",
            Class::UFuncTypeError => "UFuncTypeError",
        }
    }

    /// The class it derives from; `BaseException` has none.
    pub fn parent(self) -> Option<Class> {
        Some(match self {
            Class::BaseException => return None,
            Class::SystemExit | Class::KeyboardInterrupt | Class::GeneratorExit | Class::Exception => {
                Class::BaseException
            }
            Class::OverflowError | Class::FloatingPointError | Class::ZeroDivisionError => {
                Class::ArithmeticError
            }
            Class::ConnectionError
            | Class::FileExistsError
            | Class::FileNotFoundError
            | Class::PermissionError
            | Class::TimeoutError => Class::OSError,
            Class::ModuleNotFoundError => Class::ImportError,
            Class::IndexError | Class::KeyError => Class::LookupError,
            Class::UnboundLocalError => Class::NameError,
            Class::NotImplementedError | Class::RecursionError | Class::LinAlgError | Class::EinopsError => {
                Class::RuntimeError
            }
            Class::UFuncTypeError => Class::TypeError,
            Class::IndentationError => Class::SyntaxError,
            Class::TabError => Class::IndentationError,
            Class::UnicodeDecodeError | Class::UnicodeEncodeError => Class::UnicodeError,
            Class::UnicodeError => Class::ValueError,
            Class::UserWarning
            | Class::DeprecationWarning
            | Class::FutureWarning
            | Class::RuntimeWarning
            | Class::SyntaxWarning => Class::Warning,
            _ => Class::Exception,
        })
    }

    /// Whether it is `other` or derives from it.
    pub fn is(self, other: Class) -> bool {
        std::iter::successors(Some(self), |class| class.parent()).any(|class| class == other)
    }
}

/// What a [`Label`] or [`Fix`] points at. Ops know their arguments, not the text: they name an argument, and the call
/// that ran them puts in the span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Bytes of the source.
    Span(Span),
    /// The n-th argument of the op: of a method the receiver is 0, of a binary operator the left side is 0.
    Arg(usize),
    /// A part of the n-th argument, which is text (an equation, a pattern): bytes `start..end` of it. Where the argument is
    /// not written as one plain literal, the whole argument.
    Within(usize, u32, u32),
    /// The name that was called or looked up.
    Callee,
    /// The whole expression that was evaluated.
    Whole,
}

/// A caret line under some text.
#[derive(Clone, Debug)]
pub struct Label {
    /// What it points at.
    pub place: Place,
    /// What is said there: a type like `int64[2, 3]`, or nothing.
    pub text: String,
    /// Whether this is where the error is, rather than context for it.
    pub primary: bool,
}

/// A suggested edit: replace what stands at `place` with `text`, in which `{}` stands for what is there now.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What is replaced.
    pub place: Place,
    /// What with.
    pub text: String,
    /// Why, in a few words.
    pub title: String,
}

/// A call that was under way when the error arose.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The text the call stands in.
    pub source: SourceRef,
    /// Where in it.
    pub span: Span,
    /// The function that was running: `<module>`, `f`, `<lambda>`.
    pub function: Rc<str>,
}

/// All that is known of an error.
#[derive(Clone)]
pub struct Diagnostic {
    /// Python's exception class.
    pub class: Class,
    /// Python's or PyTorch's sentence; may have several lines.
    pub message: String,
    /// Where carets go.
    pub labels: Vec<Label>,
    /// Remarks of ours.
    pub notes: Vec<String>,
    /// What would help.
    pub fix: Option<Fix>,
    /// The text the labels point into; none until the evaluator has put it in.
    pub source: Option<SourceRef>,
    /// The call chain, innermost first; empty until the error has left a function.
    pub trace: Vec<Frame>,
    /// Whether more input could make the text whole (the line editor asks).
    pub incomplete: bool,
    /// The exception as a value of the language, opaque here.
    pub payload: Option<Rc<dyn Any>>,
    /// The exception that was being handled when this one arose, opaque here.
    pub context: Option<Rc<dyn Any>>,
    /// The name of the program's own class, where the exception is of one.
    pub title: Option<Rc<str>>,
    /// Whether no `except` of the program sees it: the step limit, a reader that is gone.
    pub fatal: bool,
}

impl Diagnostic {
    /// The name of the exception's class.
    pub fn name(&self) -> &str {
        self.title.as_deref().unwrap_or_else(|| self.class.name())
    }
}

/// An error on its way out; one pointer wide.
#[derive(Clone)]
pub struct Error(Box<Diagnostic>);

impl Error {
    /// An error of a class with its sentence.
    #[cold]
    pub fn new(class: Class, message: impl Into<String>) -> Error {
        Error(Box::new(Diagnostic {
            class,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            fix: None,
            source: None,
            trace: Vec::new(),
            incomplete: false,
            payload: None,
            context: None,
            title: None,
            fatal: false,
        }))
    }

    /// A `RuntimeError`, PyTorch's usual class.
    #[cold]
    pub fn runtime(message: impl Into<String>) -> Error {
        Error::new(Class::RuntimeError, message)
    }

    /// A `TypeError`.
    #[cold]
    pub fn type_error(message: impl Into<String>) -> Error {
        Error::new(Class::TypeError, message)
    }

    /// A `ValueError`.
    #[cold]
    pub fn value(message: impl Into<String>) -> Error {
        Error::new(Class::ValueError, message)
    }

    /// An `IndexError`.
    #[cold]
    pub fn index(message: impl Into<String>) -> Error {
        Error::new(Class::IndexError, message)
    }

    /// A `SyntaxError` at a span.
    #[cold]
    pub fn syntax(span: Span, message: impl Into<String>) -> Error {
        Error::new(Class::SyntaxError, message).label(Place::Span(span), "")
    }

    /// A part of Python that Tenscope does not have, as against a mistake.
    #[cold]
    pub fn unsupported(span: Span, what: &str) -> Error {
        Error::new(Class::NotImplementedError, format!("{what} is not supported yet"))
            .label(Place::Span(span), "")
    }

    /// Adds a primary label.
    pub fn label(mut self, place: Place, text: impl Into<String>) -> Error {
        self.0.labels.push(Label { place, text: text.into(), primary: true });
        self
    }

    /// Adds a label that gives context.
    pub fn context(mut self, place: Place, text: impl Into<String>) -> Error {
        self.0.labels.push(Label { place, text: text.into(), primary: false });
        self
    }

    /// Adds a remark.
    pub fn note(mut self, text: impl Into<String>) -> Error {
        self.0.notes.push(text.into());
        self
    }

    /// Suggests an edit; in `text`, `{}` stands for what is at `place` now.
    pub fn fix(mut self, place: Place, text: impl Into<String>, title: impl Into<String>) -> Error {
        self.0.fix = Some(Fix { place, text: text.into(), title: title.into() });
        self
    }

    /// Marks the text as cut short rather than wrong.
    pub fn incomplete(mut self) -> Error {
        self.0.incomplete = true;
        self
    }

    /// Makes it one that no `except` of the program sees.
    pub fn fatal(mut self) -> Error {
        self.0.fatal = true;
        self
    }

    /// An error with all that is known of it.
    pub fn from_data(data: Diagnostic) -> Error {
        Error(Box::new(data))
    }

    /// Its class.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// Its sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Everything, for reading.
    pub fn data(&self) -> &Diagnostic {
        &self.0
    }

    /// Everything, for the evaluator to complete.
    pub fn data_mut(&mut self) -> &mut Diagnostic {
        &mut self.0
    }

    /// Everything, by value.
    pub fn into_data(self) -> Diagnostic {
        *self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, message) = (self.0.name(), &self.0.message);
        if message.is_empty() { f.write_str(name) } else { write!(f, "{name}: {message}") }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
