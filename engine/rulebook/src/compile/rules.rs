//! The rule files, found by what they give the value of.

use std::collections::BTreeSet;
use std::sync::Arc;

use problem::{Place, Problem, code};

use super::Files;
use crate::graph_file::GRAPH_FILE;
use crate::language::unused::{self, place_of_parameter};
use crate::language::{Compiler, Context, Scope, Stop};
use crate::plan::{At, Body, Expr, Op, Rule, Statement, Value};
use crate::rule_file::{self, Function};
use crate::types::{Kind, Type};

/// The rule files of a rulebook, and those that were used.
pub struct Rules<'f> {
    files: &'f Files,
    used: BTreeSet<String>,
    rules: Vec<Rule>,
}

impl<'f> Rules<'f> {
    pub const fn new(files: &'f Files) -> Self {
        Self { files, used: BTreeSet::new(), rules: Vec::new() }
    }

    pub fn finish(self) -> Vec<Rule> {
        self.rules
    }

    /// Notes that the rule at `path` is used.
    pub fn mark(&mut self, path: &str) {
        self.used.insert(format!("rules/{path}.rhai"));
    }

    /// Rule files that no element and no fact uses. Where what could use a rule is wrong itself, nobody knows.
    pub fn report_orphans(&self, problems: &mut Vec<Problem>) {
        let wrong: BTreeSet<&str> = problems
            .iter()
            .filter(|problem| problem.is_error())
            .filter_map(|problem| problem.place.as_ref())
            .map(|place| &*place.file)
            .filter(|file| file.starts_with("objects/"))
            .collect();
        let group_is_wrong = wrong.iter().any(|file| file.starts_with("objects/common/"));
        let object_is_wrong = wrong.iter().any(|file| *file != GRAPH_FILE);
        let mut orphans = Vec::new();
        for path in self.files.keys().filter(|path| !self.used.contains(*path)) {
            let Some(name) = path.strip_prefix("rules/").and_then(|path| path.strip_suffix(".rhai")) else { continue };
            let folder = name.split('/').next().unwrap_or_default();
            let object_file = format!("objects/{folder}.yaml");
            let unknown = match folder {
                "shared" => true,
                "facts" => wrong.contains(GRAPH_FILE),
                _ if self.files.contains_key(&object_file) => group_is_wrong || wrong.contains(&*object_file),
                // Some other file may be meant to define the object.
                _ => object_is_wrong,
            };
            if !unknown {
                orphans.push(
                    Problem::new(code::ORPHAN_RULE, "nothing uses this rule")
                        .at(Place::new(path.as_str(), 1, 1, 0))
                        .help("write `rule: true` at the element or fact that it is for, or move the file to its path"),
                );
            }
        }
        problems.extend(orphans);
    }

    /// Compiles the rule at `path` (such as `facts/address/line1`), which gives the value of `name`, for a place where `scope` is
    /// in scope. The value's type comes with it.
    pub fn compile(
        &mut self,
        context: &Context<'_>,
        path: &str,
        name: &str,
        scope: &Scope,
        asked_at: &Place,
        problems: &mut Vec<Problem>,
    ) -> Option<(Value, Type)> {
        let file = format!("rules/{path}.rhai");
        let Some(text) = self.files.get(&file) else {
            let names = self.files.keys().filter(|file| file.ends_with(".rhai")).map(String::as_str);
            let near =
                problem::nearest(&file, names).map(|near| format!("; {near} has a name like it")).unwrap_or_default();
            problems.push(
                Problem::new(code::NO_RULE_FILE, format!("there is no file {file}"))
                    .at(asked_at.clone())
                    .help(format!("write it, with a header and a function `value`{near}")),
            );
            return None;
        };
        self.used.insert(file.clone());
        let (rule, function, helpers) = rule_file::read(context.engine, name, &file, text, problems)?;
        let mut outer = scope.clone();
        let mut inputs: Vec<(String, Expr)> = Vec::new();
        let mut groups = Vec::new();
        for parameter in &rule.parameters {
            if context.is_group(parameter) {
                groups.push(parameter.clone());
                continue;
            }
            let (line, column) = place_of_parameter(text, "value", parameter).unwrap_or((1, 1));
            let start = At { line, column };
            let mut compiler =
                Compiler::new(context, Arc::from(file.as_str()), parameter, start, outer.clone(), problems);
            let expr = compiler.input(parameter)?;
            inputs.push((parameter.clone(), expr));
        }
        for function in std::iter::once(&function).chain(&helpers) {
            unused::check(function, text, problems);
        }
        let index = self.rules.len();
        self.rules.push(rule);
        let helper_names: Vec<(String, Place)> = helpers
            .iter()
            .filter_map(|helper| {
                let (line, column) = unused::place_of_function(text, &helper.name)?;
                let length = u32::try_from(helper.name.chars().count()).unwrap_or(0);
                Some((helper.name.clone(), Place::new(file.as_str(), line, column, length)))
            })
            .collect();
        // Inputs are bound to locals after those of the place, so that both can be used side by side.
        let mut lets = Vec::new();
        let mut inner = outer.clone();
        inner.forget_names();
        for (parameter, expr) in &inputs {
            let local = inner.bind(parameter, expr.ty);
            lets.push(Statement::Let(local, expr.clone()));
        }
        outer.at_least(inner.locals());
        let before = problems.len();
        let helpers: Arc<[Function]> = helpers.into();
        let mut compiler = of_function(context, &function, inner.clone(), &helpers, problems);
        for statement in &lets {
            if let Statement::Let(local, expr) = statement {
                compiler.note_codes(*local, expr);
            }
        }
        let compiled = compiler.function_body(function.tree.statements());
        let compiled = if context.manner.scripts_only && compiled.is_ok() { Err(Stop::Script) } else { compiled };
        let locals = compiler.locals();
        let result = match compiled {
            Ok(expr) => {
                let (ty, at) = (expr.ty, expr.at);
                lets.push(Statement::Expr(expr));
                let expr = Expr { op: Op::Block(lets), ty, at };
                Some((Value::Body(Body { locals, expr, file: Arc::from(file.as_str()) }), ty))
            }
            Err(Stop::Wrong) => None,
            Err(Stop::Script) => {
                // Remarks of a compilation that was given up say nothing about the script.
                problems.truncate(before);
                let ty =
                    of_function(context, &function, inner, &helpers, problems).check_script(&function.tree, &groups);
                let locals = outer.locals();
                let mut inputs: Vec<Expr> = inputs.into_iter().map(|(_, expr)| expr).collect();
                for group in groups {
                    inputs.push(Expr {
                        op: Op::Const(crate::plan::Const::Text(group.into())),
                        ty: Type::of(Kind::Text),
                        at: At::default(),
                    });
                }
                // What a wrong script gives says nothing.
                let wrong = problems[before..].iter().any(Problem::is_error);
                Some((Value::Script(index, inputs, locals), if wrong { Type::ANY } else { ty }))
            }
        };
        for (name, place) in helper_names {
            if !context.called.borrow().contains(&(Arc::clone(&place.file), name.clone())) {
                problems.push(
                    Problem::new(code::UNUSED_NAME, format!("nothing calls the function `{name}`"))
                        .at(place)
                        .help("take it out"),
                );
            }
        }
        result
    }
}

fn of_function<'c, 'r>(
    context: &'c Context<'r>,
    function: &Function,
    scope: Scope,
    helpers: &Arc<[Function]>,
    problems: &'c mut Vec<Problem>,
) -> Compiler<'c, 'r> {
    let start = At { line: 1, column: 1 };
    Compiler::new(context, Arc::clone(&function.file), &function.text, start, scope, problems)
        .with_helpers(Arc::clone(helpers))
}
