//! Exit codes: an interface that scripts rely on.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: well; there may be warnings.
    Well,
    /// 1: failures or errors were found.
    Found,
    /// 2: the rulebook does not check.
    Rulebook,
    /// 3: usage, or reading or writing failed.
    Usage,
    /// 4: a threshold or budget was missed.
    Threshold,
}

impl Exit {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Found => 1,
            Self::Rulebook => 2,
            Self::Usage => 3,
            Self::Threshold => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
