//! The modules that hold the ops: `torch`, `torch.nn.functional`, `torch.linalg`, `torch.cuda`, `numpy`
//! and `einops`.

use crate::error::{Class, Error};
use crate::library;
use crate::ops::absent;
use crate::ops::generator::GeneratorObject;
use crate::ops::named::Named;
use crate::ops::nearest::nearest;
use crate::ops::parameter::Parameter;
use crate::ops::table;
use crate::tensor::dtype::DType;
use crate::value::entry::{AUTOGRAD, BARE, CUDA, EINOPS, FUNCTIONAL, INIT, LINALG, NUMPY, SPECIAL, TORCH};
use crate::value::numpy_type::NumpyType;
use crate::value::{Entry, Module, Type, Value};
use std::collections::HashSet;
use std::sync::LazyLock;

/// The version of PyTorch whose behaviour is followed.
pub const VERSION: &str = "2.15.0";

/// `torch`
pub static TORCH_MODULE: Module = Module { name: "torch", get: torch, names: torch_names };
/// `torch.nn`
pub static NN: Module = Module {
    name: "torch.nn",
    get: |name| match name {
        "functional" => Some(Value::Module(&FUNCTIONAL_MODULE)),
        "init" => Some(Value::Module(&INIT_MODULE)),
        "modules" | "parameter" => Some(Value::Module(&NN)),
        "Parameter" => Some(Value::object(Parameter)),
        "utils" => Some(Value::Module(&NN_UTILS)),
        _ => None,
    },
    names: || {
        vec!["functional", "init", "utils", "Parameter"]
            .into_iter()
            .chain(library::names("torch.nn"))
            .collect()
    },
};
/// `torch.nn.utils`
pub static NN_UTILS: Module = Module {
    name: "torch.nn.utils",
    get: |name| (name == "rnn").then_some(Value::Module(&NN_RNN)),
    names: || library::names("torch.nn.utils").into_iter().chain(["rnn"]).collect(),
};
/// `torch.nn.utils.rnn`
pub static NN_RNN: Module =
    Module { name: "torch.nn.utils.rnn", get: |_| None, names: || library::names("torch.nn.utils.rnn") };
/// `torch.optim`
pub static OPTIM: Module = Module {
    name: "torch.optim",
    get: |name| (name == "lr_scheduler").then_some(Value::Module(&SCHEDULERS)),
    names: || library::names("torch.optim").into_iter().chain(["lr_scheduler"]).collect(),
};
/// `torch.optim.lr_scheduler`
pub static SCHEDULERS: Module = Module {
    name: "torch.optim.lr_scheduler",
    get: |_| None,
    names: || library::names("torch.optim.lr_scheduler"),
};
/// `torch.nn.init`
pub static INIT_MODULE: Module = Module {
    name: "torch.nn.init",
    get: |name| table::init(name).map(Value::Entry),
    names: || table::names(INIT),
};
/// `torch.special`
pub static SPECIAL_MODULE: Module = Module {
    name: "torch.special",
    get: |name| special(name).map(Value::Entry),
    names: || table::names(SPECIAL).into_iter().chain(SPECIAL_NAMES.iter().map(|(name, _)| *name)).collect(),
};
/// What `torch.special` has from `torch`, and the name it has there.
const SPECIAL_NAMES: [(&str, &str); 17] = [
    ("digamma", "digamma"),
    ("erf", "erf"),
    ("erfc", "erfc"),
    ("erfinv", "erfinv"),
    ("exp2", "exp2"),
    ("expit", "sigmoid"),
    ("expm1", "expm1"),
    ("gammaln", "lgamma"),
    ("log1p", "log1p"),
    ("log_softmax", "log_softmax"),
    ("logit", "logit"),
    ("logsumexp", "logsumexp"),
    ("psi", "digamma"),
    ("round", "round"),
    ("sinc", "sinc"),
    ("softmax", "softmax"),
    ("xlogy", "xlogy"),
];

fn special(name: &str) -> Option<&'static Entry> {
    table::special(name).or_else(|| table::torch(SPECIAL_NAMES.iter().find(|(known, _)| *known == name)?.1))
}

/// `torch.random`
pub static RANDOM_MODULE: Module = Module {
    name: "torch.random",
    get: |name| match name {
        "default_generator" => Some(Value::object(GeneratorObject::Session)),
        _ => RANDOM_NAMES.contains(&name).then(|| table::torch(name).map(Value::Entry)).flatten(),
    },
    names: || RANDOM_NAMES.iter().copied().chain(["default_generator"]).collect(),
};
const RANDOM_NAMES: [&str; 5] = ["manual_seed", "seed", "initial_seed", "get_rng_state", "set_rng_state"];
/// `torch.nn.functional`
pub static FUNCTIONAL_MODULE: Module = Module {
    name: "torch.nn.functional",
    get: |name| table::functional(name).map(Value::Entry),
    names: || table::names(FUNCTIONAL),
};
/// `torch.linalg`
pub static LINALG_MODULE: Module = Module {
    name: "torch.linalg",
    get: |name| match name {
        "LinAlgError" => Some(Value::Type(Type::Exception(Class::LinAlgError))),
        _ => table::linalg(name).map(Value::Entry),
    },
    names: || table::names(LINALG),
};
/// `torch.autograd`
pub static AUTOGRAD_MODULE: Module = Module {
    name: "torch.autograd",
    get: |name| match name {
        "no_grad" | "enable_grad" | "set_grad_enabled" | "inference_mode" => {
            table::torch(name).map(Value::Entry)
        }
        "functional" => Some(Value::Module(&AUTOGRAD_FUNCTIONAL)),
        "function" => Some(Value::Module(&AUTOGRAD_MODULE)),
        _ => table::autograd(name).map(Value::Entry),
    },
    names: || {
        let natives = table::names(AUTOGRAD).into_iter().filter(|name| !name.starts_with('_'));
        natives.chain(["functional"]).collect()
    },
};
/// `torch.autograd.functional`, which is written in Python.
pub static AUTOGRAD_FUNCTIONAL: Module = Module {
    name: "torch.autograd.functional",
    get: |_| None,
    names: || library::names("torch.autograd.functional"),
};
/// `torch.cuda`
pub static CUDA_MODULE: Module = Module {
    name: "torch.cuda",
    get: |name| table::cuda(name).map(Value::Entry),
    names: || table::names(CUDA),
};
/// `einops`
pub static EINOPS_MODULE: Module = Module {
    name: "einops",
    get: |name| match name {
        "EinopsError" => Some(Value::Type(Type::Exception(Class::EinopsError))),
        "__version__" => Some(Value::str("0.8.2")),
        _ => table::einops(name).map(Value::Entry),
    },
    names: || table::names(EINOPS).into_iter().chain(["EinopsError"]).collect(),
};
/// `numpy.linalg`, which is written in Python.
pub static NUMPY_LINALG_MODULE: Module =
    Module { name: "numpy.linalg", get: |_| None, names: || library::names("numpy.linalg") };

/// `numpy`
pub static NUMPY_MODULE: Module = Module { name: "numpy", get: numpy, names: numpy_names };

/// Every module here, by its dotted name.
pub static MODULES: &[&Module] = &[
    &TORCH_MODULE,
    &NN,
    &NN_UTILS,
    &NN_RNN,
    &OPTIM,
    &SCHEDULERS,
    &FUNCTIONAL_MODULE,
    &INIT_MODULE,
    &LINALG_MODULE,
    &SPECIAL_MODULE,
    &RANDOM_MODULE,
    &CUDA_MODULE,
    &AUTOGRAD_MODULE,
    &AUTOGRAD_FUNCTIONAL,
    &NUMPY_MODULE,
    &EINOPS_MODULE,
];

/// The module of a dotted name.
pub fn find(path: &str) -> Option<&'static Module> {
    // Where PyTorch keeps a part of a module apart.
    let path = match path {
        "torch.autograd.function" => "torch.autograd",
        "torch.nn.modules" | "torch.nn.parameter" => "torch.nn",
        other => other,
    };
    MODULES.iter().copied().find(|module| module.name == path)
}

/// A name in scope without any import: the ops, and the modules under the names they are usually given.
pub fn bare(name: &str) -> Option<Value> {
    Some(match name {
        "torch" => Value::Module(&TORCH_MODULE),
        "np" | "numpy" => Value::Module(&NUMPY_MODULE),
        "F" => Value::Module(&FUNCTIONAL_MODULE),
        "nn" => Value::Module(&NN),
        "einops" => Value::Module(&EINOPS_MODULE),
        _ => Value::Entry(table::bare(name)?),
    })
}

/// The names [`bare`] knows.
pub fn bare_names() -> Vec<&'static str> {
    let mut names = table::names(BARE);
    names.extend(["torch", "np", "numpy", "F", "nn", "einops"]);
    names
}

/// PyTorch's other names of dtypes.
const DTYPE_ALIASES: [(&str, DType); 6] = [
    ("float", DType::F32),
    ("double", DType::F64),
    ("half", DType::F16),
    ("long", DType::I64),
    ("int", DType::I32),
    ("short", DType::I16),
];

fn dtype(name: &str) -> Option<DType> {
    let own = DType::ALL.into_iter().find(|dtype| dtype.name() == name);
    own.or_else(|| DTYPE_ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, dtype)| *dtype))
}

/// Numbers, under the names both modules have for them.
const CONSTANTS: [(&str, f64); 4] =
    [("pi", std::f64::consts::PI), ("e", std::f64::consts::E), ("inf", f64::INFINITY), ("nan", f64::NAN)];

fn constant(name: &str) -> Option<Value> {
    if name == "newaxis" {
        return Some(Value::None);
    }
    CONSTANTS.iter().find(|(constant, _)| *constant == name).map(|(_, value)| Value::Float(*value))
}

const SUBMODULES: [(&str, &Module); 7] = [
    ("optim", &OPTIM),
    ("autograd", &AUTOGRAD_MODULE),
    ("nn", &NN),
    ("linalg", &LINALG_MODULE),
    ("special", &SPECIAL_MODULE),
    ("random", &RANDOM_MODULE),
    ("cuda", &CUDA_MODULE),
];

const TYPES: [(&str, Type); 4] =
    [("Tensor", Type::Tensor), ("Size", Type::Size), ("device", Type::Device), ("dtype", Type::DType)];

fn torch(name: &str) -> Option<Value> {
    if let Some(entry) = table::torch(name) {
        return Some(Value::Entry(entry));
    }
    if let Some(dtype) = dtype(name) {
        return Some(Value::DType(dtype));
    }
    if let Some((_, kind)) = TYPES.iter().find(|(known, _)| *known == name) {
        return Some(Value::Type(*kind));
    }
    if let Some((_, module)) = SUBMODULES.iter().find(|(known, _)| *known == name) {
        return Some(Value::Module(module));
    }
    match name {
        "__version__" => return Some(Value::str(VERSION)),
        "default_generator" => return Some(Value::object(GeneratorObject::Session)),
        _ => {}
    }
    Named::of_torch(name).map(Value::object).or_else(|| constant(name))
}

fn torch_names() -> Vec<&'static str> {
    let mut names = table::names(TORCH);
    names.extend(DType::ALL.into_iter().map(DType::name));
    names.extend(DTYPE_ALIASES.iter().map(|(name, _)| *name));
    names.extend(TYPES.iter().map(|(name, _)| *name));
    names.extend(SUBMODULES.iter().map(|(name, _)| *name));
    names.extend(CONSTANTS.iter().map(|(name, _)| *name));
    names.extend([
        "default_generator",
        "newaxis",
        "strided",
        "contiguous_format",
        "preserve_format",
        "__version__",
    ]);
    names
}

/// NumPy's names of dtypes that are not PyTorch's.
const NUMPY_DTYPES: [(&str, DType); 6] = [
    ("bool_", DType::Bool),
    ("single", DType::F32),
    ("float_", DType::F64),
    ("double", DType::F64),
    ("half", DType::F16),
    ("intp", DType::I64),
];

fn numpy(name: &str) -> Option<Value> {
    // What the module's text defines, it defines better.
    static WRITTEN: LazyLock<HashSet<&str>> = LazyLock::new(|| library::names("numpy").into_iter().collect());
    if WRITTEN.contains(name) {
        return None;
    }
    if let Some(entry) = table::numpy(name) {
        return Some(Value::Entry(entry));
    }
    let known = NUMPY_DTYPES.iter().find(|(known, _)| *known == name).map(|(_, dtype)| *dtype);
    let known =
        known.or_else(|| DType::ALL.into_iter().find(|dtype| dtype.name() == name && *dtype != DType::BF16));
    if let Some(dtype) = known {
        return Some(Value::object(NumpyType { dtype, class: true }));
    }
    match name {
        "linalg" => Some(Value::Module(&NUMPY_LINALG_MODULE)),
        "ndarray" => Some(Value::Type(Type::NdArray)),
        "__version__" => Some(Value::str("2.4.6")),
        _ => constant(name),
    }
}

fn numpy_names() -> Vec<&'static str> {
    let mut names = table::names(NUMPY);
    names.extend(library::names("numpy"));
    names.extend(NUMPY_DTYPES.iter().map(|(name, _)| *name));
    names.extend(DType::ALL.into_iter().map(DType::name));
    names.extend(CONSTANTS.iter().map(|(name, _)| *name));
    names.extend(["newaxis", "ndarray"]);
    names
}

/// The error for a name that a module does not have: PyTorch's sentence, and what comes nearest.
#[cold]
pub fn missing(module: &Module, name: &str) -> Error {
    let error =
        Error::new(Class::AttributeError, format!("module '{}' has no attribute '{name}'", module.name));
    if module.name.starts_with("torch")
        && let Some(instead) = absent::instead(name)
    {
        return error.note(format!("PyTorch has `{}.{name}`, Tenscope does not: {instead}", module.name));
    }
    if module.name.starts_with("torch")
        && let Some(place) = elsewhere(name)
    {
        return error.note(format!("it is `{place}.{name}`"));
    }
    match nearest(name, (module.names)()) {
        Some(near) => error.note(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// The module of PyTorch that has a function of a name.
pub fn elsewhere(name: &str) -> Option<&'static str> {
    let there = |found: Option<&'static Entry>| found.is_some_and(|entry| !entry.examples.is_empty());
    let places = [
        (table::torch(name), "torch"),
        (table::functional(name), "torch.nn.functional"),
        (table::linalg(name), "torch.linalg"),
        (table::special(name), "torch.special"),
    ];
    places.into_iter().find(|(found, _)| there(*found)).map(|(_, place)| place)
}

/// A method of a type as a function: `torch.Tensor.sum`.
pub fn of_type(kind: Type, name: &str) -> Option<Value> {
    match kind {
        Type::Tensor | Type::NdArray => table::method(name).map(Value::Entry),
        _ => None,
    }
}
