//! Where an error happened: places become spans, and the chain of calls is written down as frames are left.

use super::Vm;
use crate::error::{Class, Error, Fix, Frame as Call, Place};
use crate::span::Span;
use crate::value::Value;
use crate::value::code::{CONST, Code, Instr, Operand};

/// The left side of `x += 1` cannot become an expression, so what is to be done to it is done before: `x = x.clone(); `.
fn before_statement(mut fix: Fix, statement: Span, source: &str) -> Option<Fix> {
    let Place::Span(target) = fix.place else { return None };
    let name = target.text(source);
    // A subscript would be written through, which is what failed.
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    fix.text = format!("{name} = {}; ", fix.text.replace("{}", name));
    fix.place = Place::Span(Span { start: statement.start, end: statement.start });
    Some(fix)
}

impl Vm<'_> {
    /// Leaves the innermost frame because of an error, which learns who had called it.
    pub(super) fn leave_for(&mut self, error: &mut Error) {
        let left = self.frames.last().map(|frame| (frame.code.name.clone(), frame.code.in_library()));
        self.leave();
        let caller_hidden = self.frames.last().is_some_and(|frame| frame.code.in_library());
        let function = match left {
            Some((name, false)) if caller_hidden => {
                // Functions of the library are no links of the chain: what the library called is linked to its caller.
                self.hidden.get_or_insert(name);
                return;
            }
            Some((name, hidden)) => {
                if error.data().source.is_none() && !caller_hidden {
                    let data = error.data_mut();
                    data.labels.clear();
                    data.fix = None;
                    self.locate(error);
                    return;
                }
                if caller_hidden {
                    return;
                }
                if hidden { self.hidden.take().or(Some(name)) } else { Some(name) }
            }
            None => None,
        };
        if let (Some(function), Some(caller)) = (function, self.frames.last()) {
            let call =
                Call { source: caller.code.source.clone(), span: caller.code.span(caller.at), function };
            error.data_mut().trace.push(call);
        }
    }

    /// Puts spans in for the places an op has named.
    pub(super) fn locate(&mut self, error: &mut Error) {
        let Some(frame) = self.frames.last().filter(|frame| !frame.code.in_library()) else { return };
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
            Place::Within(n, start, end) => {
                code.text_span(at, n + usize::from(through_module), start, end).map(Place::Span)
            }
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
        let in_place = matches!(code.instrs.get(at), Some(Instr::InPlace { .. }));
        data.fix = data.fix.take().and_then(|mut fix| {
            let target = in_place && fix.place == Place::Arg(0);
            fix.place = resolve(fix.place)?;
            if target { before_statement(fix, whole, &code.source.text) } else { Some(fix) }
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
