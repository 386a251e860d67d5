//! The entries of the table, by subject. A file defines its part with [`crate::entries!`]; it is listed here, once.

use crate::value::Entry;

pub mod split;
pub mod view;
pub mod metadata;
pub mod conversion;
pub mod creation;
pub mod writing;
pub mod choosing;
pub mod joining;
pub mod numpy;
pub mod setting;
pub mod arithmetic;
pub mod function;
pub mod activation;
pub mod comparison;
pub mod reduction;
pub mod ranking;
pub mod product;
pub mod linalg;
pub mod factorization;
pub mod selection;
pub mod einsum;
pub mod grad;
pub mod random;
pub mod dropout;
pub mod init;

/// Every part of the table.
pub static PARTS: &[&[Entry]] = &[
    creation::ENTRIES,
    view::ENTRIES,
    metadata::ENTRIES,
    conversion::ENTRIES,
    arithmetic::ENTRIES,
    function::ENTRIES,
    activation::ENTRIES,
    comparison::ENTRIES,
    reduction::ENTRIES,
    ranking::ENTRIES,
    product::ENTRIES,
    linalg::ENTRIES,
    factorization::ENTRIES,
    selection::ENTRIES,
    writing::ENTRIES,
    choosing::ENTRIES,
    joining::ENTRIES,
    einsum::ENTRIES,
    numpy::ENTRIES,
    setting::ENTRIES,
    grad::ENTRIES,
    random::ENTRIES,
    dropout::ENTRIES,
    init::ENTRIES,
];
