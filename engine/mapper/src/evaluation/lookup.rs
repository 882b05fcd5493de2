//! Local codes through value sets. The source's dictionary wins over the value set.

use std::collections::HashMap;
use std::sync::Arc;

use graph::{Cell, Graph};
use rulebook::places::{Outcome as Taken, Spot};
use rulebook::plan::Plan;
use rulebook::value_sets::ValueSet;

use super::Evaluation;

/// The source's dictionary for one value set.
#[derive(Default)]
pub(super) struct Dictionary {
    /// Local code, SIF code.
    codes: HashMap<String, Arc<str>>,
    /// The local code that is the Default Value, where the value set asks for it.
    default: Option<Arc<str>>,
}

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
        if let Some(code) = code {
            return self.mapped_known(set, index, code).or_else(|| self.otherwise(index).map(Mapped::To));
        }
        let Some(default) = self.default_code(index) else {
            return self.blank(index).map(Mapped::To);
        };
        match self.mapped_known(set, index, default) {
            Some(Mapped::Itself) => Some(Mapped::To(default)),
            known => known.or_else(|| self.otherwise(index).map(Mapped::To)),
        }
    }

    /// The local code that a value set takes where there is none: the Default Value of the source's dictionary.
    pub(crate) fn default_code(&self, set: usize) -> Option<&Arc<str>> {
        let default = self.dictionary[set].default.as_ref();
        if default.is_some() {
            self.note(|| Spot::ValueSet(set), Taken::Default);
        }
        default
    }

    fn mapped_known<'a>(&'a self, set: &'a ValueSet, index: usize, code: &str) -> Option<Mapped<'a>> {
        if let Some(mapped) = self.dictionary[index].codes.get(code) {
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

/// The source's dictionary for each value set. Rows without a SIF code map nothing, but may be the Default Value; of several
/// rows the first one counts.
pub(super) fn dictionary(plan: &Plan, graph: &Graph) -> Vec<Dictionary> {
    let mut dictionary: Vec<Dictionary> = plan.value_sets.iter().map(|_| Dictionary::default()).collect();
    let Some(fields) = plan.dictionary else {
        return dictionary;
    };
    for row in graph.each(fields.entity) {
        let (Cell::Text(attribute), Cell::Text(code)) =
            (graph.cell(row, fields.attribute), graph.cell(row, fields.code))
        else {
            continue;
        };
        let is_default = fields.is_default.is_some_and(|field| matches!(graph.cell(row, field), Cell::Bool(true)));
        for (set, of_set) in plan.value_sets.iter().zip(&mut dictionary) {
            if set.dictionary.as_deref() != Some(attribute) {
                continue;
            }
            if let Cell::Text(sif_code) = graph.cell(row, fields.sif_code) {
                of_set.codes.entry(code.to_owned()).or_insert_with(|| Arc::from(sif_code));
            }
            if set.dictionary_default.is_some() && is_default {
                of_set.default.get_or_insert_with(|| Arc::from(code));
            }
        }
    }
    dictionary
}
