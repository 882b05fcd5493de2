//! The choices of drop-down lists and the codes that they map to.

use crate::out::Out;
use crate::tables::{self, row};

/// Writes the attribute dictionary: choices that the rulebook's own value sets do not know, and a few that it does.
pub(crate) fn write(out: &mut Out) {
    let sif: &[(&str, &str, &str, Option<&str>)] = &[
        ("course.scedSubjectArea", "73", "Local subject", Some("22")),
        ("course.scedSubjectArea", "88", "Unmapped subject", None),
        ("raceEthnicity.code", "1", "American Indian or Alaska Native", Some("0998")),
        ("raceEthnicity.code", "2", "Asian", Some("0999")),
        ("raceEthnicity.code", "3", "Black or African American", Some("1000")),
        ("raceEthnicity.code", "4", "Native Hawaiian or Other Pacific Islander", Some("1001")),
        ("raceEthnicity.code", "5", "White", Some("1002")),
        ("identity.gender", "X", "Not stated", Some("U")),
        ("behaviorWeapon.type", "SLING", "Slingshot", Some("0040")),
        ("behaviorWeapon.type", "PEN", "Pencil", None),
        ("behaviorRole.injury", "MIN", "Minor", Some("3063")),
        ("behaviorRole.injury", "MAJ", "Major", Some("3064")),
        ("enrollment.disability1", "AUT", "Autism, local code", Some("2121")),
        ("section.mediumOfInstruction", "HYB", "Hybrid", Some("0610")),
        ("schoolAttribute.title1", "SWELIGSWPROG", "School-wide program", Some("SchoolWide")),
    ];
    for (attribute, code, name, sif) in sif {
        let id = out.key::<tables::AttributeDictionary>();
        row!(
            out,
            AttributeDictionary {
                attributeID: id,
                attribute: *attribute,
                code: *code,
                name: *name,
                sifCode: *sif,
                isDefault: false,
            }
        );
    }
    let id = out.key::<tables::AttributeDictionary>();
    row!(
        out,
        AttributeDictionary {
            attributeID: id,
            attribute: "course.scedSubjectArea",
            code: "22",
            name: "Miscellaneous",
            sifCode: "22",
            isDefault: true,
        }
    );
    for (code, value) in
        [("GR", "Basic"), ("GP", "Basic"), ("GED", "GED"), ("AD", "Adult"), ("CT", "Certificate of Completion")]
    {
        let id = out.key::<tables::AttributeDictionary>();
        row!(
            out,
            AttributeDictionary {
                attributeID: id,
                attribute: "graduation.diplomaType",
                code: code,
                name: value,
                value: value,
                isDefault: false,
            }
        );
    }
    for (code, value, standard) in [
        ("ROGLF", "Fall", "ROGL"),
        ("ROGLM", "Mid-Year", "ROGL"),
        ("ROGLS", "Spring", "ROGL"),
        ("ENSF", "Fall", "ENS"),
        ("ENSM", "Mid-Year", "ENS"),
        ("ENSS", "Spring", "ENS"),
        ("WIDA", "Screener", "WIDA"),
    ] {
        let id = out.key::<tables::AttributeDictionary>();
        row!(
            out,
            AttributeDictionary {
                attributeID: id,
                attribute: "test.stateCode",
                code: code,
                name: code,
                value: value,
                standardCode: standard,
                stateCode: code,
                isDefault: false,
            }
        );
    }
}
