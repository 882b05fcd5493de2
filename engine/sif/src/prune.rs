//! Hides elements: what an agent may see of an object, and the messages and instances that are cut down to it.
//!
//! [`Visible`] is made from the paths that an agent's rights name. A path means the element with everything below it.
//! What cannot be left out of an object stays whether it is named or not: the key, and everything mandatory in what is
//! seen. So a whole instance is still a whole instance when it is cut down, and a mandatory element cannot be hidden:
//! rights that are to hide it must be given on another object. An attribute `@SIF_Action` stays with its element, since
//! the deletion of a list's member would otherwise read as its addition.

mod copy;
mod message;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bytes::Bytes;

use self::view::View;
use crate::message::Message;
use crate::schema::schema;
use crate::tree::{Element, Tree};

/// What an agent may see of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible {
    object: &'static str,
    root: View,
}

/// What an agent may see of each object. An object that is not named is seen whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visibility {
    objects: BTreeMap<&'static str, Visible>,
}

/// A path that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneFault {
    /// The object that it is a path of.
    pub object: String,
    /// The path as it was given; empty where the object itself is not known.
    pub path: String,
    /// What is wrong with it.
    pub kind: PruneFaultKind,
}

/// What is wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PruneFaultKind {
    /// The standard has no such object.
    Object,
    /// The object has no such path.
    Unknown {
        /// The longest part of it that the object has, up to the step that it does not have.
        known: String,
        /// The step that is not there.
        step: String,
        /// The path that may be meant.
        meant: Option<String>,
    },
    /// An attribute of an element with a value that is not seen: the one cannot be sent without the other.
    Attribute {
        /// The element to name instead.
        element: String,
    },
}

impl fmt::Display for PruneFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, path, .. } = self;
        match &self.kind {
            PruneFaultKind::Object => write!(formatter, "SIF 2.4 has no object `{object}`"),
            PruneFaultKind::Unknown { known, step, .. } => {
                let place = if known.is_empty() { object.clone() } else { format!("{object}/{known}") };
                write!(formatter, "`{place}` has no `{step}`")?;
                match self.meant() {
                    Some(meant) => write!(formatter, "; did you mean `{meant}`?"),
                    None => Ok(()),
                }
            }
            PruneFaultKind::Attribute { element } => {
                write!(formatter, "`{path}` cannot be seen without the value that it belongs to; name `{element}`")
            }
        }
    }
}

impl std::error::Error for PruneFault {}

impl PruneFault {
    /// The path that may be meant instead.
    #[must_use]
    pub fn meant(&self) -> Option<&str> {
        match &self.kind {
            PruneFaultKind::Unknown { meant, .. } => meant.as_deref(),
            PruneFaultKind::Attribute { element } => Some(element),
            PruneFaultKind::Object => None,
        }
    }
}

impl Visible {
    /// What is seen of `object` where these paths of it are named, such as `Name`, `Demographics/RaceList` or `@SchoolYear`.
    ///
    /// Below `SIF_ExtendedElement` any names are taken, since the standard leaves its content free.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    /// use sif::prune::Visible;
    /// let paths = BTreeSet::from(["LocalId".to_owned(), "PhoneNumberList/PhoneNumber/Number".to_owned()]);
    /// let visible = Visible::new("StudentPersonal", &paths).unwrap();
    /// assert!(visible.sees("@RefId"), "the key");
    /// assert!(visible.sees("Name/LastName"), "mandatory");
    /// assert!(visible.sees("PhoneNumberList/PhoneNumber/@Type"), "mandatory in a phone number");
    /// assert!(!visible.sees("PhoneNumberList/PhoneNumber/Extension"));
    /// assert!(!visible.sees("Name/MiddleName"));
    ///
    /// let fault = Visible::new("StudentPersonal", &BTreeSet::from(["Name/FirtsName".to_owned()])).unwrap_err();
    /// assert_eq!(fault.to_string(), "`StudentPersonal/Name` has no `FirtsName`; did you mean `Name/FirstName`?");
    /// ```
    ///
    /// # Errors
    /// The first path that the object does not have, or that cannot be seen alone.
    pub fn new(object: &str, paths: &BTreeSet<String>) -> Result<Self, PruneFault> {
        let fault = |path: &str, kind| PruneFault { object: object.to_owned(), path: path.to_owned(), kind };
        let schema = schema().object(object).ok_or_else(|| fault("", PruneFaultKind::Object))?;
        let mut root = View::container(&schema.root, true);
        for path in paths {
            root.name(&schema.root, path).map_err(|kind| fault(path, kind))?;
        }
        for key in &schema.key {
            // Keys are paths of the schema itself.
            let _ = root.name(&schema.root, key);
        }
        root.keep_mandatory(&schema.root);
        for path in paths {
            if let Some(element) = root.attribute_without_value(path) {
                return Err(fault(path, PruneFaultKind::Attribute { element: element.to_owned() }));
            }
        }
        Ok(Self { object: schema.name, root })
    }

    /// The object's name.
    #[must_use]
    pub const fn object(&self) -> &'static str {
        self.object
    }

    /// Whether what stands at a path itself may be seen: the value of an attribute or element, or that a container is
    /// there. Conditions, joins and orders may only use such paths. The empty path is the object.
    #[must_use]
    pub fn sees(&self, path: &str) -> bool {
        self.root.at(path).is_some_and(View::shows_value)
    }

    /// Whether everything at a path and below it may be seen.
    #[must_use]
    pub fn sees_all(&self, path: &str) -> bool {
        self.root.at(path).is_some_and(View::is_whole)
    }

    /// Adds an instance of the object to `out`, without what is hidden; answers whether something was left out.
    pub fn prune_element(&self, element: Element<'_>, out: &mut Tree) -> bool {
        copy::pruned(&self.root, element, out)
    }

    /// A message without what is hidden, as [`Visibility::prune`] gives it.
    #[must_use]
    pub fn prune(&self, message: &Message) -> Option<Bytes> {
        Visibility { objects: BTreeMap::from([(self.object, self.clone())]) }.prune(message)
    }
}

impl Visibility {
    /// What is seen where these paths are named, by object.
    ///
    /// # Errors
    /// The first path of each object that is wrong.
    pub fn new(elements: &BTreeMap<String, BTreeSet<String>>) -> Result<Self, Vec<PruneFault>> {
        let mut objects = BTreeMap::new();
        let mut faults = Vec::new();
        for (object, paths) in elements {
            match Visible::new(object, paths) {
                Ok(visible) => {
                    objects.insert(visible.object, visible);
                }
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Self { objects }) } else { Err(faults) }
    }

    /// Whether every object is seen whole.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.objects.is_empty()
    }

    /// What is seen of an object; none where it is seen whole.
    #[must_use]
    pub fn of(&self, object: &str) -> Option<&Visible> {
        self.objects.get(object)
    }

    /// A message without what is hidden: the objects of a SIF_Event or SIF_Response, those inside a SIF_LogEntry, and
    /// the cells of SIF_ExtendedQueryResults, whose hidden columns are empty. What a service sends is no object, and is
    /// left as it is, as every other kind of message is. The same bytes where nothing is hidden; else a message that says
    /// the same without it, perhaps with other prefixes and without comments.
    ///
    /// None for a Change event of which only the key is left, and is to be sent to nobody who sees no more.
    #[must_use]
    pub fn prune(&self, message: &Message) -> Option<Bytes> {
        message::pruned(self, message)
    }
}
