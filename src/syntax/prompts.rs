//! Removing the prompts of a session that was copied and pasted.

use std::borrow::Cow;

/// Takes the prompts of Python (`>>> `, `... `) and of IPython (`In [3]: `, `   ...: `) from the lines of a text.
///
/// Where the first line has a prompt, lines without one are what the session printed, and are dropped. Where only the
/// first line has none (it was selected from after its prompt), it is kept. A text without prompts stays as it is.
pub fn strip_prompts(text: &str) -> Cow<'_, str> {
    let mut filled = text.lines().filter(|line| !line.trim().is_empty());
    let first = filled.next().unwrap_or("");
    let indent = blanks(first);
    let prompted = primary(&first[indent..]).is_some();
    let mut continued = || filled.next().and_then(continuation).is_some_and(|code| !code.is_empty());
    // `...` is an expression too, so only what follows a line of code tells it from a prompt.
    if !prompted && (continuation(first).is_some() || !continued()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        let inner = line.get(indent.min(blanks(line))..).unwrap_or("");
        match primary(inner).or_else(|| continuation(inner)) {
            Some(code) => out.push_str(code),
            None if number == 0 && !prompted => out.push_str(line),
            None => continue,
        }
        out.push('\n');
    }
    if !text.ends_with('\n') {
        out.pop();
    }
    Cow::Owned(out)
}

fn blanks(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// What follows a prompt that begins a statement.
fn primary(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix(">>>") {
        return after_mark(rest);
    }
    let rest = line.strip_prefix("In [")?;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("]:")?;
    after_mark(rest)
}

/// What follows a prompt that goes on with a statement.
fn continuation(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("...") {
        return after_mark(rest);
    }
    let rest = line.trim_start_matches(' ').trim_start_matches('.');
    let dots = line.trim_start_matches(' ').len() - rest.len();
    if dots < 3 {
        return None;
    }
    after_mark(rest.strip_prefix(':')?)
}

/// A prompt ends with one blank, or with its line.
fn after_mark(rest: &str) -> Option<&str> {
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(strip_prompts(text), expected, "{text}");
    }

    #[test]
    fn prompts_of_python() {
        check(">>> x = 1\n>>> x\n1\n", "x = 1\nx\n");
        check(">>> def f():\n...     return 1\n... \n>>> f()\n1", "def f():\n    return 1\n\nf()");
        check(">>> x\n...\n>>> y", "x\n\ny");
        check("    >>> x = 1\n    >>> if x:\n    ...   y\n", "x = 1\nif x:\n  y\n");
        check("def f():\n...     return 1\n>>> f()", "def f():\n    return 1\nf()");
        check("\n>>> x\n", "x\n");
    }

    #[test]
    fn prompts_of_ipython() {
        check("In [1]: x = 1\n\nIn [2]: x\nOut[2]: 1\n", "x = 1\nx\n");
        check("In [12]: for i in x:\n    ...:     print(i)\n    ...: \n", "for i in x:\n    print(i)\n\n");
    }

    #[test]
    fn code_without_prompts_stays() {
        for text in [
            "x = 1\ny\n",
            "...\n",
            "x[..., 0]\n...\n",
            "...\n...\n",
            "",
            "\n",
            "a >>b\n",
            "def f():\n  ...\n",
            ">>>x",
        ] {
            check(text, text);
        }
    }
}
