//! Which zone, as which agent.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agent::{Agent, AgentFault, HttpTransport};
use clap::{Args, ValueEnum};
use sif::message::Version;

use super::report;
use crate::exit::Exit;
use crate::terminal;

/// Which zone, as which agent, and how answers are printed.
#[derive(Args, Debug)]
pub struct Connection {
    /// The zone's address
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The agent's SIF_SourceId; its case matters
    #[arg(long, value_name = "ID")]
    pub id: String,
    /// The version of SIF that the messages are written in
    #[arg(long = "version", value_name = "VERSION", default_value = "2.4", value_parser = version)]
    pub sif_version: Version,
    /// The certificate that the agent shows, with its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// Authorities to trust besides those of the system, in PEM
    #[arg(long, value_name = "FILE")]
    pub authorities: Option<PathBuf>,
    /// How long the zone may take to answer, in seconds
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// How answers are printed
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs: one JSON object
    Json,
}

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| "a version is written 2.4 or 2.0r1".to_owned())
}

/// The largest file that is read: a message of more is hardly meant.
const LARGEST_FILE: u64 = 64 << 20;

/// A file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, Exit> {
    let cannot =
        |error: &dyn std::fmt::Display| terminal::usage(&format!("{} cannot be read: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| cannot(&error))?.len();
    if size > LARGEST_FILE {
        return Err(cannot(&"it is larger than 64 MiB"));
    }
    std::fs::read(path).map_err(|error| cannot(&error))
}

/// A file's text: an element without what may stand before it in a file.
pub fn read_element(path: &Path) -> Result<String, Exit> {
    let cannot = |why: &str| terminal::usage(&format!("{}: {why}", path.display()));
    let bytes = read(path)?;
    if let Err(error) = sif::xml::read::read(&bytes, sif::message::names()) {
        return Err(cannot(&error.to_string()));
    }
    let text = String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8 text"))?;
    // It was read: what may stand before the element is a mark, a declaration, comments and space.
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    while let Some((end, behind)) = [("<?", "?>"), ("<!--", "-->")]
        .into_iter()
        .find_map(|(start, end)| rest.strip_prefix(start).map(|behind| (end, behind)))
    {
        rest = behind.split_once(end).map_or("", |(_, rest)| rest).trim_start();
    }
    Ok(rest.to_owned())
}

impl Connection {
    /// The agent.
    pub fn agent(&self) -> Result<Agent, Exit> {
        let mut builder = HttpTransport::builder(&self.url).timeout(Duration::from_secs(self.timeout));
        if let (Some(certificate), Some(key)) = (&self.certificate, &self.key) {
            builder = builder.client_certificate(&read(certificate)?, &read(key)?);
        }
        if let Some(authorities) = &self.authorities {
            builder = builder.trust(&read(authorities)?);
        }
        let transport = builder.build().map_err(|fault| self.fault(&fault))?;
        Ok(Agent::new(&self.id, Arc::new(transport)).with_version(self.sif_version))
    }

    /// Says why there is no answer, and how the program ends.
    pub fn fault(&self, fault: &AgentFault) -> Exit {
        report::fault(self, fault)
    }
}
