//! What changed since a commit of the git repository that the rulebook stands in.

use std::path::Path;
use std::process::Command;

use proving::affected::Changes;
use rulebook::Files;

/// The folders whose files count.
const PARTS: [&str; 3] = ["objects", "rules", "tests"];

/// What changed from a commit to the files as they are now, those that git does not know yet included.
///
/// # Errors
/// Why git cannot tell.
pub fn since(reference: &str, folder: &Path, now: &Files) -> Result<Changes, String> {
    let inside = git(folder, &["rev-parse", "--is-inside-work-tree"]);
    if inside.map_err(|why| why.to_string())?.trim() != "true" {
        return Err(format!("{} is in no git working tree, so nothing is known of what changed", folder.display()));
    }
    let commit = format!("{reference}^{{commit}}");
    let commit = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
        .map_err(|why| match why {
            Failed::Git(_) => format!("git knows no commit or branch called {reference}"),
            Failed::NotRun(why) => why,
        })?
        .trim()
        .to_owned();
    let list = |arguments: &[&str]| -> Result<Vec<String>, String> {
        let all: Vec<&str> = arguments.iter().copied().chain(["--"]).chain(PARTS).collect();
        let names = git(folder, &all).map_err(|why| why.to_string())?;
        Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    };
    let mut changed = list(&["diff", "--name-only", "--no-renames", "--relative", "-z", &commit])?;
    changed.extend(list(&["ls-files", "--others", "--exclude-standard", "-z"])?);
    // Files that were not asked for are no part of what is compared; those of the rulebook all are.
    let (mut before, mut after) = (Files::new(), Files::new());
    for name in changed.into_iter().filter(|name| name.ends_with(".yaml") || name.ends_with(".rhai")) {
        if let Some(text) = now.get(&name) {
            after.insert(name.clone(), text.clone());
        }
        if let Ok(text) = git(folder, &["show", &format!("{commit}:./{name}")]) {
            before.insert(name, text);
        }
    }
    Ok(Changes::between(&before, &after))
}

/// Why git gave nothing.
enum Failed {
    /// It could not be run.
    NotRun(String),
    /// It said no, and what.
    Git(String),
}

impl std::fmt::Display for Failed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotRun(why) => formatter.write_str(why),
            Self::Git(why) => write!(formatter, "git cannot tell what changed: {}", why.trim()),
        }
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, Failed> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|why| Failed::NotRun(format!("git cannot be run: {why}")))?;
    if !output.status.success() {
        return Err(Failed::Git(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
