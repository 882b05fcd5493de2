//! Events: what was added, changed and deleted in the source since it was last published.
//!
//! A [`Publisher`] is asked to look ([`Publisher::tick`], on a schedule), to compare everything ([`Publisher::full`]) or what some rows
//! concern ([`Publisher::changed`]). It learns which rows of the source changed, from a change feed ([`triggers`]) or from sums over
//! the rows; marks the instances that lead to such a row by relations that the object follows; maps those; and compares each
//! with the sums over its elements that were kept when it was last published.
//!
//! What is different is written into an outbox in the same transaction as what is published from then on. [`Publisher::publish`]
//! empties the outbox into the zone, in order. An event has one SIF_MsgId for ever, so what is sent again after a crash happens once.
//!
//! The first comparison only notes what there is, unless it is to [announce](Settings::announce) it.

mod book;
mod changes;
mod compact;
mod compare;
mod comparison;
mod confirmation;
mod fault;
mod guard;
mod marks;
mod order;
mod outbox;
mod position;
mod publisher;
mod ranking;
mod reads;
mod refusal;
mod rows;
mod run;
mod sending;
mod shelf;
mod state;
mod tally;
pub mod triggers;
mod units;
mod web;
mod work;

pub use agent::Action;
pub use changes::RowChange;
pub use compare::{Difference, compare, deleted};
pub use confirmation::confirmation;
pub use fault::EventFault;
pub use guard::{Guard, HeldBack, MassDeletion};
pub use order::order;
pub use outbox::{AgentOutlet, NotTaken, OutgoingEvent, Outlet};
pub use publisher::{Counts, Publisher, Report, Settings};
pub use reads::watched;
pub use refusal::Refusal;
pub use sending::Sent;
pub use shelf::{Entry, Shelf, StoreShelf};
pub use state::{InstanceState, Owner, OwnerState};
pub use units::{Summer, Unit};
