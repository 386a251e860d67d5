//! Prints a tree as CPython's `ast.dump` does. A list of parts still to print stands in for recursion.

use super::ast::{
    Alias, BinaryOp, Block, Clause, CompareOp, ComprehensionKind, ExprId, ExprKind, Handler, Keyword,
    ParamKind, Params, StmtId, StmtKind, Tree, UnaryOp,
};
use super::string;
use std::borrow::Cow;

/// The tree in the notation of `ast.dump(ast.parse(text))`, Python 3.11.
pub fn dump(tree: &Tree) -> String {
    let mut out = String::new();
    let mut parts = Parts::default();
    parts.text("Module(").block("body", &tree.body).text(", type_ignores=[])");
    let mut todo: Vec<Part> = Vec::new();
    todo.extend(parts.0.drain(..).rev());
    while let Some(part) = todo.pop() {
        match part {
            Part::Text(text) => out.push_str(&text),
            Part::Expr(id, context) => expr(tree, id, context, &mut parts),
            Part::Stmt(id) => stmt(tree, id, &mut parts),
            Part::Arm(id, index) => arm(tree, id, index, &mut parts),
        }
        todo.extend(parts.0.drain(..).rev());
    }
    out
}

/// What happens to the thing a target names.
#[derive(Clone, Copy)]
enum Context {
    Load,
    Store,
    Del,
}

impl Context {
    fn shown(self) -> &'static str {
        match self {
            Context::Load => ", ctx=Load())",
            Context::Store => ", ctx=Store())",
            Context::Del => ", ctx=Del())",
        }
    }
}

/// A piece of output that is still to be made.
enum Part {
    Text(Cow<'static, str>),
    Expr(ExprId, Context),
    Stmt(StmtId),
    /// An arm of an `if`, and the arms after it.
    Arm(StmtId, usize),
}

#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    fn text(&mut self, text: impl Into<Cow<'static, str>>) -> &mut Parts {
        self.0.push(Part::Text(text.into()));
        self
    }

    fn expr(&mut self, id: ExprId) -> &mut Parts {
        self.within(id, Context::Load)
    }

    fn within(&mut self, id: ExprId, context: Context) -> &mut Parts {
        self.0.push(Part::Expr(id, context));
        self
    }

    /// A field that may be missing, with the text before it.
    fn maybe(&mut self, before: &'static str, id: Option<ExprId>) -> &mut Parts {
        if let Some(id) = id {
            self.text(before).expr(id);
        }
        self
    }

    /// `name=[…]`, each item made by `item`.
    fn list<T>(&mut self, name: &str, items: &[T], mut item: impl FnMut(&mut Parts, &T)) -> &mut Parts {
        self.text(format!("{name}=["));
        for (index, each) in items.iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            item(self, each);
        }
        self.text("]")
    }

    fn exprs(&mut self, name: &str, ids: &[ExprId], context: Context) -> &mut Parts {
        self.list(name, ids, |parts, &id| _ = parts.within(id, context))
    }

    fn block(&mut self, name: &str, ids: &Block) -> &mut Parts {
        self.list(name, ids, |parts, &id| parts.0.push(Part::Stmt(id)))
    }
}

fn expr(tree: &Tree, id: ExprId, context: Context, out: &mut Parts) {
    let kind = &tree[id].kind;
    match kind {
        ExprKind::Name(name) => out.text(format!("Name(id='{name}'")).text(context.shown()),
        ExprKind::Tuple(ids) => out.text("Tuple(").exprs("elts", ids, context).text(context.shown()),
        ExprKind::List(ids) => out.text("List(").exprs("elts", ids, context).text(context.shown()),
        ExprKind::Starred(value) => out.text("Starred(value=").within(*value, context).text(context.shown()),
        ExprKind::Attribute(value, name, _) => {
            out.text("Attribute(value=").expr(*value).text(format!(", attr='{name}'")).text(context.shown())
        }
        ExprKind::Subscript(value, index) => {
            out.text("Subscript(value=").expr(*value).text(", slice=").expr(*index).text(context.shown())
        }
        ExprKind::Set(ids) => out.text("Set(").exprs("elts", ids, Context::Load).text(")"),
        ExprKind::Dict(items) => out
            .text("Dict(")
            .list("keys", items, |out, &(key, _)| match key {
                Some(key) => _ = out.expr(key),
                None => _ = out.text("None"),
            })
            .text(", ")
            .list("values", items, |out, &(_, value)| _ = out.expr(value))
            .text(")"),
        ExprKind::And(ids) => bool_op("And", ids, out),
        ExprKind::Or(ids) => bool_op("Or", ids, out),
        ExprKind::Unary(op, operand) => {
            out.text(format!("UnaryOp(op={}(), operand=", unary_name(*op))).expr(*operand).text(")")
        }
        ExprKind::Binary(left, op, right) => out
            .text("BinOp(left=")
            .expr(*left)
            .text(format!(", op={}(), right=", binary_name(*op)))
            .expr(*right)
            .text(")"),
        ExprKind::Compare(first, more) => out
            .text("Compare(left=")
            .expr(*first)
            .text(", ")
            .list("ops", more, |out, &(op, _)| _ = out.text(format!("{}()", compare_name(op))))
            .text(", ")
            .list("comparators", more, |out, &(_, id)| _ = out.expr(id))
            .text(")"),
        ExprKind::IfElse { test, then, orelse } => out
            .text("IfExp(test=")
            .expr(*test)
            .text(", body=")
            .expr(*then)
            .text(", orelse=")
            .expr(*orelse)
            .text(")"),
        ExprKind::Lambda(params, body) => {
            out.text("Lambda(args=");
            arguments(params, out);
            out.text(", body=").expr(*body).text(")")
        }
        ExprKind::Walrus(target, value) => out
            .text("NamedExpr(target=")
            .within(*target, Context::Store)
            .text(", value=")
            .expr(*value)
            .text(")"),
        ExprKind::Call { func, args, keywords: named } => {
            out.text("Call(func=").expr(*func).text(", ").exprs("args", args, Context::Load).text(", ");
            keywords(named, out);
            out.text(")")
        }
        ExprKind::Slice(lower, upper, step) => {
            out.text("Slice(");
            let mut comma = "";
            for (name, bound) in [("lower", lower), ("upper", upper), ("step", step)] {
                if let Some(id) = bound {
                    out.text(format!("{comma}{name}=")).expr(*id);
                    comma = ", ";
                }
            }
            out.text(")")
        }
        ExprKind::Comprehension { kind, element, value, clauses } => {
            comprehension(*kind, *element, *value, clauses, out)
        }
        ExprKind::Yield(None) => out.text("Yield()"),
        ExprKind::Yield(Some(value)) => out.text("Yield(value=").expr(*value).text(")"),
        ExprKind::YieldFrom(value) => out.text("YieldFrom(value=").expr(*value).text(")"),
        ExprKind::Await(value) => out.text("Await(value=").expr(*value).text(")"),
        ExprKind::JoinedStr(ids) => out.text("JoinedStr(").exprs("values", ids, Context::Load).text(")"),
        ExprKind::Formatted { value, conversion, spec } => out
            .text("FormattedValue(value=")
            .expr(*value)
            .text(format!(", conversion={}", conversion.map_or(-1, |c| i64::from(u32::from(c)))))
            .maybe(", format_spec=", *spec)
            .text(")"),
        constant => out.text(format!("Constant(value={})", literal(constant))),
    };
}

/// A constant as Python's `repr` shows it.
pub fn literal(kind: &ExprKind) -> String {
    match kind {
        ExprKind::None => "None".into(),
        ExprKind::Bool(true) => "True".into(),
        ExprKind::Bool(false) => "False".into(),
        ExprKind::Ellipsis => "Ellipsis".into(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::BigInt(digits) => digits.to_string(),
        ExprKind::Float(value) => float(*value),
        ExprKind::Imaginary(value) => {
            let text = float(*value);
            format!("{}j", text.strip_suffix(".0").unwrap_or(&text))
        }
        ExprKind::Str(text) => string::quote(text),
        ExprKind::Bytes(bytes) => string::quote_bytes(bytes),
        _ => String::new(),
    }
}

/// The shortest digits that come back, with the exponent Python writes.
fn float(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        None => text,
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
    }
}

fn bool_op<'p>(name: &str, ids: &[ExprId], out: &'p mut Parts) -> &'p mut Parts {
    out.text(format!("BoolOp(op={name}(), ")).exprs("values", ids, Context::Load).text(")")
}

fn comprehension<'p>(
    kind: ComprehensionKind,
    element: ExprId,
    value: Option<ExprId>,
    clauses: &[Clause],
    out: &'p mut Parts,
) -> &'p mut Parts {
    let (name, field) = match kind {
        ComprehensionKind::List => ("ListComp", "elt"),
        ComprehensionKind::Set => ("SetComp", "elt"),
        ComprehensionKind::Generator => ("GeneratorExp", "elt"),
        ComprehensionKind::Dict => ("DictComp", "key"),
    };
    out.text(format!("{name}({field}=")).expr(element).maybe(", value=", value).text(", ");
    out.list("generators", clauses, |out, clause| {
        out.text("comprehension(target=")
            .within(clause.target, Context::Store)
            .text(", iter=")
            .expr(clause.iter)
            .text(", ")
            .exprs("ifs", &clause.conditions, Context::Load)
            .text(format!(", is_async={})", u8::from(clause.is_async)));
    });
    out.text(")")
}

fn keywords(keywords: &[Keyword], out: &mut Parts) {
    out.list("keywords", keywords, |out, keyword| {
        match &keyword.name {
            Some(name) => out.text(format!("keyword(arg='{name}', value=")),
            None => out.text("keyword(value="),
        };
        out.expr(keyword.value).text(")");
    });
}

fn arguments(params: &Params, out: &mut Parts) {
    let of = |kind: ParamKind| -> Vec<_> { params.list.iter().filter(|param| param.kind == kind).collect() };
    let (first, normal, named) =
        (of(ParamKind::PositionalOnly), of(ParamKind::Normal), of(ParamKind::KeywordOnly));
    let arg = |out: &mut Parts, param: &&super::ast::Param| {
        out.text(format!("arg(arg='{}'", param.name)).maybe(", annotation=", param.annotation).text(")");
    };
    out.text("arguments(").list("posonlyargs", &first, arg).text(", ").list("args", &normal, arg);
    if let Some(param) = of(ParamKind::Star).first() {
        arg(out.text(", vararg="), param);
    }
    out.text(", ").list("kwonlyargs", &named, arg).text(", ");
    out.list("kw_defaults", &named, |out, param| match param.default {
        Some(id) => _ = out.expr(id),
        None => _ = out.text("None"),
    });
    if let Some(param) = of(ParamKind::StarStar).first() {
        arg(out.text(", kwarg="), param);
    }
    let defaults: Vec<ExprId> = first.iter().chain(&normal).filter_map(|param| param.default).collect();
    out.text(", ").exprs("defaults", &defaults, Context::Load).text(")");
}

fn stmt(tree: &Tree, id: StmtId, out: &mut Parts) {
    match &tree[id].kind {
        StmtKind::Expr { value, .. } => out.text("Expr(value=").expr(*value).text(")"),
        StmtKind::Assign(targets, value) => out
            .text("Assign(")
            .exprs("targets", targets, Context::Store)
            .text(", value=")
            .expr(*value)
            .text(")"),
        StmtKind::AugAssign(target, op, value) => out
            .text("AugAssign(target=")
            .within(*target, Context::Store)
            .text(format!(", op={}(), value=", binary_name(*op)))
            .expr(*value)
            .text(")"),
        StmtKind::AnnAssign { target, annotation, value, simple } => out
            .text("AnnAssign(target=")
            .within(*target, Context::Store)
            .text(", annotation=")
            .expr(*annotation)
            .maybe(", value=", *value)
            .text(format!(", simple={})", u8::from(*simple))),
        StmtKind::Assert(test, message) => {
            out.text("Assert(test=").expr(*test).maybe(", msg=", *message).text(")")
        }
        StmtKind::Del(targets) => out.text("Delete(").exprs("targets", targets, Context::Del).text(")"),
        StmtKind::Pass => out.text("Pass()"),
        StmtKind::Break => out.text("Break()"),
        StmtKind::Continue => out.text("Continue()"),
        StmtKind::Return(value) => out.text("Return(").maybe("value=", *value).text(")"),
        StmtKind::Raise(error, cause) => {
            out.text("Raise(").maybe("exc=", *error).maybe(", cause=", *cause).text(")")
        }
        StmtKind::Import(names) => {
            aliases(names, out.text("Import("));
            out.text(")")
        }
        StmtKind::ImportFrom { module, names, level } => {
            out.text("ImportFrom(");
            if let Some(module) = module {
                out.text(format!("module='{module}', "));
            }
            aliases(names, out);
            out.text(format!(", level={level})"))
        }
        StmtKind::Global(names) => named("Global", names, out),
        StmtKind::Nonlocal(names) => named("Nonlocal", names, out),
        StmtKind::Command(text) => out.text(format!("Command({})", string::quote(text))),
        _ => {
            compound(tree, id, out);
            out
        }
    };
}

fn named<'p>(kind: &str, names: &[super::ast::Name], out: &'p mut Parts) -> &'p mut Parts {
    let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    out.text(format!("{kind}(names=[{}])", names.join(", ")))
}

fn aliases(names: &[Alias], out: &mut Parts) {
    out.list("names", names, |out, alias| match &alias.asname {
        Some(asname) => _ = out.text(format!("alias(name='{}', asname='{asname}')", alias.name)),
        None => _ = out.text(format!("alias(name='{}')", alias.name)),
    });
}

fn compound(tree: &Tree, id: StmtId, out: &mut Parts) {
    let prefix = |is_async: bool| if is_async { "Async" } else { "" };
    match &tree[id].kind {
        StmtKind::If(..) => out.0.push(Part::Arm(id, 0)),
        StmtKind::While(test, body, orelse) => {
            out.text("While(test=").expr(*test).text(", ").block("body", body).text(", ");
            out.block("orelse", orelse).text(")");
        }
        StmtKind::For { target, iter, body, orelse, is_async } => {
            out.text(format!("{}For(target=", prefix(*is_async))).within(*target, Context::Store);
            out.text(", iter=").expr(*iter).text(", ").block("body", body).text(", ");
            out.block("orelse", orelse).text(")");
        }
        StmtKind::With { items, body, is_async } => {
            out.text(format!("{}With(", prefix(*is_async)));
            out.list("items", items, |out, &(value, target)| {
                out.text("withitem(context_expr=").expr(value);
                if let Some(target) = target {
                    out.text(", optional_vars=").within(target, Context::Store);
                }
                out.text(")");
            });
            out.text(", ").block("body", body).text(")");
        }
        StmtKind::Def(def) => {
            out.text(format!("{}FunctionDef(name='{}', args=", prefix(def.is_async), def.name));
            arguments(&def.params, out);
            out.text(", ").block("body", &def.body).text(", ");
            out.exprs("decorator_list", &def.decorators, Context::Load);
            out.maybe(", returns=", def.returns).text(")");
        }
        StmtKind::Class(class) => {
            out.text(format!("ClassDef(name='{}', ", class.name));
            out.exprs("bases", &class.bases, Context::Load).text(", ");
            keywords(&class.keywords, out);
            out.text(", ").block("body", &class.body).text(", ");
            out.exprs("decorator_list", &class.decorators, Context::Load).text(")");
        }
        StmtKind::Try { body, handlers, orelse, finalbody } => {
            out.text("Try(").block("body", body).text(", ").list("handlers", handlers, handler);
            out.text(", ").block("orelse", orelse).text(", ").block("finalbody", finalbody).text(")");
        }
        _ => {}
    }
}

fn handler(out: &mut Parts, handler: &Handler) {
    out.text("ExceptHandler(");
    if let Some(kind) = handler.kind {
        out.text("type=").expr(kind).text(", ");
    }
    if let Some(name) = &handler.name {
        out.text(format!("name='{name}', "));
    }
    out.block("body", &handler.body).text(")");
}

fn arm(tree: &Tree, id: StmtId, index: usize, out: &mut Parts) {
    let StmtKind::If(arms, orelse) = &tree[id].kind else { return };
    let Some((test, body)) = arms.get(index) else { return };
    out.text("If(test=").expr(*test).text(", ").block("body", body).text(", ");
    if index + 1 < arms.len() {
        out.text("orelse=[");
        out.0.push(Part::Arm(id, index + 1));
        out.text("])");
    } else {
        out.block("orelse", orelse).text(")");
    }
}

fn unary_name(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "USub",
        UnaryOp::Pos => "UAdd",
        UnaryOp::Invert => "Invert",
        UnaryOp::Not => "Not",
    }
}

fn binary_name(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "Add",
        BinaryOp::Sub => "Sub",
        BinaryOp::Mul => "Mult",
        BinaryOp::MatMul => "MatMult",
        BinaryOp::Div => "Div",
        BinaryOp::FloorDiv => "FloorDiv",
        BinaryOp::Mod => "Mod",
        BinaryOp::Pow => "Pow",
        BinaryOp::LShift => "LShift",
        BinaryOp::RShift => "RShift",
        BinaryOp::BitAnd => "BitAnd",
        BinaryOp::BitXor => "BitXor",
        BinaryOp::BitOr => "BitOr",
    }
}

fn compare_name(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "Eq",
        CompareOp::NotEq => "NotEq",
        CompareOp::Lt => "Lt",
        CompareOp::LtE => "LtE",
        CompareOp::Gt => "Gt",
        CompareOp::GtE => "GtE",
        CompareOp::Is => "Is",
        CompareOp::IsNot => "IsNot",
        CompareOp::In => "In",
        CompareOp::NotIn => "NotIn",
    }
}
