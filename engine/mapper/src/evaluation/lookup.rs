//! Local codes through value sets. The source's dictionary wins over the value set.

use std::collections::HashMap;
use std::sync::Arc;

use graph::{Cell, Graph};
use rulebook::places::{Outcome as Taken, Spot};
use rulebook::plan::Plan;
use rulebook::value_sets::ValueSet;

use super::Evaluation;

/// The source's dictionary for each value set: local code, SIF code.
pub(super) type Dictionary = Vec<HashMap<String, Arc<str>>>;

/// What a code maps to.
pub(super) enum Mapped<'a> {
    /// It is a code of the standard itself.
    Itself,
    /// Another.
    To(&'a Arc<str>),
}

impl Evaluation {
    /// What a local code maps to. The source's dictionary wins over the value set.
    #[must_use]
    pub fn lookup<'a>(&'a self, set: usize, code: Option<&'a str>) -> Option<&'a str> {
        match self.mapped(&self.plan.value_sets[set], set, code)? {
            Mapped::Itself => code,
            Mapped::To(mapped) => Some(mapped),
        }
    }

    pub(super) fn mapped<'a>(&'a self, set: &'a ValueSet, index: usize, code: Option<&str>) -> Option<Mapped<'a>> {
        let Some(code) = code else {
            return self.blank(index).map(Mapped::To);
        };
        self.mapped_known(set, index, code).or_else(|| self.otherwise(index).map(Mapped::To))
    }

    fn mapped_known<'a>(&'a self, set: &'a ValueSet, index: usize, code: &str) -> Option<Mapped<'a>> {
        if let Some(mapped) = self.dictionary[index].get(code) {
            self.note(|| Spot::ValueSet(index), Taken::Dictionary);
            return Some(Mapped::To(mapped));
        }
        if let Some(mapped) = set.codes.get(code) {
            self.mapped_by_entry(index, code);
            return Some(Mapped::To(mapped));
        }
        set.passes.is_some_and(|codes| codes.contains(code)).then(|| {
            self.note(|| Spot::ValueSet(index), Taken::Identity);
            Mapped::Itself
        })
    }

    /// What a value set gives for a code that nothing else maps.
    pub(crate) fn otherwise(&self, set: usize) -> Option<&Arc<str>> {
        let otherwise = self.plan.value_sets[set].otherwise.as_ref();
        self.note(|| Spot::ValueSet(set), if otherwise.is_some() { Taken::Otherwise } else { Taken::NoRow });
        otherwise
    }

    /// What a value set gives where there is no code.
    pub(crate) fn blank(&self, set: usize) -> Option<&Arc<str>> {
        let blank = self.plan.value_sets[set].blank.as_ref();
        if blank.is_some() {
            self.note(|| Spot::ValueSet(set), Taken::Blank);
        }
        blank
    }

    /// What a local code that is known to the dictionary or the value set maps to.
    #[must_use]
    pub fn lookup_known<'a>(&'a self, set: usize, code: &'a str) -> Option<&'a str> {
        match self.mapped_known(&self.plan.value_sets[set], set, code)? {
            Mapped::Itself => Some(code),
            Mapped::To(mapped) => Some(mapped),
        }
    }
}

/// The source's dictionary for each value set. Rows without a SIF code map nothing.
pub(super) fn dictionary(plan: &Plan, graph: &Graph) -> Dictionary {
    let mut dictionary = vec![HashMap::new(); plan.value_sets.len()];
    let Some((entity, attribute, code, sif_code)) = plan.dictionary else {
        return dictionary;
    };
    for row in graph.each(entity) {
        if let (Cell::Text(attribute), Cell::Text(code), Cell::Text(sif_code)) =
            (graph.cell(row, attribute), graph.cell(row, code), graph.cell(row, sif_code))
        {
            for (set, codes) in plan.value_sets.iter().zip(&mut dictionary) {
                if set.dictionary.as_deref() == Some(attribute) {
                    codes.entry(code.to_owned()).or_insert_with(|| Arc::from(sif_code));
                }
            }
        }
    }
    dictionary
}
