//! Reads a request, and refuses what cannot be answered.

use rulebook::plan::Plan;
use sif::message::{ErrorCode, Message, Version, VersionPattern, error};
use sif::prune::Visibility;
use sif::query::{Question, Request};

use crate::config::ProviderConfig;

/// A request that can be answered.
pub(crate) struct Asked {
    /// What it asks for.
    pub question: Question,
    /// The most bytes of a packet.
    pub limit: usize,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Category and code.
    pub code: ErrorCode,
    /// Why, without values.
    pub description: String,
}

impl Refused {
    pub(crate) fn new(code: ErrorCode, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }
}

/// The version that a request is answered in: ours where it may be, else one that the requester names, so that it can be told why not.
pub(crate) fn version(message: &Message) -> Version {
    let patterns: Vec<VersionPattern> =
        message.body().find("SIF_Version").filter_map(|text| VersionPattern::parse(text.trim())).collect();
    if patterns.iter().any(|pattern| pattern.matches(Version::V2_4)) {
        return Version::V2_4;
    }
    let exactly = patterns.iter().find_map(|pattern| match pattern {
        VersionPattern::Exactly(version) => Some(*version),
        VersionPattern::Minor(major, minor) => Some(Version { major: *major, minor: *minor, revision: 1 }),
        VersionPattern::Any | VersionPattern::Major(_) => None,
    });
    exactly.unwrap_or(message.version)
}

/// Reads a request.
///
/// # Errors
/// Why it cannot be answered: what is wrong with its form (1/x, 8/9), versions (8/7), buffer (8/8), an object that is not provided
/// (8/3), a look at what its sender may not see (8/9).
pub(crate) fn read(
    message: &Message,
    plan: &Plan,
    config: &ProviderConfig,
    visibility: &Visibility,
) -> Result<Asked, Refused> {
    let request = Request::read(message).map_err(|fault| Refused::new(fault.error, fault.description))?;
    if !request.versions.iter().any(|pattern| pattern.matches(Version::V2_4)) {
        let why = "objects are provided as SIF 2.4, which is none of the requested SIF_Versions";
        return Err(Refused::new(error::RESPONDER_VERSION, why));
    }
    if request.max_buffer_size < config.min_buffer {
        let why = format!("the SIF_MaxBufferSize must be at least {} bytes", config.min_buffer);
        return Err(Refused::new(error::RESPONDER_BUFFER, why));
    }
    let objects: Vec<&str> = match &request.question {
        Question::Query(query) => vec![&query.object],
        Question::Extended(query) => query.objects().collect(),
    };
    for object in objects {
        if plan.variants(object).is_empty() {
            return Err(Refused::new(error::REQUEST_INVALID_OBJECT, format!("{object} is not provided here")));
        }
    }
    if let Some((object, path)) = request.question.hidden_test(visibility) {
        let why =
            format!("a condition, join or order looks at {object}/{path}, which the requester's rights do not show");
        return Err(Refused::new(error::UNSUPPORTED_QUERY, why));
    }
    let limit = request.max_buffer_size.min(config.max_buffer);
    Ok(Asked { question: request.question, limit: usize::try_from(limit).unwrap_or(usize::MAX) })
}
