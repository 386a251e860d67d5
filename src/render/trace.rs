//! The call chain below a diagnostic, short even where a recursion was a thousand calls deep.

use super::sentence::{shorten, visible};
use crate::error::Frame;
use crate::markup::{Markup, Role};
use std::rc::Rc;

/// Calls shown at the inner and at the outer end of a long chain.
const ENDS: (usize, usize) = (3, 2);

/// `in f, called at file:line:col`, innermost call first.
pub(super) fn chain(frames: &[Frame]) -> Markup {
    let calls = runs(frames);
    let mut markup = Markup::new();
    let long = calls.len() > ENDS.0 + ENDS.1 + 1;
    let (inner, outer) = if long { ENDS } else { (calls.len(), 0) };
    for (frame, times) in calls.iter().take(inner) {
        markup.append(call(frame, *times));
    }
    if long {
        let hidden = calls.iter().skip(inner).take(calls.len() - inner - outer).map(|(_, times)| times);
        let hidden: usize = hidden.sum();
        markup.push(Role::Dim, format!("  ... {hidden} more calls ...\n"));
        for (frame, times) in calls.iter().skip(calls.len() - outer) {
            markup.append(call(frame, *times));
        }
    }
    markup
}

/// Equal neighbours counted together.
fn runs(frames: &[Frame]) -> Vec<(&Frame, usize)> {
    let mut runs: Vec<(&Frame, usize)> = Vec::new();
    for frame in frames {
        match runs.last_mut() {
            Some((last, times)) if same(last, frame) => *times += 1,
            _ => runs.push((frame, 1)),
        }
    }
    runs
}

fn same(a: &Frame, b: &Frame) -> bool {
    a.span == b.span && a.function == b.function && Rc::ptr_eq(&a.source, &b.source)
}

fn call(frame: &Frame, times: usize) -> Markup {
    let (line, column) = frame.source.line_column(frame.span.start);
    let mut markup = Markup::new();
    markup.push(Role::Text, "  in ").push(Role::Name, shorten(&visible(&frame.function), 40));
    markup.push(Role::Text, format!(", called at {}:{line}:{column}", visible(&frame.source.name)));
    if times > 1 {
        markup.push(Role::Dim, format!(" ({times} times)"));
    }
    markup.newline();
    markup
}
