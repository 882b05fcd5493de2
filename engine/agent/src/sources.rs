//! What differs from run to run: ids and times. Both are handed in, so that tests can fix them.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

/// Gives a fresh SIF_MsgId for each message: 32 hexadecimal digits in upper case.
pub type MessageIds = Arc<dyn Fn() -> String + Send + Sync>;

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A random SIF_MsgId.
///
/// ```
/// let id = agent::message_id();
/// assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
/// ```
#[must_use]
pub fn message_id() -> String {
    let mut id = uuid::Uuid::new_v4().simple().to_string();
    id.make_ascii_uppercase();
    id
}

/// A moment as SIF_Timestamp has it: to the millisecond, in UTC.
#[must_use]
pub fn timestamp(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
