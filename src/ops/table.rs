//! The table of ops: the parts that stand in the files beside this one, and how names are looked up in it.
//!
//! One map for each place where a name can stand is made at the first look-up there, so that starting costs nothing.
//! The in-place forms (`add_`) are entries too; they are made from the entries that say they have one.

use crate::ops::entries;
use crate::value::entry::{
    ATTRIBUTE, AUTOGRAD, BARE, CUDA, Category, EINOPS, Entry, FUNCTIONAL, Forward, IN_PLACE, INIT, LINALG,
    METHOD, NUMPY, SPECIAL, TORCH,
};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// The names of one place.
type Names = HashMap<&'static str, &'static Entry, BuildHasherDefault<NameHasher>>;

/// The hash of a name, eight bytes at a time. The names are the table's own, so nobody can choose them to collide,
/// and they are looked up at every call.
#[derive(Default)]
struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Every entry of the table, the in-place forms not among them.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    entries::PARTS.iter().flat_map(|part| part.iter())
}

macro_rules! places {
    ($($(#[$doc:meta])* $lookup:ident, $map:ident: $place:expr;)*) => {$(
        static $map: LazyLock<Names> = LazyLock::new(|| names_of($place));

        $(#[$doc])*
        pub fn $lookup(name: &str) -> Option<&'static Entry> {
            $map.get(name).copied()
        }
    )*};
}

places! {
    /// A method of tensors, in-place forms too.
    method, METHODS: METHOD;
    /// An attribute of tensors: `x.shape`.
    attribute, ATTRIBUTES: ATTRIBUTE;
    /// A function of `torch`.
    torch, TORCH_NAMES: TORCH;
    /// A function of `torch.nn.functional`.
    functional, FUNCTIONAL_NAMES: FUNCTIONAL;
    /// A function of `torch.linalg`.
    linalg, LINALG_NAMES: LINALG;
    /// A function of `torch.nn.init`.
    init, INIT_NAMES: INIT;
    /// A function of `torch.special`.
    special, SPECIAL_NAMES: SPECIAL;
    /// A function of `einops`.
    einops, EINOPS_NAMES: EINOPS;
    /// A function of `numpy`.
    numpy, NUMPY_NAMES: NUMPY;
    /// A function of `torch.autograd`.
    autograd, AUTOGRAD_NAMES: AUTOGRAD;
    /// A function of `torch.cuda`.
    cuda, CUDA_NAMES: CUDA;
    /// A name in scope without a module.
    bare, BARE_NAMES: BARE;
}

/// The names of a place with their aliases.
fn names_of(place: u32) -> Names {
    let mut names = Names::default();
    for entry in all() {
        if entry.is_on(place) {
            names.insert(entry.name, entry);
            names.extend(entry.aliases.iter().map(|&alias| (alias, entry)));
        }
        if place & (METHOD | TORCH) != 0 && entry.is_on(IN_PLACE) {
            for &name in std::iter::once(&entry.name).chain(entry.aliases) {
                let in_place = in_place(entry, name);
                // `torch.abs_` exists for the unary ops; few functions that take more do.
                if place == METHOD || is_unary(entry) {
                    names.insert(in_place.name, in_place);
                }
            }
        }
        for (_, known) in IN_PLACE_FUNCTIONS.iter().filter(|(on, _)| place & on != 0) {
            for &name in std::iter::once(&entry.name).chain(entry.aliases).filter(|name| known.contains(name))
            {
                if entry.is_on(place | METHOD | FUNCTIONAL) {
                    let in_place = in_place(entry, name);
                    names.insert(in_place.name, in_place);
                }
            }
        }
    }
    names
}

/// The functions of more than one operand that have an in-place form, under the name of the op.
const IN_PLACE_FUNCTIONS: [(u32, &[&str]); 2] = [
    (
        TORCH,
        &[
            "addmv",
            "celu",
            "clamp",
            "clamp_max",
            "clamp_min",
            "clip",
            "gcd",
            "index_put",
            "lcm",
            "ldexp",
            "logit",
            "nan_to_num",
            "relu",
            "selu",
            "threshold",
            "xlogy",
        ],
    ),
    (FUNCTIONAL, &["celu", "elu", "hardtanh", "leaky_relu", "relu", "selu", "threshold"]),
];

fn is_unary(entry: &'static Entry) -> bool {
    entry.category == Category::Elementwise
        && entry
            .parsed()
            .overloads
            .first()
            .is_some_and(|o| o.params.iter().filter(|p| !p.keyword_only).count() == 1)
}

/// The in-place form of an entry under one of its names. Entries live as long as the program, so each is made once.
fn in_place(entry: &'static Entry, name: &str) -> &'static Entry {
    Box::leak(Box::new(Entry {
        name: Box::leak(format!("{name}_").into_boxed_str()),
        signature: entry.signature,
        on: METHOD,
        category: entry.category,
        summary: entry.summary,
        forward: Forward::InPlace(entry),
        gradient: entry.gradient,
        ..Entry::EMPTY
    }))
}

/// All names of a place, in no order.
pub fn names(place: u32) -> Vec<&'static str> {
    let maps: [(u32, &LazyLock<Names>); 12] = [
        (AUTOGRAD, &AUTOGRAD_NAMES),
        (INIT, &INIT_NAMES),
        (SPECIAL, &SPECIAL_NAMES),
        (CUDA, &CUDA_NAMES),
        (EINOPS, &EINOPS_NAMES),
        (METHOD, &METHODS),
        (ATTRIBUTE, &ATTRIBUTES),
        (TORCH, &TORCH_NAMES),
        (FUNCTIONAL, &FUNCTIONAL_NAMES),
        (LINALG, &LINALG_NAMES),
        (NUMPY, &NUMPY_NAMES),
        (BARE, &BARE_NAMES),
    ];
    maps.iter().filter(|(bit, _)| place & bit != 0).flat_map(|(_, map)| map.keys().copied()).collect()
}
