//! Calls.

use super::builder::Builder;
use crate::error::Result;
use crate::syntax::ast::{ExprId, ExprKind, Keyword, Name};
use crate::value::code::{Instr, Operand, Reg, Site};

impl Builder<'_, '_> {
    /// A call; `left` holds the function, or the object whose method is called.
    pub(super) fn call(
        &mut self,
        func: ExprId,
        left: Operand,
        args: &[ExprId],
        keywords: &[Keyword],
        dst: Reg,
    ) -> Result<()> {
        let tree = self.tree.clone();
        let method = match &tree[func].kind {
            ExprKind::Attribute(_, name, _) => Some(self.mangled(name)),
            _ => None,
        };
        // The registers of the callee and its arguments are the last in use: the callee's frame begins at the arguments.
        let base = if self.mark() == left.wrapping_add(1) && !self.is_named(left) {
            left
        } else {
            let base = self.temp()?;
            self.emit(Instr::Move { dst: base, src: left });
            base
        };
        let starred = args.iter().any(|&a| matches!(tree[a].kind, ExprKind::Starred(_)));
        let too_many = args.len() + keywords.len() > 200;
        if starred || too_many || keywords.iter().any(|k| k.name.is_none()) {
            return self.spread(base, method.as_ref(), args, keywords, dst);
        }
        for value in args.iter().copied().chain(keywords.iter().map(|keyword| keyword.value)) {
            let argument = self.push(value)?;
            self.pass_on(argument);
        }
        let implied = if args.is_empty() && keywords.is_empty() { self.super_arguments(func)? } else { 0 };
        let count = (args.len() + keywords.len()) as u16 + implied;
        let named = !keywords.is_empty();
        let keywords = keywords.iter().filter_map(|k| k.name.clone()).collect();
        let site = match &method {
            Some(name) => Site::method(name.clone(), (self.scene.tensor_method)(name), keywords),
            None => Site::function(keywords),
        };
        let site = self.site(site);
        self.emit(match method {
            Some(_) => Instr::CallMethod { dst, base, count, site },
            None => Instr::Call { dst, base, count, named, site },
        });
        Ok(())
    }

    /// A call with `*` or `**`, or with very many arguments: they are collected in a list and a dict.
    fn spread(
        &mut self,
        base: Reg,
        method: Option<&Name>,
        args: &[ExprId],
        keywords: &[Keyword],
        dst: Reg,
    ) -> Result<()> {
        let tree = self.tree.clone();
        if let Some(name) = method {
            let name = self.name(name);
            self.emit(Instr::GetAttr { dst: base, object: base, name });
        }
        let (list, dict) = (self.temp()?, self.temp()?);
        self.emit(Instr::BuildList { dst: list, start: list, count: 0 });
        self.emit(Instr::BuildDict { dst: dict, start: dict, count: 0 });
        for &arg in args {
            let mark = self.mark();
            match &tree[arg].kind {
                ExprKind::Starred(inner) => {
                    let src = self.operand(*inner)?;
                    self.emit(Instr::Extend { list, src });
                }
                _ => {
                    let src = self.operand(arg)?;
                    self.emit(Instr::Append { list, src });
                }
            }
            self.release(mark);
        }
        for keyword in keywords {
            let mark = self.mark();
            let value = self.operand(keyword.value)?;
            match &keyword.name {
                Some(name) => {
                    let key = self.text(name)?;
                    self.emit(Instr::DictSet { dict, key, value });
                }
                None => {
                    self.emit(Instr::DictMerge { dict, src: value, call: true });
                }
            }
            self.release(mark);
        }
        self.emit(Instr::CallSpread { dst, base });
        Ok(())
    }
}
