//! An error as text.

use crate::error::Error;
use crate::markup::Markup;

/// stub
pub fn diagnostic(error: &Error) -> Markup {
    Markup::text(format!("{error}\n"))
}
