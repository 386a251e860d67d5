//! The evaluator as natives see it.

use super::{Vm, closed};
use crate::error::Result;
use crate::host::{Flow, Host};
use crate::span::{SourceRef, Span};
use crate::value::ctx::{Resume, State, Suspended};
use crate::value::{Args, Ctx, Value};

impl Ctx for Vm<'_> {
    fn call(&mut self, function: &Value, args: Args<'_>) -> Result<Value> {
        self.call_value(function, args)
    }

    fn host(&mut self) -> &mut dyn Host {
        self.host
    }

    fn print(&mut self, text: &str) -> Result<()> {
        match self.host.print(text) {
            Flow::GoOn => Ok(()),
            Flow::Closed => Err(closed()),
        }
    }

    fn call_site(&self) -> Option<(SourceRef, Span)> {
        let code = &self.frames.last()?.code;
        Some((code.source.clone(), code.span(self.at)))
    }

    fn library(&mut self, module: &str, name: &str) -> Result<Option<Value>> {
        self.library_name(module, name)
    }

    fn state(&mut self) -> &mut State {
        &mut self.machine.state
    }

    fn resume(&mut self, state: &mut Suspended, how: Resume) -> Result<Option<Value>> {
        self.resume_generator(state, how)
    }
}
