//! Against a source that is half empty for a while: a comparison that deletes too much is not believed until somebody confirms it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How much one comparison may delete by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guard {
    /// The share of an object's published instances that may be deleted, from 0 to 1; with 1 whatever is gone is deleted.
    pub max_deleted_share: f64,
    /// So many may be deleted of any object, however few it has.
    pub least: u64,
    /// How many bytes of what was found are kept in memory until it is known how much is deleted. Where there is more, it is compared
    /// twice: the first time only to count.
    pub held_bytes: usize,
}

impl Default for Guard {
    fn default() -> Self {
        Self { max_deleted_share: 0.1, least: 100, held_bytes: 32 << 20 }
    }
}

/// More Deletes of an object than the guard lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MassDeletion {
    /// The label of the object.
    pub object: String,
    /// How many Deletes a comparison has found.
    pub deleted: u64,
    /// How many instances are published.
    pub published: u64,
}

impl Guard {
    /// The objects of which too much is deleted. A published instance is counted once, whoever owns it.
    pub(super) fn too_many(
        &self,
        deleted: &BTreeMap<Arc<str>, u64>,
        published: &BTreeMap<String, u64>,
    ) -> Vec<MassDeletion> {
        let of = |(object, deleted): (&Arc<str>, &u64)| MassDeletion {
            object: object.to_string(),
            deleted: *deleted,
            published: published.get(&**object).copied().unwrap_or_default(),
        };
        deleted.iter().map(of).filter(|found| self.is_too_much(found)).collect()
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "no object has so many instances that a share of them would be another"
    )]
    fn is_too_much(&self, found: &MassDeletion) -> bool {
        found.deleted > self.least && found.deleted as f64 > self.max_deleted_share * found.published as f64
    }
}
