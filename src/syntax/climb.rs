//! Operator precedence by climbing, for any input, operand and operator.
//!
//! Recursion is bounded by the number of levels for operators that associate to the left, however many there are;
//! prefix operators and operators that associate to the right go through [`Operators::deeper`], which may refuse.

use nom::IResult;

/// A prefix operator that was found.
#[derive(Clone, Copy, Debug)]
pub struct Prefix<Op> {
    /// The operator.
    pub op: Op,
    /// Its level: its operand takes everything that binds at least as tightly, and it may stand only where operands of
    /// at most this level are wanted.
    pub level: u8,
}

/// An infix operator that was found.
#[derive(Clone, Copy, Debug)]
pub struct Infix<Op> {
    /// The operator.
    pub op: Op,
    /// How tightly it binds.
    pub level: u8,
    /// How it goes on.
    pub side: Side,
}

/// What `a ∘ b ∘ c` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `(a ∘ b) ∘ c`.
    Left,
    /// `a ∘ (b ∘ c)`, whose right operand may begin with a prefix operator of this level.
    Right(u8),
    /// One node of three operands.
    Chain,
}

/// A language of operators.
pub trait Operators<I: Copy> {
    /// What operators connect.
    type Operand;
    /// The operators.
    type Op: Copy;
    /// The error of the operand parser.
    type Fault;

    /// The prefix operator here, and the input after it.
    fn prefix(&self, input: I) -> Option<(I, Prefix<Self::Op>)>;
    /// The infix operator here, and the input after it.
    fn infix(&self, input: I) -> Option<(I, Infix<Self::Op>)>;
    /// An operand without operators.
    fn operand(&self, input: I) -> IResult<I, Self::Operand, Self::Fault>;
    /// Builds a prefix operation; `at` is where its operator stands.
    fn unary(&self, at: I, op: Self::Op, operand: Self::Operand) -> Self::Operand;
    /// Builds an infix operation; `at` is where its left operand begins, `end` the input after it.
    fn binary(&self, at: I, end: I, left: Self::Operand, op: Self::Op, right: Self::Operand)
    -> Self::Operand;
    /// Builds a chain.
    fn chain(
        &self,
        at: I,
        end: I,
        first: Self::Operand,
        more: Vec<(Self::Op, Self::Operand)>,
    ) -> Self::Operand;
    /// Climbs one level deeper.
    fn deeper(&self, input: I, level: u8) -> IResult<I, Self::Operand, Self::Fault>;
}

/// An operand and every operator after it that binds at least as tightly as `level`.
pub fn climb<I: Copy, L: Operators<I>>(lang: &L, start: I, level: u8) -> IResult<I, L::Operand, L::Fault> {
    let (mut input, mut left) = match lang.prefix(start) {
        Some((rest, prefix)) if prefix.level >= level => {
            let (rest, operand) = lang.deeper(rest, prefix.level)?;
            (rest, lang.unary(start, prefix.op, operand))
        }
        _ => lang.operand(start)?,
    };
    while let Some((rest, infix)) = lang.infix(input) {
        if infix.level < level {
            break;
        }
        (input, left) = match infix.side {
            Side::Left => {
                let (rest, right) = climb(lang, rest, infix.level + 1)?;
                (rest, lang.binary(start, rest, left, infix.op, right))
            }
            Side::Right(prefix) => {
                let (rest, right) = lang.deeper(rest, prefix)?;
                (rest, lang.binary(start, rest, left, infix.op, right))
            }
            Side::Chain => chain(lang, start, left, rest, infix)?,
        };
    }
    Ok((input, left))
}

/// Everything after the first operand of a chain of one level.
fn chain<I: Copy, L: Operators<I>>(
    lang: &L,
    start: I,
    first: L::Operand,
    after_op: I,
    infix: Infix<L::Op>,
) -> IResult<I, L::Operand, L::Fault> {
    let (mut input, right) = climb(lang, after_op, infix.level + 1)?;
    let mut more = vec![(infix.op, right)];
    while let Some((rest, next)) = lang.infix(input).filter(|(_, next)| next.level == infix.level) {
        let (rest, right) = climb(lang, rest, next.level + 1)?;
        more.push((next.op, right));
        input = rest;
    }
    Ok((input, lang.chain(start, input, first, more)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters as operands; `!` below `<`, `-` as a sign, `^` to the right.
    struct Letters;

    impl Operators<&str> for Letters {
        type Operand = String;
        type Op = char;
        type Fault = ();

        fn prefix<'a>(&self, input: &'a str) -> Option<(&'a str, Prefix<char>)> {
            let op = input.chars().next()?;
            let level = match op {
                '!' => 1,
                '-' => 5,
                _ => return None,
            };
            Some((&input[1..], Prefix { op, level }))
        }

        fn infix<'a>(&self, input: &'a str) -> Option<(&'a str, Infix<char>)> {
            let op = input.chars().next()?;
            let (level, side) = match op {
                '<' | '>' => (2, Side::Chain),
                '+' | '-' => (3, Side::Left),
                '*' => (4, Side::Left),
                '^' => (6, Side::Right(5)),
                _ => return None,
            };
            Some((&input[1..], Infix { op, level, side }))
        }

        fn operand<'a>(&self, input: &'a str) -> IResult<&'a str, String, ()> {
            match input.chars().next() {
                Some(c @ 'a'..='z') => Ok((&input[1..], c.to_string())),
                _ => Err(nom::Err::Error(())),
            }
        }

        fn unary(&self, _: &str, op: char, operand: String) -> String {
            format!("({op}{operand})")
        }

        fn binary(&self, _: &str, _: &str, left: String, op: char, right: String) -> String {
            format!("({left}{op}{right})")
        }

        fn chain(&self, _: &str, _: &str, first: String, more: Vec<(char, String)>) -> String {
            let more: String = more.iter().map(|(op, right)| format!(" {op} {right}")).collect();
            format!("[{first}{more}]")
        }

        fn deeper<'a>(&self, input: &'a str, level: u8) -> IResult<&'a str, String, ()> {
            climb(self, input, level)
        }
    }

    fn check(text: &str, expected: &str) {
        let shown = match climb(&Letters, text, 0) {
            Ok((rest, tree)) => tree + rest,
            Err(_) => "error".into(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn levels_and_sides() {
        check("a+b*c-d", "((a+(b*c))-d)");
        check("a*b+c", "((a*b)+c)");
        check("a^b^c", "(a^(b^c))");
        check("-a^b", "(-(a^b))");
        check("a^-b^c*d", "((a^(-(b^c)))*d)");
        check("a<b+c>d", "[a < (b+c) > d]");
        check("!a<b", "(![a < b])");
        check("!!a", "(!(!a))");
        check("a*-b", "(a*(-b))");
    }

    #[test]
    fn a_loose_prefix_is_no_operand_of_a_tight_operator() {
        check("a<!b", "error");
        check("a+!b", "error");
        check("-!a", "error");
    }

    #[test]
    fn left_operators_do_not_recurse() {
        let text = "a".to_owned() + &"+a".repeat(2000);
        assert!(climb(&Letters, text.as_str(), 0).is_ok());
    }
}
