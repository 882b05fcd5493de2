//! What a value is made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Column;

/// Where a part of a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A column.
    Column(Column),
    /// What a fact is given, by its number, from 1.
    Given(u16),
}

/// What a value is made of, with everything behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    pub(super) sent: BTreeSet<Origin>,
    pub(super) decides: BTreeSet<Origin>,
    pub(super) joins: BTreeSet<Column>,
    /// Columns that only a remark reads.
    pub(super) remarked: BTreeSet<Column>,
    /// Facts, also those that other facts read.
    pub facts: BTreeSet<usize>,
    /// Facts that it names itself.
    pub own_facts: BTreeSet<usize>,
    /// Parameters, also those that facts read.
    pub parameters: BTreeSet<usize>,
    /// Parameters that it names itself.
    pub own_parameters: BTreeSet<usize>,
    /// Value sets, also those that facts map by.
    pub value_sets: BTreeSet<usize>,
    /// Value sets that it names itself.
    pub own_value_sets: BTreeSet<usize>,
    /// Files of `rules/shared/`, also those that facts use.
    pub shared: BTreeSet<Arc<str>>,
    /// Files of `rules/shared/` that it uses itself.
    pub own_shared: BTreeSet<Arc<str>>,
    /// Options of the zone, by name.
    pub zone: BTreeSet<&'static str>,
    /// Whether the date of the run is read.
    pub as_of: bool,
}

fn columns(origins: &BTreeSet<Origin>) -> impl Iterator<Item = Column> + '_ {
    origins.iter().filter_map(|origin| match origin {
        Origin::Column(column) => Some(*column),
        Origin::Given(_) => None,
    })
}

impl Flow {
    /// Columns that are sent.
    pub fn sent_columns(&self) -> impl Iterator<Item = Column> + '_ {
        columns(&self.sent)
    }

    /// Columns that decide and are not sent.
    pub fn deciding_columns(&self) -> impl Iterator<Item = Column> + '_ {
        columns(&self.decides).chain(self.remarked.iter().copied()).filter(|column| !self.sends(*column))
    }

    /// Columns that rows are found by.
    pub fn joined_columns(&self) -> impl Iterator<Item = Column> + '_ {
        self.joins.iter().copied()
    }

    /// Columns that are sent or decide.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<Column> {
        self.sent_columns().chain(self.deciding_columns()).collect()
    }

    /// Whether a column is sent.
    #[must_use]
    pub fn sends(&self, column: Column) -> bool {
        self.sent.contains(&Origin::Column(column))
    }

    /// Adds a value that goes into this one.
    pub fn add(&mut self, other: &Self) {
        self.sent.extend(&other.sent);
        self.decides.extend(&other.decides);
        self.beside(other);
    }

    /// Adds a value that decides about this one.
    pub fn condition(&mut self, other: &Self) {
        self.decides.extend(&other.sent);
        self.decides.extend(&other.decides);
        self.beside(other);
    }

    /// Adds a value that a remark asks.
    pub fn remark(&mut self, other: &Self) {
        self.remarked.extend(columns(&other.sent).chain(columns(&other.decides)));
        self.beside(other);
    }

    /// The same, of which nothing is sent: it was compared or counted.
    #[must_use]
    pub fn as_condition(mut self) -> Self {
        let sent = std::mem::take(&mut self.sent);
        self.decides.extend(sent);
        self
    }

    fn beside(&mut self, other: &Self) {
        self.joins.extend(&other.joins);
        self.remarked.extend(&other.remarked);
        self.facts.extend(&other.facts);
        self.own_facts.extend(&other.own_facts);
        self.parameters.extend(&other.parameters);
        self.own_parameters.extend(&other.own_parameters);
        self.value_sets.extend(&other.value_sets);
        self.own_value_sets.extend(&other.own_value_sets);
        self.shared.extend(other.shared.iter().cloned());
        self.own_shared.extend(other.own_shared.iter().cloned());
        self.zone.extend(&other.zone);
        self.as_of |= other.as_of;
    }

    /// What a fact is made of where it is read with these arguments.
    pub(super) fn called(&self, fact: usize, arguments: &[Self]) -> Self {
        let mut called = Self {
            joins: self.joins.clone(),
            facts: self.facts.clone(),
            parameters: self.parameters.clone(),
            value_sets: self.value_sets.clone(),
            shared: self.shared.clone(),
            zone: self.zone.clone(),
            as_of: self.as_of,
            ..Self::default()
        };
        called.facts.insert(fact);
        called.own_facts.insert(fact);
        for origin in &self.decides {
            match origin {
                Origin::Column(_) => {
                    called.decides.insert(*origin);
                }
                Origin::Given(at) => {
                    if let Some(argument) = argument(arguments, *at) {
                        called.condition(argument);
                    }
                }
            }
        }
        for origin in &self.sent {
            match origin {
                Origin::Column(_) => {
                    called.sent.insert(*origin);
                }
                Origin::Given(at) => {
                    if let Some(argument) = argument(arguments, *at) {
                        called.add(argument);
                    }
                }
            }
        }
        // What an argument reads is read, whether the fact's value depends on it or not.
        arguments.iter().for_each(|argument| called.beside(argument));
        called
    }
}

fn argument(arguments: &[Flow], at: u16) -> Option<&Flow> {
    arguments.get(usize::from(at).checked_sub(1)?)
}
