//! One token: names, keywords, operators and comments as nom parsers. The layout, the grammar and the highlighter all
//! read the text through [`token`].

use super::{number, string};
use nom::branch::alt;
use nom::bytes::complete::{take, take_till, take_while};
use nom::character::complete::{char, satisfy};
use nom::combinator::{map_opt, recognize, value};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::preceded;
use nom::{IResult, Parser};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "keywords and operators say it themselves")]
pub enum Kind {
    /// The end of the text.
    End,
    /// The end of a logical line.
    Newline,
    /// More indentation than the line before.
    Indent,
    /// One level of indentation less.
    Dedent,
    /// Something that is no token; the layout knows what is wrong.
    Bad,
    /// A line that begins with `:`.
    Command,
    Comment,
    Name,
    Int,
    Float,
    Imaginary,
    /// A string or bytes literal with its prefix and quotes.
    Str,
    False,
    None,
    True,
    And,
    As,
    Assert,
    Async,
    Await,
    Break,
    Class,
    Continue,
    Def,
    Del,
    Elif,
    Else,
    Except,
    Finally,
    For,
    From,
    Global,
    If,
    Import,
    In,
    Is,
    Lambda,
    Nonlocal,
    Not,
    Or,
    Pass,
    Raise,
    Return,
    Try,
    While,
    With,
    Yield,
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    Comma,
    Colon,
    Dot,
    Semicolon,
    Equal,
    Arrow,
    Walrus,
    Ellipsis,
    /// `!`, which only an f-string has.
    Bang,
    /// `$`, `?` or a backquote, which nothing has.
    Stray,
    Plus,
    Minus,
    Star,
    Slash,
    DoubleSlash,
    Percent,
    DoubleStar,
    At,
    LShift,
    RShift,
    Amp,
    Pipe,
    Caret,
    Tilde,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    EqualEqual,
    NotEqual,
    PlusEqual,
    MinusEqual,
    StarEqual,
    SlashEqual,
    DoubleSlashEqual,
    PercentEqual,
    DoubleStarEqual,
    AtEqual,
    LShiftEqual,
    RShiftEqual,
    AmpEqual,
    PipeEqual,
    CaretEqual,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// How many brackets are open before it, an opening one counted.
    pub level: u8,
    /// Its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// What can be wrong with a text before the grammar is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Not the token that was tried; another may fit.
    Miss,
    /// A string that its line ends.
    UnterminatedString,
    /// A triple-quoted string that the text ends.
    UnterminatedTriple,
    /// `12ab`: the sentence.
    Number(&'static str),
    /// `0o8`: the digit, and the literal's kind.
    Digit(char, &'static str),
    /// A character outside of every token.
    Character(char),
    /// A NUL byte.
    Null,
    /// `\` before something else than the end of the line.
    AfterContinuation,
    /// `\` at the end of the text.
    EndAfterContinuation,
    /// A closing bracket without its opening one.
    Unmatched(char),
    /// A closing bracket, and the other kind of bracket that is open at an offset.
    Mismatched(char, u32),
    /// The bracket at this offset is open at the end of the text.
    NeverClosed(u32),
    /// More brackets are open than may be.
    TooManyBrackets,
    /// A line that returns to a column where no block began.
    Unindent,
    /// Indentation whose meaning depends on the width of a tab.
    Tabs,
    /// More blocks are open than may be.
    TooManyIndents,
    /// `#` within the braces of an f-string.
    FieldComment,
    /// `\` within the braces of an f-string.
    FieldBackslash,
}

/// A problem and the rest of the text from where it was found.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// The text from the place of the problem on.
    pub rest: &'a str,
    /// What it is.
    pub problem: Problem,
}

impl<'a> ParseError<&'a str> for Fault<'a> {
    fn from_error_kind(rest: &'a str, _: ErrorKind) -> Self {
        Fault { rest, problem: Problem::Miss }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// What a token parser returns.
pub type Lexed<'a, T> = IResult<&'a str, T, Fault<'a>>;

/// Ends parsing with a problem that no other alternative can heal.
pub fn refuse<T>(rest: &str, problem: Problem) -> Lexed<'_, T> {
    Err(nom::Err::Failure(Fault { rest, problem }))
}

/// One token of any kind that does not depend on the layout. The input must not begin with a blank.
pub fn token(input: &str) -> Lexed<'_, Kind> {
    match input.as_bytes().first() {
        Some(b'"' | b'\'') => string::literal(input),
        Some(b'r' | b'R' | b'b' | b'B' | b'f' | b'F' | b'u' | b'U') => {
            alt((string::literal, word)).parse(input)
        }
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | 128..) => word(input),
        Some(b'0'..=b'9') => number::literal(input),
        Some(b'.') => alt((number::literal, operator)).parse(input),
        Some(b'#') => comment(input),
        Some(_) => operator(input),
        None => refuse(input, Problem::Miss),
    }
}

/// A comment, up to the end of its line.
pub fn comment(input: &str) -> Lexed<'_, Kind> {
    value(Kind::Comment, preceded(char('#'), take_till(|c| c == '\n' || c == '\r'))).parse(input)
}

/// A name or a keyword.
fn word(input: &str) -> Lexed<'_, Kind> {
    let (rest, text) = name(input)?;
    // CPython reads every character beyond ASCII as part of a name and refuses it there.
    match rest.chars().next() {
        Some(c) if !c.is_ascii() => refuse(rest, Problem::Character(c)),
        _ => Ok((rest, keyword(text).unwrap_or(Kind::Name))),
    }
}

/// An identifier as Unicode has it (XID), `_` included.
pub fn name(input: &str) -> Lexed<'_, &str> {
    let start = satisfy(|c| c == '_' || c.is_ascii_alphabetic() || unicode_ident::is_xid_start(c));
    let body =
        take_while(|c: char| c == '_' || c.is_ascii_alphanumeric() || unicode_ident::is_xid_continue(c));
    match recognize((start, body)).parse(input) {
        Err(nom::Err::Error(_)) => match input.chars().next() {
            Some(c) if !c.is_ascii() => refuse(input, Problem::Character(c)),
            _ => Err(nom::Err::Error(Fault { rest: input, problem: Problem::Miss })),
        },
        other => other,
    }
}

/// An operator or delimiter, the longest that fits.
fn operator(input: &str) -> Lexed<'_, Kind> {
    let longest = alt((
        map_opt(take(3usize), three_bytes),
        map_opt(take(2usize), two_bytes),
        map_opt(take(1usize), one_byte),
    ))
    .parse(input);
    match (longest, input.chars().next()) {
        (Err(_), Some('\0')) => refuse(input, Problem::Null),
        (Err(_), Some(c)) => refuse(input, Problem::Character(c)),
        (other, _) => other,
    }
}

fn three_bytes(text: &str) -> Option<Kind> {
    Some(match text.as_bytes() {
        [b'*', b'*', b'='] => Kind::DoubleStarEqual,
        [b'/', b'/', b'='] => Kind::DoubleSlashEqual,
        [b'<', b'<', b'='] => Kind::LShiftEqual,
        [b'>', b'>', b'='] => Kind::RShiftEqual,
        [b'.', b'.', b'.'] => Kind::Ellipsis,
        _ => return None,
    })
}

fn two_bytes(text: &str) -> Option<Kind> {
    Some(match text.as_bytes() {
        [b'*', b'*'] => Kind::DoubleStar,
        [b'/', b'/'] => Kind::DoubleSlash,
        [b'<', b'<'] => Kind::LShift,
        [b'>', b'>'] => Kind::RShift,
        [b'<', b'='] => Kind::LessEqual,
        [b'>', b'='] => Kind::GreaterEqual,
        [b'=', b'='] => Kind::EqualEqual,
        [b'!', b'='] => Kind::NotEqual,
        [b'-', b'>'] => Kind::Arrow,
        [b':', b'='] => Kind::Walrus,
        [b'+', b'='] => Kind::PlusEqual,
        [b'-', b'='] => Kind::MinusEqual,
        [b'*', b'='] => Kind::StarEqual,
        [b'/', b'='] => Kind::SlashEqual,
        [b'%', b'='] => Kind::PercentEqual,
        [b'@', b'='] => Kind::AtEqual,
        [b'&', b'='] => Kind::AmpEqual,
        [b'|', b'='] => Kind::PipeEqual,
        [b'^', b'='] => Kind::CaretEqual,
        _ => return None,
    })
}

fn one_byte(text: &str) -> Option<Kind> {
    Some(match text.as_bytes() {
        b"(" => Kind::LParen,
        b")" => Kind::RParen,
        b"[" => Kind::LBracket,
        b"]" => Kind::RBracket,
        b"{" => Kind::LBrace,
        b"}" => Kind::RBrace,
        b"," => Kind::Comma,
        b":" => Kind::Colon,
        b"." => Kind::Dot,
        b";" => Kind::Semicolon,
        b"=" => Kind::Equal,
        b"!" => Kind::Bang,
        b"$" | b"?" | b"`" => Kind::Stray,
        b"+" => Kind::Plus,
        b"-" => Kind::Minus,
        b"*" => Kind::Star,
        b"/" => Kind::Slash,
        b"%" => Kind::Percent,
        b"@" => Kind::At,
        b"&" => Kind::Amp,
        b"|" => Kind::Pipe,
        b"^" => Kind::Caret,
        b"~" => Kind::Tilde,
        b"<" => Kind::Less,
        b">" => Kind::Greater,
        _ => return None,
    })
}

/// The keyword a word is, if it is one.
fn keyword(text: &str) -> Option<Kind> {
    Some(match text {
        "False" => Kind::False,
        "None" => Kind::None,
        "True" => Kind::True,
        "and" => Kind::And,
        "as" => Kind::As,
        "assert" => Kind::Assert,
        "async" => Kind::Async,
        "await" => Kind::Await,
        "break" => Kind::Break,
        "class" => Kind::Class,
        "continue" => Kind::Continue,
        "def" => Kind::Def,
        "del" => Kind::Del,
        "elif" => Kind::Elif,
        "else" => Kind::Else,
        "except" => Kind::Except,
        "finally" => Kind::Finally,
        "for" => Kind::For,
        "from" => Kind::From,
        "global" => Kind::Global,
        "if" => Kind::If,
        "import" => Kind::Import,
        "in" => Kind::In,
        "is" => Kind::Is,
        "lambda" => Kind::Lambda,
        "nonlocal" => Kind::Nonlocal,
        "not" => Kind::Not,
        "or" => Kind::Or,
        "pass" => Kind::Pass,
        "raise" => Kind::Raise,
        "return" => Kind::Return,
        "try" => Kind::Try,
        "while" => Kind::While,
        "with" => Kind::With,
        "yield" => Kind::Yield,
        _ => return None,
    })
}

impl Kind {
    /// Whether it is a reserved word.
    pub fn is_keyword(self) -> bool {
        (Kind::False as u8..=Kind::Yield as u8).contains(&(self as u8))
    }

    /// Whether a statement of one line can begin with it.
    pub fn starts_statement(self) -> bool {
        use Kind::{
            Assert, Break, Continue, Del, From, Global, Import, Nonlocal, Pass, Raise, Return, Star, Yield,
        };
        self.starts_expression()
            || matches!(
                self,
                Assert
                    | Break
                    | Continue
                    | Del
                    | From
                    | Global
                    | Import
                    | Nonlocal
                    | Pass
                    | Raise
                    | Return
                    | Star
                    | Yield
            )
    }

    /// Whether an expression can begin with it.
    pub fn starts_expression(self) -> bool {
        use Kind::{Await, Ellipsis, False, Float, Imaginary, Int, LBrace, LBracket, LParen, Lambda};
        use Kind::{Minus, Name, None, Not, Plus, Str, Tilde, True};
        matches!(
            self,
            Name | Int
                | Float
                | Imaginary
                | Str
                | False
                | None
                | True
                | Await
                | Lambda
                | Not
                | LParen
                | LBracket
                | LBrace
                | Ellipsis
                | Plus
                | Minus
                | Tilde
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: Kind, rest: &str) {
        let (left, got) = token(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!((got, left), (kind, rest), "{text:?}");
    }

    #[test]
    fn the_longest_token_wins() {
        check("**=2", Kind::DoubleStarEqual, "2");
        check("**2", Kind::DoubleStar, "2");
        check("*2", Kind::Star, "2");
        check("....", Kind::Ellipsis, ".");
        check("..", Kind::Dot, ".");
        check(".5.", Kind::Float, ".");
        check(":=1", Kind::Walrus, "1");
        check("->x", Kind::Arrow, "x");
        check("*é", Kind::Star, "é");
    }

    #[test]
    fn words_and_prefixes() {
        check("format(", Kind::Name, "(");
        check("f'a'x", Kind::Str, "x");
        check("rb'a'", Kind::Str, "");
        check("rx'", Kind::Name, "'");
        check("notx", Kind::Name, "");
        check("not x", Kind::Not, " x");
        check("größe+1", Kind::Name, "+1");
        check("# a\nb", Kind::Comment, "\nb");
    }
}
