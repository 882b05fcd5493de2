//! From the rule language's syntax tree to typed steps.
//!
//! Expressions of the YAML files and the bodies of rules go through the same code, so that one checker and one meaning serve both.
//! A construct that has no step (a loop, an array, a closure) makes the whole rule a script, which runs in the rule language's
//! own engine; `scripts` checks it.

mod brackets;
mod calls;
pub mod codes;
mod declared;
mod divisors;
mod implied;
mod library;
mod lists;
mod members;
mod narrowing;
mod operators;
mod scope;
mod scripts;
mod statements;
mod switches;
pub mod unused;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::{Decimal, EntityId, Schema};
use problem::{Code, Place, Problem, code};
use rhai::{ASTFlags, Engine, Expr as Tree, Position};

pub use scope::Scope;

use crate::broken::Broken;
use crate::parameters::Parameter;
use crate::plan::{At, Const, Expr, Op};
use crate::rule_file::{Function, parse_problem, place_of};
use crate::types::{Kind, Type};
use crate::value_sets::ValueSet;
use crate::yaml::Scalar;
use narrowing::Known;
use scripts::Script;

/// Why an expression could not be compiled.
pub enum Stop {
    /// It is wrong; the problem has been reported.
    Wrong,
    /// It is right as far as this compiler sees, but has no step: a script.
    Script,
}

/// What a fact looks like from outside: enough to type its use.
#[derive(Clone, Debug)]
pub struct FactSignature {
    /// Its type.
    pub ty: Type,
    /// What it needs besides the row.
    pub given: Vec<(String, Type)>,
    /// The codes that it gives, where its declaration says.
    pub codes: Option<codes::FactCodes>,
    /// Where it is declared.
    pub place: Place,
}

/// What the compiler knows of the rulebook.
pub struct Context<'r> {
    /// The graph's shape.
    pub schema: &'r Schema,
    /// Facts by entity and name.
    pub fact_names: &'r BTreeMap<(EntityId, String), usize>,
    /// Facts, by index.
    pub facts: &'r [FactSignature],
    /// Parameters.
    pub parameters: &'r [Parameter],
    /// Value sets.
    pub value_sets: &'r [ValueSet],
    /// Shared functions.
    pub shared: &'r [Function],
    /// What could not be read.
    pub broken: &'r Broken,
    /// The parser.
    pub engine: &'r Engine,
    /// How rules are compiled.
    pub manner: Manner,
    /// The functions of `rules/shared/` that were called.
    pub called: &'r RefCell<BTreeSet<Called>>,
}

/// How rules are compiled. Whatever is not the default is for tests and proofs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Whether every rule runs as a script: to compare with the native steps.
    pub scripts_only: bool,
    /// Whether everything counts as there: nothing is asked about absence.
    pub unguarded: bool,
}

impl Context<'_> {
    /// Whether this is `zone` or a file of parameters.
    #[must_use]
    pub fn is_group(&self, name: &str) -> bool {
        name == "zone" || self.parameters.iter().any(|parameter| parameter.group == name) || self.broken.has_group(name)
    }

    /// The value set of this name.
    ///
    /// # Errors
    /// What is wrong at `place`; none if the set is there and could not be read.
    pub fn value_set(&self, name: &str, place: &Place) -> std::result::Result<usize, Option<Problem>> {
        self.value_sets.iter().position(|set| set.name == name).ok_or_else(|| {
            (!self.broken.value_sets.contains(name)).then(|| {
                Problem::new(code::UNKNOWN_VALUE_SET, format!("no value set is called `{name}`"))
                    .at(place.clone())
                    .did_you_mean(name, self.value_sets.iter().map(|set| set.name.as_str()))
            })
        })
    }
}

/// A function that was called: its file and name.
pub type Called = (Arc<str>, String);

/// Compiles the expressions of one file.
pub struct Compiler<'c, 'r> {
    context: &'c Context<'r>,
    file: Arc<str>,
    text: String,
    /// Where the text starts in its file.
    start: At,
    scope: Scope,
    known: Known,
    depth: usize,
    /// The codes that locals can be.
    local_codes: Vec<(u16, codes::Codes)>,
    /// What the conditions around a place have decided.
    decided: Vec<(Expr, bool)>,
    /// What is compiled is a function, for the arguments of one of its calls: what they make needless is not.
    callee: bool,
    /// The types of `return`ed values.
    returned: Vec<Type>,
    /// The other functions of the file.
    helpers: Arc<[Function]>,
    /// What is compiled is a part of a script, to check it.
    script: Option<Script>,
    problems: &'c mut Vec<Problem>,
}

type Result<T> = std::result::Result<T, Stop>;

impl<'c, 'r> Compiler<'c, 'r> {
    /// A compiler for a text that starts at a place of a file.
    pub fn new(
        context: &'c Context<'r>,
        file: Arc<str>,
        text: &str,
        start: At,
        scope: Scope,
        problems: &'c mut Vec<Problem>,
    ) -> Self {
        Self {
            context,
            file,
            text: text.to_owned(),
            start,
            scope,
            known: Known::default(),
            local_codes: Vec::new(),
            decided: Vec::new(),
            callee: false,
            depth: 0,
            returned: Vec::new(),
            helpers: Arc::default(),
            script: None,
            problems,
        }
    }

    /// The same compiler, knowing the other functions of the file.
    #[must_use]
    pub fn with_helpers(mut self, helpers: Arc<[Function]>) -> Self {
        self.helpers = helpers;
        self
    }

    /// Compiles an expression of a YAML file.
    pub fn expression(
        context: &'c Context<'r>,
        scalar: &Scalar,
        scope: Scope,
        problems: &'c mut Vec<Problem>,
    ) -> Option<(Expr, u16)> {
        let start = At { line: scalar.start.line, column: scalar.start.column };
        let mut compiler = Self::new(context, Arc::clone(&scalar.start.file), &scalar.text, start, scope, problems);
        if scalar.cut {
            return None;
        }
        let tree = match context.engine.compile(&scalar.text) {
            Ok(tree) => tree,
            Err(error) => {
                let mut problem = parse_problem(&error, &scalar.start.file, &scalar.text);
                if let Some(place) = &mut problem.place {
                    let moved = compiler.moved(place.line, place.column);
                    (place.line, place.column) = (moved.line, moved.column);
                }
                compiler.problems.push(problem);
                return None;
            }
        };
        match compiler.block(tree.statements()) {
            Ok(expr) => Some((expr, compiler.scope.locals())),
            Err(Stop::Wrong) => None,
            Err(Stop::Script) => {
                compiler.problems.push(
                    Problem::new(
                        code::BAD_SCRIPT,
                        "an expression in YAML may not use loops, arrays, maps or assignments",
                    )
                    .at(scalar.start.clone())
                    .help("put it into a rule file"),
                );
                None
            }
        }
    }

    fn moved(&self, line: u32, column: u32) -> At {
        // A block scalar's lines stand one below the other at the same column; other scalars are one line.
        At { line: self.start.line + line - 1, column: self.start.column + column - 1 }
    }

    fn at(&self, position: Position) -> At {
        let (line, column) = place_of(position);
        self.moved(line, column)
    }

    fn place(&self, position: Position, length: usize) -> Place {
        let at = self.at(position);
        let (line, column) = place_of(position);
        let length = if length > 0 { length } else { self.length_of_word(line, column) };
        Place::new(Arc::clone(&self.file), at.line, at.column, u32::try_from(length).unwrap_or(1))
    }

    /// The place of a text or number that is written here, quotes included.
    fn place_of_literal(&self, position: Position) -> Place {
        let length = self.offset(position).map_or(0, |start| {
            let end = self.end_of_literal(start);
            self.text[start..end].chars().count()
        });
        self.place(position, length)
    }

    fn wrong<T>(&mut self, code: Code, position: Position, message: String) -> Result<T> {
        let place = self.place(position, 0);
        self.problems.push(Problem::new(code, message).at(place));
        Err(Stop::Wrong)
    }

    fn words(&self, ty: Type) -> String {
        ty.words(self.context.schema).to_string()
    }

    /// Stops where a script may do what steps cannot.
    const fn only_with_steps(&self) -> Result<()> {
        if self.script.is_some() { Err(Stop::Script) } else { Ok(()) }
    }

    const fn make(op: Op, ty: Type, at: At) -> Expr {
        Expr { op, ty, at }
    }

    fn lower(&mut self, tree: &Tree) -> Result<Expr> {
        self.depth += 1;
        if self.depth > 128 {
            self.depth -= 1;
            return Err(Stop::Script);
        }
        let mut lowered = self.lower_inner(tree);
        self.depth -= 1;
        if let Ok(expr) = &mut lowered
            && self.context.manner.unguarded
            && expr.ty.kind != Kind::Nothing
        {
            expr.ty = expr.ty.present();
        }
        lowered
    }

    fn lower_inner(&mut self, tree: &Tree) -> Result<Expr> {
        let at = self.at(tree.start_position());
        let constant = |value: Const| {
            let ty = value.ty();
            Ok(Self::make(Op::Const(value), ty, at))
        };
        match tree {
            Tree::BoolConstant(value, _) => constant(Const::Bool(*value)),
            Tree::IntegerConstant(value, _) => constant(Const::Int(*value)),
            Tree::StringConstant(value, _) => constant(Const::Text(Arc::from(value.as_str()))),
            Tree::Unit(_) => constant(Const::Absent),
            Tree::DynamicConstant(value, _) => match value.clone().try_cast::<Decimal>() {
                Some(number) => constant(Const::Decimal(number)),
                None => Err(Stop::Script),
            },
            Tree::Variable(variable, _, position) => self.name(&variable.1, *position),
            Tree::Dot(dot, flags, _) => self.dot(&dot.lhs, &dot.rhs, *flags),
            Tree::And(operands, _) => self.conditions(operands, true, Op::And),
            Tree::Or(operands, _) => self.conditions(operands, false, Op::Or),
            Tree::Coalesce(operands, position) => {
                self.check_order_of_default(operands, *position)?;
                self.coalesce(operands)
            }
            Tree::FnCall(call, position) => self.call(call, *position),
            Tree::Stmt(block) => self.block(block.statements()),
            _ => Err(Stop::Script),
        }
    }

    fn bool_operand(&mut self, tree: &Tree) -> Result<Expr> {
        let lowered = self.lower(tree)?;
        if lowered.ty.kind != Kind::Bool && lowered.ty.kind != Kind::Any {
            let words = self.words(lowered.ty);
            let stop = self.wrong(
                code::WRONG_TYPE,
                tree.start_position(),
                format!("a condition is true or false; this is {words}"),
            );
            let stop = self.with_help(stop, "compare it with something, such as `!= ()` or `> 0`");
            return self.with_declarations(stop, &[&lowered]);
        }
        if lowered.ty.optional && lowered.ty.kind != Kind::Any {
            let stop = self.may_be_absent(tree, "write `?? false` to take an absent one as false");
            return self.with_declarations(stop, &[&lowered]);
        }
        Ok(lowered)
    }

    fn may_be_absent<T>(&mut self, tree: &Tree, help: &str) -> Result<T> {
        let path = narrowing::path_of(tree);
        let place = self.place_of_path(tree.start_position(), path.as_deref());
        let what = path.map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
        self.problems
            .push(Problem::new(code::MAY_BE_ABSENT, format!("{what} may be absent here")).at(place).help(help));
        Err(Stop::Wrong)
    }

    /// `&&` and `||`: each operand is reached only when those before it hold, or do not.
    fn conditions(&mut self, operands: &[Tree], hold: bool, join: fn(Vec<Expr>) -> Op) -> Result<Expr> {
        let (mark, decided) = (self.known.mark(), self.decided.len());
        let mut lowered = Vec::with_capacity(operands.len());
        for operand in operands {
            let result = self.bool_operand(operand);
            if result.is_err() {
                self.known.back_to(mark);
                self.decided.truncate(decided);
            }
            let result = result?;
            self.check_decided(operand, &result)?;
            self.decide(&result, hold);
            lowered.push(result);
            self.known.learn(operand, hold);
        }
        self.known.back_to(mark);
        self.decided.truncate(decided);
        let at = lowered.first().map(|expr| expr.at).unwrap_or_default();
        Ok(Self::make(join(lowered), Type::of(Kind::Bool), at))
    }

    fn coalesce(&mut self, operands: &[Tree]) -> Result<Expr> {
        let mut lowered: Vec<Expr> = Vec::with_capacity(operands.len());
        for operand in operands {
            lowered.push(self.lower(operand)?);
        }
        self.check_defaults(&lowered, operands);
        let mut ty = Type::NOTHING;
        for (expr, tree) in lowered.iter().zip(operands) {
            let Some(joined) = ty.join(expr.ty) else {
                self.only_with_steps()?;
                let (a, b) = (self.words(ty.present()), self.words(expr.ty));
                return self.wrong(
                    code::WRONG_TYPE,
                    tree.start_position(),
                    format!("both sides of `??` should have one type; these are {a} and {b}"),
                );
            };
            ty = Type { kind: joined.kind, optional: expr.ty.optional };
        }
        let at = lowered.first().map(|expr| expr.at).unwrap_or_default();
        Ok(Self::make(Op::Coalesce(lowered), ty, at))
    }

    fn dot(&mut self, left: &Tree, right: &Tree, flags: ASTFlags) -> Result<Expr> {
        if let Tree::Variable(variable, _, position) = left
            && self.scope.find(&variable.1).is_none()
            && let Some(expr) = self.namespace(&variable.1, *position, right)?
        {
            return Ok(expr);
        }
        let receiver = self.lower(left)?;
        let path = narrowing::path_of(left);
        self.chain(receiver, path, left.start_position(), right, flags.intersects(ASTFlags::NEGATED))
    }

    /// Goes on along `a.b.c`: `tree` is what stands right of a dot, `safe` whether the dot is `?.`.
    fn chain(
        &mut self,
        receiver: Expr,
        path: Option<String>,
        position: Position,
        tree: &Tree,
        safe: bool,
    ) -> Result<Expr> {
        let known = path.as_ref().is_some_and(|path| self.known.is_present(path));
        let mut receiver = receiver;
        if known {
            receiver.ty = receiver.ty.present();
        }
        if receiver.ty.optional && receiver.ty.kind != Kind::Any {
            if !safe && !self.context.manner.unguarded {
                let place = self.place_of_path(position, path.as_deref());
                let what = path.unwrap_or_else(|| "this".to_owned());
                self.problems.push(
                    Problem::new(code::MAY_BE_ABSENT, format!("`{what}` may be absent here"))
                        .at(place)
                        .help("write `?.` to go on only when it is there, or test it with `!= ()` first"),
                );
                return self.with_declarations(Err(Stop::Wrong), &[&receiver]);
            }
            let (at, ty) = (receiver.at, receiver.ty.present());
            let local = self.scope.unnamed(ty);
            let inner = Self::make(Op::Local(local), ty, at);
            let then = self.chain(inner, path, position, tree, false)?;
            let ty = then.ty.or_absent(true);
            return Ok(Self::make(Op::IfPresent(Box::new(receiver), local, Box::new(then)), ty, at));
        }
        match tree {
            Tree::Property(property, position) => {
                let name = property.2.as_str();
                let mut expr = self.member(receiver, name, *position)?;
                if path.is_some_and(|path| self.known.is_present(&format!("{path}.{name}"))) {
                    expr.ty = expr.ty.present();
                }
                Ok(expr)
            }
            Tree::MethodCall(call, position) => self.method(receiver, call, *position),
            Tree::Dot(dot, flags, _) => {
                let next = self.chain(receiver, path.clone(), position, &dot.lhs, false)?;
                let path = path.zip(narrowing::path_of(&dot.lhs)).map(|(path, member)| format!("{path}.{member}"));
                self.chain(next, path, dot.lhs.start_position(), &dot.rhs, flags.intersects(ASTFlags::NEGATED))
            }
            _ => Err(Stop::Script),
        }
    }
}

impl Compiler<'_, '_> {
    /// An input of a rule: a name in the scope of the place that uses the rule.
    pub fn input(&mut self, name: &str) -> Option<Expr> {
        self.name(name, Position::new(1, 1)).ok()
    }

    /// How many locals what was compiled needs.
    #[must_use]
    pub const fn locals(&self) -> u16 {
        self.scope.locals()
    }
}
