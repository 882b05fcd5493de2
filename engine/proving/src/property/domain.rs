//! What an input of a property may be.

use graph::{Cell, Date, Decimal, FieldType};
use problem::{Place, Problem, code};
use proptest::num::i64::BinarySearch;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rulebook::yaml::{Kind, Node, Reader, Scalar};

/// The values of an input, in an order: the first is the smallest.
#[derive(Clone, Debug)]
pub enum Domain {
    /// One of these.
    OneOf(Vec<Node>),
    /// Whole numbers from the first; how many; and where that is written.
    Ints(i64, u64, Place),
    /// Days from the first.
    Dates(Date, u64, Place),
    /// Decimals from the first, in steps of its last place.
    Decimals(Decimal, u64, Place),
}

impl Domain {
    /// Reads a list of values, `{ from, to }`, or `any` for true and false.
    pub fn read(field_type: Option<&FieldType>, node: &Node, problems: &mut Vec<Problem>) -> Option<Self> {
        if let (Kind::Scalar(scalar), Some(FieldType::Bool)) = (&node.kind, field_type)
            && scalar.text == "any"
        {
            return Some(Self::OneOf(["false", "true"].map(|word| plain(word.to_owned(), &node.place)).to_vec()));
        }
        if let Kind::List(values) = &node.kind {
            if values.is_empty() {
                problems.push(Problem::new(code::BAD_FIXTURE, "the input may be nothing").at(node.place.clone()));
                return None;
            }
            return Some(Self::OneOf(values.clone()));
        }
        if !matches!(node.kind, Kind::Map(_)) {
            let message = "an input is a list of values, `{ from: …, to: … }`, or `any` for true and false";
            problems.push(Problem::new(code::WRONG_KIND, message).at(node.place.clone()));
            return None;
        }
        let mut reader = Reader::new(node, "the range of an input", problems);
        let (from, to) = (reader.need("from", problems), reader.need("to", problems));
        reader.finish(problems);
        let from = from?.scalar("the first value", problems)?;
        let to = to?.scalar("the last value", problems)?;
        let place = node.place.clone();
        let wrong = |message: String| Some(Problem::new(code::BAD_FIXTURE, message).at(place.clone()));
        let (Some(field_type), true) = (field_type, true) else {
            problems.extend(wrong("whole rows have no range; list them".to_owned()));
            return None;
        };
        let found = match (Cell::parse(field_type, &from.text), Cell::parse(field_type, &to.text)) {
            (Ok(Cell::Int(from)), Ok(Cell::Int(to))) => {
                to.checked_sub(from).and_then(count).map(|size| Self::Ints(from, size, place.clone()))
            }
            (Ok(Cell::Date(from)), Ok(Cell::Date(to))) => {
                count((to - from).num_days()).map(|size| Self::Dates(from, size, place.clone()))
            }
            (Ok(Cell::Decimal(mut from)), Ok(Cell::Decimal(to))) => {
                from.rescale(from.scale().max(to.scale()));
                let step = Decimal::new(1, from.scale());
                let steps = ((to - from) / step).trunc();
                i64::try_from(steps).ok().and_then(count).map(|size| Self::Decimals(from, size, place.clone()))
            }
            _ => {
                let message = format!("a range of {} is two of them; list other values", field_type.word());
                problems.extend(wrong(message));
                return None;
            }
        };
        if found.is_none() {
            problems.extend(wrong(format!("the range from {} to {} has no value", from.text, to.text)));
        }
        found
    }

    /// How many values there are.
    pub fn size(&self) -> u64 {
        match self {
            Self::OneOf(values) => values.len() as u64,
            Self::Ints(_, size, _) | Self::Dates(_, size, _) | Self::Decimals(_, size, _) => *size,
        }
    }

    /// The value at a place.
    pub fn node(&self, at: i64) -> Node {
        match self {
            Self::OneOf(values) => values[usize::try_from(at).unwrap_or(0).min(values.len() - 1)].clone(),
            Self::Ints(from, _, place) => plain(from.saturating_add(at).to_string(), place),
            Self::Dates(_, _, place) => plain(self.date(at).map(|date| date.to_string()).unwrap_or_default(), place),
            Self::Decimals(from, _, place) => plain((*from + Decimal::new(at, from.scale())).to_string(), place),
        }
    }

    /// The date at a place.
    pub fn date(&self, at: i64) -> Option<Date> {
        match self {
            Self::Dates(from, ..) => from.checked_add_signed(chrono::TimeDelta::try_days(at)?),
            Self::OneOf(_) => match self.node(at).kind {
                Kind::Scalar(Scalar { text, .. }) => text.parse().ok(),
                _ => None,
            },
            _ => None,
        }
    }
}

fn count(last: i64) -> Option<u64> {
    u64::try_from(last).ok()?.checked_add(1)
}

fn plain(text: String, place: &Place) -> Node {
    Node { kind: Kind::Scalar(Scalar { text, plain: true, start: place.clone(), cut: false }), place: place.clone() }
}

/// A place in a domain: one of its ends as often as any other. It shrinks towards the first.
#[derive(Clone, Copy, Debug)]
pub struct Border {
    last: i64,
}

impl Border {
    pub fn new(size: u64) -> Self {
        Self { last: i64::try_from(size.saturating_sub(1)).unwrap_or(i64::MAX) }
    }
}

impl Strategy for Border {
    type Tree = BinarySearch;
    type Value = i64;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let pick = (0..8_u8).new_tree(runner)?.current();
        let at = match pick {
            0 => 0,
            1 => self.last,
            2 => 1.min(self.last),
            3 => (self.last - 1).max(0),
            _ => (0..=self.last).new_tree(runner)?.current(),
        };
        Ok(BinarySearch::new(at))
    }
}
