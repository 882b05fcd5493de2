//! The other side of a problem: where the fields, relations, facts and parameters that an expression is are declared.

use problem::Place;
use rhai::Position;

use super::{Compiler, Result, Stop};
use crate::plan::{Expr, Op};
use crate::rule_file::{place_of, word_at};

impl Compiler<'_, '_> {
    /// How many characters the name or operator at a place has; 0 if something else stands there, whose length the whole file
    /// tells.
    pub(super) fn length_of_word(&self, line: u32, column: u32) -> usize {
        match word_at(&self.text, line, column).chars().count() {
            0 => self.rest_of_line(line, column).chars().take_while(|c| "=!<>&|+-*/%?".contains(*c)).count(),
            length => length,
        }
    }

    /// The place of a path such as `student.contact`, over its whole length where it is written so.
    pub(super) fn place_of_path(&self, position: Position, path: Option<&str>) -> Place {
        let (line, column) = place_of(position);
        let written = path.filter(|path| self.rest_of_line(line, column).starts_with(path));
        self.place(position, written.map_or(0, |path| path.chars().count()))
    }

    fn rest_of_line(&self, line: u32, column: u32) -> &str {
        let line = self.text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
        let start = line.char_indices().nth(column.saturating_sub(1) as usize).map_or(line.len(), |(at, _)| at);
        &line[start..]
    }

    /// Adds to the problem that was reported last what to do.
    pub(super) fn with_help<T>(&mut self, result: Result<T>, help: &str) -> Result<T> {
        if let Err(Stop::Wrong) = result
            && let Some(problem) = self.problems.last_mut()
        {
            problem.help = Some(help.to_owned());
        }
        result
    }

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
