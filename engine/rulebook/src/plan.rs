//! The typed plan: what the rulebook compiles to, and what everything else reads.
//!
//! An [`Expr`] is a step with a type and a place. A [`Fact`] is computed at most once a row. An [`ObjectPlan`] is a tree of
//! [`Node`]s in schema order.

mod object;
mod step;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::{EntityId, FieldId, ReadSet, Schema};
use problem::Place;

pub use self::object::{AbsentPolicy, Each, Leaf, Node, ObjectPlan, Omission, Remark};
pub use self::step::{
    Arithmetic, At, Body, Compare, Const, Expr, Op, Statement, SwitchArm, TableCell, TableRow, ZoneField,
};
pub use self::value::{Condition, Path, PathStep, RankWord, Ranking, Select, Value};
use crate::parameters::Parameter;
use crate::types::Type;
use crate::value_sets::ValueSet;

/// A fact: a derived field or relation of an entity.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The entity.
    pub entity: EntityId,
    /// Its name.
    pub name: Arc<str>,
    /// What it means.
    pub doc: String,
    /// Its type.
    pub ty: Type,
    /// What it needs besides the row.
    pub given: Vec<(String, Type)>,
    /// How it is computed.
    pub value: Value,
    /// Which tier that is, in a word.
    pub tier: &'static str,
    /// Where it is declared.
    pub place: Place,
}

/// A rule file.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it gives the value of: an element path or `entity.fact`.
    pub name: Arc<str>,
    /// Its file.
    pub file: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The fields of its header.
    pub header: Header,
    /// Its parameters, in order.
    pub parameters: Vec<String>,
}

/// The header of a rule file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The path that the rule says it answers.
    pub path: String,
    /// What it reports.
    pub reports: String,
    /// The paragraph of the requirement, in our own words.
    pub source: String,
    /// What it reads.
    pub inputs: String,
    /// When it gives nothing.
    pub absent: String,
}

/// The entity of `attributeDictionary` with the fields that value sets read.
#[derive(Clone, Copy, Debug)]
pub struct Dictionary {
    /// The entity.
    pub entity: EntityId,
    /// The list that a choice belongs to.
    pub attribute: FieldId,
    /// The local code of the choice.
    pub code: FieldId,
    /// The SIF code that it maps to.
    pub sif_code: FieldId,
    /// Whether the choice is the list's Default Value; only where a value set asks for it.
    pub is_default: Option<FieldId>,
}

impl Dictionary {
    /// Its fields.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        [self.attribute, self.code, self.sif_code].into_iter().chain(self.is_default)
    }
}

/// The whole plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The graph's shape.
    pub schema: Arc<Schema>,
    /// The facts.
    pub facts: Vec<Fact>,
    /// Facts by entity and name.
    pub fact_names: BTreeMap<(EntityId, String), usize>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The files of `rules/shared/`, path and text.
    pub shared: Vec<(Arc<str>, Arc<str>)>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The value sets.
    pub value_sets: Vec<ValueSet>,
    /// The objects.
    pub objects: Vec<ObjectPlan>,
    /// Element and attribute names.
    pub names: Arc<sif::tree::Names>,
    /// What all objects together read.
    pub reads: ReadSet,
    /// What the first pass over all students reads for each ranking, by the fact that declares it.
    pub pass_reads: BTreeMap<usize, ReadSet>,
    /// The source's own dictionary of codes, where the graph has it.
    pub dictionary: Option<Dictionary>,
    /// A hash of every file's path and text.
    pub generation: String,
}

impl Plan {
    /// The object with this label: `StudentPersonal`, or `StudentParticipation/S2` of an object with variants.
    #[must_use]
    pub fn object(&self, label: &str) -> Option<&ObjectPlan> {
        self.objects.iter().find(|object| &*object.label == label)
    }

    /// What one SIF object is made by: itself, or its variants in the order of its file. None if there is no such object.
    #[must_use]
    pub fn variants(&self, name: &str) -> Vec<&ObjectPlan> {
        self.objects.iter().filter(|object| &*object.name == name).collect()
    }

    /// The object that `name` begins with, and the element path behind it: `StudentParticipation/S2/ProgramExitDate`.
    #[must_use]
    pub fn object_and_path<'n>(&self, name: &'n str) -> Option<(&ObjectPlan, &'n str)> {
        let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
        ends.take(2).find_map(|end| Some((self.object(&name[..end])?, name.get(end + 1..).unwrap_or_default())))
    }

    /// The names of the SIF objects, each once.
    #[must_use]
    pub fn object_names(&self) -> Vec<&Arc<str>> {
        let mut names: Vec<&Arc<str>> = self.objects.iter().map(|object| &object.name).collect();
        names.dedup();
        names
    }

    /// The labels of all objects and variants.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.objects.iter().map(|object| &*object.label)
    }
}
