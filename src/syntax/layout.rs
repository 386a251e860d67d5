//! From text to tokens in order: blanks, comments, joined lines, brackets, and Python's indentation.
//!
//! Tokens are read when the grammar asks for them, so a statement of a pipe is parsed without a look at the next ones.
//! A problem ends the tokens: from there on every token is [`Kind::Bad`].

use super::token::{self, Kind, Problem, Token};

/// CPython's bound on open brackets.
pub const MAX_BRACKETS: usize = 200;
/// CPython's bound on open blocks.
pub const MAX_INDENTS: usize = 100;

/// How far a line is indented, with a tab up to the next multiple of 8 and, to find lines whose order depends on that
/// width, with a tab of 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Column {
    wide: u32,
    narrow: u32,
}

/// Reads tokens one after the other.
#[derive(Debug)]
pub struct Layout {
    /// The tokens so far.
    tokens: Vec<Token>,
    at: usize,
    /// Whether indentation comes next.
    line_start: bool,
    /// Whether the logical line has a token.
    line_open: bool,
    indents: Vec<Column>,
    dedents: usize,
    brackets: Vec<(Kind, u32)>,
    /// Within the braces of an f-string line ends are blanks, and comments and backslashes are not allowed.
    field: bool,
    problem: Option<(Problem, usize)>,
}

impl Layout {
    /// Tokens of a text from byte `at`, where a line begins.
    pub fn new(at: usize) -> Layout {
        Layout {
            tokens: Vec::new(),
            at,
            line_start: true,
            line_open: false,
            indents: vec![Column::default()],
            dedents: 0,
            brackets: Vec::new(),
            field: false,
            problem: None,
        }
    }

    /// Tokens of a field of an f-string from byte `at`.
    pub fn field(at: usize) -> Layout {
        Layout { line_start: false, field: true, ..Layout::new(at) }
    }

    /// The `index`-th token of the text.
    pub fn token(&mut self, text: &str, index: usize) -> Token {
        loop {
            match self.tokens.get(index) {
                Some(&token) => return token,
                None => {
                    let token = self.next(text);
                    self.tokens.push(token);
                }
            }
        }
    }

    /// What is wrong with the text, as far as it was read.
    pub fn problem(&self) -> Option<(Problem, usize)> {
        self.problem
    }

    /// The last token that was read.
    pub fn last(&self) -> Option<Token> {
        self.tokens.last().copied()
    }

    /// Reads on for a problem of the text, to its end or, unless it is to be read as a `whole`, to the end of the open
    /// brackets; the grammar has failed already.
    pub fn drain(&mut self, text: &str, whole: bool) {
        while whole || !self.brackets.is_empty() {
            if matches!(self.next(text).kind, Kind::End | Kind::Bad) {
                return;
            }
        }
    }

    fn next(&mut self, text: &str) -> Token {
        if self.problem.is_some() {
            return self.mark(Kind::Bad);
        }
        match self.scan(text) {
            Ok(token) => token,
            Err((problem, at)) => {
                self.problem = Some((problem, at));
                self.at = at;
                self.mark(Kind::Bad)
            }
        }
    }

    /// A token without text.
    fn mark(&self, kind: Kind) -> Token {
        self.spanning(kind, self.at, self.at)
    }

    fn spanning(&self, kind: Kind, start: usize, end: usize) -> Token {
        let clamp = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        let level = u8::try_from(self.brackets.len()).unwrap_or(u8::MAX);
        Token { kind, level, start: clamp(start), end: clamp(end) }
    }

    fn scan(&mut self, text: &str) -> Result<Token, (Problem, usize)> {
        if self.line_start {
            self.line_start = false;
            if let Some(token) = self.indentation(text)? {
                return Ok(token);
            }
        }
        if self.dedents > 0 {
            self.dedents -= 1;
            return Ok(self.mark(Kind::Dedent));
        }
        if !self.line_open && self.indents.len() == 1 && !self.field && text[self.at..].starts_with(':') {
            return Ok(self.command(text));
        }
        loop {
            self.blanks(text)?;
            let rest = &text[self.at..];
            match rest.as_bytes().first() {
                None => return self.end(text),
                Some(b'\n' | b'\r') => {
                    let start = self.at;
                    self.at += line_end(rest);
                    if self.line_open && self.brackets.is_empty() && !self.field {
                        self.line_open = false;
                        self.line_start = true;
                        return Ok(self.spanning(Kind::Newline, start, self.at));
                    }
                }
                Some(_) => {
                    let start = self.at;
                    let kind = self.plain(text)?;
                    self.line_open = true;
                    return Ok(self.spanning(kind, start, self.at));
                }
            }
        }
    }

    /// One token of [`token::token`], its brackets counted.
    fn plain(&mut self, text: &str) -> Result<Kind, (Problem, usize)> {
        let start = self.at;
        match token::token(&text[start..]) {
            Ok((rest, kind)) => {
                self.at = text.len() - rest.len();
                self.bracket(kind, start)?;
                Ok(kind)
            }
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => {
                Err((fault.problem, text.len() - fault.rest.len()))
            }
            Err(nom::Err::Incomplete(_)) => Err((Problem::Miss, start)),
        }
    }

    fn bracket(&mut self, kind: Kind, start: usize) -> Result<(), (Problem, usize)> {
        let opens = match kind {
            Kind::LParen | Kind::LBracket | Kind::LBrace => {
                if self.brackets.len() >= MAX_BRACKETS {
                    return Err((Problem::TooManyBrackets, start));
                }
                self.brackets.push((kind, u32::try_from(start).unwrap_or(u32::MAX)));
                return Ok(());
            }
            Kind::RParen => Kind::LParen,
            Kind::RBracket => Kind::LBracket,
            Kind::RBrace => Kind::LBrace,
            _ => return Ok(()),
        };
        let closing = match kind {
            Kind::RParen => ')',
            Kind::RBracket => ']',
            _ => '}',
        };
        match self.brackets.pop() {
            Some((open, _)) if open == opens => Ok(()),
            Some((_, at)) => Err((Problem::Mismatched(closing, at), start)),
            // The field's own closing brace is the grammar's business.
            None if self.field => Ok(()),
            None => Err((Problem::Unmatched(closing), start)),
        }
    }

    /// Skips blanks, comments and joined lines.
    fn blanks(&mut self, text: &str) -> Result<(), (Problem, usize)> {
        loop {
            let rest = &text[self.at..];
            match rest.as_bytes().first() {
                Some(b' ' | b'\t' | b'\x0c') => self.at += 1,
                Some(b'#') if self.field => return Err((Problem::FieldComment, self.at)),
                Some(b'\\') if self.field => return Err((Problem::FieldBackslash, self.at)),
                Some(b'#') => {
                    let left = token::comment(rest).map_or("", |(left, _)| left);
                    self.at = text.len() - left.len();
                }
                Some(b'\\') => self.join(text)?,
                _ => return Ok(()),
            }
        }
    }

    /// Skips a backslash and the line end after it.
    fn join(&mut self, text: &str) -> Result<(), (Problem, usize)> {
        let after = self.at + 1;
        let width = line_end(&text[after..]);
        if width == 0 {
            let problem =
                if after == text.len() { Problem::EndAfterContinuation } else { Problem::AfterContinuation };
            return Err((problem, after));
        }
        if after + width == text.len() {
            return Err((Problem::EndAfterContinuation, after + width));
        }
        self.at = after + width;
        Ok(())
    }

    /// The end of the text: the line is ended, the blocks are closed.
    fn end(&mut self, text: &str) -> Result<Token, (Problem, usize)> {
        if let Some(&(_, open)) = self.brackets.last() {
            return Err((Problem::NeverClosed(open), text.len()));
        }
        if self.line_open && !self.field {
            self.line_open = false;
            return Ok(self.mark(Kind::Newline));
        }
        if self.indents.len() > 1 {
            self.indents.pop();
            return Ok(self.mark(Kind::Dedent));
        }
        Ok(self.mark(Kind::End))
    }

    /// Skips lines without tokens and compares the indentation of the next line with the open blocks.
    fn indentation(&mut self, text: &str) -> Result<Option<Token>, (Problem, usize)> {
        let mut column = Column::default();
        // After a joined line the first line's column counts.
        let mut joined = None;
        loop {
            let rest = &text[self.at..];
            match rest.as_bytes().first() {
                Some(b' ') => column = Column { wide: column.wide + 1, narrow: column.narrow + 1 },
                Some(b'\t') => column = Column { wide: (column.wide / 8 + 1) * 8, narrow: column.narrow + 1 },
                Some(b'\x0c') => column = Column::default(),
                Some(b'\\') => {
                    joined = joined.or(Some(column));
                    self.join(text)?;
                    continue;
                }
                Some(b'\n' | b'\r') => {
                    (column, joined) = (Column::default(), None);
                    self.at += line_end(rest);
                    continue;
                }
                Some(b'#') => {
                    let left = token::comment(rest).map_or("", |(left, _)| left);
                    self.at = text.len() - left.len();
                    continue;
                }
                None => return Ok(None),
                Some(_) => break,
            }
            self.at += 1;
        }
        self.compare(joined.unwrap_or(column))
    }

    fn compare(&mut self, column: Column) -> Result<Option<Token>, (Problem, usize)> {
        let top = self.indents.last().copied().unwrap_or_default();
        if column.wide == top.wide {
            return if column.narrow == top.narrow { Ok(None) } else { Err((Problem::Tabs, self.at)) };
        }
        if column.wide > top.wide {
            if column.narrow <= top.narrow {
                return Err((Problem::Tabs, self.at));
            }
            if self.indents.len() >= MAX_INDENTS {
                return Err((Problem::TooManyIndents, self.at));
            }
            self.indents.push(column);
            return Ok(Some(self.mark(Kind::Indent)));
        }
        while let Some(&open) = self.indents.last() {
            if open.wide <= column.wide {
                break;
            }
            self.indents.pop();
            self.dedents += 1;
        }
        match self.indents.last() {
            Some(open) if open.wide != column.wide => Err((Problem::Unindent, self.at)),
            Some(open) if open.narrow != column.narrow => Err((Problem::Tabs, self.at)),
            _ => Ok(None),
        }
    }

    /// A line that begins with a colon, up to its end.
    fn command(&mut self, text: &str) -> Token {
        let start = self.at;
        let rest = &text[start..];
        self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
        self.line_open = true;
        self.spanning(Kind::Command, start, self.at)
    }
}

/// The length of the line end that a text begins with.
fn line_end(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut layout = Layout::new(0);
        let mut shown = String::new();
        for index in 0.. {
            let token = layout.token(text, index);
            match token.kind {
                Kind::End => break,
                Kind::Bad => {
                    shown.push_str(&format!("{:?} ", layout.problem()));
                    break;
                }
                Kind::Newline => shown.push_str("; "),
                Kind::Indent => shown.push_str("> "),
                Kind::Dedent => shown.push_str("< "),
                _ => shown.push_str(&format!("{} ", &text[token.start as usize..token.end as usize])),
            }
        }
        assert_eq!(shown.trim_end(), expected, "{text:?}");
    }

    #[test]
    fn lines_and_blocks() {
        check("a\n\n  # c\nb", "a ; b ;");
        check("if a:\n  b\n\n# c\n  c\nd", "if a : ; > b ; c ; < d ;");
        check("if a:\n  if b:\n    c\n", "if a : ; > if b : ; > c ; < <");
        check("f(a,\n  b # c\n)\n", "f ( a , b ) ;");
        check("a + \\\n   b\n", "a + b ;");
        check("a\r\nb\rc", "a ; b ; c ;");
        check("\\\n  a", "a ;");
    }

    #[test]
    fn commands() {
        check(":mem x\ny", ":mem x ; y ;");
        check("if a:\n b\n:mem # x", "if a : ; > b ; < :mem # x ;");
        check("f(\n:", "f ( : Some((NeverClosed(1), 4))");
    }

    #[test]
    fn mistakes() {
        check("if a:\n    b\n  c", "if a : ; > b ; Some((Unindent, 14))");
        check("if a:\n        b\n\tc", "if a : ; > b ; Some((Tabs, 17))");
        check("(]", "( Some((Mismatched(']', 0), 1))");
        check(")", "Some((Unmatched(')'), 0))");
        check("a \\ b", "a Some((AfterContinuation, 3))");
        check("a \\\n", "a Some((EndAfterContinuation, 4))");
        check("a\u{a0}b", "Some((Character('\\u{a0}'), 1))");
    }
}
