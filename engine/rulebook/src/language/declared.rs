//! The other side of a problem: where the fields, relations, facts and parameters that an expression is are declared.

use problem::Place;

use super::{Compiler, Result, Stop};
use crate::plan::{Expr, Op};

impl Compiler<'_, '_> {
    /// Adds to the problem that was reported last where what it is about is declared.
    pub(super) fn with_declarations<T>(&mut self, result: Result<T>, exprs: &[&Expr]) -> Result<T> {
        if let Err(Stop::Wrong) = result {
            let declared: Vec<(Place, String)> = exprs.iter().filter_map(|expr| self.declared(expr)).collect();
            if let Some(problem) = self.problems.last_mut() {
                for related in declared {
                    if !problem.related.contains(&related) {
                        problem.related.push(related);
                    }
                }
            }
        }
        result
    }

    /// Where what an expression gives is declared, and as what.
    fn declared(&self, expr: &Expr) -> Option<(Place, String)> {
        let schema = self.context.schema;
        match &expr.op {
            Op::Field(_, entity, field) => {
                let field = &schema[*entity][*field];
                let mark = if field.nullable { "?" } else { "" };
                Some((field.place.clone(), format!("declared here as {}{mark}", field.field_type.word())))
            }
            Op::One(_, entity, relation) | Op::Many(_, entity, relation) => {
                let relation = &schema[*entity][*relation];
                let target = &schema[relation.target].name;
                let shows =
                    if relation.many { format!("leads to rows of {target}") } else { format!("leads to {target}") };
                let shows = if relation.optional { format!("{shows}, or to nothing") } else { shows };
                Some((relation.place.clone(), shows))
            }
            Op::Fact(_, fact, _) => {
                let fact = &self.context.facts[*fact];
                Some((fact.place.clone(), format!("declared here as {}", self.words(fact.ty))))
            }
            Op::Parameter(parameter) => {
                let parameter = &self.context.parameters[*parameter];
                Some((parameter.place.clone(), format!("declared here as {}", self.words(parameter.ty))))
            }
            Op::IfPresent(_, _, then) => self.declared(then),
            _ => None,
        }
    }
}
