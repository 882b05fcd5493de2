//! SIF_Query: which instances of an object are asked for, and which of their elements.

use std::fmt;

use sif::message::MessageWriter;

/// A SIF_Query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// ObjectName.
    pub object: String,
    /// The paths that are asked for, such as `Name/LastName` or `@RefId`; none asks for all.
    pub elements: Vec<String>,
    /// Groups of conditions.
    pub conditions: Vec<Conditions>,
    /// How the groups go together.
    pub group: Group,
}

/// Conditions of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// How they go together.
    pub group: Group,
    /// The conditions.
    pub conditions: Vec<Condition>,
}

/// How conditions go together. One alone is written as `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// All must hold.
    #[default]
    And,
    /// One must hold.
    Or,
}

/// A comparison of an element with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The path of the element, without the object.
    pub element: String,
    /// How it is compared.
    pub operator: Operator,
    /// The value.
    pub value: String,
}

/// How an element is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less than.
    Lt,
    /// Greater than.
    Gt,
    /// At most.
    Le,
    /// At least.
    Ge,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Lt, Self::Gt, Self::Le, Self::Ge];

    /// Its name in SIF_Operator.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "EQ",
            Self::Ne => "NE",
            Self::Lt => "LT",
            Self::Gt => "GT",
            Self::Le => "LE",
            Self::Ge => "GE",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Condition {
    /// Reads a condition that a person wrote: a path, an operator, and a value to the end of the text.
    ///
    /// ```
    /// use agent::{Condition, Operator};
    /// let condition = Condition::parse("Name/LastName EQ van Dyke").unwrap();
    /// assert_eq!((condition.operator, condition.value.as_str()), (Operator::Eq, "van Dyke"));
    /// assert!(Condition::parse("Name/LastName = Smith").is_err());
    /// ```
    ///
    /// # Errors
    /// What is missing or wrong, for the person.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = "a condition is written: Name/LastName EQ Smith";
        let (element, rest) = text.trim().split_once(char::is_whitespace).ok_or(form)?;
        let rest = rest.trim_start();
        let (operator, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let operator = Operator::ALL
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(operator))
            .ok_or_else(|| format!("the operator is EQ, NE, LT, GT, LE or GE; {form}"))?;
        Ok(Self { element: element.to_owned(), operator, value: value.trim().to_owned() })
    }
}

impl Query {
    /// All of an object.
    #[must_use]
    pub fn new(object: impl Into<String>) -> Self {
        Self { object: object.into(), ..Self::default() }
    }

    /// The same query, with one group of conditions, all or one of which must hold.
    #[must_use]
    pub fn such_that(mut self, group: Group, conditions: Vec<Condition>) -> Self {
        self.conditions = vec![Conditions { group, conditions }];
        self
    }

    pub(crate) fn write(&self, writer: &mut MessageWriter) {
        writer.open("SIF_Query").open_with("SIF_QueryObject", &[("ObjectName", &self.object)]);
        for element in &self.elements {
            writer.leaf("SIF_Element", element);
        }
        writer.close();
        let groups: Vec<&Conditions> = self.conditions.iter().filter(|group| !group.conditions.is_empty()).collect();
        if !groups.is_empty() {
            writer.open_with("SIF_ConditionGroup", &[("Type", self.group.name(groups.len()))]);
            for group in groups {
                writer.open_with("SIF_Conditions", &[("Type", group.group.name(group.conditions.len()))]);
                for condition in &group.conditions {
                    writer.open("SIF_Condition");
                    writer.leaf("SIF_Element", &condition.element);
                    writer.leaf("SIF_Operator", condition.operator.name());
                    writer.leaf("SIF_Value", &condition.value);
                    writer.close();
                }
                writer.close();
            }
            writer.close();
        }
        writer.close();
    }
}

impl Group {
    const fn name(self, count: usize) -> &'static str {
        match (self, count) {
            (_, 0 | 1) => "None",
            (Self::And, _) => "And",
            (Self::Or, _) => "Or",
        }
    }
}
