//! The values that a rulebook speaks of: what is drawn from them reaches the branches that a value made up at random never would.

use std::collections::BTreeSet;

use graph::{Date, Decimal};
use rulebook::plan::{Const, Op, Plan, TableCell, Value as How};
use rulebook::steps;

/// Values to draw from.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Texts and codes.
    pub texts: Vec<String>,
    /// Whole numbers.
    pub ints: Vec<i64>,
    /// Decimal numbers.
    pub decimals: Vec<Decimal>,
    /// Dates.
    pub dates: Vec<Date>,
}

/// Constants that were met, each once and in order, so that the same plan gives the same words.
#[derive(Default)]
struct Met {
    texts: BTreeSet<String>,
    ints: BTreeSet<i64>,
    decimals: BTreeSet<Decimal>,
    dates: BTreeSet<Date>,
}

impl Met {
    fn add(&mut self, constant: &Const) {
        match constant {
            Const::Text(text) if !text.trim().is_empty() => {
                self.texts.insert(text.to_string());
            }
            // The numbers beside a border are as telling as the border.
            Const::Int(number) => self.ints.extend([number.saturating_sub(1), *number, number.saturating_add(1)]),
            Const::Decimal(number) => {
                self.decimals.insert(*number);
            }
            Const::Date(date) => {
                self.dates.insert(*date);
            }
            Const::Text(_) | Const::Bool(_) | Const::Absent => {}
        }
    }

    fn cell(&mut self, cell: &TableCell) {
        match cell {
            TableCell::Any => {}
            TableCell::OneOf(constants) => constants.iter().for_each(|constant| self.add(constant)),
            TableCell::Range(from, to) => {
                [from, to].into_iter().flatten().for_each(|number| self.add(&Const::Int(*number)));
            }
        }
    }

    fn value(&mut self, value: &How) {
        steps::of_value(value, &mut |step| match &step.op {
            Op::Const(constant) => self.add(constant),
            Op::OneOf(_, constants) => constants.iter().for_each(|constant| self.add(constant)),
            Op::Table(_, rows) => rows.iter().flat_map(|row| &row.cells).for_each(|cell| self.cell(cell)),
            Op::Switch(_, arms) => arms.iter().flat_map(|arm| &arm.values).for_each(|cell| self.cell(cell)),
            _ => {}
        });
    }
}

impl Words {
    /// Every constant of a plan's facts and elements, its parameters and its value sets; and some that stand in none.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut met = Met::default();
        for fact in &plan.facts {
            met.value(&fact.value);
        }
        for object in &plan.objects {
            steps::of_object(object, &mut |value| met.value(value));
        }
        for dated in plan.parameters.iter().flat_map(|parameter| &parameter.values) {
            met.add(&dated.value);
            met.dates.insert(dated.from);
        }
        for set in &plan.value_sets {
            met.texts.extend(set.entries.iter().map(|(local, ..)| local.to_string()));
            met.texts.extend(set.dictionary.iter().map(ToString::to_string));
        }
        let mut words = Self {
            texts: met.texts.into_iter().collect(),
            ints: met.ints.into_iter().collect(),
            decimals: met.decimals.into_iter().collect(),
            dates: met.dates.into_iter().collect(),
        };
        words.more();
        words
    }

    /// What no rulebook speaks of and sources hold all the same.
    pub fn more(&mut self) {
        let texts =
            ["?", "a,b", "Ann Lee", "O'Neil", "12", "-3", "4.50", "007", "0", "Ω", "日本", "x y z", "2026-01-05", ","];
        self.texts.extend(texts.map(str::to_owned));
        self.ints.extend([i64::MIN + 1, -1, 0, 1, 2, 7, 180, 2026, i64::MAX]);
        self.decimals.extend([Decimal::ZERO, Decimal::ONE, Decimal::NEGATIVE_ONE, Decimal::new(395, 2), Decimal::MAX]);
        let dates = [(1, 1, 1), (1900, 2, 28), (2024, 2, 29), (2025, 7, 1), (2025, 8, 20), (2025, 12, 31)];
        let more = [(2026, 1, 5), (2026, 2, 2), (2026, 6, 30), (2026, 7, 1), (9999, 12, 31)];
        self.dates.extend(dates.into_iter().chain(more).filter_map(|(y, m, d)| Date::from_ymd_opt(y, m, d)));
    }
}
