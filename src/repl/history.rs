//! Where the history of the prompt is kept between runs.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// `$TENSCOPE_HISTORY`, or `tenscope/history` in the user's state directory; nothing where there is no such place,
/// or the variable is set to nothing.
pub fn path() -> Option<PathBuf> {
    locate(|name| env::var_os(name), env::home_dir())
}

fn locate(variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    if let Some(path) = variable("TENSCOPE_HISTORY") {
        return (!path.is_empty()).then(|| path.into());
    }
    // The specification has relative paths ignored.
    let state = variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(home?.join(".local").join("state")))?;
    Some(state.join("tenscope").join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let check = |own: Option<&str>, state: Option<&str>, home: Option<&str>, expected: Option<&str>| {
            let variable = |name: &str| match name {
                "TENSCOPE_HISTORY" => own.map(OsString::from),
                _ => state.map(OsString::from),
            };
            assert_eq!(locate(variable, home.map(PathBuf::from)), expected.map(PathBuf::from));
        };
        check(Some("/h"), Some("/s"), Some("/home/u"), Some("/h"));
        check(Some(""), Some("/s"), Some("/home/u"), None);
        check(None, Some("/s"), Some("/home/u"), Some("/s/tenscope/history"));
        check(None, Some("relative"), Some("/home/u"), Some("/home/u/.local/state/tenscope/history"));
        check(None, None, Some("/home/u"), Some("/home/u/.local/state/tenscope/history"));
        check(None, None, None, None);
    }
}
