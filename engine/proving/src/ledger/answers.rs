//! What answers a row.

use std::collections::BTreeMap;

use problem::Place;
use rulebook::plan::{Expr, Node, ObjectPlan, Omission, Op, Plan, Value};

use super::Answer;
use super::cases::Counted;

/// How a decided omission answers.
pub const OMITTED: &str = "omitted";

/// Where the shared groups stand.
const GROUPS: &str = "objects/common/";

enum Found<'p> {
    /// An element, with those around it, outermost first.
    Element(&'p ObjectPlan, Vec<&'p Node>),
    Omitted(&'p ObjectPlan, &'p Omission),
}

/// What a plan answers, by id.
pub struct Answers<'p>(BTreeMap<&'p str, Vec<Found<'p>>>);

impl<'p> Answers<'p> {
    pub fn of(plan: &'p Plan) -> Self {
        let mut answers = Self(BTreeMap::new());
        for object in &plan.objects {
            answers.node(object, &object.root, &mut Vec::new());
            for omission in &object.omissions {
                for id in &omission.rows {
                    answers.0.entry(id).or_default().push(Found::Omitted(object, omission));
                }
            }
        }
        answers
    }

    fn node(&mut self, object: &'p ObjectPlan, node: &'p Node, around: &mut Vec<&'p Node>) {
        around.push(node);
        for id in &node.rows {
            self.0.entry(id).or_default().push(Found::Element(object, around.clone()));
        }
        for child in &node.children {
            self.node(object, child, around);
        }
        around.pop();
    }

    /// What answers a row, and how many cases are about that.
    pub fn of_row(&self, id: &str, counted: &Counted) -> (Vec<Answer>, usize) {
        let found = self.0.get(id).map_or(&[][..], Vec::as_slice);
        let cases = found.iter().map(|found| match found {
            Found::Element(_, nodes) => counted.of_elements(nodes),
            Found::Omitted(..) => 0,
        });
        (found.iter().map(answer).collect(), cases.max().unwrap_or(0))
    }

    /// Every id that is answered, with a place.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.0.iter().flat_map(|(id, found)| {
            found.iter().map(|found| {
                let place = match found {
                    Found::Element(object, nodes) => nodes.last().map_or(&object.place, |node| &node.place),
                    Found::Omitted(_, omission) => &omission.place,
                };
                (*id, place)
            })
        })
    }
}

fn answer(found: &Found<'_>) -> Answer {
    match found {
        Found::Element(object, nodes) => {
            let node = nodes.last().copied().unwrap_or(&object.root);
            let group = node.place.file.strip_prefix(GROUPS).and_then(|name| name.strip_suffix(".yaml"));
            Answer {
                how: how(node),
                group: group.map(str::to_owned),
                object: object.label.to_string(),
                path: node.path.to_string(),
                reason: None,
                place: node.place.clone(),
            }
        }
        Found::Omitted(object, omission) => Answer {
            how: OMITTED,
            group: None,
            object: object.label.to_string(),
            path: omission.path.clone(),
            reason: Some(omission.reason.clone()),
            place: omission.place.clone(),
        },
    }
}

/// How an element gets its value, in a word.
fn how(node: &Node) -> &'static str {
    match &node.leaf {
        None if node.each.is_some() => "rows",
        None => "elements",
        Some(leaf) if leaf.tier == "from" => match &leaf.value {
            Value::Body(body) if is_fact(&body.expr) => "fact",
            _ => "from",
        },
        Some(leaf) => leaf.tier,
    }
}

/// Whether a step is a fact, or a field of what a fact gives, and no more.
fn is_fact(expr: &Expr) -> bool {
    match &expr.op {
        Op::Fact(..) => true,
        Op::IfPresent(value, _, then) => is_fact(value) || is_fact(then),
        Op::Field(row, ..) | Op::One(row, ..) => is_fact(row),
        _ => false,
    }
}

/// How an element is like the one that a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// It is that element.
    Same,
    /// It is that element at another path, something in it, or what holds it.
    Elsewhere,
    /// It is another element.
    Another,
}

/// Compares the path of the list with that of the rulebook. What stands in brackets names one of several repetitions, and gives
/// the attribute or element in them its value. Where SIF has no element of the listed path, whatever stands where it would be
/// is taken for it: `exists` says which paths SIF has.
pub fn likeness(listed: &str, found: &str, exists: &dyn Fn(&str) -> bool) -> Likeness {
    let given = found.strip_suffix(']').and_then(|found| found.rsplit_once('[')?.1.split_once('='));
    let (listed, found) = (plain(listed), plain(found));
    if listed == found || given.is_some_and(|(name, _)| listed == format!("{found}/{name}")) {
        return Likeness::Same;
    }
    // What is an attribute at one place is an element at another.
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().trim_start_matches('@').to_owned();
    let inside = |path: &str, outer: &str| path.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    let at_its_place = || {
        let mut around = listed.as_str();
        while !exists(around) {
            let Some((outer, _)) = around.rsplit_once('/') else { return false };
            around = outer;
        }
        around != listed && inside(&found, around)
    };
    if last(&listed) == last(&found) || inside(&listed, &found) || inside(&found, &listed) || at_its_place() {
        Likeness::Elsewhere
    } else {
        Likeness::Another
    }
}

/// A path without what tells its repetitions apart: `[@Type=0096]`, `#ours`.
fn plain(path: &str) -> String {
    let mut plain = String::new();
    let (mut in_brackets, mut in_name) = (false, false);
    for character in path.chars() {
        match character {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            '#' if !in_brackets => in_name = true,
            '/' if !in_brackets => {
                in_name = false;
                plain.push(character);
            }
            _ if !in_brackets && !in_name => plain.push(character),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(listed: &str, found: &str) -> Likeness {
        // A list of which SIF knows only the outer element and a name.
        likeness(listed, found, &|path| ["List", "List/Phone", "Name"].contains(&path))
    }

    #[test]
    fn what_tells_repetitions_apart_does_not_make_another_element() {
        assert_eq!(alike("AddressList/Address[@Type='0765']/City", "AddressList/Address/City"), Likeness::Same);
        assert_eq!(alike("School/Marks/Name", "School#ours/Marks#listed/Name"), Likeness::Same);
        assert_eq!(alike("List/Phone/@Type", "List/Phone#own[@Type=0096]"), Likeness::Same);
    }

    #[test]
    fn a_part_of_it_or_what_holds_it_is_elsewhere() {
        assert_eq!(alike("List/Phone/Number", "List/Phone[@Type=0096]"), Likeness::Elsewhere);
        assert_eq!(alike("Name/LastName", "OtherNames/Name[@Type=01]/LastName"), Likeness::Elsewhere);
        assert_eq!(alike("SubjectArea", "SubjectArea/Code"), Likeness::Elsewhere);
        assert_eq!(alike("Period/Term/@SchoolRefId", "Period/SchoolRefId"), Likeness::Elsewhere);
    }

    #[test]
    fn what_sif_does_not_have_is_taken_for_what_stands_there() {
        assert_eq!(alike("List/Phone/Marks", "List/Phone/Mark"), Likeness::Elsewhere);
        assert_eq!(alike("List/Phone/Marks", "Name/Mark"), Likeness::Another);
    }

    #[test]
    fn another_element_is_another() {
        assert_eq!(alike("Name/LastName", "Other/FirstName"), Likeness::Another);
        assert_eq!(alike("List/Phone", "Name"), Likeness::Another);
        assert_eq!(alike("Name", "NameOf"), Likeness::Another);
    }
}
