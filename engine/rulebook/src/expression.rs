//! Expressions that belong to no file of the rulebook, such as the law of a fixture, compiled against a plan.

use std::sync::Arc;

use problem::Problem;

use crate::broken::Broken;
use crate::language::{Compiler, Context, FactSignature, Manner, Scope};
use crate::plan::{Body, Plan};
use crate::rule_file;
use crate::script::{self, Limits};
use crate::types::Type;
use crate::yaml::Scalar;

/// Compiles an expression that may use these names, which are its first locals in this order, and all that rules may use. Its
/// type stands in the step. What is wrong is added to `problems`.
pub fn compile(plan: &Plan, names: &[(String, Type)], scalar: &Scalar, problems: &mut Vec<Problem>) -> Option<Body> {
    let facts: Vec<FactSignature> = plan
        .facts
        .iter()
        .map(|fact| FactSignature {
            ty: fact.ty,
            given: fact.given.clone(),
            // What codes a fact gives matters to the rulebook's own checks, which are past.
            codes: None,
            place: fact.place.clone(),
        })
        .collect();
    let engine = script::engine(&Limits::default());
    let mut shared = Vec::new();
    for (path, text) in &plan.shared {
        // The rulebook has been checked: nothing is wrong with them.
        shared.extend(rule_file::functions(&engine, path, text, problems).unwrap_or_default());
    }
    let called = std::cell::RefCell::default();
    let context = Context {
        schema: &plan.schema,
        fact_names: &plan.fact_names,
        facts: &facts,
        parameters: &plan.parameters,
        value_sets: &plan.value_sets,
        shared: &shared,
        broken: &Broken::default(),
        engine: &engine,
        manner: Manner::default(),
        called: &called,
    };
    let mut scope = Scope::new();
    for (name, ty) in names {
        scope.bind(name, *ty);
    }
    let (expr, locals) = Compiler::expression(&context, scalar, scope, problems)?;
    Some(Body { locals, expr, file: Arc::clone(&scalar.start.file) })
}
