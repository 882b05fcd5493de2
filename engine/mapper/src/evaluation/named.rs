//! RefIds of what has a name and no GUID. Schools, terms and sets of scores repeat from student to student, and a hash costs more
//! than finding what was made before.

use std::collections::HashMap;
use std::rc::Rc;

use sif::{Naming, RefId};

use super::Evaluation;
use crate::fault::{Fault, Step};
use crate::value::{Text, Value};

/// The RefIds that were made of names in one district.
pub(super) struct Named {
    district_guid: Box<str>,
    naming: Naming,
    ids: HashMap<Box<str>, Rc<str>>,
}

impl Named {
    fn of(district_guid: &str) -> Step<Self> {
        let guid = RefId::parse(district_guid).ok_or(Fault::Data("the text is no GUID"))?;
        Ok(Self { district_guid: district_guid.into(), naming: Naming::of(&guid), ids: HashMap::new() })
    }
}

impl Evaluation {
    /// The RefId of what has this name in the district with this GUID.
    ///
    /// # Errors
    /// A fault, if the district's text is no GUID.
    pub(crate) fn name_ref_id(&self, district_guid: &str, name: &str) -> Step<Value> {
        let mut named = self.named.borrow_mut();
        if named.as_ref().is_none_or(|named| *named.district_guid != *district_guid) {
            *named = Some(Named::of(district_guid)?);
        }
        let Some(named) = &mut *named else { return Ok(Value::Absent) };
        if let Some(known) = named.ids.get(name) {
            return Ok(Value::Text(Text::Made(Rc::clone(known))));
        }
        let made: Rc<str> = named.naming.ref_id(name).to_string().into();
        named.ids.insert(name.into(), Rc::clone(&made));
        Ok(Value::Text(Text::Made(made)))
    }
}
