//! What natives need of the machine that runs them.

use crate::error::{Error, Result};
use crate::host::Host;
use crate::span::{SourceRef, Span};
use crate::syntax::ast::Name;
use crate::value::Value;
use crate::value::code::{Code, Reg};
use std::rc::Rc;

/// The arguments of a call, as they were passed: not yet matched with parameters.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    /// Positional arguments; of a method the receiver is the first.
    pub positional: &'a [Value],
    /// Keyword arguments in order.
    pub keywords: &'a [(Name, Value)],
}

impl<'a> Args<'a> {
    /// Positional arguments alone.
    pub fn positional(positional: &'a [Value]) -> Args<'a> {
        Args { positional, keywords: &[] }
    }
}

/// The machine that runs a native, as far as natives may use it: call back, write, ask the time.
pub trait Ctx {
    /// Calls any callable value.
    fn call(&mut self, function: &Value, args: Args<'_>) -> Result<Value>;

    /// The surroundings.
    fn host(&mut self) -> &mut dyn Host;

    /// Writes to standard output; fails where the reader is gone.
    fn print(&mut self, text: &str) -> Result<()>;

    /// The expression that is being evaluated: what a view is said to be made by.
    fn call_site(&self) -> Option<(SourceRef, Span)>;

    /// Runs a generator to its next value; none where it has ended.
    fn resume(&mut self, state: &mut Suspended, how: Resume) -> Result<Option<Value>>;

    /// What the text of a module of the library defines under a name (a text that stands in the binary).
    fn library(&mut self, module: &str, name: &str) -> Result<Option<Value>>;

    /// State of the session that natives keep between calls (print options, the random generator, warnings given).
    fn state(&mut self) -> &mut State;
}

/// A function put aside in the middle of its work: a generator between two values.
pub struct Suspended {
    /// What it runs.
    pub code: Rc<Code>,
    /// The instruction it goes on with.
    pub at: usize,
    /// Its registers; empty while it runs.
    pub registers: Vec<Value>,
    /// Whether it has ended, or is running.
    pub finished: bool,
    /// The register that gets what is sent in.
    pub sent: Reg,
    /// The exceptions it is handling.
    pub handled: Vec<Value>,
    /// What it returned.
    pub returned: Value,
}

/// How a generator goes on.
pub enum Resume {
    /// `next(g)`
    Next,
    /// `g.send(value)`
    Send(Value),
    /// `g.throw(exception)`
    Throw(Error),
}

impl Drop for Suspended {
    fn drop(&mut self) {
        let mut held = std::mem::take(&mut self.registers);
        held.append(&mut self.handled);
        held.push(std::mem::take(&mut self.returned));
        crate::value::list::bury(held);
    }
}

/// State of a session that natives keep.
#[derive(Clone, Default)]
pub struct State {
    /// How tensors are printed.
    pub print: crate::tensor::format::PrintOptions,
    /// Whether gradients are not recorded: `torch.no_grad()`.
    pub no_grad: bool,
    /// Whether tensors are made for inference alone: `torch.inference_mode()`.
    pub inference: bool,
    /// The program's arguments: `sys.argv`.
    pub argv: Vec<String>,
    /// Where random numbers come from that ask for no generator of their own.
    pub generator: crate::kernels::random::Generator,
    /// The random numbers of Python's module `random`.
    pub python_random: crate::kernels::random::PythonSource,
}
