//! `grammar/tenscope.ebnf` against the parser: its examples parse, and so do sentences made from its productions.

use std::collections::{BTreeMap, HashMap};
use tenscope::syntax::dump::dump;
use tenscope::syntax::parse_unchecked;
use tenscope::syntax::print::print;

const GRAMMAR: &str = include_str!("../../grammar/tenscope.ebnf");

/// The right side of a production, or a part of it.
#[derive(Debug)]
enum Rule {
    /// Text of the language.
    Literal(String),
    /// One of these characters.
    Class(Vec<char>),
    Name(String),
    Sequence(Vec<Rule>),
    /// One of these; the number tells choices apart.
    Choice(usize, Vec<Rule>),
    /// From so many to so many; counted as a choice between fewest and more.
    Repeat(usize, Box<Rule>, usize, usize),
}

/// Reads the notation of the file.
struct Notation<'g> {
    rest: &'g str,
    choices: usize,
}

impl Notation<'_> {
    fn blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some((_, after)) = self.rest.strip_prefix("/*").and_then(|rest| rest.split_once("*/")) else {
                return;
            };
            self.rest = after;
        }
    }

    fn word(&mut self) -> String {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn productions(&mut self) -> BTreeMap<String, Rule> {
        let mut all = BTreeMap::new();
        self.blanks();
        while !self.rest.is_empty() {
            let name = self.word();
            self.blanks();
            self.rest = self.rest.strip_prefix("::=").unwrap_or_else(|| panic!("no ::= after {name:?}"));
            let rule = self.choice();
            assert!(all.insert(name.clone(), rule).is_none(), "{name} is there twice");
        }
        all
    }

    fn choice(&mut self) -> Rule {
        let mut all = vec![self.sequence()];
        while let Some(rest) = self.rest.strip_prefix('|') {
            self.rest = rest;
            all.push(self.sequence());
        }
        if all.len() == 1 {
            return all.remove(0);
        }
        self.choices += 1;
        Rule::Choice(self.choices, all)
    }

    fn sequence(&mut self) -> Rule {
        let mut all = Vec::new();
        loop {
            self.blanks();
            let next_production = {
                let word = self.rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                word.len() < self.rest.len() && word.trim_start().starts_with("::=")
            };
            if self.rest.is_empty() || next_production || self.rest.starts_with(['|', ')']) {
                return Rule::Sequence(all);
            }
            let one = self.one();
            all.push(self.repeated(one));
        }
    }

    fn repeated(&mut self, rule: Rule) -> Rule {
        let (low, high) = match self.rest.chars().next() {
            Some('?') => (0, 1),
            Some('*') => (0, 3),
            Some('+') => (1, 3),
            _ => return rule,
        };
        self.rest = &self.rest[1..];
        self.choices += 1;
        Rule::Repeat(self.choices, Box::new(rule), low, high)
    }

    fn one(&mut self) -> Rule {
        let first = self.rest.chars().next().unwrap();
        match first {
            '(' => {
                self.rest = &self.rest[1..];
                let inner = self.choice();
                self.rest = self.rest.strip_prefix(')').expect("a closing parenthesis");
                inner
            }
            '\'' | '"' => {
                let (text, rest) = self.rest[1..].split_once(first).expect("a closing quote");
                self.rest = rest;
                Rule::Literal(text.replace("\\n", "\n"))
            }
            '[' => {
                let (class, rest) = self.rest[1..].split_once(']').expect("a closing bracket");
                self.rest = rest;
                Rule::Class(members(class))
            }
            _ => {
                let name = self.word();
                assert!(!name.is_empty(), "{:.40}", self.rest);
                Rule::Name(name)
            }
        }
    }
}

fn members(class: &str) -> Vec<char> {
    let chars: Vec<char> = class.chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if at > 0 && chars.get(at + 1) == Some(&'-') && at + 2 < chars.len()
            || chars.get(1) == Some(&'-') && at == 0 && chars.len() > 2
        {
            all.extend(chars[at]..=chars[at + 2]);
            at += 3;
        } else {
            all.push(chars[at]);
            at += 1;
        }
    }
    all
}

/// Makes sentences; prefers what it has not taken before, and the shortest way out where it is deep.
struct Maker<'g> {
    productions: &'g BTreeMap<String, Rule>,
    /// How deep a production is at least.
    depths: HashMap<&'g str, usize>,
    taken: HashMap<(usize, usize), usize>,
    state: u64,
    out: String,
    indent: usize,
    names: usize,
    line_start: bool,
    /// Within a token or a field nothing may stand between the parts, and strings not at all.
    in_field: usize,
}

impl<'g> Maker<'g> {
    fn new(productions: &'g BTreeMap<String, Rule>) -> Maker<'g> {
        let mut depths: HashMap<&str, usize> = HashMap::new();
        loop {
            let before = depths.len();
            let mut found = Vec::new();
            for (name, rule) in productions {
                if let (false, Some(depth)) = (depths.contains_key(&**name), depth(rule, &depths)) {
                    found.push((&**name, depth + 1));
                }
            }
            depths.extend(found);
            if depths.len() == before {
                break;
            }
        }
        Maker {
            productions,
            depths,
            taken: HashMap::new(),
            state: 42,
            out: String::new(),
            indent: 0,
            names: 0,
            line_start: true,
            in_field: 0,
        }
    }

    fn random(&mut self, below: usize) -> usize {
        // An xorshift generator: the same sentences on every machine.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % below
    }

    fn sentence(&mut self) -> String {
        (self.out, self.indent, self.line_start, self.in_field) = (String::new(), 0, true, 0);
        let budget = 30 + self.random(30);
        self.name("program", budget, false);
        std::mem::take(&mut self.out)
    }

    fn emit(&mut self, text: &str, token: bool) {
        if self.line_start {
            self.out.push_str(&"  ".repeat(self.indent));
            self.line_start = false;
        } else if !token {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }

    fn name(&mut self, name: &str, budget: usize, token: bool) {
        match name {
            "NEWLINE" => {
                self.out.push('\n');
                self.line_start = true;
            }
            "INDENT" => self.indent += 1,
            "DEDENT" => self.indent -= 1,
            // A string could end the f-string it stands in.
            "STRING" | "BYTES" if self.in_field > 0 => self.name("NAME", budget, token),
            _ => {
                let is_token = name.chars().all(|c| c.is_uppercase() || c == '_');
                if is_token && !token {
                    self.emit("", false);
                }
                let field = name == "field";
                self.in_field += usize::from(field);
                let rule = self.productions.get(name).unwrap_or_else(|| panic!("no production {name}"));
                self.rule(rule, budget.saturating_sub(1), is_token);
                self.in_field -= usize::from(field);
                if name == "NAME" {
                    // Every name is another one, so that none is a keyword and none is given twice.
                    self.names += 1;
                    self.out.push_str(&format!("_{}", self.names));
                }
            }
        }
    }

    fn rule(&mut self, rule: &'g Rule, budget: usize, token: bool) {
        match rule {
            Rule::Literal(text) => self.emit(text, token),
            Rule::Class(chars) => {
                let c = chars[self.random(chars.len())];
                self.emit(c.encode_utf8(&mut [0; 4]), token);
            }
            Rule::Name(name) => self.name(name, budget, token),
            Rule::Sequence(all) => all.iter().for_each(|one| self.rule(one, budget, token)),
            Rule::Choice(id, all) => {
                let open: Vec<usize> = (0..all.len())
                    .filter(|&one| depth(&all[one], &self.depths).is_some_and(|depth| depth <= budget))
                    .collect();
                let least = || (0..all.len()).min_by_key(|&one| depth(&all[one], &self.depths)).unwrap();
                // What has never been made may be a little deeper than there is room for.
                let reached =
                    |one: &usize| depth(&all[*one], &self.depths).is_some_and(|depth| depth <= budget + 20);
                let fresh = (0..all.len()).filter(reached).find(|&one| !self.taken.contains_key(&(*id, one)));
                let one = match (fresh, open.len()) {
                    (Some(one), _) => one,
                    (None, 0) => least(),
                    (None, count) => open[self.random(count)],
                };
                *self.taken.entry((*id, one)).or_default() += 1;
                self.rule(&all[one], budget, token);
            }
            Rule::Repeat(id, inner, low, high) => {
                // What stands for a string in a field is one name.
                let string = matches!(&**inner, Rule::Name(name) if name == "STRING" || name == "BYTES");
                let lone = self.in_field > 0 && string;
                let fits = !lone && depth(inner, &self.depths).is_some_and(|depth| depth <= budget);
                let fresh = !self.taken.contains_key(&(*id, 1));
                let unmade = !fresh && !self.taken.contains_key(&(*id, 0));
                let chance = if budget > 40 { 3 } else { 12 };
                let extra = if !fits || unmade || (!fresh && self.random(chance) > 0) {
                    0
                } else {
                    1 + self.random(high - low)
                };
                *self.taken.entry((*id, usize::from(extra > 0))).or_default() += 1;
                for _ in 0..low + extra {
                    self.rule(inner, budget, token);
                }
            }
        }
    }
}

/// How many productions a rule opens at least, as far as that is known.
fn depth(rule: &Rule, depths: &HashMap<&str, usize>) -> Option<usize> {
    match rule {
        Rule::Literal(_) | Rule::Class(_) => Some(0),
        Rule::Name(name) if ["NEWLINE", "INDENT", "DEDENT"].contains(&&**name) => Some(0),
        Rule::Name(name) => depths.get(&**name).copied(),
        Rule::Sequence(all) => {
            all.iter().map(|one| depth(one, depths)).try_fold(0, |most, one| Some(most.max(one?)))
        }
        Rule::Choice(_, all) => all.iter().filter_map(|one| depth(one, depths)).min(),
        Rule::Repeat(_, _, 0, _) => Some(0),
        Rule::Repeat(_, inner, ..) => depth(inner, depths),
    }
}

/// The tree prints as source that has the same tree.
fn comes_back(source: &str) -> usize {
    let tree = parse_unchecked(source)
        .unwrap_or_else(|error| panic!("{source}\n{error}\n{:?}", error.data().labels));
    let printed = print(&tree);
    let again = parse_unchecked(&printed).unwrap_or_else(|error| panic!("{source}\n->\n{printed}\n{error}"));
    assert_eq!(dump(&again), dump(&tree), "{source}\n->\n{printed}");
    tree.exprs.len() + tree.stmts.len()
}

#[test]
fn every_production_has_examples_and_they_parse() {
    let mut production = String::new();
    let mut examples: BTreeMap<String, usize> = BTreeMap::new();
    for line in GRAMMAR.lines() {
        if let Some((name, _)) = line.split_once(" ::= ") {
            production = name.to_owned();
            examples.insert(production.clone(), 0);
        } else if let Some(example) = line.strip_prefix("/*> ").and_then(|line| line.strip_suffix("*/")) {
            let source = example.trim_end().replace("\\n", "\n");
            // In a string of the language `\n` is an escape, and its line end would be a mistake.
            let source = if production == "ESCAPED" { example.trim_end().to_owned() } else { source };
            comes_back(&source);
            *examples.get_mut(&production).expect("an example follows a production") += 1;
        }
    }
    let missing: Vec<&String> =
        examples.iter().filter(|(_, count)| **count == 0).map(|(name, _)| name).collect();
    assert!(missing.is_empty(), "no example: {missing:?}");
}

#[test]
fn sentences_of_the_grammar_parse() {
    let mut notation = Notation { rest: GRAMMAR, choices: 0 };
    let productions = notation.productions();
    let mut maker = Maker::new(&productions);
    let mut missed = Vec::new();
    let mut nodes = 0;
    for round in 0..50 {
        for _ in 0..100 {
            nodes += comes_back(&maker.sentence());
        }
        missed.clear();
        for (name, rule) in &productions {
            not_taken(rule, &maker.taken, name, &mut missed);
        }
        if missed.is_empty() && round >= 3 {
            break;
        }
    }
    assert!(missed.is_empty(), "never made: {missed:#?}");
    assert!(nodes > 50_000, "{nodes} nodes");
}

fn not_taken(rule: &Rule, taken: &HashMap<(usize, usize), usize>, name: &str, missed: &mut Vec<String>) {
    match rule {
        Rule::Sequence(all) => all.iter().for_each(|one| not_taken(one, taken, name, missed)),
        Rule::Choice(id, all) => {
            for (index, one) in all.iter().enumerate() {
                if !taken.contains_key(&(*id, index)) {
                    missed.push(format!("{name}: {one:?}"));
                }
                not_taken(one, taken, name, missed);
            }
        }
        Rule::Repeat(id, inner, low, _) => {
            for more in [0, 1] {
                if !taken.contains_key(&(*id, more)) {
                    missed.push(format!("{name}: {} of {inner:?}", if more == 0 { *low } else { low + 1 }));
                }
            }
            not_taken(inner, taken, name, missed);
        }
        _ => {}
    }
}
