//! A machine for unit tests: calls entries and records what is printed.

use crate::error::{Error, Result};
use crate::host::{Host, Recorder};
use crate::span::{SourceRef, Span};
use crate::value::ctx::{Resume, State, Suspended};
use crate::value::entry::Forward;
use crate::value::{Args, Ctx, Value};

/// The machine.
#[derive(Default)]
pub struct Machine {
    /// What was printed.
    pub host: Recorder,
    state: State,
}

impl Ctx for Machine {
    fn library(&mut self, _: &str, _: &str) -> Result<Option<Value>> {
        Ok(None)
    }

    fn call(&mut self, function: &Value, args: Args<'_>) -> Result<Value> {
        match function {
            Value::Entry(entry) => match entry.forward {
                Forward::Raw(run) => run(self, args),
                _ => Err(Error::type_error("not callable in these tests")),
            },
            Value::Bound(bound) => {
                let mut all = vec![bound.receiver.clone()];
                all.extend_from_slice(args.positional);
                self.call(&bound.function.clone(), Args { positional: &all, keywords: args.keywords })
            }
            other => Err(Error::type_error(format!("'{}' object is not callable", other.type_name()))),
        }
    }

    fn resume(&mut self, _: &mut Suspended, _: Resume) -> Result<Option<Value>> {
        Ok(None)
    }

    fn host(&mut self) -> &mut dyn Host {
        &mut self.host
    }

    fn print(&mut self, text: &str) -> Result<()> {
        self.host.print(text);
        Ok(())
    }

    fn call_site(&self) -> Option<(SourceRef, Span)> {
        None
    }

    fn state(&mut self) -> &mut State {
        &mut self.state
    }
}
