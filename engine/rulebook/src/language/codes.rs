//! The codes that a value can be: those of a field's or fact's set, what a value set gives, or the constants of a branch.

use std::sync::Arc;

use problem::{Place, Problem, code, nearest};
use rhai::Position;

use super::{Compiler, Context, Stop};
use crate::plan::{Const, Expr, Op, Statement};
use crate::value_sets::ValueSet;

/// The texts that a value can be.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    /// What they belong to, in the reader's words.
    pub of: String,
    /// The codes.
    pub codes: Vec<Arc<str>>,
    /// Whether no other text can come, whatever the source holds.
    pub closed: bool,
    /// Where they are declared.
    pub place: Option<Place>,
}

/// Which codes a fact gives, by its declaration.
#[derive(Clone, Debug)]
pub enum FactCodes {
    /// Those of the set that its type names.
    Set(String),
    /// What a value set gives.
    Mapped(String),
}

impl Codes {
    fn and(mut self, other: Self) -> Self {
        for code in other.codes {
            if !self.codes.contains(&code) {
                self.codes.push(code);
            }
        }
        self.closed &= other.closed;
        self.place = self.place.or(other.place);
        if self.of.is_empty() {
            self.of = other.of;
        }
        self
    }

    fn of_constant(text: Option<&Arc<str>>) -> Self {
        Self { codes: text.cloned().into_iter().collect(), closed: true, ..Self::default() }
    }

    /// What may be written instead of a text that is none of the codes.
    fn advise(&self, problem: Problem, text: &str) -> Problem {
        let codes: Vec<&str> = self.codes.iter().map(AsRef::as_ref).collect();
        if let Some(near) = near_code(text, &codes) {
            return problem.help(format!("did you mean `{near}`?")).replacing(text, near);
        }
        let shown: Vec<String> = codes.iter().take(12).map(|code| format!("`{code}`")).collect();
        let more = if codes.len() > 12 { ", …" } else { "" };
        problem.help(format!("the codes are {}{more}", shown.join(", ")))
    }

    /// The problem that a text is none of the codes.
    pub fn not_a_code(&self, text: &str, place: Place) -> Problem {
        let message = format!("`{text}` is no code of {}, so this is never true", self.of);
        let problem = self.advise(Problem::new(code::NOT_A_CODE, message).at(place), text);
        match &self.place {
            Some(declared) => problem.and_at(declared.clone(), "the codes are declared here"),
            None => problem,
        }
    }
}

/// The code that a text may be meant to be: the same in other capitals, or one that is near. Any two short codes are near to
/// each other, so that says nothing.
pub fn near_code<'c>(text: &str, codes: &[&'c str]) -> Option<&'c str> {
    let other_case = codes.iter().find(|code| code.eq_ignore_ascii_case(text)).copied();
    other_case.or_else(|| if text.chars().count() > 2 { nearest(text, codes.iter().copied()) } else { None })
}

impl Context<'_> {
    /// The sets that the types of fields and facts name.
    pub fn coded_sets(&self) -> impl Iterator<Item = &str> {
        let fields = self.schema.entities().flat_map(|(_, entity)| &entity.fields);
        let of_fields = fields.filter_map(|field| match &field.field_type {
            graph::FieldType::Code(set) => Some(set.as_str()),
            _ => None,
        });
        let of_facts = self.facts.iter().filter_map(|fact| match fact.codes.as_ref()? {
            FactCodes::Set(set) | FactCodes::Mapped(set) => Some(set.as_str()),
        });
        of_fields.chain(of_facts)
    }

    /// The sets that nobody knows, with the fields or facts whose type names them.
    pub fn unknown_sets(&self) -> Vec<(String, Place)> {
        let fields = self.schema.entities().flat_map(|(_, entity)| &entity.fields);
        let of_fields = fields.filter_map(|field| match &field.field_type {
            graph::FieldType::Code(set) => Some((set, &field.place)),
            _ => None,
        });
        let of_facts = self.facts.iter().filter_map(|fact| match fact.codes.as_ref()? {
            FactCodes::Set(set) => Some((set, &fact.place)),
            FactCodes::Mapped(_) => None,
        });
        of_fields
            .chain(of_facts)
            .filter(|(set, _)| self.codes_of_set(set).is_none() && !self.broken.value_sets.contains(*set))
            .map(|(set, place)| (set.clone(), place.clone()))
            .collect()
    }

    /// The codes of a set: the local codes of a value set, or a code set of SIF.
    pub fn codes_of_set(&self, name: &str) -> Option<Codes> {
        if let Some(set) = self.value_sets.iter().find(|set| set.name == name) {
            let mut codes: Vec<Arc<str>> = set.entries.iter().map(|(local, ..)| Arc::clone(local)).collect();
            codes.extend(set.passes.iter().flat_map(|passes| passes.codes()).map(|code| Arc::from(*code)));
            codes.dedup();
            return Some(Codes {
                of: format!("the value set `{name}`"),
                codes,
                closed: false,
                place: Some(set.place.clone()),
            });
        }
        let set = sif::schema().code_set(name)?;
        let codes = set.codes().iter().map(|code| Arc::from(*code)).collect();
        Some(Codes { of: format!("SIF's code set `{name}`"), codes, closed: false, place: None })
    }

    /// What a value set gives. Of one that the source's dictionary overrules, that is known only with a code set.
    fn codes_given(&self, set: &ValueSet) -> Option<Codes> {
        let of_sif = set.code_set.as_deref().and_then(|name| sif::schema().code_set(name));
        if set.dictionary.is_some() && of_sif.is_none() {
            return None;
        }
        let mut codes: Vec<Arc<str>> = Vec::new();
        let mapped = set.entries.iter().map(|(_, to, _)| to).chain(&set.otherwise).chain(&set.blank).cloned();
        let passed = of_sif.filter(|_| set.passes.is_some() || set.dictionary.is_some());
        for code in mapped.chain(passed.iter().flat_map(|set| set.codes()).map(|code| Arc::from(*code))) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let of = format!("the results of the value set `{}`", set.name);
        Some(Codes { of, codes, closed: set.dictionary.is_none(), place: Some(set.place.clone()) })
    }

    /// The codes that a step can give; none if they are not known.
    pub fn codes_of(&self, expr: &Expr, locals: &[(u16, Codes)]) -> Option<Codes> {
        let all = |parts: &mut dyn Iterator<Item = &Expr>| {
            let mut joined = Codes { closed: true, ..Codes::default() };
            for part in parts {
                joined = joined.and(self.codes_of(part, locals)?);
            }
            Some(joined)
        };
        match &expr.op {
            Op::Const(Const::Text(text)) => Some(Codes::of_constant(Some(text))),
            Op::Const(Const::Absent) => Some(Codes::of_constant(None)),
            Op::Local(local) => locals.iter().rev().find(|(of, _)| of == local).map(|(_, codes)| codes.clone()),
            Op::Field(_, entity, field) => match &self.schema[*entity][*field].field_type {
                graph::FieldType::Code(set) => self.codes_of_set(set),
                _ => None,
            },
            Op::Fact(_, fact, _) => match self.facts[*fact].codes.as_ref()? {
                FactCodes::Set(set) => self.codes_of_set(set),
                FactCodes::Mapped(set) => self.codes_given(self.value_sets.iter().find(|known| known.name == *set)?),
            },
            Op::Lookup(set, _) => self.codes_given(&self.value_sets[*set]),
            Op::IfPresent(_, _, then) => self.codes_of(then, locals),
            Op::Coalesce(parts) => all(&mut parts.iter()),
            Op::If(_, then, otherwise) => all(&mut [&**then, &**otherwise].into_iter()),
            Op::Switch(_, arms) => all(&mut arms.iter().map(|arm| &arm.then)),
            Op::Table(_, rows) => {
                let mut joined = Codes { closed: true, ..Codes::default() };
                for row in rows {
                    joined = match &row.result {
                        Const::Text(text) => joined.and(Codes::of_constant(Some(text))),
                        Const::Absent => joined,
                        _ => return None,
                    };
                }
                Some(joined)
            }
            Op::Block(statements) => match &statements[..] {
                [Statement::Expr(only)] => self.codes_of(only, locals),
                _ => None,
            },
            _ => None,
        }
        .filter(|codes| {
            !codes.of.is_empty() || matches!(expr.op, Op::Const(_) | Op::If(..) | Op::Switch(..) | Op::Table(..))
        })
    }
}

impl Compiler<'_, '_> {
    /// Remembers which codes a local can be.
    pub fn note_codes(&mut self, local: u16, value: &Expr) {
        if let Some(codes) = self.context.codes_of(value, &self.local_codes)
            && !codes.of.is_empty()
        {
            self.local_codes.push((local, codes));
        }
    }

    /// A constant that is compared with a value must be one of its codes.
    pub(super) fn check_code(&mut self, value: &Expr, constant: &Const, position: Position) -> super::Result<()> {
        let Const::Text(text) = constant else { return Ok(()) };
        let Some(codes) = self.context.codes_of(value, &self.local_codes) else { return Ok(()) };
        if codes.of.is_empty() || codes.codes.contains(text) {
            return Ok(());
        }
        let place = self.place_of_literal(position);
        self.problems.push(codes.not_a_code(text, place));
        Err(Stop::Wrong)
    }
}
