//! Coverage as LCOV tracefile, which editors and CI systems read: facts are functions, outcomes are branches.

use std::collections::BTreeMap;
use std::fmt::Write;

use rulebook::places::What;

use super::{Coverage, Covered};

/// The tracefile.
#[must_use]
pub fn lcov(coverage: &Coverage) -> String {
    let mut text = String::new();
    for (file, decisions) in coverage.by_file() {
        // Writing into a text cannot fail.
        let _ = write_file(&mut text, &file, &decisions);
    }
    text
}

fn write_file(text: &mut String, file: &str, decisions: &[&Covered]) -> std::fmt::Result {
    writeln!(text, "TN:\nSF:{file}")?;
    let facts: Vec<&&Covered> = decisions.iter().filter(|covered| covered.decision.what == What::Fact).collect();
    for covered in &facts {
        writeln!(text, "FN:{},{}", covered.decision.at.line, covered.decision.name)?;
    }
    for covered in &facts {
        writeln!(text, "FNDA:{},{}", covered.cases.iter().sum::<u32>(), covered.decision.name)?;
    }
    let hit = facts.iter().filter(|covered| !covered.never_reached()).count();
    writeln!(text, "FNF:{}\nFNH:{hit}", facts.len())?;
    let mut lines: BTreeMap<u32, u32> = BTreeMap::new();
    let mut blocks: BTreeMap<u32, u32> = BTreeMap::new();
    let (mut branches, mut taken) = (0_u32, 0_u32);
    for covered in decisions {
        let line = covered.decision.at.line;
        let cases = covered.cases.iter().copied().max().unwrap_or_default();
        let hits = lines.entry(line).or_default();
        *hits = cases.max(*hits);
        if covered.decision.what == What::Fact {
            continue;
        }
        // Places of one line are told apart by their number on it.
        let block = blocks.entry(line).or_default();
        for (branch, cases) in covered.cases.iter().enumerate() {
            branches += 1;
            taken += u32::from(*cases > 0);
            if covered.never_reached() {
                writeln!(text, "BRDA:{line},{block},{branch},-")?;
            } else {
                writeln!(text, "BRDA:{line},{block},{branch},{cases}")?;
            }
        }
        *block += 1;
    }
    writeln!(text, "BRF:{branches}\nBRH:{taken}")?;
    for (line, hits) in &lines {
        writeln!(text, "DA:{line},{hits}")?;
    }
    let hit = lines.values().filter(|hits| **hits > 0).count();
    writeln!(text, "LF:{}\nLH:{hit}\nend_of_record", lines.len())
}
