//! Why a value could not be computed.

use std::rc::Rc;
use std::sync::Arc;

use graph::{FieldId, RelationId, Row};

use crate::script;
use crate::value::Value;

/// Why a value could not be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The source holds something that is no value of the column's type.
    Bad(Row, FieldId),
    /// A relation that always leads to a row leads nowhere.
    Dangling(Row, RelationId),
    /// A fixture does not give what was read: the entity and the name.
    NotGiven(String),
    /// An operation was given something that it cannot work with. The checker accepts no rule that does this.
    Operation(&'static str),
    /// The values have no result, though their types are right: a number that is too large, a division by zero.
    Data(&'static str),
    /// A parameter has no value on the date of the run.
    NoParameter(usize),
    /// A script failed: the rule, why, line.
    Script(Arc<str>, String, u32),
    /// A script was stopped at its limits: the rule, why.
    Stopped(Arc<str>, &'static str),
    /// A script that was stopped several times is not tried again.
    SwitchedOff(Arc<str>),
}

impl Fault {
    /// Whether the data is to blame, or the limits of the run, and not the rule: a rule that the checker accepts raises no other.
    #[must_use]
    pub fn is_of_data(&self) -> bool {
        match self {
            Self::Bad(..) | Self::Data(_) | Self::NoParameter(_) | Self::Stopped(..) | Self::SwitchedOff(_) => true,
            Self::Script(_, why, _) => {
                [script::NO_RESULT, script::PAST_THE_END, script::THROWN].contains(&why.as_str())
            }
            Self::Dangling(..) | Self::NotGiven(_) | Self::Operation(_) => false,
        }
    }
}

/// What ends the computation of a value early.
#[derive(Clone, Debug)]
pub enum Stop {
    /// A fault.
    Fault(Rc<Fault>),
    /// `return`. What it gives waits in the evaluation, since every step's result is as large as the largest way to end one
    /// ([`crate::Evaluation::settled`]).
    Return,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(Rc::new(fault))
    }
}

/// A value, or what ended its computation.
pub type Step<T> = Result<T, Stop>;
/// A value, or why there is none.
pub type Outcome = Result<Value, Rc<Fault>>;
