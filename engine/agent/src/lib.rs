//! The client side of SIF 2.x: an agent of a zone.
//!
//! An [`Agent`] sends messages through a [`Transport`]: over HTTP ([`HttpTransport`]), or within one process. Each operation is a file
//! of its own: it writes its message and gives the zone's [`Answer`]. What a zone delivers comes by [`Pull`] (the agent asks) or by a
//! [`Listener`] (the zone calls), and goes to a [`Handler`], whose [`Reply`] is the acknowledgement.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use agent::{Agent, HttpTransport, Offered, Provision, Query, Registration, Request};
//!
//! # async fn example() -> Result<(), agent::AgentFault> {
//! let transport = HttpTransport::builder("https://zis.example.org/zones/Cedar").build()?;
//! let agent = Agent::new("Library", Arc::new(transport));
//! agent.register(&Registration::pull("Library")).await?.accepted()?;
//! let provision = Provision { subscribe: vec![Offered::new("StudentPersonal")], ..Provision::default() };
//! agent.provision(&provision).await?.accepted()?;
//! let asked = agent.request(&Request::of(Query::new("SchoolInfo"))).await?.accepted()?;
//! println!("the packets will name the request {}", asked.message_id);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod acknowledge;
mod answer;
mod client;
mod control;
mod fault;
mod gzip;
mod handler;
mod http;
mod inner;
mod listener;
mod objects;
mod provide;
mod provision;
mod publish;
mod pull;
mod query;
mod register;
mod request;
mod respond;
mod sources;
mod subscribe;
mod tls;
mod transport;
mod unregister;

pub use acknowledge::Delivered;
pub use answer::{Answer, Data};
pub use client::{Agent, Deadline, Resend};
pub use control::{Control, Notify};
pub use fault::AgentFault;
pub use handler::{Handled, Handler, Reply};
pub use http::{HttpBuilder, HttpTransport};
pub use listener::{Listener, ListenerBuilder};
pub use objects::{objects, rows};
pub use provision::{Offered, OfferedService, Provision};
pub use publish::{Action, Event};
pub use pull::{Pull, Pulled};
pub use query::{Condition, Conditions, Group, Operator, Query};
pub use register::{Protocol, Registration};
pub use request::{Question, Request};
pub use respond::{Body, Packet};
pub use sources::{Clock, MessageIds, message_id, timestamp};
pub use transport::{Answered, Transport, TransportFault};
