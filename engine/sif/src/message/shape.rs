//! The shapes of messages: what stands where in them, as the standard has it.

mod check;
mod load;
mod value;

pub(super) use check::check;

use self::value::ValueKind;

/// A shape: what stands in an element.
#[derive(Clone, Debug, Default)]
struct Shape {
    attributes: Vec<Part>,
    /// The child elements, in order.
    slots: Vec<Slot>,
}

/// A place in the order of child elements.
#[derive(Clone, Debug)]
struct Slot {
    mandatory: bool,
    repeatable: bool,
    /// The elements of which one may stand here.
    parts: Vec<Part>,
}

/// An element or attribute.
#[derive(Clone, Debug)]
struct Part {
    name: &'static str,
    mandatory: bool,
    content: Content,
    /// The most characters.
    most: Option<usize>,
    /// Whether it may be nil, or empty.
    nil: bool,
    inside: Shape,
}

/// What an element or attribute holds besides attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// A value.
    Value(ValueKind),
    /// The elements of its shape.
    Elements,
    /// Anything.
    Any,
}
