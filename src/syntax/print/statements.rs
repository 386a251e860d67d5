//! Statements as source.

use super::expressions::{EXPRESSION, binary_sign};
use super::{Part, Printer};
use crate::syntax::ast::{Alias, Block, Class, Def, ExprId, ExprKind, Handler, Name, StmtId, StmtKind};

impl Printer<'_> {
    /// Plans the parts of a statement and of its blocks.
    pub(super) fn stmt(&mut self, id: StmtId, indent: usize) {
        let tree = self.tree;
        self.begin(indent);
        match &tree[id].kind {
            StmtKind::Expr { value, silent } => {
                self.value(*value).text(if *silent { ";\n" } else { "\n" });
            }
            StmtKind::Assign(targets, value) => {
                for &target in targets {
                    self.value(target).text(" = ");
                }
                self.value(*value).text("\n");
            }
            StmtKind::AugAssign(target, op, value) => {
                self.value(*target).text(format!(" {}= ", binary_sign(*op))).value(*value).text("\n");
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                let enclosed = !simple && matches!(tree[*target].kind, ExprKind::Name(_));
                self.text(if enclosed { "(" } else { "" }).value(*target).text(if enclosed {
                    ")"
                } else {
                    ""
                });
                self.text(": ").value(*annotation).maybe(" = ", *value).text("\n");
            }
            StmtKind::Assert(test, message) => {
                self.text("assert ").value(*test).maybe(", ", *message).text("\n");
            }
            StmtKind::Del(targets) => {
                self.text("del ").list(targets, |out, &id| _ = out.value(id)).text("\n");
            }
            StmtKind::Pass => _ = self.text("pass\n"),
            StmtKind::Break => _ = self.text("break\n"),
            StmtKind::Continue => _ = self.text("continue\n"),
            StmtKind::Return(value) => _ = self.text("return").maybe(" ", *value).text("\n"),
            StmtKind::Raise(error, cause) => {
                self.text("raise").maybe(" ", *error).maybe(" from ", *cause).text("\n");
            }
            StmtKind::Import(names) => self.text("import ").aliases(names),
            StmtKind::ImportFrom { module, names, level } => {
                let dots = ".".repeat(*level as usize);
                self.text(format!("from {dots}{} import ", module.as_deref().unwrap_or("")));
                self.aliases(names);
            }
            StmtKind::Global(names) => self.named("global", names),
            StmtKind::Nonlocal(names) => self.named("nonlocal", names),
            StmtKind::Command(text) => _ = self.text(format!(":{text}\n")),
            _ => self.compound(id, indent),
        }
    }

    fn begin(&mut self, indent: usize) -> &mut Self {
        self.text("    ".repeat(indent))
    }

    fn value(&mut self, id: ExprId) -> &mut Self {
        self.at(id, EXPRESSION)
    }

    fn maybe(&mut self, before: &'static str, id: Option<ExprId>) -> &mut Self {
        match id {
            Some(id) => self.text(before).value(id),
            None => self,
        }
    }

    fn aliases(&mut self, names: &[Alias]) {
        self.list(names, |out, alias| match &alias.asname {
            Some(asname) => _ = out.text(format!("{} as {asname}", alias.name)),
            None => _ = out.text(alias.name.to_string()),
        });
        self.text("\n");
    }

    fn named(&mut self, word: &str, names: &[Name]) {
        self.text(format!("{word} {}\n", names.join(", ")));
    }

    fn block(&mut self, block: &Block, indent: usize) -> &mut Self {
        self.text(":\n");
        self.next.extend(block.iter().map(|&id| Part::Stmt(id, indent + 1)));
        self
    }

    fn else_block(&mut self, word: &'static str, block: &Block, indent: usize) {
        if !block.is_empty() {
            self.begin(indent).text(word).block(block, indent);
        }
    }

    fn compound(&mut self, id: StmtId, indent: usize) {
        let tree = self.tree;
        let word =
            |is_async: bool, word: &str| if is_async { format!("async {word} ") } else { format!("{word} ") };
        match &tree[id].kind {
            StmtKind::If(arms, orelse) => {
                for (index, (test, body)) in arms.iter().enumerate() {
                    if index > 0 {
                        self.begin(indent).text("elif ");
                    } else {
                        self.text("if ");
                    }
                    self.value(*test).block(body, indent);
                }
                self.else_block("else", orelse, indent);
            }
            StmtKind::While(test, body, orelse) => {
                self.text("while ").value(*test).block(body, indent).else_block("else", orelse, indent);
            }
            StmtKind::For { target, iter, body, orelse, is_async } => {
                self.text(word(*is_async, "for")).value(*target).text(" in ").value(*iter);
                self.block(body, indent).else_block("else", orelse, indent);
            }
            StmtKind::With { items, body, is_async } => {
                self.text(word(*is_async, "with")).with_items(items);
                self.block(body, indent);
            }
            StmtKind::Def(def) => self.def(def, indent),
            StmtKind::Class(class) => self.class(class, indent),
            StmtKind::Try { body, handlers, orelse, finalbody } => {
                self.text("try").block(body, indent);
                for handler in handlers {
                    self.handler(handler, indent);
                }
                self.else_block("else", orelse, indent);
                self.else_block("finally", finalbody, indent);
            }
            _ => {}
        }
    }

    fn with_items(&mut self, items: &[(ExprId, Option<ExprId>)]) {
        let tree = self.tree;
        // A lone tuple would be read as the items themselves.
        let lone = |id: ExprId| items.len() == 1 && matches!(tree[id].kind, ExprKind::Tuple(_));
        self.list(items, |out, &(value, target)| match target {
            Some(target) => _ = out.value(value).text(" as ").value(target),
            None if lone(value) => _ = out.text("(").value(value).text(")"),
            None => _ = out.value(value),
        });
    }

    fn decorators(&mut self, decorators: &[ExprId], indent: usize) {
        for &decorator in decorators {
            self.text("@").value(decorator).text("\n").begin(indent);
        }
    }

    fn def(&mut self, def: &Def, indent: usize) {
        self.decorators(&def.decorators, indent);
        self.text(if def.is_async { "async def " } else { "def " }).text(format!("{}(", def.name));
        self.params(&def.params);
        self.text(")").maybe(" -> ", def.returns).block(&def.body, indent);
    }

    fn class(&mut self, class: &Class, indent: usize) {
        self.decorators(&class.decorators, indent);
        self.text(format!("class {}", class.name));
        if !class.bases.is_empty() || !class.keywords.is_empty() {
            self.text("(");
            self.arguments(&class.bases, &class.keywords);
            self.text(")");
        }
        self.block(&class.body, indent);
    }

    fn handler(&mut self, handler: &Handler, indent: usize) {
        self.begin(indent).text("except").maybe(" ", handler.kind);
        if let Some(name) = &handler.name {
            self.text(format!(" as {name}"));
        }
        self.block(&handler.body, indent);
    }
}
