//! What the prompt and the pipe ask of the parser.

use crate::markup::Markup;
use crate::syntax::{Completeness, completeness};

/// Whether more lines could make `text` whole.
pub fn is_incomplete(text: &str) -> bool {
    matches!(completeness(text), Completeness::Incomplete)
}

/// `text` without pasted prompts.
pub fn strip_prompts(text: &str) -> String {
    text.to_owned()
}

/// `text` with the roles of its tokens.
pub fn highlight(text: &str) -> Markup {
    Markup::text(text)
}
