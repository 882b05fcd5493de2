//! By which names a step reaches what it reads, as a fixture would write it: `student.el_records.program_status`.

use crate::plan::{Expr, Op, Plan};
use crate::types::Kind;

/// A name on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// An entity, relation, field or fact.
    pub name: String,
    /// Whether it leads to several rows.
    pub many: bool,
}

/// The way to a row or value, from an entity or something else that is given.
pub type Access = Vec<Part>;

/// What locals hold, by their number; none where that is not reached by names.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    locals: Vec<Option<Access>>,
}

impl Frame {
    /// Binds a local.
    pub(super) fn bind(&mut self, local: u16, access: Option<Access>) {
        let local = usize::from(local);
        if self.locals.len() <= local {
            self.locals.resize(local + 1, None);
        }
        self.locals[local] = access;
    }

    /// The same, with a local bound to what a step reads.
    #[must_use]
    pub fn with(&self, plan: &Plan, local: u16, value: &Expr) -> Self {
        let mut inner = self.clone();
        inner.bind(local, self.access(plan, value));
        inner
    }

    /// The way to what a step reads.
    #[must_use]
    pub fn access(&self, plan: &Plan, expr: &Expr) -> Option<Access> {
        let member = |row: &Expr, name: &str, many: bool| {
            let mut access = self.access(plan, row)?;
            access.push(Part { name: name.to_owned(), many });
            Some(access)
        };
        match &expr.op {
            Op::Local(local) => self.locals.get(usize::from(*local))?.clone(),
            Op::Field(row, entity, field) => member(row, &plan.schema[*entity][*field].name, false),
            Op::One(row, entity, relation) => member(row, &plan.schema[*entity][*relation].name, false),
            Op::Many(row, entity, relation) => member(row, &plan.schema[*entity][*relation].name, true),
            Op::Fact(row, fact, arguments) if arguments.is_empty() => {
                let declared = &plan.facts[*fact];
                member(row, &declared.name, matches!(declared.ty.kind, Kind::Rows(_)))
            }
            Op::IfPresent(value, local, then) => self.with(plan, *local, value).access(plan, then),
            Op::Coalesce(all) => self.access(plan, all.first()?),
            _ => None,
        }
    }
}
