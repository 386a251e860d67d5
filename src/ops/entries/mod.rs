//! The entries of the table, by subject. A file defines its part with [`crate::entries!`]; it is listed here, once.

use crate::value::Entry;

pub mod split;
pub mod view;
pub mod metadata;
pub mod memory;
pub mod conversion;
pub mod creation;
pub mod grid;
pub mod alike;
pub mod writing;
pub mod choosing;
pub mod joining;
pub mod numpy;
pub mod setting;
pub mod arithmetic;
pub mod adjusting;
pub mod function;
pub mod special;
pub mod polynomials;
pub mod copies;
pub mod older;
pub mod ctc;
pub mod complex;
pub mod distance;
pub mod estimate;
pub mod windows;
pub mod activation;
pub mod comparison;
pub mod class_losses;
pub mod losses;
pub mod margin_losses;
pub mod chance_losses;
pub mod distances;
pub mod normalisation;
pub mod channel_normalisation;
pub mod convolution;
pub mod patches;
pub mod transposed_convolution;
pub mod max_pooling;
pub mod mean_pooling;
pub mod adaptive_pooling;
pub mod fractional_pooling;
pub mod unpooling;
pub mod padding;
pub mod resampling;
pub mod grid_sampling;
pub mod shuffling;
pub mod parametric;
pub mod attention;
pub mod reduction;
pub mod statistics;
pub mod ranking;
pub mod scanning;
pub mod product;
pub mod linalg;
pub mod factorization;
pub mod selection;
pub mod scattering;
pub mod slice_writing;
pub mod einsum;
pub mod einops;
pub mod packing;
pub mod grad;
pub mod backward;
pub mod descent;
pub mod random;
pub mod seeding;
pub mod refilling;
pub mod dropout;
pub mod init;

/// Every part of the table.
pub static PARTS: &[&[Entry]] = &[
    creation::ENTRIES,
    grid::ENTRIES,
    alike::ENTRIES,
    view::ENTRIES,
    split::ENTRIES,
    metadata::ENTRIES,
    memory::ENTRIES,
    conversion::ENTRIES,
    arithmetic::ENTRIES,
    adjusting::ENTRIES,
    function::ENTRIES,
    special::ENTRIES,
    polynomials::ENTRIES,
    copies::ENTRIES,
    older::ENTRIES,
    ctc::ENTRIES,
    complex::ENTRIES,
    distance::ENTRIES,
    estimate::ENTRIES,
    windows::ENTRIES,
    activation::ENTRIES,
    comparison::ENTRIES,
    class_losses::ENTRIES,
    losses::ENTRIES,
    margin_losses::ENTRIES,
    chance_losses::ENTRIES,
    distances::ENTRIES,
    normalisation::ENTRIES,
    channel_normalisation::ENTRIES,
    convolution::ENTRIES,
    patches::ENTRIES,
    transposed_convolution::ENTRIES,
    max_pooling::ENTRIES,
    mean_pooling::ENTRIES,
    adaptive_pooling::ENTRIES,
    fractional_pooling::ENTRIES,
    unpooling::ENTRIES,
    padding::ENTRIES,
    resampling::ENTRIES,
    grid_sampling::ENTRIES,
    shuffling::ENTRIES,
    parametric::ENTRIES,
    attention::ENTRIES,
    reduction::ENTRIES,
    statistics::ENTRIES,
    ranking::ENTRIES,
    scanning::ENTRIES,
    product::ENTRIES,
    linalg::ENTRIES,
    factorization::ENTRIES,
    selection::ENTRIES,
    scattering::ENTRIES,
    slice_writing::ENTRIES,
    writing::ENTRIES,
    choosing::ENTRIES,
    joining::ENTRIES,
    einsum::ENTRIES,
    einops::ENTRIES,
    packing::ENTRIES,
    numpy::ENTRIES,
    setting::ENTRIES,
    grad::ENTRIES,
    backward::ENTRIES,
    descent::ENTRIES,
    crate::ops::autograd::function::ENTRIES,
    random::ENTRIES,
    seeding::ENTRIES,
    refilling::ENTRIES,
    dropout::ENTRIES,
    init::ENTRIES,
];
