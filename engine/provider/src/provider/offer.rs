//! What of its provision a zone takes: a SIF_Provision is all or nothing, so what the zone refuses is searched for and left out.

use std::collections::BTreeMap;
use std::fmt;

use agent::{Agent, AgentFault, Offered, Provision};
use sif::message::{ErrorCode, error};

use super::accepted;
use super::rights::Rights;

/// A part of a provision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Provide,
    Respond,
    PublishAdd,
    PublishChange,
    PublishDelete,
}

impl Part {
    pub(super) const ALL: [Self; 5] =
        [Self::Provide, Self::Respond, Self::PublishAdd, Self::PublishChange, Self::PublishDelete];

    /// The list of a SIF_AgentACL that is about it.
    pub(super) const fn access(self) -> &'static str {
        match self {
            Self::Provide => "SIF_ProvideAccess",
            Self::Respond => "SIF_RespondAccess",
            Self::PublishAdd => "SIF_PublishAddAccess",
            Self::PublishChange => "SIF_PublishChangeAccess",
            Self::PublishDelete => "SIF_PublishDeleteAccess",
        }
    }

    /// What it is called.
    const fn name(self) -> &'static str {
        match self {
            Self::Provide => "provide",
            Self::Respond => "respond",
            Self::PublishAdd => "publish Add",
            Self::PublishChange => "publish Change",
            Self::PublishDelete => "publish Delete",
        }
    }

    fn of(self, provision: &mut Provision) -> &mut Vec<Offered> {
        match self {
            Self::Provide => &mut provision.provide,
            Self::Respond => &mut provision.respond,
            Self::PublishAdd => &mut provision.publish_add,
            Self::PublishChange => &mut provision.publish_change,
            Self::PublishDelete => &mut provision.publish_delete,
        }
    }
}

/// One object in one part of a provision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub part: Part,
    pub offered: Offered,
}

/// Why an item is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The zone's SIF_AgentACL does not name it.
    NoRight,
    /// The zone refuses it.
    Refused(ErrorCode),
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRight => formatter.write_str("the zone's SIF_AgentACL gives no right to it"),
            Self::Refused(code) => write!(formatter, "the zone refuses it with {code}: {}", error::meaning(*code)),
        }
    }
}

/// What the zone has taken, and what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    pub taken: Vec<Item>,
    pub missing: Vec<(Item, Why)>,
}

impl Offer {
    /// What is missing, as the log says it: by reason, names of objects only.
    pub(super) fn missing_by_reason(&self) -> BTreeMap<Why, String> {
        let text = |doings: Vec<Doing>| {
            let each = doings.into_iter().map(|Doing { what, objects }| format!("{what}: {}", objects.join(", ")));
            each.collect::<Vec<_>>().join("; ")
        };
        self.missing_parts().into_iter().map(|(why, doings)| (why, text(doings))).collect()
    }

    /// What the zone has taken.
    pub(super) fn doings(&self) -> Vec<Doing> {
        doings(self.taken.iter())
    }

    /// What is missing, each with the reason.
    pub(super) fn missing_doings(&self) -> Vec<(String, Doing)> {
        let of_reason = |(why, doings): (Why, Vec<Doing>)| {
            let reason = why.to_string();
            doings.into_iter().map(move |doing| (reason.clone(), doing))
        };
        self.missing_parts().into_iter().flat_map(of_reason).collect()
    }

    fn missing_parts(&self) -> BTreeMap<Why, Vec<Doing>> {
        let mut items: BTreeMap<Why, Vec<&Item>> = BTreeMap::new();
        for (item, why) in &self.missing {
            items.entry(*why).or_default().push(item);
        }
        items.into_iter().map(|(why, items)| (why, doings(items.into_iter()))).collect()
    }
}

/// Something that a provider does with objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doing {
    /// What: `provide`, `respond`, `publish Add`, `publish Change` or `publish Delete`.
    pub what: &'static str,
    /// The names of the objects.
    pub objects: Vec<String>,
}

/// Items, by what is done.
fn doings<'i>(items: impl Iterator<Item = &'i Item>) -> Vec<Doing> {
    let mut parts: BTreeMap<Part, Vec<String>> = BTreeMap::new();
    for Item { part, offered } in items {
        parts.entry(*part).or_default().push(offered.object.clone());
    }
    parts.into_iter().map(|(part, objects)| Doing { what: part.name(), objects }).collect()
}

/// Offers a zone what it may take of `wanted`: what its `rights` name, where it has said them, and of that what it does not refuse.
/// `before` is what it had taken until now, which stays while the rest is tried, so that no requester finds it gone meanwhile.
///
/// Where the zone refuses, halves of the rest are tried; so it takes at most two messages for each item.
///
/// # Errors
/// If the zone does not answer, or refuses for another reason than single objects.
pub(super) async fn offer(
    agent: &Agent,
    wanted: Provision,
    rights: Option<&Rights>,
    before: &[Item],
) -> Result<Offer, AgentFault> {
    let may = |item: &Item| rights.is_none_or(|rights| rights.may(item.part, &item.offered.object));
    let (allowed, barred): (Vec<Item>, Vec<Item>) = items(wanted).into_iter().partition(may);
    let mut missing: Vec<(Item, Why)> = barred.into_iter().map(|item| (item, Why::NoRight)).collect();
    if tell(agent, &allowed).await?.is_none() {
        return Ok(Offer { taken: allowed, missing });
    }
    let (mut taken, mut rest): (Vec<Item>, Vec<Item>) = allowed.into_iter().partition(|item| before.contains(item));
    if taken.is_empty() || tell(agent, &taken).await?.is_some() {
        // What was taken before is not taken any more.
        rest.splice(0..0, taken.drain(..));
    }
    let mut portions = vec![rest];
    while let Some(mut portion) = portions.pop() {
        let together: Vec<Item> = taken.iter().chain(&portion).cloned().collect();
        match tell(agent, &together).await? {
            None => taken = together,
            Some(_) if portion.len() > 1 => {
                let second = portion.split_off(portion.len() / 2);
                portions.extend([second, portion]);
            }
            Some(code) => missing.extend(portion.into_iter().map(|item| (item, Why::Refused(code)))),
        }
    }
    if taken.is_empty() && tell(agent, &[]).await?.is_some() {
        let why = "the zone refuses a provision of nothing because of its objects".to_owned();
        return Err(AgentFault::Answer { why });
    }
    Ok(Offer { taken, missing })
}

/// Tells the zone a provision; the code with which it refuses it for single objects.
async fn tell(agent: &Agent, items: &[Item]) -> Result<Option<ErrorCode>, AgentFault> {
    let mut provision = Provision::default();
    for Item { part, offered } in items {
        part.of(&mut provision).push(offered.clone());
    }
    match agent.provision(&provision).await.and_then(accepted) {
        Ok(()) => Ok(None),
        Err(AgentFault::Refused { code, .. }) if is_about_objects(code) => Ok(Some(code)),
        Err(fault) => Err(fault),
    }
}

/// Whether an error may concern single objects of a provision, and not the agent or the whole message.
fn is_about_objects(code: ErrorCode) -> bool {
    let is_about_agent = [error::MAY_NOT_REGISTER, error::MAY_NOT_ADMINISTER, error::NOT_REGISTERED].contains(&code);
    !is_about_agent
        && ([error::ACCESS.category, error::PROVISION.category, error::SUBSCRIPTION.category].contains(&code.category)
            || code == error::REQUEST_INVALID_OBJECT)
}

fn items(mut provision: Provision) -> Vec<Item> {
    let of = |part: Part| {
        let offered = std::mem::take(part.of(&mut provision));
        offered.into_iter().map(move |offered| Item { part, offered })
    };
    Part::ALL.into_iter().flat_map(of).collect()
}
