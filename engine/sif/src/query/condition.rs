//! SIF_ConditionGroup: conditions in groups of groups.

use super::compare::{Comparable, Comparison, Operator};
use super::{Path, QueryFault, object_name, path};
use crate::schema::schema;
use crate::tree::Element;

/// How conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    /// All must hold.
    And,
    /// One must hold.
    Or,
    /// There is only one.
    None,
}

/// SIF_ConditionGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How its conditions are joined.
    pub join: Join,
    /// At least one.
    pub parts: Vec<Conditions>,
}

/// SIF_Conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// How they are joined.
    pub join: Join,
    /// At least one.
    pub conditions: Vec<Condition>,
}

/// SIF_Condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The object that it is about.
    pub object: String,
    /// The element or attribute whose values are compared.
    pub path: Path,
    /// How.
    pub operator: Operator,
    /// With what, as it was written.
    pub value: String,
    /// By which type.
    pub comparison: Comparison,
    operand: Comparable,
}

impl Join {
    fn read(element: Element<'_>) -> Result<Self, QueryFault> {
        let place = format!("{}/@Type", element.name());
        match element.attribute("Type").map(str::trim) {
            Some("And") => Ok(Self::And),
            Some("Or") => Ok(Self::Or),
            Some("None") => Ok(Self::None),
            Some(_) => Err(QueryFault::value(&place, "is none of And, Or and None")),
            None => Err(QueryFault::missing(&place)),
        }
    }

    /// Refuses `None` with several parts: it does not say whether one or all must hold.
    fn check(self, parts: usize, place: &str) -> Result<(), QueryFault> {
        match (self, parts) {
            (_, 0) => Err(QueryFault::missing(place)),
            (Self::None, 2..) => Err(QueryFault::unsupported(format!(
                "the type None takes one `{place}`, and there are several: And or Or says how they are joined"
            ))),
            _ => Ok(()),
        }
    }

    fn holds<T>(self, parts: &[T], holds: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::And | Self::None => parts.iter().all(holds),
            Self::Or => parts.iter().any(holds),
        }
    }
}

impl Group {
    /// Reads SIF_ConditionGroup. The conditions of a SIF_Query are about `object`; those of a SIF_ExtendedQuery say
    /// themselves what they are about.
    pub(super) fn read(group: Element<'_>, object: Option<&str>) -> Result<Self, QueryFault> {
        let join = Join::read(group)?;
        let mut parts = Vec::new();
        for element in group.children().filter(|child| child.name() == "SIF_Conditions") {
            let join = Join::read(element)?;
            let conditions = element.children().filter(|child| child.name() == "SIF_Condition");
            let conditions = conditions.map(|child| Condition::read(child, object)).collect::<Result<Vec<_>, _>>()?;
            join.check(conditions.len(), "SIF_Condition")?;
            parts.push(Conditions { join, conditions });
        }
        join.check(parts.len(), "SIF_Conditions")?;
        Ok(Self { join, parts })
    }

    /// Whether the conditions hold. `instance` gives the instance of an object in the row that is tested, if there is
    /// one.
    pub fn holds<'t>(&self, instance: impl Fn(&str) -> Option<Element<'t>>) -> bool {
        let holds = |condition: &Condition| instance(&condition.object).is_some_and(|element| condition.holds(element));
        self.join.holds(&self.parts, |part| part.join.holds(&part.conditions, holds))
    }

    /// All conditions.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.parts.iter().flat_map(|part| &part.conditions)
    }

    /// Object and path of everything that is looked at, predicates included.
    pub(super) fn tests(&self) -> Vec<(String, String)> {
        self.conditions().flat_map(|condition| tests(&condition.object, &condition.path)).collect()
    }
}

/// A path and what its predicates look at, with the object.
pub(super) fn tests(object: &str, path: &Path) -> Vec<(String, String)> {
    path.tested().into_iter().chain([path.plain()]).map(|path| (object.to_owned(), path)).collect()
}

impl Condition {
    /// A condition.
    ///
    /// # Errors
    /// The object does not have the path, or its values are never like the one to compare with (8/9). Nothing is known
    /// of the paths of objects that the schema does not have, nor below SIF_ExtendedElement: these are compared as texts.
    pub fn new(object: &str, path: Path, operator: Operator, value: impl Into<String>) -> Result<Self, QueryFault> {
        let comparison = comparison(object, &path)?;
        let value = value.into();
        let operand = comparison.read(&value).ok_or_else(|| {
            let kind = comparison.describe();
            QueryFault::unsupported(format!("`{object}/{}` is {kind}, and SIF_Value is not", path.plain()))
        })?;
        Ok(Self { object: object.to_owned(), path, operator, value, comparison, operand })
    }

    fn read(condition: Element<'_>, object: Option<&str>) -> Result<Self, QueryFault> {
        let child = |name: &str| {
            let found = condition.children().find(|child| child.name() == name);
            found.ok_or_else(|| QueryFault::missing(&format!("SIF_Condition/{name}")))
        };
        let element = child("SIF_Element")?;
        let object = match object {
            Some(object) => object.to_owned(),
            None => object_name(element, "SIF_Condition/SIF_Element")?,
        };
        let operator = Operator::from_word(child("SIF_Operator")?.text().trim())
            .ok_or_else(|| QueryFault::value("SIF_Operator", "is none of EQ, LT, GT, LE, GE and NE"))?;
        Self::new(&object, path(&element.text())?, operator, child("SIF_Value")?.text())
    }

    /// Whether it holds of an instance of its object: if it does of any value.
    #[must_use]
    pub fn holds(&self, instance: Element<'_>) -> bool {
        self.path.values(instance).iter().any(|value| self.takes(value))
    }

    /// Whether it holds of a value. One that is not of the type stands in no order to any other.
    #[must_use]
    pub fn takes(&self, value: &str) -> bool {
        let value = self.comparison.read(value);
        value.is_some_and(|value| self.operator.takes(value.cmp(&self.operand)))
    }
}

/// How the values at a path are compared.
///
/// # Errors
/// The object does not have the path (8/9).
pub(super) fn comparison(object: &str, path: &Path) -> Result<Comparison, QueryFault> {
    let Some(schema) = schema().object(object) else {
        return Ok(Comparison::Text);
    };
    let mut at = &schema.root;
    let mut known = object.to_owned();
    let plain = path.plain();
    for step in plain.split('/') {
        at = match at.child(step) {
            Some(child) => child,
            None if at.any_content => return Ok(Comparison::Text),
            None => return Err(QueryFault::unsupported(format!("`{known}` has no `{step}`"))),
        };
        known = format!("{known}/{step}");
    }
    Ok(Comparison::of(at))
}
