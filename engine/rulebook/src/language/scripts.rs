//! Scripts: bodies that have no steps. They run in the rule language's own engine, and are checked here all the same: each part
//! that could be a step is, by the code that makes steps; what is left has a type that nobody knows, and is right.

mod assignments;
mod held;

use std::sync::Arc;

use problem::code;
use rhai::{AST, ASTFlags, ASTNode, Expr as Tree, FlowControl, FnCallExpr, Position, Stmt, StmtBlock};

pub(super) use held::Script;
use held::assigned;

use super::brackets::starts_at;
use super::statements::always_leaves;
use super::{At, Compiler, Result, Scope, Stop};
use crate::rule_file::Function;
use crate::types::{Kind, Type};

/// How often a body is looked at to learn what its variables hold.
const LEARNING: usize = 4;

/// The type of what never gives a value, since it leaves.
pub(super) const LEFT: Type = Type { kind: Kind::Nothing, optional: false };

impl Compiler<'_, '_> {
    /// Checks the body of a rule that is a script. `groups`: `zone` and the groups of parameters that it asks for. What it gives.
    pub fn check_script(&mut self, body: &AST, groups: &[String]) -> Type {
        self.script = Some(Script::asking_for(groups, body));
        self.look_at_body(body.statements())
    }

    /// Looks at a body again and again until what its variables hold is known, and only then says what is wrong.
    fn look_at_body(&mut self, statements: &[Stmt]) -> Type {
        for _ in 0..LEARNING {
            let before = (self.problems.len(), self.scope.mark(), self.known.mark(), self.decided.len());
            let seen = self.script.as_ref().map(|script| script.seen.borrow().clone()).unwrap_or_default();
            let learnt = |script: &Script| (script.held.clone(), script.items.clone());
            let held = self.script.as_ref().map(learnt);
            self.look_at_statements(statements);
            self.problems.truncate(before.0);
            self.scope.back_to(before.1);
            self.known.back_to(before.2);
            self.decided.truncate(before.3);
            self.returned.clear();
            if let Some(script) = &self.script {
                *script.seen.borrow_mut() = seen;
                if Some(learnt(script)) == held {
                    break;
                }
            }
        }
        let mut ty = self.look_at_statements(statements);
        let position = statements.last().map_or(Position::NONE, Stmt::position);
        for returned in std::mem::take(&mut self.returned) {
            ty = self.joined(ty, returned, position, |a, b| {
                format!("the function gives {a} in one place and {b} in another")
            });
        }
        ty
    }

    /// The type of a variable that starts with a value of this type.
    pub(super) fn type_of_variable(&mut self, name: &str, ty: Type) -> Type {
        match &mut self.script {
            Some(script) if script.shared.contains(name) => Type::ANY,
            Some(script) if script.assigned.contains(name) => script.holds(name, ty),
            _ => ty,
        }
    }

    /// What was known of the variables that these statements may change is known no more.
    fn forget_assigned(&mut self, statements: &[Stmt]) {
        for name in assigned(statements).0 {
            self.known.renew(&name);
        }
    }

    /// Tries to make steps. What is wrong has been reported; none: there are no steps.
    pub(super) fn steps_or_none(&mut self, make: impl FnOnce(&mut Self) -> Result<crate::plan::Expr>) -> Option<Type> {
        let before = self.problems.len();
        match make(self) {
            Ok(expr) => Some(expr.ty),
            Err(Stop::Wrong) => Some(Type::ANY),
            Err(Stop::Script) => {
                // Its parts are looked at again.
                self.problems.truncate(before);
                None
            }
        }
    }

    pub(super) fn look_at(&mut self, tree: &Tree) -> Type {
        self.steps_or_none(|compiler| compiler.lower(tree)).unwrap_or_else(|| self.look_inside(tree))
    }

    fn look_at_condition(&mut self, tree: &Tree) {
        if self.steps_or_none(|compiler| compiler.bool_operand(tree)).is_none() {
            self.look_inside(tree);
        }
    }

    fn look_at_all<'t>(&mut self, trees: impl IntoIterator<Item = &'t Tree>) {
        for tree in trees {
            self.look_at(tree);
        }
    }

    fn look_inside(&mut self, tree: &Tree) -> Type {
        match tree {
            Tree::InterpolatedString(parts, _) => {
                self.look_at_all(parts);
                return Type::of(Kind::Text);
            }
            Tree::Array(items, _) => self.look_at_all(items),
            Tree::Map(entries, _) => self.look_at_all(entries.0.iter().map(|(_, value)| value)),
            Tree::Coalesce(operands, _) => {
                let mut joined = Type::NOTHING;
                for operand in operands.iter() {
                    let ty = self.look_at(operand);
                    let both = self.joined(joined, ty, starts_at(operand), |a, b| {
                        format!("both sides of `??` should have one type; these are {a} and {b}")
                    });
                    joined = Type { optional: ty.optional, ..both };
                }
                return joined;
            }
            Tree::And(operands, _) | Tree::Or(operands, _) => {
                let mark = self.known.mark();
                for operand in operands.iter() {
                    self.look_at_condition(operand);
                    self.known.learn(operand, matches!(tree, Tree::And(..)));
                }
                self.known.back_to(mark);
                return Type::of(Kind::Bool);
            }
            Tree::Stmt(block) => return self.look_at_block(block),
            Tree::FnCall(call, position) => return self.look_inside_call(call, *position),
            Tree::Dot(dot, flags, _) => {
                if let (Tree::Variable(list, ..), Tree::MethodCall(call, _)) = (&dot.lhs, &dot.rhs)
                    && matches!(call.name.as_str(), "push" | "insert")
                    && let Some(item) = call.args.last()
                {
                    let ty = self.look_at(item);
                    self.put_into(&list.1, Some(ty));
                }
                if let Some(items) = self.items_of(&dot.lhs) {
                    self.look_at(&dot.lhs);
                    return self.look_along_list(items, &dot.rhs);
                }
                let receiver = self.look_at(&dot.lhs);
                self.look_along(receiver, &dot.lhs, &dot.rhs, flags.intersects(ASTFlags::NEGATED));
            }
            Tree::Index(index, flags, position) => {
                if let Some(items) = self.items_of(&index.lhs)
                    && !matches!(index.rhs, Tree::Index(..))
                {
                    self.look_at(&index.lhs);
                    return self.look_at_item(items, &index.rhs, *flags, *position);
                }
                self.look_at(&index.lhs);
                self.look_at_index(&index.rhs, *flags);
            }
            _ => {}
        }
        Type::ANY
    }

    fn put_into(&mut self, list: &str, items: Option<Type>) {
        if let Some(script) = &mut self.script {
            let items = items.filter(|_| !script.shared.contains(list));
            script.takes_items(list, items);
        }
    }

    /// What stands right of a dot names members of something unknown; what stands in its parentheses and brackets does not.
    pub(super) fn look_right_of_dot(&mut self, tree: &Tree) {
        match tree {
            Tree::MethodCall(call, _) => self.look_at_all(call.args.iter()),
            Tree::Dot(dot, ..) => {
                self.look_right_of_dot(&dot.lhs);
                self.look_right_of_dot(&dot.rhs);
            }
            Tree::Index(index, flags, _) => {
                self.look_right_of_dot(&index.lhs);
                self.look_at_index(&index.rhs, *flags);
            }
            _ => {}
        }
    }

    /// What stands in brackets; in the syntax tree, what follows the brackets hangs on it.
    fn look_at_index(&mut self, tree: &Tree, flags: ASTFlags) {
        match tree {
            Tree::Dot(dot, ..) if !flags.contains(ASTFlags::BREAK) => {
                self.look_at(&dot.lhs);
                self.look_right_of_dot(&dot.rhs);
            }
            Tree::Index(index, inner, _) if !flags.contains(ASTFlags::BREAK) => {
                self.look_at(&index.lhs);
                self.look_at_index(&index.rhs, *inner);
            }
            _ => {
                self.look_at(tree);
            }
        }
    }

    fn look_inside_call(&mut self, call: &FnCallExpr, position: Position) -> Type {
        let types: Vec<Type> = call.args.iter().map(|argument| self.look_at(argument)).collect();
        let compares = matches!(call.name.as_str(), "<" | "<=" | ">" | ">=");
        if compares || matches!(call.name.as_str(), "+" | "-" | "*" | "/" | "%" | ".." | "..=") {
            let help = if compares {
                "test it with `!= ()` first, or write `??` with a default"
            } else {
                "write `??` with a default, or test it with `!= ()` first"
            };
            for (ty, argument) in types.iter().zip(call.args.iter()) {
                self.check_presence(*ty, argument, help);
            }
        }
        if let ("/" | "%", [_, divisor]) = (call.name.as_str(), &call.args[..])
            && !self.is_not_zero(divisor, None)
        {
            // It has been reported; there is nothing to stop.
            let _: Result<()> = self.may_be_zero(divisor, position);
        }
        if compares || matches!(call.name.as_str(), "==" | "!=" | "!" | "contains") {
            return Type::of(Kind::Bool);
        }
        if let Some(function) = self.function_called(&call.name) {
            return self.look_at_function(&function, types, position);
        }
        let mut texts = types.iter().filter(|ty| ty.kind == Kind::Text);
        if call.name == "+" && texts.next().is_some() {
            return Type::of(Kind::Text);
        }
        Type::ANY
    }

    fn check_presence(&mut self, ty: Type, tree: &Tree, help: &str) {
        if ty.optional && ty.kind != Kind::Any {
            // It has been reported; there is nothing to stop.
            let _: Result<()> = self.may_be_absent(tree, help);
        }
    }

    /// A function without steps, of the file or of `rules/shared/`.
    fn look_at_function(&mut self, function: &Function, types: Vec<Type>, position: Position) -> Type {
        if function.parameters.len() != types.len() {
            let _: Result<()> = self.wrong_arity(function, types.len(), position);
            return Type::ANY;
        }
        let Some(script) = &self.script else { return Type::ANY };
        let call = (function.name.clone(), types.clone());
        if script.seen.borrow().contains(&call) {
            return Type::ANY;
        }
        script.seen.borrow_mut().push(call);
        let callee = script.callee(function);
        let (file, text, scope) = (Arc::clone(&function.file), function.text.clone(), Scope::new());
        let mut inner = Compiler::new(self.context, file, &text, At { line: 1, column: 1 }, scope, self.problems);
        inner.helpers = Arc::clone(&self.helpers);
        inner.script = Some(callee);
        for (parameter, ty) in function.parameters.iter().zip(types) {
            let ty = inner.type_of_variable(parameter, ty);
            inner.scope.bind(parameter, ty);
        }
        inner.callee = true;
        inner.look_at_body(function.tree.statements())
    }

    fn look_at_block(&mut self, block: &StmtBlock) -> Type {
        let (names, known, decided) = (self.scope.mark(), self.known.mark(), self.decided.len());
        let ty = self.look_at_statements(block.statements());
        self.scope.back_to(names);
        self.known.back_to(known);
        self.decided.truncate(decided);
        // What a part changes is no longer known behind it.
        self.forget_assigned(block.statements());
        ty
    }

    /// What the last of them gives.
    pub(super) fn look_at_statements(&mut self, statements: &[Stmt]) -> Type {
        // It has been reported; there is nothing to stop.
        let _: Result<()> = self.check_reached(statements);
        let mut ty = Type::NOTHING;
        for statement in statements {
            ty = self.look_at_statement(statement);
        }
        ty
    }

    fn look_at_statement(&mut self, statement: &Stmt) -> Type {
        match statement {
            Stmt::Expr(tree) => return self.look_at(tree),
            Stmt::FnCall(call, position) => {
                let steps = self.steps_or_none(|compiler| compiler.call(call, *position));
                return steps.unwrap_or_else(|| self.look_inside_call(call, *position));
            }
            Stmt::Block(block) => return self.look_at_block(block),
            Stmt::Var(variable, ..) => {
                let (name, value, _) = &**variable;
                let ty = self.look_at(value);
                let items = self.items_of(value);
                if items.is_some() || self.script.as_ref().is_some_and(|script| script.items.contains_key(&*name.name))
                {
                    self.put_into(&name.name, items);
                }
                let ty = self.type_of_variable(&name.name, ty);
                self.scope.bind(&name.name, ty);
                self.known.renew(&name.name);
            }
            Stmt::Assignment(assignment) => self.look_at_assignment(&assignment.0, &assignment.1),
            Stmt::If(flow, _) => return self.look_at_branches(flow),
            Stmt::Switch(parts, position) => {
                let steps = self.steps_or_none(|compiler| compiler.switch(&parts.0, &parts.1, *position));
                if let Some(ty) = steps {
                    return ty;
                }
                let mut joined: Option<Type> = None;
                let (subject, cases) = &**parts;
                self.look_at(subject);
                let mark = self.known.mark();
                // Absence has a case of its own, where it matters.
                self.known.learn_path(subject);
                for case in &cases.expressions {
                    self.look_at_condition(&case.lhs);
                    let mark = self.known.mark();
                    self.known.learn(&case.lhs, true);
                    let ty = self.look_at(&case.rhs);
                    joined = Some(match joined {
                        Some(joined) => self.joined(joined, ty, starts_at(&case.rhs), |a, b| {
                            format!("the arms before give {a}, this one {b}")
                        }),
                        None => ty,
                    });
                    self.known.back_to(mark);
                }
                self.known.back_to(mark);
                for case in &cases.expressions {
                    if let Tree::Stmt(block) = &case.rhs {
                        self.forget_assigned(block.statements());
                    }
                }
                let ty = joined.unwrap_or(Type::NOTHING);
                return ty.or_absent(cases.def_case.is_none());
            }
            Stmt::While(flow, _) => {
                // What the body changes is not known when it comes round again.
                self.forget_assigned(flow.body.statements());
                let mark = self.known.mark();
                // `loop` is a `while` without a condition.
                if !matches!(flow.expr, Tree::Unit(_)) {
                    self.look_at_condition(&flow.expr);
                    self.known.learn(&flow.expr, true);
                }
                self.look_at_block(&flow.body);
                self.known.back_to(mark);
                self.forget_assigned(flow.body.statements());
                if !matches!(flow.expr, Tree::Unit(_)) && !has_break(flow.body.statements()) {
                    self.known.learn(&flow.expr, false);
                }
            }
            Stmt::Do(flow, ..) => {
                self.forget_assigned(flow.body.statements());
                self.look_at_block(&flow.body);
                self.look_at_condition(&flow.expr);
            }
            Stmt::For(parts, _) => {
                let (item, counter, flow) = &**parts;
                let rows = self.look_at(&flow.expr);
                let range = matches!(&flow.expr, Tree::FnCall(call, _) if matches!(call.name.as_str(), ".." | "..="));
                let items = self.items_of(&flow.expr).filter(|items| *items != LEFT);
                let ty = match rows.kind {
                    _ if items.is_some() => items.unwrap_or(Type::ANY),
                    Kind::Rows(entity) => Type::of(Kind::Row(entity)),
                    Kind::Texts => Type::of(Kind::Text),
                    Kind::Ints => Type::of(Kind::Int),
                    _ if range => Type::of(Kind::Int),
                    _ => Type::ANY,
                };
                self.forget_assigned(flow.body.statements());
                let (names, mark) = (self.scope.mark(), self.known.mark());
                let ty = self.type_of_variable(&item.name, ty);
                self.scope.bind(&item.name, ty);
                self.known.renew(&item.name);
                if let Some(counter) = counter {
                    let ty = self.type_of_variable(&counter.name, Type::of(Kind::Int));
                    self.scope.bind(&counter.name, ty);
                    self.known.renew(&counter.name);
                }
                self.look_at_block(&flow.body);
                self.scope.back_to(names);
                self.known.back_to(mark);
            }
            Stmt::TryCatch(flow, _) => {
                self.look_at_block(&flow.body);
                let names = self.scope.mark();
                if let Tree::Variable(error, ..) = &flow.expr {
                    self.scope.bind(&error.1, Type::ANY);
                    self.known.renew(&error.1);
                }
                self.look_at_block(&flow.branch);
                self.scope.back_to(names);
            }
            Stmt::Return(value, flags, _) if !flags.intersects(ASTFlags::BREAK) => {
                let ty = value.as_ref().map_or(Type::NOTHING, |value| self.look_at(value));
                self.returned.push(ty);
                return LEFT;
            }
            Stmt::BreakLoop(value, ..) | Stmt::Return(value, ..) => {
                self.look_at_all(value.iter().map(|value| &**value));
                return LEFT;
            }
            _ => {}
        }
        Type::NOTHING
    }

    fn look_at_branches(&mut self, flow: &FlowControl) -> Type {
        self.look_at_condition(&flow.expr);
        let mark = self.known.mark();
        self.known.learn(&flow.expr, true);
        let then = self.look_at_block(&flow.body);
        self.known.back_to(mark);
        self.known.learn(&flow.expr, false);
        let otherwise = self.look_at_block(&flow.branch);
        self.known.back_to(mark);
        self.forget_assigned(flow.body.statements());
        self.forget_assigned(flow.branch.statements());
        match (always_leaves(&flow.body), always_leaves(&flow.branch)) {
            (true, false) => self.known.learn(&flow.expr, false),
            (false, true) => self.known.learn(&flow.expr, true),
            _ => {}
        }
        self.joined(then, otherwise, starts_at(&flow.expr), |a, b| format!("one branch gives {a}, the other {b}"))
    }

    /// The type of two values of which one is given. It is a mistake if there is no such type.
    fn joined(&mut self, a: Type, b: Type, position: Position, says: impl Fn(String, String) -> String) -> Type {
        a.join(b).unwrap_or_else(|| {
            let message = says(self.words(a), self.words(b));
            // It has been reported; there is nothing to stop.
            let _: Result<()> = self.wrong(code::WRONG_TYPE, position, message);
            Type::ANY
        })
    }
}

/// Whether a loop with this body may end before its condition is false.
fn has_break(statements: &[Stmt]) -> bool {
    let mut found = false;
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut |path| {
            found |= matches!(path.last(), Some(ASTNode::Stmt(Stmt::BreakLoop(..))));
            true
        });
    }
    found
}
