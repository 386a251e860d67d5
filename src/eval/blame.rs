//! Where an error happened: places become spans, and the chain of calls is written down as frames are left.

use super::Vm;
use crate::error::{Class, Error, Frame as Call, Place};
use crate::value::Value;
use crate::value::code::{CONST, Code, Instr, Operand};

impl Vm<'_> {
    /// Leaves all frames above `floor` because of an error, which learns where it happened.
    #[cold]
    pub(super) fn unwind(&mut self, mut error: Error, floor: usize) -> Error {
        if error.data().source.is_none() {
            self.locate(&mut error);
        }
        while self.frames.len() > floor {
            let function = self.frames.last().map(|frame| frame.code.name.clone());
            self.leave();
            if let (Some(function), Some(caller)) = (function, self.frames.last()) {
                let call =
                    Call { source: caller.code.source.clone(), span: caller.code.span(caller.at), function };
                error.data_mut().trace.push(call);
            }
        }
        error
    }

    /// Puts spans in for the places an op has named.
    fn locate(&mut self, error: &mut Error) {
        let Some(frame) = self.frames.last() else { return };
        let (code, at) = (frame.code.clone(), self.at);
        // A function called through a module has no receiver among its arguments.
        let through_module = match code.instrs.get(at) {
            Some(Instr::CallMethod { base, .. }) => {
                matches!(self.stack.get(frame.base + usize::from(*base)), Some(Value::Module(_)))
            }
            _ => false,
        };
        let whole = code.span(at);
        let resolve = |place: Place| match place {
            Place::Arg(n) => code.argument_span(at, n + usize::from(through_module)).map(Place::Span),
            Place::Callee => Some(Place::Span(code.callee_span(at))),
            Place::Whole => Some(Place::Span(whole)),
            Place::Span(_) => Some(place),
        };
        let data = error.data_mut();
        data.labels.retain_mut(|label| match resolve(label.place) {
            Some(place) => {
                label.place = place;
                true
            }
            None => false,
        });
        data.fix = data.fix.take().and_then(|mut fix| {
            fix.place = resolve(fix.place)?;
            Some(fix)
        });
        data.source = Some(code.source.clone());
        if error.data().labels.is_empty() {
            let place = match error.class() {
                Class::AttributeError => Place::Span(code.callee_span(at)),
                _ => Place::Span(whole),
            };
            error.data_mut().labels.push(crate::error::Label { place, text: String::new(), primary: true });
        }
    }

    /// The error for an operand that is a local variable without a value.
    #[cold]
    pub(super) fn unbound(&self, code: &Code, operand: Operand) -> Error {
        let name = code.locals.get(usize::from(operand & !CONST)).map_or("?", |name| &**name);
        let free = code.captures.iter().any(|(_, reg)| *reg == operand);
        if free {
            let sentence = format!(
                "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
            );
            Error::new(Class::NameError, sentence)
        } else {
            let sentence =
                format!("cannot access local variable '{name}' where it is not associated with a value");
            Error::new(Class::UnboundLocalError, sentence)
        }
    }
}
