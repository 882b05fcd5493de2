//! Why events could not be found or reported.

use std::fmt;

use problem::Problem;
use store::StoreFault;

use super::guard::{HeldBack, MassDeletion};

/// Why events could not be found or reported. Nothing is lost by it: what was not finished is found again.
#[derive(Clone, Debug, PartialEq)]
pub enum EventFault {
    /// The source could not be read.
    Source(Vec<Problem>),
    /// The store could not be read or written. The publisher must be opened anew: it is not known what was written.
    Store(StoreFault),
    /// The zone does not take events now: an event waits, and all behind it.
    Zone(String),
    /// A comparison would delete so much that the source may be at fault. Nothing of it was kept or is sent; the next comparison finds
    /// the same, unless the source is whole again. [`Publisher::allow`](super::Publisher::allow) lets it pass.
    Deletions(HeldBack),
}

impl fmt::Display for EventFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(problems) => match problems.first() {
                Some(problem) => write!(formatter, "the source cannot be read: {}", problem.message),
                None => formatter.write_str("the source cannot be read"),
            },
            Self::Store(fault) => fault.fmt(formatter),
            Self::Deletions(found) => {
                formatter.write_str("too much would be deleted; confirm it, or mend the source:")?;
                let each = |(at, mass): (usize, &MassDeletion)| {
                    let MassDeletion { object, deleted, published } = mass;
                    write!(formatter, "{} {deleted} of {published} {object}", if at > 0 { "," } else { "" })
                };
                found.objects.iter().enumerate().try_for_each(each)
            }
            Self::Zone(why) => write!(formatter, "the zone takes no events: {why}"),
        }
    }
}

impl std::error::Error for EventFault {}

impl From<StoreFault> for EventFault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

impl From<Problem> for EventFault {
    fn from(problem: Problem) -> Self {
        Self::Source(vec![problem])
    }
}
