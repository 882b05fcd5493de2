//! Paths of queries: a small part of XPath.

mod parse;

use std::borrow::Cow;
use std::fmt;

use crate::tree::Element;

/// The path of an element or attribute of an object, such as `@RefId`, `Name/FirstName` or `Name[@Type='04']/FirstName`.
///
/// The object's own element is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// At least one.
    steps: Vec<Step>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    name: String,
    attribute: bool,
    /// All of them must hold.
    predicates: Vec<Predicate>,
}

/// What stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Predicate {
    Any(Vec<Self>),
    All(Vec<Self>),
    Equal(Operand, Operand),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Text(String),
    /// A path without brackets, by the steps of [`Element::find`].
    Path(String),
}

/// Why a text is no path that is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathFault {
    /// What is wrong, without the text.
    pub why: &'static str,
}

impl fmt::Display for PathFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.why)
    }
}

impl std::error::Error for PathFault {}

impl Path {
    /// Reads a path. Its predicates may compare elements, attributes and texts by `=`, and join comparisons by `and` and
    /// `or`, of which `and` binds tighter.
    ///
    /// ```
    /// use sif::query::Path;
    /// let path = Path::parse("PhoneNumberList/PhoneNumber[@Type='0096' or @Type=\"0350\"]/Number").unwrap();
    /// assert_eq!(path.plain(), "PhoneNumberList/PhoneNumber/Number");
    /// assert_eq!(path.tested(), ["PhoneNumberList/PhoneNumber/@Type", "PhoneNumberList/PhoneNumber/@Type"]);
    /// assert!(Path::parse("Name[1]").is_err());
    /// assert!(Path::parse("//Name").is_err());
    /// ```
    ///
    /// # Errors
    /// What of XPath is not supported, or is no path at all.
    pub fn parse(text: &str) -> Result<Self, PathFault> {
        parse::path(text)
    }

    /// The path without its predicates, as the schema has it.
    #[must_use]
    pub fn plain(&self) -> String {
        plain(&self.steps)
    }

    /// The paths that its predicates look at, from the object on.
    #[must_use]
    pub fn tested(&self) -> Vec<String> {
        let mut tested = Vec::new();
        for (position, step) in self.steps.iter().enumerate() {
            let here = plain(self.steps.get(..=position).unwrap_or_default());
            step.predicates.iter().for_each(|predicate| predicate.collect(&here, &mut tested));
        }
        tested
    }

    /// Whether it names an attribute.
    #[must_use]
    pub fn is_attribute(&self) -> bool {
        self.steps.last().is_some_and(|step| step.attribute)
    }

    /// The elements that it names in an instance; for an attribute those that have it.
    #[must_use]
    pub fn elements<'t>(&self, instance: Element<'t>) -> Vec<Element<'t>> {
        let mut found = vec![instance];
        for step in &self.steps {
            found = if step.attribute {
                found.into_iter().filter(|element| element.attribute(&step.name).is_some()).collect()
            } else {
                found.into_iter().flat_map(|element| step.children(element)).collect()
            };
        }
        found
    }

    /// The values that it names in an instance. An element that is nil has none.
    #[must_use]
    pub fn values<'t>(&self, instance: Element<'t>) -> Vec<Cow<'t, str>> {
        let attribute = self.steps.last().filter(|step| step.attribute);
        let elements = self.elements(instance).into_iter();
        match attribute {
            Some(step) => elements.filter_map(|element| element.attribute(&step.name)).map(Cow::Borrowed).collect(),
            None => elements.filter(|element| !element.is_nil()).map(Element::text).collect(),
        }
    }

    /// Whether it names anything in an instance.
    #[must_use]
    pub fn matches(&self, instance: Element<'_>) -> bool {
        !self.elements(instance).is_empty()
    }
}

impl Step {
    fn children<'t>(&self, element: Element<'t>) -> Vec<Element<'t>> {
        let named = element.children().filter(|child| child.name() == self.name);
        named.filter(|child| self.predicates.iter().all(|predicate| predicate.holds(*child))).collect()
    }
}

impl Predicate {
    /// As XPath has it: a comparison of several values holds if any two of them are equal.
    fn holds(&self, element: Element<'_>) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(element)),
            Self::All(parts) => parts.iter().all(|part| part.holds(element)),
            Self::Equal(left, right) => {
                let right = right.values(element);
                left.values(element).iter().any(|left| right.contains(left))
            }
        }
    }

    fn collect(&self, here: &str, tested: &mut Vec<String>) {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.iter().for_each(|part| part.collect(here, tested)),
            Self::Equal(left, right) => {
                for operand in [left, right] {
                    if let Operand::Path(path) = operand {
                        tested.push(format!("{here}/{path}"));
                    }
                }
            }
        }
    }
}

impl Operand {
    fn values<'t>(&'t self, element: Element<'t>) -> Vec<Cow<'t, str>> {
        match self {
            Self::Text(text) => vec![Cow::Borrowed(text)],
            Self::Path(path) => element.find(path).collect(),
        }
    }
}

fn plain(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        if !path.is_empty() {
            path.push('/');
        }
        if step.attribute {
            path.push('@');
        }
        path.push_str(&step.name);
    }
    path
}

impl fmt::Display for Path {
    /// As it can be read again.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            let slash = if position > 0 { "/" } else { "" };
            let at = if step.attribute { "@" } else { "" };
            write!(formatter, "{slash}{at}{}", step.name)?;
            for predicate in &step.predicates {
                write!(formatter, "[{predicate}]")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Self::Any(parts) => (parts, " or "),
            Self::All(parts) => (parts, " and "),
            Self::Equal(left, right) => return write!(formatter, "{left}={right}"),
        };
        for (position, part) in parts.iter().enumerate() {
            write!(formatter, "{}{part}", if position > 0 { word } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => formatter.write_str(path),
            Self::Text(text) if text.contains('\'') => write!(formatter, "\"{text}\""),
            Self::Text(text) => write!(formatter, "'{text}'"),
        }
    }
}
