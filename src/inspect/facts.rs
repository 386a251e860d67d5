//! What `:mem` knows of a tensor, gathered once; [`super::memory`] writes it for people, [`super::json`] for programs.

use super::holders::Walk;
use super::report::shorten;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::cells::{self, Coverage};
use crate::value::Tensor;

/// A tensor that a view was made of.
pub struct Parent {
    /// The first path to it, where a variable reaches it.
    pub name: Option<String>,
    /// Its dtype and shape.
    pub kind: String,
    /// The expression that made the view of it.
    pub made_by: Option<String>,
    /// Whether it still has the storage of the view; `x.data = ..` gives it another one.
    pub shares: bool,
}

/// What is known of a tensor.
pub struct Facts {
    /// The expression.
    pub name: String,
    /// Whether it is no tensor but the storage itself.
    pub is_storage: bool,
    /// Storage, layout and dtype.
    pub array: Array,
    /// What it is a view of, what that is a view of, and so on; at most [`CHAIN`] of them.
    pub parents: Vec<Parent>,
    /// Whether there are more parents than that.
    pub more_parents: bool,
    /// The paths from variables to its storage.
    pub holders: Vec<String>,
    /// Whether not everything could be searched for holders.
    pub partial: bool,
    /// How it covers its storage.
    pub coverage: Coverage,
    /// How many whole cells of its dtype the storage has.
    pub cells: usize,
}

/// How many steps of a chain of views are kept.
const CHAIN: usize = 8;

/// How much of an expression is shown.
const EXPRESSION: usize = 60;

impl Facts {
    /// Gathers them.
    pub fn new(name: &str, tensor: &Tensor, walk: &Walk) -> Result<Facts> {
        let array = tensor.to_array();
        let mut parents = Vec::new();
        let mut origin = tensor.origin();
        while let Some(link) = origin.as_ref().filter(|_| parents.len() < CHAIN) {
            let made_by = link.made_by.as_ref().map(|(source, span)| flat(span.text(&source.text)));
            parents.push(Parent {
                name: walk.name_of(&link.parent),
                kind: link.parent.array().describe(),
                made_by,
                shares: link.parent.array().storage.same(&array.storage),
            });
            origin = link.parent.origin();
        }
        Ok(Facts {
            name: shorten(name, EXPRESSION),
            is_storage: false,
            parents,
            more_parents: origin.is_some(),
            holders: walk.holders(&array.storage),
            partial: walk.is_partial(),
            coverage: cells::coverage(&array.layout)?,
            cells: array.storage.len() / array.dtype.size(),
            array,
        })
    }

    /// Facts of a storage, all of whose elements are the array.
    pub fn of_storage(name: &str, array: Array, walk: &Walk) -> Result<Facts> {
        Ok(Facts { is_storage: true, ..Facts::new(name, &Tensor::new(array), walk)? })
    }

    /// The bytes its elements would take if each had its own.
    pub fn looks_like(&self) -> usize {
        self.array.numel().saturating_mul(self.array.dtype.size())
    }
}

/// An expression on one line.
fn flat(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    shorten(&words.join(" "), EXPRESSION)
}
