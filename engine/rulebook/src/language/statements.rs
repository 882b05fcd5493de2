//! Statements: blocks, `let`, `if`, `return`.

use problem::code;
use rhai::{ASTFlags, FlowControl, Stmt, StmtBlock};

use super::{Compiler, Result, Stop};
use crate::plan::{At, Const, Expr, Op, Statement};
use crate::types::{Kind, Type};

impl Compiler<'_, '_> {
    /// The body of a function: its last value, or what it returns.
    pub fn function_body(&mut self, statements: &[Stmt]) -> Result<Expr> {
        let mut expr = self.block(statements)?;
        for returned in std::mem::take(&mut self.returned) {
            // What only ever returns has no value of its own.
            let own = if matches!(expr.op, Op::Return(_)) { Type::NOTHING.present() } else { expr.ty };
            match own.join(returned) {
                Some(ty) => expr.ty = ty,
                None => {
                    self.only_with_steps()?;
                    let (a, b) = (self.words(expr.ty), self.words(returned));
                    self.problems.push(
                        problem::Problem::new(
                            code::WRONG_TYPE,
                            format!("the function gives {a} in one place and {b} in another"),
                        )
                        .at(problem::Place::new(std::sync::Arc::clone(&self.file), expr.at.line, expr.at.column, 0))
                        .help("give one type everywhere, or `()`"),
                    );
                    return Err(Stop::Wrong);
                }
            }
        }
        Ok(expr)
    }

    pub(super) fn block(&mut self, statements: &[Stmt]) -> Result<Expr> {
        let (names, known, decided) = (self.scope.mark(), self.known.mark(), self.decided.len());
        let result = self.block_inner(statements);
        self.scope.back_to(names);
        self.decided.truncate(decided);
        self.known.back_to(known);
        result
    }

    fn block_inner(&mut self, statements: &[Stmt]) -> Result<Expr> {
        let mut lowered = Vec::new();
        self.check_reached(statements)?;
        for statement in statements {
            match statement {
                Stmt::Noop(_) => {}
                Stmt::Var(variable, flags, _) if !flags.intersects(ASTFlags::EXPORTED) => {
                    let (name, value, _) = &**variable;
                    let value = self.lower(value)?;
                    let ty = self.type_of_variable(&name.name, value.ty);
                    let local = self.scope.bind(&name.name, ty);
                    self.known.renew(&name.name);
                    self.note_codes(local, &value);
                    lowered.push(Statement::Let(local, value));
                }
                other => {
                    let expr = self.statement(other)?;
                    // What an `if` that leaves has decided holds behind it.
                    if let (Op::If(condition, ..), Stmt::If(flow, _)) = (&expr.op, other)
                        && flow.branch.is_empty()
                        && always_leaves(&flow.body)
                    {
                        self.decide(condition, false);
                    }
                    lowered.push(Statement::Expr(expr));
                    // After `if x == () { return …; }`, x is there.
                    if let Stmt::If(flow, _) = other
                        && flow.branch.is_empty()
                        && always_leaves(&flow.body)
                    {
                        self.known.learn(&flow.expr, false);
                    }
                }
            }
        }
        let ends_with_value = !matches!(statements.last(), None | Some(Stmt::Noop(_) | Stmt::Var(..)));
        let absent = |at: At| Expr { op: Op::Const(Const::Absent), ty: Type::NOTHING, at };
        if !ends_with_value {
            lowered.push(Statement::Expr(absent(At::default())));
        }
        if let [Statement::Expr(_)] = &lowered[..]
            && let Some(Statement::Expr(only)) = lowered.pop()
        {
            return Ok(only);
        }
        let (ty, at) = match lowered.last() {
            Some(Statement::Expr(expr)) => (expr.ty, expr.at),
            _ => (Type::NOTHING, At::default()),
        };
        Ok(Self::make(Op::Block(lowered), ty, at))
    }

    /// What stands behind a statement that always leaves is never reached.
    pub(super) fn check_reached(&mut self, statements: &[Stmt]) -> Result<()> {
        let Some(at) = statements.iter().position(leaves) else { return Ok(()) };
        let Some(next) = statements[at + 1..].iter().find(|statement| !matches!(statement, Stmt::Noop(_))) else {
            return Ok(());
        };
        let place = self.place(next.position(), 0);
        self.problems.push(
            problem::Problem::new(code::NEVER_REACHED, "the rule has returned before it comes here")
                .at(place)
                .help("take it out, or put it before the `return`"),
        );
        Err(Stop::Wrong)
    }

    fn statement(&mut self, statement: &Stmt) -> Result<Expr> {
        match statement {
            Stmt::Expr(expr) => self.lower(expr),
            Stmt::FnCall(call, position) => self.call(call, *position),
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::If(flow, _) => self.branch(flow),
            Stmt::Switch(parts, position) => self.switch(&parts.0, &parts.1, *position),
            Stmt::Return(value, flags, position) if !flags.intersects(ASTFlags::BREAK) => {
                let at = self.at(*position);
                let value = match value {
                    Some(value) => self.lower(value)?,
                    None => Self::make(Op::Const(Const::Absent), Type::NOTHING, at),
                };
                self.returned.push(value.ty);
                // A `return` fits wherever a value is wanted: it never gives one there.
                Ok(Self::make(Op::Return(Box::new(value)), Type { kind: Kind::Nothing, optional: false }, at))
            }
            _ => Err(Stop::Script),
        }
    }

    fn branch(&mut self, flow: &FlowControl) -> Result<Expr> {
        let condition = self.bool_operand(&flow.expr)?;
        self.check_decided(&flow.expr, &condition)?;
        let at = condition.at;
        let (mark, decided) = (self.known.mark(), self.decided.len());
        self.known.learn(&flow.expr, true);
        self.decide(&condition, true);
        let then = self.block(flow.body.statements());
        self.known.back_to(mark);
        self.decided.truncate(decided);
        let then = then?;
        self.known.learn(&flow.expr, false);
        self.decide(&condition, false);
        let otherwise = self.block(flow.branch.statements());
        self.known.back_to(mark);
        self.decided.truncate(decided);
        let otherwise = otherwise?;
        let Some(ty) = then.ty.join(otherwise.ty) else {
            self.only_with_steps()?;
            let (a, b) = (self.words(then.ty), self.words(otherwise.ty));
            let position = flow.expr.start_position();
            return self.wrong(code::WRONG_TYPE, position, format!("one branch gives {a}, the other {b}"));
        };
        Ok(Self::make(Op::If(Box::new(condition), Box::new(then), Box::new(otherwise)), ty, at))
    }
}

/// Whether what stands behind the block is never reached through it.
pub(super) fn always_leaves(block: &StmtBlock) -> bool {
    block.statements().iter().any(leaves)
}

fn leaves(statement: &Stmt) -> bool {
    match statement {
        Stmt::Return(..) | Stmt::BreakLoop(..) => true,
        Stmt::If(flow, _) => always_leaves(&flow.body) && always_leaves(&flow.branch),
        Stmt::Block(block) => always_leaves(block),
        _ => false,
    }
}
