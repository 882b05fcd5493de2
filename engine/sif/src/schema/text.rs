//! Values that need no second check.

use std::fmt;
use std::ops::Deref;

use super::{ElementSchema, ValueFault};

/// A value in the making that remembers the element or attribute that it was found right for. Any change forgets it.
///
/// Put into a tree with [`crate::tree::Tree::checked_leaf`] and the like, it is not checked again.
#[derive(Clone, Default)]
pub struct ValueText {
    text: String,
    right_for: RightFor,
}

impl ValueText {
    /// Empties it, keeps the room.
    pub fn clear(&mut self) {
        self.edit().clear();
    }

    /// Its text, to change; what it was found right for is forgotten.
    pub const fn edit(&mut self) -> &mut String {
        self.right_for = RightFor::NOTHING;
        &mut self.text
    }

    /// Whether it may stand there: [`ElementSchema::check_value`], remembered.
    ///
    /// # Errors
    /// What is wrong with it, without the value.
    pub fn check(&mut self, schema: &ElementSchema) -> Result<(), ValueFault> {
        self.right_for = RightFor::NOTHING;
        schema.check_value(&self.text)?;
        self.right_for = RightFor::of(schema);
        Ok(())
    }

    pub(crate) const fn right_for(&self) -> RightFor {
        self.right_for
    }
}

impl Deref for ValueText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<String> for ValueText {
    fn from(text: String) -> Self {
        Self { text, right_for: RightFor::NOTHING }
    }
}

impl fmt::Debug for ValueText {
    /// Without the text: values are personal data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ValueText").finish_non_exhaustive()
    }
}

/// The element or attribute that a value was found right for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RightFor(u32);

impl RightFor {
    /// The value was not checked. No element has this number.
    pub(crate) const NOTHING: Self = Self(0);

    pub(crate) const fn of(schema: &ElementSchema) -> Self {
        Self(schema.number)
    }
}
