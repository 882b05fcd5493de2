//! Why a query is not answered.

use std::fmt;

use crate::message::{ErrorCode, Outcome, error};

/// Why a query is not answered, as the SIF_Error to send. It holds names and no values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryFault {
    /// Category and code.
    pub error: ErrorCode,
    /// What is wrong.
    pub description: String,
}

impl QueryFault {
    /// A fault with its code.
    #[must_use]
    pub fn new(error: ErrorCode, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }

    pub(super) fn missing(path: &str) -> Self {
        Self::new(error::XML_MISSING, format!("`{path}` is mandatory and missing"))
    }

    pub(super) fn value(path: &str, why: &str) -> Self {
        Self::new(error::XML_VALUE, format!("the value of `{path}` {why}"))
    }

    pub(super) fn unsupported(description: impl Into<String>) -> Self {
        Self::new(error::UNSUPPORTED_QUERY, description)
    }
}

impl From<QueryFault> for Outcome {
    fn from(fault: QueryFault) -> Self {
        Self::error_because(fault.error, fault.description)
    }
}

impl fmt::Display for QueryFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error, self.description)
    }
}

impl std::error::Error for QueryFault {}
