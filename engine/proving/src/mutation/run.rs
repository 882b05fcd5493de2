//! Tries changes: each against the cases that reach what is changed, until one notices.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rulebook::places::{Outcome, Reached, Spot};
use rulebook::plan::Plan;
use rulebook::script::Limits;

use super::Mutant;
use crate::fixture::Fixture;
use crate::run::{RecordedCase, Verdict, one};

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A case noticed it.
    Killed,
    /// No case did, though some reach it.
    Survived,
    /// No case reaches it.
    NotReached,
    /// It was not tried, as the time was up.
    NotTried,
}

/// What became of each change, in their order.
#[derive(Clone, Debug)]
pub struct Outcomes {
    /// What became of each.
    pub fates: Vec<Fate>,
}

impl Outcomes {
    /// How many have this fate.
    #[must_use]
    pub fn count(&self, fate: Fate) -> usize {
        self.fates.iter().filter(|known| **known == fate).count()
    }

    /// How many were tried, those that no case reaches included.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.fates.len() - self.count(Fate::NotTried)
    }

    /// Whether at least this part of what was tried was noticed, in percent.
    #[must_use]
    pub fn is_at_least(&self, percent: u8) -> bool {
        self.count(Fate::Killed) * 100 >= self.tried() * usize::from(percent)
    }

    /// The part that was noticed in percent with one decimal, rounded down.
    #[must_use]
    pub fn percent(&self) -> String {
        let tried = self.tried();
        let thousandths = (self.count(Fate::Killed) * 1000).checked_div(tried).unwrap_or(1000);
        format!("{}.{}", thousandths / 10, thousandths % 10)
    }
}

/// Which cases reach what: by fixture and number.
pub struct Covering<'c> {
    fixtures: &'c [Fixture],
    by_outcome: HashMap<(Spot, Outcome), Vec<usize>>,
    by_spot: HashMap<Spot, Vec<usize>>,
    cases: Vec<(usize, usize)>,
}

impl<'c> Covering<'c> {
    /// Of cases that passed; what fails already can notice nothing.
    #[must_use]
    pub fn new(fixtures: &'c [Fixture], cases: &[(usize, RecordedCase)]) -> Self {
        let mut covering = Self { fixtures, by_outcome: HashMap::new(), by_spot: HashMap::new(), cases: Vec::new() };
        for (fixture, case) in cases {
            if !matches!(case.result.verdict, Verdict::Passed) {
                continue;
            }
            let index = covering.cases.len();
            covering.cases.push((*fixture, case.number));
            for (spot, outcome) in &case.taken {
                covering.by_outcome.entry((*spot, *outcome)).or_default().push(index);
                let all = covering.by_spot.entry(*spot).or_default();
                if all.last() != Some(&index) {
                    all.push(index);
                }
            }
        }
        covering
    }

    /// The cases that reach what a mutant changes, those of the fixture that is about it first.
    fn of(&self, mutant: &Mutant) -> Vec<(usize, usize)> {
        let mut found: BTreeMap<(bool, usize), (usize, usize)> = BTreeMap::new();
        for reached in &mutant.reached {
            let cases = match reached {
                Reached::If(spot, outcome) => self.by_outcome.get(&(*spot, *outcome)),
                Reached::Decided(spot) => self.by_spot.get(spot),
            };
            for index in cases.into_iter().flatten() {
                let (fixture, number) = self.cases[*index];
                let other = !mutant.head.trim_matches('"').ends_with(&self.fixtures[fixture].name);
                found.insert((other, *index), (fixture, number));
            }
        }
        found.into_values().collect()
    }
}

/// Tries the changes with so many threads. `goes_on` is asked before each, whether there is time.
#[must_use]
pub fn run(
    plan: &Plan,
    mutants: &[Mutant],
    covering: &Covering<'_>,
    jobs: usize,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Outcomes {
    let next = AtomicUsize::new(0);
    let mut fates = vec![Fate::NotTried; mutants.len()];
    let found: Vec<(usize, Fate)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs)
            .filter_map(|_| {
                std::thread::Builder::new()
                    .stack_size(Limits::default().stack_bytes)
                    .spawn_scoped(scope, || {
                        let mut mine = Vec::new();
                        while goes_on() {
                            let at = next.fetch_add(1, Ordering::Relaxed);
                            let Some(mutant) = mutants.get(at) else { break };
                            mine.push((at, fate(plan, mutant, covering)));
                        }
                        mine
                    })
                    .ok()
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    for (at, fate) in found {
        fates[at] = fate;
    }
    Outcomes { fates }
}

fn fate(plan: &Plan, mutant: &Mutant, covering: &Covering<'_>) -> Fate {
    let cases = covering.of(mutant);
    if cases.is_empty() {
        return Fate::NotReached;
    }
    let changed = Arc::new(mutant.change.made(plan));
    let noticed = cases.into_iter().any(|(fixture, number)| {
        let fixture = &covering.fixtures[fixture];
        !matches!(one(&changed, fixture, &fixture.cases[number]), Verdict::Passed)
    });
    if noticed { Fate::Killed } else { Fate::Survived }
}
