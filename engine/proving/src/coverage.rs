//! What of a plan the fixtures reach: every place where something is decided, with how many cases saw each outcome.

mod html;
mod human;
mod json;
mod lcov;
mod missed;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rulebook::places::{Decision, Outcome, Places, What};

pub use html::{Page, pages};
pub(crate) use human::excerpt;
pub use human::human;
pub use json::json;
pub use lcov::lcov;
pub use missed::{Missed, missed};

use crate::run::Taken;

/// A decision with how many cases saw each of its outcomes.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The decision.
    pub decision: Decision,
    /// How many cases saw each of its outcomes, in their order.
    pub cases: Vec<u32>,
}

impl Covered {
    /// Whether nothing came of it in any case.
    #[must_use]
    pub fn never_reached(&self) -> bool {
        self.cases.iter().all(|cases| *cases == 0)
    }
}

/// How many outcomes there are, and how many of them were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Outcomes.
    pub all: u32,
    /// Those that at least one case saw.
    pub seen: u32,
}

impl Tally {
    fn add(&mut self, covered: &Covered) {
        for cases in &covered.cases {
            self.all += 1;
            self.seen += u32::from(*cases > 0);
        }
    }

    /// Whether at least this part was seen, in percent.
    #[must_use]
    pub fn is_at_least(self, percent: u8) -> bool {
        u64::from(self.seen) * 100 >= u64::from(self.all) * u64::from(percent)
    }

    /// The part in percent with one decimal, rounded down: 100 means all.
    #[must_use]
    pub fn percent(self) -> String {
        if self.all == 0 {
            return "100.0".to_owned();
        }
        let thousandths = u64::from(self.seen) * 1000 / u64::from(self.all);
        format!("{}.{}", thousandths / 10, thousandths % 10)
    }
}

/// The kinds of places that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Conditions, operands, `?.` and `??`, lines that give a value, facts and functions.
    Branches,
    /// Rows of decision tables.
    TableRows,
    /// Rows of value sets.
    Codes,
    /// Dated values of parameters.
    Periods,
    /// Elements and attributes, sent and not sent.
    Elements,
}

impl Kind {
    /// The kind of a decision.
    #[must_use]
    pub const fn of(what: What) -> Self {
        match what {
            What::TableRow | What::Table => Self::TableRows,
            What::Code | What::Otherwise | What::Blank | What::Default => Self::Codes,
            What::Period => Self::Periods,
            What::Element => Self::Elements,
            _ => Self::Branches,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Branches => "branches",
            Self::TableRows => "table rows",
            Self::Codes => "value-set rows",
            Self::Periods => "parameter periods",
            Self::Elements => "elements",
        }
    }
}

/// The coverage of a rulebook.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Every decision, by file and place.
    pub decisions: Vec<Covered>,
    /// The number that `places` has for each of them.
    numbers: Vec<usize>,
}

impl Coverage {
    /// Counts what cases have taken.
    pub fn new<'t>(places: &Places, cases: impl IntoIterator<Item = &'t [Taken]>) -> Self {
        let mut counts: HashMap<(usize, Outcome), u32> = HashMap::new();
        for taken in cases {
            let mut seen: Vec<(usize, Outcome)> =
                taken.iter().filter_map(|(spot, outcome)| Some((places.find(*spot, *outcome)?, *outcome))).collect();
            seen.sort_unstable();
            seen.dedup();
            for key in seen {
                *counts.entry(key).or_default() += 1;
            }
        }
        let mut numbers: Vec<usize> = (0..places.decisions().len()).collect();
        let place = |number: &usize| {
            let decision = &places.decisions()[*number];
            (Arc::clone(&decision.file), decision.at, decision.what)
        };
        numbers.sort_by_key(place);
        let decisions = numbers
            .iter()
            .map(|number| {
                let decision = places.decisions()[*number].clone();
                let count = |outcome: &Outcome| counts.get(&(*number, *outcome)).copied().unwrap_or_default();
                let cases = decision.outcomes.iter().map(count).collect();
                Covered { decision, cases }
            })
            .collect();
        Self { decisions, numbers }
    }

    /// All kinds together.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.decisions.iter().fold(Tally::default(), |mut tally, covered| {
            tally.add(covered);
            tally
        })
    }

    /// Each kind by itself.
    #[must_use]
    pub fn by_kind(&self) -> BTreeMap<Kind, Tally> {
        let mut kinds: BTreeMap<Kind, Tally> = BTreeMap::new();
        for covered in &self.decisions {
            kinds.entry(Kind::of(covered.decision.what)).or_default().add(covered);
        }
        kinds
    }

    /// The decisions of each file.
    #[must_use]
    pub fn by_file(&self) -> BTreeMap<Arc<str>, Vec<&Covered>> {
        let mut files: BTreeMap<Arc<str>, Vec<&Covered>> = BTreeMap::new();
        for covered in &self.decisions {
            files.entry(Arc::clone(&covered.decision.file)).or_default().push(covered);
        }
        files
    }
}

/// The outcomes of a file's decisions.
fn tally(decisions: &[&Covered]) -> Tally {
    decisions.iter().fold(Tally::default(), |mut tally, covered| {
        tally.add(covered);
        tally
    })
}
