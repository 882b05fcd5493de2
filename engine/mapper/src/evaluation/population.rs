//! Facts of the whole population: what a student is ranked by, and the place that comes of it.

use std::rc::Rc;

use graph::{Decimal, Row};
use rulebook::plan::{Body, RankWord, Ranking, Value as How};

use super::Evaluation;
use crate::fault::{Fault, Outcome};
use crate::population::{Everybody, Part, Places, Ranked, Seen, Standing};
use crate::value::Value;

/// The places of the students of one graph, or why there are none.
pub(super) type Here = Result<Rc<Places>, Rc<Fault>>;

impl Evaluation {
    /// From now on the whole population is found there.
    pub fn set_everybody(&mut self, everybody: Everybody) {
        self.everybody = everybody;
    }

    /// A student's place in the ranking that the fact `ranking` declares.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn standing(&self, ranking: usize, row: Row) -> Result<Standing, Rc<Fault>> {
        let key = self.graph.key(row);
        match &self.everybody {
            Everybody::InTheGraph => Ok(self.here(ranking)?.of(key)),
            Everybody::Known(standings) => standings.of(self.school_year, ranking, key).ok_or_else(not_computed),
        }
    }

    /// The value of a fact of the whole population.
    pub(super) fn ranking(&self, ranking: &Ranking, row: Row) -> Outcome {
        let standing = self.standing(ranking.of_fact, row)?;
        // What the student is ranked by is read too where somebody wants to see it, and where it tells what is wrong.
        if standing == Standing::Failed || self.tracing.get() {
            self.ranked(ranking, row)?;
        }
        match standing {
            Standing::Ranked(rank, size) => Ok(Value::Int(i64::from(match ranking.gives {
                RankWord::Rank => rank,
                RankWord::Size => size,
            }))),
            Standing::NotRanked => Ok(Value::Absent),
            Standing::Failed => Err(not_computed()),
        }
    }

    /// Adds every student of the graph to what was seen of a ranking. A fixture that does not give what is needed fails; any
    /// other failure is told when the student's own place is asked for.
    pub(crate) fn rank_everybody(&self, ranking: usize, seen: &mut Seen) -> Option<Rc<Fault>> {
        let How::Ranking(ranking) = &self.plan.facts[ranking].value else { return Some(not_computed()) };
        let mut not_given = None;
        for row in self.graph.each(self.plan.schema.root()) {
            let ranked = self.ranked(ranking, row).map_err(|fault| {
                if matches!(&*fault, Fault::NotGiven(_)) {
                    not_given.get_or_insert(fault);
                }
            });
            seen.add(self.graph.key(row), ranked);
        }
        not_given
    }

    /// The places of the graph's own students, computed once.
    fn here(&self, ranking: usize) -> Here {
        if let Some(here) = self.here.borrow().get(&ranking) {
            return here.clone();
        }
        // What is read of the others is not what the value of one is made of.
        let tracing = self.tracing.replace(false);
        let mut seen = Seen::default();
        let here = match self.rank_everybody(ranking, &mut seen) {
            Some(fault) => Err(fault),
            None => Ok(Rc::new(seen.settle())),
        };
        self.tracing.set(tracing);
        self.here.borrow_mut().insert(ranking, here.clone());
        here
    }

    /// What a student is ranked by; nothing for who is not ranked.
    fn ranked(&self, ranking: &Ranking, row: Row) -> Result<Option<Ranked>, Rc<Fault>> {
        let mut frame = self.frame(ranking.who.locals.max(1));
        frame[0] = Value::Row(row);
        let holds = match self.bool(&ranking.who.expr, &mut frame) {
            Ok(holds) => holds,
            Err(stop) => matches!(self.settled(Err(stop))?, Value::Bool(true)),
        };
        self.done(frame);
        self.decided(&ranking.who.expr, holds);
        if !holds {
            return Ok(None);
        }
        let mut group = Vec::with_capacity(ranking.by.len());
        for body in &ranking.by {
            group.push(match self.of_student(body, row)? {
                Value::Bool(yes) => Some(Part::Bool(yes)),
                Value::Int(number) => Some(Part::Int(number)),
                Value::Decimal(number) => Some(Part::Decimal(number)),
                Value::Date(date) => Some(Part::Date(date)),
                Value::Text(text) => Some(Part::Text(self.str(&text).into())),
                _ => None,
            });
        }
        let value = match self.of_student(&ranking.of, row)? {
            Value::Int(number) => Some(Decimal::from(number)),
            Value::Decimal(number) => Some(number),
            _ => None,
        };
        let group: Option<Box<[Part]>> = group.into_iter().collect();
        Ok(group.zip(value))
    }

    fn of_student(&self, body: &Body, row: Row) -> Outcome {
        let mut frame = self.frame(body.locals.max(1));
        frame[0] = Value::Row(row);
        let value = self.body(body, &mut frame);
        self.done(frame);
        value
    }
}

/// Whoever runs a plan has left the first pass out, or has not asked for this ranking in it.
fn not_computed() -> Rc<Fault> {
    Rc::new(Fault::Operation("a fact of the whole population was not computed beforehand"))
}
