//! What a source's URL says.

use std::path::{Path, PathBuf};

use problem::{Problem, code};

/// Where a source is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database; the whole URL.
    Postgres(String),
    /// A folder of CSV files.
    Csv(PathBuf),
}

const FORMS: &str = "write sqlite:PATH, postgres://USER@HOST/DATABASE or csv:DIR";

/// Reads a URL. The message of a failure never repeats what stands after the scheme, which may be a password.
pub(crate) fn parse(url: &str) -> Result<Address, Problem> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(without_scheme(url));
    };
    let path = || {
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() {
            let message = format!("the source URL `{scheme}:` names no path");
            return Err(Problem::new(code::NO_SOURCE, message).help(FORMS));
        }
        Ok(PathBuf::from(path))
    };
    match scheme.to_ascii_lowercase().as_str() {
        "sqlite" => Ok(Address::Sqlite(path()?)),
        "csv" => Ok(Address::Csv(path()?)),
        "postgres" | "postgresql" => Ok(Address::Postgres(url.to_owned())),
        other => Err(Problem::new(code::NO_SOURCE, format!("`{scheme}:` is no kind of source"))
            .help(FORMS)
            .did_you_mean(other, ["sqlite", "postgres", "csv"])),
    }
}

fn without_scheme(url: &str) -> Problem {
    let problem = Problem::new(code::NO_SOURCE, "the source URL says no kind of source");
    let path = Path::new(url);
    if path.is_dir() {
        problem.help(format!("did you mean `csv:{url}`?"))
    } else if path.is_file() {
        problem.help(format!("did you mean `sqlite:{url}`?"))
    } else {
        problem.help(FORMS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_is_known_in_any_case() {
        assert_eq!(parse("sqlite:a/b.db"), Ok(Address::Sqlite("a/b.db".into())));
        assert_eq!(parse("SQLITE:///a/b.db"), Ok(Address::Sqlite("/a/b.db".into())));
        assert_eq!(parse("csv:data"), Ok(Address::Csv("data".into())));
        assert!(matches!(parse("postgresql://h/d"), Ok(Address::Postgres(_))));
    }

    #[test]
    fn a_wrong_scheme_is_corrected_and_secrets_stay_out() {
        let problem = parse("postgre://root:secret@h/d").unwrap_err();
        assert_eq!(problem.code, code::NO_SOURCE);
        assert_eq!(problem.help.as_deref(), Some("did you mean `postgres`?"));
        assert!(!problem.to_string().contains("secret"));
        assert!(parse("mongo:x").unwrap_err().help.unwrap().contains("sqlite:PATH"));
        assert!(parse("csv:").is_err());
        assert_eq!(parse("src").unwrap_err().help.as_deref(), Some("did you mean `csv:src`?"));
    }
}
