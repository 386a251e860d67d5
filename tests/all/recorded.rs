//! Reading what `tests/oracle/record.py` has recorded from PyTorch.

use serde_json::Value;

/// The lines of a file under `tests/data/`; the variable `TENSCOPE_RECORDED` names another directory to read it from.
pub(crate) fn lines(name: &str) -> Vec<Value> {
    texts(name).iter().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// [`lines`] as they are written.
pub(crate) fn texts(name: &str) -> Vec<String> {
    let directory = std::env::var("TENSCOPE_RECORDED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data").to_string());
    let path = format!("{directory}/{name}");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(str::to_owned).collect()
}

/// A list of numbers.
pub(crate) fn numbers<T: TryFrom<i64>>(value: &Value) -> Vec<T> {
    let list = value.as_array().expect("a list");
    list.iter().map(|n| T::try_from(n.as_i64().expect("an int")).ok().expect("in range")).collect()
}

/// A dtype by its name.
pub(crate) fn dtype(value: &Value) -> Option<tenscope::tensor::dtype::DType> {
    let name = value.as_str().expect("a dtype's name");
    tenscope::tensor::dtype::DType::ALL.into_iter().find(|dtype| dtype.name() == name)
}
