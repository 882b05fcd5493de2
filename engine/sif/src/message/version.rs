//! Versions of SIF, and patterns of versions.

use std::fmt;

/// A version such as `2.4` or `2.0r1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The number before the point.
    pub major: u16,
    /// The number behind it.
    pub minor: u16,
    /// The revision; 0 where none is written.
    pub revision: u16,
}

impl Version {
    /// SIF 2.4, the version that Sifter itself writes.
    pub const V2_4: Self = Self { major: 2, minor: 4, revision: 0 };

    /// Reads a version: digits, a point, digits, and perhaps `r` and digits; 12 characters at most.
    ///
    /// ```
    /// use sif::message::Version;
    /// assert_eq!(Version::parse("2.0r1").map(|version| version.to_string()).as_deref(), Some("2.0r1"));
    /// assert!(Version::parse("2.0r1") < Version::parse("2.1"));
    /// assert_eq!(Version::parse("2"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 12 {
            return None;
        }
        let (major, rest) = text.split_once('.')?;
        let (minor, revision) = match rest.split_once('r') {
            Some((minor, revision)) => (minor, number(revision)?),
            None => (rest, 0),
        };
        Some(Self { major: number(major)?, minor: number(minor)?, revision })
    }
}

fn number(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)?;
        if self.revision > 0 { write!(formatter, "r{}", self.revision) } else { Ok(()) }
    }
}

/// What a SIF_Version element asks for: a version, `M.*`, `M.mr*`, or `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VersionPattern {
    /// `*`
    Any,
    /// `M.*`
    Major(u16),
    /// `M.mr*`
    Minor(u16, u16),
    /// A version.
    Exactly(Version),
}

impl VersionPattern {
    /// Reads a pattern.
    ///
    /// ```
    /// use sif::message::{Version, VersionPattern};
    /// let two = VersionPattern::parse("2.*").unwrap();
    /// assert!(two.matches(Version::V2_4));
    /// assert!(!VersionPattern::parse("1.*").unwrap().matches(Version::V2_4));
    /// assert_eq!(VersionPattern::parse("2*"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        if let Some(major) = text.strip_suffix(".*") {
            return number(major).map(Self::Major);
        }
        if let Some(minor) = text.strip_suffix("r*") {
            let (major, minor) = minor.split_once('.')?;
            return Some(Self::Minor(number(major)?, number(minor)?));
        }
        Version::parse(text).map(Self::Exactly)
    }

    /// Whether the version is among those that are asked for. `1.*` does not take 1.0, 1.0r1 and 1.0r2, which came before patterns.
    #[must_use]
    pub const fn matches(self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::Major(major) => version.major == major && !(major == 1 && version.minor == 0),
            Self::Minor(major, minor) => version.major == major && version.minor == minor,
            Self::Exactly(exactly) => {
                version.major == exactly.major && version.minor == exactly.minor && version.revision == exactly.revision
            }
        }
    }
}

impl fmt::Display for VersionPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("*"),
            Self::Major(major) => write!(formatter, "{major}.*"),
            Self::Minor(major, minor) => write!(formatter, "{major}.{minor}r*"),
            Self::Exactly(version) => version.fmt(formatter),
        }
    }
}
