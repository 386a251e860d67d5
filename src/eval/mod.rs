//! Runs code: one loop over flat instructions, frames on a stack of registers, natives called back through [`Ctx`].
//!
//! Calls between functions of a program push a frame and go on in the same loop, so a recursion of the program is not
//! one of ours; only a native that calls back (`sorted(key=..)`, a generator) runs a loop inside the loop, and that
//! nesting is counted.

mod frame;
mod run;
mod numbers;
mod operate;
mod other;
mod unpack;
mod call;
mod arguments;
mod blame;
mod generator;
mod handle;
mod import;
mod context;
mod library;
mod class;

use crate::error::{Class, Error, Result};
use crate::host::{Flow, Host};
use crate::lower::Scene;
use crate::span::SourceRef;
use crate::syntax::ast::{Name, Tree};
use crate::value::ctx::State;
use crate::value::globals::Below;
use crate::value::{Globals, Value};
use frame::Frames;
use std::rc::Rc;

pub use generator::Generator;

/// Runs a command line of the prompt (`:mem x`); given by the layer above.
pub type CommandHook = fn(&mut Vm<'_>, &str) -> Result<()>;

/// What lives from one statement to the next.
pub struct Machine {
    /// The global variables.
    pub globals: Globals,
    /// What natives keep.
    pub state: State,
    /// Runs the commands.
    pub command: CommandHook,
    /// How many loops and calls may still be made; for evaluations that must end by themselves.
    pub fuel: u64,
    /// The modules of the library whose text has run.
    loaded: std::collections::HashSet<String>,
    stack: Vec<Value>,
}

impl Machine {
    /// A machine without variables. `below` finds the names that a program has without binding them.
    pub fn new(below: Below, command: CommandHook) -> Machine {
        Machine {
            globals: Globals::new(below),
            state: State::default(),
            command,
            fuel: u64::MAX,
            loaded: std::collections::HashSet::new(),
            stack: Vec::new(),
        }
    }

    /// A machine with other variables and a copy of the rest, which stops after `fuel` loops and calls.
    pub fn apart(&self, globals: Globals, fuel: u64) -> Machine {
        Machine {
            globals,
            state: self.state.clone(),
            command: self.command,
            fuel,
            loaded: self.loaded.clone(),
            stack: Vec::new(),
        }
    }

    /// Lowers a tree and runs it as the module's code.
    pub fn run(
        &mut self,
        tree: &Rc<Tree>,
        source: &SourceRef,
        echo: bool,
        host: &mut dyn Host,
    ) -> Result<()> {
        let mut scene = Scene {
            globals: &mut self.globals,
            tensor_method: crate::ops::table::method,
            echo,
            module: None,
        };
        let code = match crate::lower::lower(tree, source, &mut scene) {
            Ok(code) => code,
            Err(mut error) => {
                error.data_mut().source.get_or_insert_with(|| source.clone());
                return Err(error);
            }
        };
        self.start(host).run_module(code).map(|_| ()).map_err(|mut error| {
            crate::protocol::exceptions::explain(&mut error);
            error
        })
    }

    /// The value of an expression, for commands: the tree must be one expression statement.
    pub fn evaluate(&mut self, tree: &Rc<Tree>, source: &SourceRef, host: &mut dyn Host) -> Result<Value> {
        self.start(host).evaluate(tree, source)
    }

    /// The machine with a host, ready to run.
    pub fn start<'a>(&'a mut self, host: &'a mut dyn Host) -> Vm<'a> {
        let stack = std::mem::take(&mut self.stack);
        Vm {
            machine: self,
            host,
            stack,
            frames: Frames::default(),
            at: 0,
            hidden: None,
            nesting: 0,
            handled: Vec::new(),
        }
    }
}

/// A machine that runs: its registers and frames.
pub struct Vm<'a> {
    /// What outlives the run.
    pub machine: &'a mut Machine,
    host: &'a mut dyn Host,
    /// The registers of all frames.
    stack: Vec<Value>,
    frames: Frames,
    /// The instruction of the innermost frame that is being executed.
    at: usize,
    /// The function of the program that a function of the library had called when an error left it.
    hidden: Option<Name>,
    /// How many loops run inside each other.
    nesting: usize,
    /// The exceptions that are being handled, innermost last.
    handled: Vec<Value>,
}

impl Vm<'_> {
    /// Runs the code of a module.
    pub fn run_module(&mut self, code: Rc<crate::value::code::Code>) -> Result<Value> {
        let base = self.top();
        self.enter(&code, base, 0)?;
        self.run(self.frames.len() - 1)
    }

    /// The value of the one expression a tree holds.
    pub fn evaluate(&mut self, tree: &Rc<Tree>, source: &SourceRef) -> Result<Value> {
        let code = self.prepare(tree, source)?;
        self.run_module(code)
    }

    /// The code of the one expression a tree holds, for [`Vm::run_module`], which gives its value.
    pub fn prepare(&mut self, tree: &Rc<Tree>, source: &SourceRef) -> Result<Rc<crate::value::code::Code>> {
        let globals = &mut self.machine.globals;
        let mut scene =
            Scene { globals, tensor_method: crate::ops::table::method, echo: false, module: None };
        crate::lower::lower_expression(tree, source, &mut scene)
    }

    /// The same machine and host with frames of their own: what runs there is not called from what runs here.
    pub fn apart(&mut self) -> Vm<'_> {
        let stack = std::mem::take(&mut self.machine.stack);
        Vm {
            machine: self.machine,
            host: self.host,
            stack,
            frames: Frames::default(),
            at: 0,
            hidden: None,
            nesting: self.nesting,
            handled: Vec::new(),
        }
    }

    /// Shows a value at the prompt: its `repr`, unless it is `None`; `_` means it from then on.
    fn echo(&mut self, value: Value) -> Result<()> {
        if matches!(value, Value::None) {
            return Ok(());
        }
        let mut text = crate::protocol::repr(self, &value)?;
        self.machine.globals.set_below(&Name::from("_"), value);
        text.push('\n');
        match self.host.print(&text) {
            Flow::GoOn => Ok(()),
            Flow::Closed => Err(closed()),
        }
    }
}

impl Drop for Vm<'_> {
    fn drop(&mut self) {
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        self.machine.stack = stack;
    }
}

/// The error that ends a session whose output nobody reads any more.
pub fn closed() -> Error {
    Error::new(Class::SystemExit, CLOSED).fatal()
}

/// The message that tells [`closed`] from an `exit()` of the program.
pub const CLOSED: &str = "the output was closed";
