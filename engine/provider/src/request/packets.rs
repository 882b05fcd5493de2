//! Cuts an answer into packets: each is a whole SIF_Response that is no larger than the requester takes.

use agent::{Agent, Body, Packet};
use sif::RefId;
use sif::message::Version;
use uuid::Uuid;

use super::open::Mark;

/// An instance or row, written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// What the answer reaches to with it.
    pub mark: Mark,
    /// XML.
    pub xml: String,
}

/// What all packets of an answer share.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub agent: Agent,
    pub zone: String,
    pub request_id: String,
    pub requester: String,
    pub contexts: Vec<String>,
    pub version: Version,
    /// The most bytes of a packet.
    pub limit: usize,
    /// What stands around the items: nothing for objects.
    pub around: Option<Around>,
}

/// Which of the packets with one number it is, of which the zone takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The first, and every time that it is sent again.
    First,
    /// One that ends elsewhere than the first, which may have been taken or not.
    Anew,
    /// One that says that there is no answer.
    Error,
}

/// What stands around the rows of SIF_ExtendedQueryResults in each packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    pub before: String,
    pub after: String,
}

impl Envelope {
    /// A packet with this body. Its id follows from request, number and cut, so that one that is sent again is known again.
    pub(crate) fn packet(&self, number: u32, more: bool, body: Body, cut: Cut) -> Packet {
        let cut = match cut {
            Cut::First => "",
            Cut::Anew => ":anew",
            Cut::Error => ":error",
        };
        let name = format!("sifter:packet:{}:{}:{}:{number}{cut}", self.zone.len(), self.zone, self.request_id);
        let id = RefId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())).to_string();
        Packet {
            request_id: self.request_id.clone(),
            destination: self.requester.clone(),
            number,
            more,
            body,
            contexts: self.contexts.clone(),
            version: Some(self.version),
            message_id: Some(id),
        }
    }

    /// The body with these items.
    pub(crate) fn body(&self, items: &str) -> Body {
        match &self.around {
            None => Body::Objects(items.to_owned()),
            Some(Around { before, after }) => Body::Results(format!("{before}{items}{after}")),
        }
    }

    /// Bytes of a packet without items.
    pub(crate) fn empty_size(&self, number: u32) -> usize {
        // `Yes` is longer than `No`, and every id and time is as long as any other.
        let packet = self.packet(number, true, self.body(""), Cut::First);
        packet.write(self.version, &self.agent.header(packet.message_id.as_deref())).len()
    }
}

/// A packet's items, as far as they are there.
#[derive(Debug, Default)]
pub(crate) struct Filling {
    pub xml: String,
    /// What it reaches to; none while it is empty.
    pub until: Option<Mark>,
}

/// An item that no packet can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// The bytes that a packet with it would have.
    pub needed: usize,
}

impl Filling {
    /// Adds an item, if it fits.
    ///
    /// # Errors
    /// If not even an empty packet could hold it.
    pub(crate) fn add(&mut self, item: &Item, empty_size: usize, limit: usize) -> Result<bool, TooLarge> {
        let needed = empty_size + self.xml.len() + item.xml.len();
        if needed <= limit {
            self.xml.push_str(&item.xml);
            self.until = Some(item.mark);
            return Ok(true);
        }
        if self.until.is_some() { Ok(false) } else { Err(TooLarge { needed }) }
    }
}
