//! Scripts: bodies that have no steps. They run in the rule language's own engine, and are checked here all the same: each part
//! that could be a step is, by the code that makes steps; what is left has a type that nobody knows, and is right.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use rhai::{
    ASTFlags, ASTNode, BinaryExpr, Expr as Tree, FlowControl, FnCallExpr, OpAssignment, Position, Stmt, StmtBlock,
};

use super::statements::always_leaves;
use super::{At, Compiler, Result, Scope, Stop};
use crate::rule_file::Function;
use crate::types::{Kind, Type};

/// A function's name and the types of its arguments.
type Call = (String, Vec<Type>);

/// What is known of a script beside its scope.
#[derive(Default)]
pub(super) struct Script {
    /// `zone` and the groups of parameters that the rule asks for.
    groups: Vec<String>,
    /// Variables that are given another value somewhere: what they hold is not known.
    assigned: BTreeSet<String>,
    /// Those of them that start as numbers, so that only a number can be added.
    sums: Vec<String>,
    /// Functions that have been looked at, with the types of their arguments.
    seen: Rc<RefCell<Vec<Call>>>,
}

impl Script {
    pub(super) fn has_group(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group == name)
    }

    /// A function that the script calls sees its arguments and nothing else.
    pub(super) fn callee(&self, function: &Function) -> Self {
        Self { assigned: assigned(function.tree.statements()), seen: Rc::clone(&self.seen), ..Self::default() }
    }
}

/// The names of variables that are assigned to, or that a closure may change.
fn assigned(statements: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut see = |path: &[ASTNode<'_>]| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => {
                if let Tree::Variable(variable, ..) = &assignment.1.lhs {
                    names.insert(variable.1.to_string());
                }
            }
            Some(ASTNode::Stmt(Stmt::Share(shared))) => {
                names.extend(shared.iter().map(|(name, _)| name.name.to_string()));
            }
            _ => {}
        }
        true
    };
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut see);
    }
    names
}

impl Compiler<'_, '_> {
    /// Checks the body of a rule that is a script. `groups`: `zone` and the groups of parameters that it asks for.
    pub fn check_script(&mut self, statements: &[Stmt], groups: &[String]) {
        self.script = Some(Script { groups: groups.to_vec(), assigned: assigned(statements), ..Script::default() });
        self.look_at_statements(statements);
    }

    /// The type of a variable that starts with a value of this type.
    pub(super) fn type_of_variable(&mut self, name: &str, ty: Type) -> Type {
        match &mut self.script {
            Some(script) if script.assigned.contains(name) => {
                script.sums.retain(|sum| sum != name);
                if matches!(ty.kind, Kind::Int | Kind::Decimal) {
                    script.sums.push(name.to_owned());
                }
                Type::ANY
            }
            _ => ty,
        }
    }

    /// Tries to make steps. What is wrong has been reported; none: there are no steps.
    fn steps_or_none(&mut self, make: impl FnOnce(&mut Self) -> Result<crate::plan::Expr>) -> Option<Type> {
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

    fn look_at(&mut self, tree: &Tree) -> Type {
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
            Tree::Coalesce(operands, _) => self.look_at_all(operands.iter()),
            Tree::And(operands, _) | Tree::Or(operands, _) => {
                let mark = self.known.mark();
                for operand in operands.iter() {
                    self.look_at_condition(operand);
                    self.known.learn(operand, matches!(tree, Tree::And(..)));
                }
                self.known.back_to(mark);
                return Type::of(Kind::Bool);
            }
            Tree::Stmt(block) => self.look_at_block(block),
            Tree::FnCall(call, position) => return self.look_inside_call(call, *position),
            Tree::Dot(dot, ..) => {
                self.look_at(&dot.lhs);
                self.look_right_of_dot(&dot.rhs);
            }
            Tree::Index(index, flags, _) => {
                self.look_at(&index.lhs);
                self.look_at_index(&index.rhs, *flags);
            }
            _ => {}
        }
        Type::ANY
    }

    /// What stands right of a dot names members of something unknown; what stands in its parentheses and brackets does not.
    fn look_right_of_dot(&mut self, tree: &Tree) {
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
        if compares || matches!(call.name.as_str(), "==" | "!=" | "!" | "contains") {
            return Type::of(Kind::Bool);
        }
        if let Some(function) = self.function_called(&call.name) {
            self.look_at_function(&function, types, position);
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
    fn look_at_function(&mut self, function: &Function, types: Vec<Type>, position: Position) {
        if function.parameters.len() != types.len() {
            let _: Result<()> = self.wrong_arity(function, types.len(), position);
            return;
        }
        let Some(script) = &self.script else { return };
        let call = (function.name.clone(), types.clone());
        if script.seen.borrow().contains(&call) {
            return;
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
        inner.look_at_statements(function.tree.statements());
    }

    fn look_at_block(&mut self, block: &StmtBlock) {
        let (names, known) = (self.scope.mark(), self.known.mark());
        self.look_at_statements(block.statements());
        self.scope.back_to(names);
        self.known.back_to(known);
    }

    fn look_at_statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            self.look_at_statement(statement);
        }
    }

    fn look_at_statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Expr(tree) => {
                self.look_at(tree);
            }
            Stmt::FnCall(call, position) => {
                let steps = self.steps_or_none(|compiler| compiler.call(call, *position));
                steps.unwrap_or_else(|| self.look_inside_call(call, *position));
            }
            Stmt::Block(block) => self.look_at_block(block),
            Stmt::Var(variable, ..) => {
                let (name, value, _) = &**variable;
                let ty = self.look_at(value);
                let ty = self.type_of_variable(&name.name, ty);
                self.scope.bind(&name.name, ty);
            }
            Stmt::Assignment(assignment) => self.look_at_assignment(&assignment.0, &assignment.1),
            Stmt::If(flow, _) => self.look_at_branches(flow),
            Stmt::Switch(parts, _) => {
                let (subject, cases) = &**parts;
                self.look_at(subject);
                let mark = self.known.mark();
                // Absence has a case of its own, where it matters.
                self.known.learn_path(subject);
                for case in &cases.expressions {
                    self.look_at_condition(&case.lhs);
                    let mark = self.known.mark();
                    self.known.learn(&case.lhs, true);
                    self.look_at(&case.rhs);
                    self.known.back_to(mark);
                }
                self.known.back_to(mark);
            }
            Stmt::While(flow, _) => {
                let mark = self.known.mark();
                // `loop` is a `while` without a condition.
                if !matches!(flow.expr, Tree::Unit(_)) {
                    self.look_at_condition(&flow.expr);
                    self.known.learn(&flow.expr, true);
                }
                self.look_at_block(&flow.body);
                self.known.back_to(mark);
            }
            Stmt::Do(flow, ..) => {
                self.look_at_block(&flow.body);
                self.look_at_condition(&flow.expr);
            }
            Stmt::For(parts, _) => {
                let (item, counter, flow) = &**parts;
                let rows = self.look_at(&flow.expr);
                let ty = match rows.kind {
                    Kind::Rows(entity) => Type::of(Kind::Row(entity)),
                    _ => Type::ANY,
                };
                let names = self.scope.mark();
                let ty = self.type_of_variable(&item.name, ty);
                self.scope.bind(&item.name, ty);
                if let Some(counter) = counter {
                    self.scope.bind(&counter.name, Type::ANY);
                }
                self.look_at_block(&flow.body);
                self.scope.back_to(names);
            }
            Stmt::TryCatch(flow, _) => {
                self.look_at_block(&flow.body);
                let names = self.scope.mark();
                if let Tree::Variable(error, ..) = &flow.expr {
                    self.scope.bind(&error.1, Type::ANY);
                }
                self.look_at_block(&flow.branch);
                self.scope.back_to(names);
            }
            Stmt::BreakLoop(Some(value), ..) | Stmt::Return(Some(value), ..) => {
                self.look_at(value);
            }
            _ => {}
        }
    }

    fn look_at_branches(&mut self, flow: &FlowControl) {
        self.look_at_condition(&flow.expr);
        let mark = self.known.mark();
        self.known.learn(&flow.expr, true);
        self.look_at_block(&flow.body);
        self.known.back_to(mark);
        self.known.learn(&flow.expr, false);
        self.look_at_block(&flow.branch);
        self.known.back_to(mark);
        match (always_leaves(&flow.body), always_leaves(&flow.branch)) {
            (true, false) => self.known.learn(&flow.expr, false),
            (false, true) => self.known.learn(&flow.expr, true),
            _ => {}
        }
    }

    fn look_at_assignment(&mut self, operation: &OpAssignment, sides: &BinaryExpr) {
        self.look_at(&sides.lhs);
        let ty = self.look_at(&sides.rhs);
        let sums = self.script.as_ref().map_or(&[][..], |script| &script.sums);
        if operation.is_op_assignment()
            && let Tree::Variable(variable, ..) = &sides.lhs
            && sums.iter().any(|sum| *sum == *variable.1)
        {
            self.check_presence(ty, &sides.rhs, "write `??` with a default, or test it with `!= ()` first");
        }
    }
}
