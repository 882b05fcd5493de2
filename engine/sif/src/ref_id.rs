//! The GUID that names one object for ever.

use std::fmt;

use uuid::Uuid;

/// A SIF 2.x GUID: written as 32 upper-case hexadecimal digits without dashes.
///
/// ```
/// use sif::RefId;
/// let id = RefId::parse("{d3476fae-8647-384b-da24-31eda3583211}").map(|id| id.to_string());
/// assert_eq!(id.as_deref(), Some("D3476FAE8647384BDA2431EDA3583211"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefId(Uuid);

impl RefId {
    /// Reads a GUID in any case: bare, with dashes, or with dashes and braces.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // `Uuid` also reads the form with `urn:uuid:`, which no source database writes.
        let plain = !text.starts_with("urn:");
        plain.then(|| Uuid::try_parse(text).ok()).flatten().map(Self)
    }

    /// The RefId of a GUID.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The GUID.
    #[must_use]
    pub const fn uuid(&self) -> Uuid {
        self.0
    }

    /// Appends it as it is written.
    pub fn write(&self, out: &mut String) {
        out.push_str(self.0.simple().encode_upper(&mut Uuid::encode_buffer()));
    }

    /// The GUID in its canonical form: lower-case hexadecimal digits with dashes.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.hyphenated().to_string()
    }

    /// The RefId of something whose table has no GUID: a name-based (version 5) GUID in the namespace of the district.
    ///
    /// The same district and name give the same RefId on every machine.
    #[must_use]
    pub fn name_based(district_guid: &Self, name: &str) -> Self {
        Naming::of(district_guid).ref_id(name)
    }

    /// The id of a message in a file: name-based from zone, object, date and purpose (such as `SIF_MsgId`), so that
    /// the same input gives the same bytes.
    #[must_use]
    pub fn message(zone: &str, object: &str, as_of: chrono::NaiveDate, purpose: &str) -> Self {
        // Lengths keep two different lists of parts from giving the same name.
        let name = format!("sifter:message:{}:{zone}:{}:{object}:{as_of}:{purpose}", zone.len(), object.len());
        Self(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
    }
}

/// How a district names what has no GUID: worth keeping where many names are to come.
///
/// ```
/// use sif::{Naming, RefId};
/// let district = RefId::parse("0f3e21b7-91a4-4a6b-8b2f-3a5f4f3b2c1d").unwrap();
/// assert_eq!(Naming::of(&district).ref_id("term:1"), RefId::name_based(&district, "term:1"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming(Uuid);

impl Naming {
    /// That of the district with this GUID.
    #[must_use]
    pub fn of(district_guid: &RefId) -> Self {
        Self(Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("sifter:{}", district_guid.canonical()).as_bytes()))
    }

    /// The RefId of what has this name.
    #[must_use]
    pub fn ref_id(&self, name: &str) -> RefId {
        RefId(Uuid::new_v5(&self.0, name.as_bytes()))
    }
}

impl fmt::Display for RefId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = Uuid::encode_buffer();
        formatter.write_str(self.0.simple().encode_upper(&mut buffer))
    }
}

impl fmt::Debug for RefId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RefId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "D3476FAE8647384BDA2431EDA3583211";

    #[test]
    fn every_usual_spelling_is_read() {
        for text in [
            PLAIN,
            "d3476fae8647384bda2431eda3583211",
            "d3476fae-8647-384b-da24-31eda3583211",
            "{D3476FAE-8647-384B-DA24-31EDA3583211}",
        ] {
            assert_eq!(RefId::parse(text).map(|id| id.to_string()).as_deref(), Some(PLAIN), "{text}");
        }
    }

    #[test]
    fn what_is_no_guid_is_refused() {
        for text in [
            "",
            "17",
            "D3476FAE8647384BDA2431EDA358321",
            "G3476FAE8647384BDA2431EDA3583211",
            " D3476FAE8647384BDA2431EDA3583211",
            "urn:uuid:d3476fae-8647-384b-da24-31eda3583211",
        ] {
            assert_eq!(RefId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn name_based_ids_follow_the_recipe() {
        // Computed with Python's uuid module: uuid5(uuid5(NAMESPACE_URL, "sifter:" + district), name).
        let district = RefId::parse(PLAIN).unwrap_or(RefId(Uuid::nil()));
        assert_eq!(
            RefId::name_based(&district, "StudentParticipation/plan:17").to_string(),
            "4560B7499EE155BD9B7B0C63F39E00E7"
        );
    }

    #[test]
    fn message_ids_differ_by_every_part() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 2).unwrap_or_default();
        let next = chrono::NaiveDate::from_ymd_opt(2026, 1, 3).unwrap_or_default();
        let ids = [
            RefId::message("a", "b", day, "SIF_MsgId"),
            RefId::message("a", "b", day, "SIF_RequestMsgId"),
            RefId::message("a", "b", next, "SIF_MsgId"),
            RefId::message("a", "c", day, "SIF_MsgId"),
            RefId::message("a:1", "b", day, "SIF_MsgId"),
        ];
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id));
        }
        assert_eq!(ids[0], RefId::message("a", "b", day, "SIF_MsgId"));
    }
}
