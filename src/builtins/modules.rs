//! What `import` finds.

use super::{clock, copying, functools, itertools, math, progress, random, system, typing};
use crate::error::{Class, Error, Result};
use crate::library;
use crate::ops::nearest::nearest;
use crate::protocol::tensors;
use crate::value::{Module, Value};

/// The modules of the language itself.
static MODULES: [&Module; 10] = [
    &math::MODULE,
    &clock::MODULE,
    &system::MODULE,
    &typing::MODULE,
    &itertools::MODULE,
    &functools::MODULE,
    &copying::MODULE,
    &random::MODULE,
    &BUILTINS,
    &FUTURE,
];

static BUILTINS: Module = Module {
    name: "builtins",
    get: super::python,
    names: || super::table().filter(|e| e.is_on(crate::value::entry::PYTHON)).map(|e| e.name).collect(),
};

static FUTURE: Module = Module {
    name: "__future__",
    get: |name| FEATURES.contains(&name).then_some(Value::None),
    names: || FEATURES.to_vec(),
};

const FEATURES: [&str; 3] = ["annotations", "division", "print_function"];

/// Modules of Python's and of others that programs ask for and Tenscope does not have.
const ABSENT: [&str; 12] = [
    "pandas",
    "matplotlib",
    "scipy",
    "sklearn",
    "torchvision",
    "tensorflow",
    "jax",
    "PIL",
    "os",
    "json",
    "re",
    "subprocess",
];

/// The module of a dotted name.
pub fn find_module(dotted: &str) -> Option<&'static Module> {
    let known = MODULES.iter().chain(library::MODULES).chain(&progress::MODULES).copied();
    known.into_iter().find(|module| module.name == dotted).or_else(|| tensors::module(dotted))
}

/// The module of a dotted name, or the error that there is none, with what there is.
pub fn import(dotted: &str) -> Result<&'static Module> {
    find_module(dotted).ok_or_else(|| {
        let error = Error::new(Class::ModuleNotFoundError, missing(dotted));
        let known: Vec<&str> = MODULES
            .iter()
            .chain(library::MODULES)
            .map(|module| module.name)
            .chain(tensors::module_names())
            .collect();
        let first = dotted.split('.').next().unwrap_or(dotted);
        if ABSENT.contains(&first) {
            return error.note(format!("Tenscope runs without Python: it has no module {first}"));
        }
        match nearest(dotted, known.iter().copied()) {
            Some(near) => error.note(format!("did you mean '{near}'?")),
            None => error.note(format!("there are {}", known.join(", "))),
        }
    })
}

/// Python's sentence: a module inside a plain module is told apart from one that is nowhere.
fn missing(dotted: &str) -> String {
    match dotted.rsplit_once('.') {
        Some((outer, _)) if MODULES.iter().any(|module| module.name == outer) => {
            format!("No module named '{dotted}'; '{outer}' is not a package")
        }
        Some((outer, _)) if find_module(outer).is_some() => format!("No module named '{dotted}'"),
        Some((outer, _)) => format!("No module named '{}'", outer.split('.').next().unwrap_or(outer)),
        None => format!("No module named '{dotted}'"),
    }
}
