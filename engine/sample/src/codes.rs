//! The district's code tables: what its drop-down lists hold and what the choices map to.

use crate::dictionary;
use crate::draw::{Draw, Stream};
use crate::names::LAST;
use crate::out::Out;
use crate::tables::{self, row};
use crate::value::Decimal;

/// A program that Utah's civics element reads.
pub(crate) const CIVICS_COUNT: i64 = 1;
/// The same, by a score.
pub(crate) const CIVICS_SCORE: i64 = 2;
/// A program without test requirements.
pub(crate) const CAREER: i64 = 3;
/// A civics program that is not reported.
pub(crate) const CIVICS_LOCAL: i64 = 4;

/// State codes of start statuses that mean part time.
pub(crate) const PART_TIME_STARTS: &[&str] = &["HS", "PVT", "OPT"];
/// Start statuses of other enrollments.
pub(crate) const STARTS: &[&str] = &["E1", "E2", "E3"];
/// End statuses.
pub(crate) const ENDS: &[&str] = &["TD", "TO", "TS", "WD", "DO", "GR"];

/// Languages in the order of their table: code, name, SIF code, state code.
pub(crate) const LANGUAGES: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    ("EN", "English", Some("eng"), Some("eng")),
    ("ES", "Spanish", Some("spa"), Some("spa")),
    ("ZH", "Chinese", Some("zho"), Some("zho")),
    ("PT", "Portuguese", Some("por"), Some("por")),
    ("NV", "Navajo", Some("nav"), Some("nav")),
    ("TO", "Tongan", Some("ton"), Some("ton")),
    ("SM", "Samoan", Some("smo"), Some("smo")),
    ("AR", "Arabic", Some("ara"), Some("ara")),
    ("SW", "Swahili", Some("swa"), Some("swa")),
    ("UTE", "Ute", None, Some("ute")),
    ("MIX", "Mixteco", None, None),
];

/// A place of birth or a language that no table has.
pub(crate) const UNKNOWN_LANGUAGE: &str = "QQ";

/// Kinds of EL services: code, name, what the state calls it.
pub(crate) const EL_SERVICES: &[(&str, &str, Option<&str>)] = &[
    ("DUAL", "Dual language", Some("DL")),
    ("ESL", "Pull-out ESL", Some("ESL")),
    ("SHEL", "Sheltered instruction", Some("SI")),
    ("NEWC", "Newcomer", Some("NC")),
    ("SOFT", "State language software", Some("ELSS")),
    ("TUT", "Volunteer tutoring", Some("NOT")),
    ("LOC", "Local club", None),
];

/// Kinds of behaviour: code, name, the state's event code.
pub(crate) const BEHAVIORS: &[(&str, &str, Option<&str>)] = &[
    ("FGT", "Fighting", Some("1700")),
    ("WPN", "Weapon", Some("3900")),
    ("BUL", "Bullying", Some("0400")),
    ("DRG", "Drugs", Some("1200")),
    ("DIS", "Disruption", None),
    ("DRS", "Dress code", None),
];

/// Kinds of resolutions: code, the state's code.
pub(crate) const RESOLUTIONS: &[(&str, Option<&str>)] = &[
    ("In-school suspension", Some("ISS")),
    ("Out-of-school suspension", Some("OSS")),
    ("Expulsion", Some("EXP")),
    ("Detention", Some("DET")),
    ("Bus suspension", Some("BUS")),
    ("Community service", Some("CSV")),
    ("Conference", Some("CNF")),
    ("Other", Some("OTH")),
    ("Restorative circle", Some("RST")),
    ("Talk", None),
];

/// A letter, whether it passes, and its GPA value and unweighted value in thousandths.
type Letter = (&'static str, bool, Option<(i64, i64)>);

/// The letters that marks are given in.
pub(crate) const LETTERS: &[Letter] = &[
    ("A", true, Some((4000, 4000))),
    ("A-", true, Some((3667, 3667))),
    ("B+", true, Some((3333, 3333))),
    ("B", true, Some((3000, 3000))),
    ("B-", true, Some((2667, 2667))),
    ("C+", true, Some((2333, 2333))),
    ("C", true, Some((2000, 2000))),
    ("D", true, Some((1000, 1000))),
    ("F", false, Some((0, 0))),
    ("P", true, None),
    ("NC", false, None),
];

/// Grading tasks: a mark on the way, a term mark, and the one that the state wants.
pub(crate) const PROGRESS: i64 = 1;
pub(crate) const TERM_MARK: i64 = 2;
pub(crate) const FINAL_MARK: i64 = 3;
/// Score groups.
pub(crate) const LETTER_GROUP: i64 = 1;
pub(crate) const STANDARDS_GROUP: i64 = 2;

/// Writes the district and every code table.
pub(crate) fn write(out: &mut Out, seed: u64) {
    district(out, seed);
    languages(out);
    statuses(out);
    services(out);
    behaviors(out);
    scores(out);
    programs(out);
    dictionary::write(out);
}

fn district(out: &mut Out, seed: u64) {
    let mut draw = Draw::new(seed, Stream::District);
    let id = out.key::<tables::District>();
    let name = format!("{} School District", draw.pick(LAST));
    row!(
        out,
        District {
            districtID: id,
            districtGUID: draw.guid(),
            number: "77",
            name: &name,
            ncesDistrictID: "4999077",
            url: "https://district.example.org",
            contactLastName: draw.pick(LAST),
            contactFirstName: "Marlowe",
            contactTitle: "Superintendent",
            email: "office@district.example.org",
            phone: "435-555-0100",
            fax: "435-555-0101",
            address: "P.O. Box 77",
            city: "Alder Springs",
            state: "UT",
            zip: "84991",
            physicalAddress: "10 Main St",
            physicalCity: "Alder Springs",
            physicalState: "UT",
            physicalZip: "84991",
        }
    );
}

fn languages(out: &mut Out) {
    for (code, name, sif, state) in LANGUAGES {
        let id = out.key::<tables::Language>();
        row!(out, Language { languageID: id, code: *code, name: *name, sifCode: *sif, stateCode: *state });
    }
}

fn statuses(out: &mut Out) {
    let starts = [
        ("E1", "Continuing", Some("10")),
        ("E2", "New to the district", Some("11")),
        ("E3", "New to the state", None),
        ("HS", "Part-time home school", Some("01")),
        ("PVT", "Part-time private school", Some("02")),
        ("OPT", "Part-time, other", Some("03")),
    ];
    for (code, name, state) in starts {
        let id = out.key::<tables::StartStatusType>();
        row!(out, StartStatusType { startStatusTypeID: id, code: code, name: name, stateCode: state });
    }
    let ends = [
        ("TD", "Transfer in the district", Some("TD")),
        ("TO", "Transfer out of state", Some("TO")),
        ("TS", "Transfer in the state", Some("TS")),
        ("WD", "Withdrawn", Some("WD")),
        ("DO", "Dropped out", Some("DO")),
        ("GR", "Graduated", Some("GR")),
        ("LOC", "Local reason", None),
    ];
    for (code, name, state) in ends {
        let id = out.key::<tables::EndStatusType>();
        row!(out, EndStatusType { endStatusTypeID: id, code: code, name: name, stateCode: state });
    }
}

fn services(out: &mut Out) {
    for (code, name, state) in EL_SERVICES {
        let id = out.key::<tables::LepServiceType>();
        row!(out, LepServiceType { lepServiceTypeID: id, code: *code, name: *name, stateServiceType: *state });
    }
}

fn behaviors(out: &mut Out) {
    for (code, name, state) in BEHAVIORS {
        let id = out.key::<tables::BehaviorType>();
        row!(out, BehaviorType { typeID: id, code: *code, name: *name, stateEventCode: *state });
    }
    for (name, state) in RESOLUTIONS {
        let id = out.key::<tables::BehaviorResType>();
        row!(out, BehaviorResType { resTypeID: id, code: *name, name: *name, stateResCode: *state });
    }
}

fn scores(out: &mut Out) {
    for (name, reported, is_final) in
        [("Progress", false, false), ("Term Grade", true, false), ("Final Grade", true, true)]
    {
        let id = out.key::<tables::GradingTask>();
        row!(out, GradingTask { gradingTaskID: id, name: name, stateReported: reported, isFinal: is_final });
    }
    for name in ["Letter grades", "Standards 1-4"] {
        let id = out.key::<tables::ScoreGroup>();
        row!(out, ScoreGroup { scoreGroupID: id, name: name });
    }
    for (score, passing, values) in LETTERS {
        let id = out.key::<tables::ScoreListItem>();
        row!(
            out,
            ScoreListItem {
                scoreListItemID: id,
                scoreGroupID: LETTER_GROUP,
                score: *score,
                passingScore: *passing,
                gpaValue: values.map(|(value, _)| Decimal::new(value, 3)),
                unweightedGPAValue: values.map(|(_, value)| Decimal::new(value, 3)),
            }
        );
    }
    for (score, passing) in [("4", true), ("3", true), ("2", false), ("1", false)] {
        let id = out.key::<tables::ScoreListItem>();
        row!(
            out,
            ScoreListItem { scoreListItemID: id, scoreGroupID: STANDARDS_GROUP, score: score, passingScore: passing }
        );
    }
}

fn programs(out: &mut Out) {
    for (code, name, reported) in [
        ("Civics", "Civics exam", true),
        ("Civics", "Civics exam, alternative", true),
        ("CTE", "Career pathway", true),
        ("Civics", "Civics club", false),
    ] {
        let id = out.key::<tables::Program>();
        row!(out, Program { programID: id, code: code, name: name, stateReported: reported });
    }
    let id = out.key::<tables::TestRequirement>();
    row!(
        out,
        TestRequirement {
            requirementID: id,
            programID: CIVICS_COUNT,
            stateCode: "CIV1",
            evaluationMode: "COUNT",
            testCount: 1,
            displayValue: "Passed the civics exam",
        }
    );
    let id = out.key::<tables::TestRequirement>();
    row!(
        out,
        TestRequirement {
            requirementID: id,
            programID: CIVICS_SCORE,
            stateCode: "CIV2",
            evaluationMode: "SCORE",
            minRawScore: Decimal::new(3500, 2),
            displayValue: "35 of 50",
        }
    );
    let id = out.key::<tables::TestRequirement>();
    row!(
        out,
        TestRequirement {
            requirementID: id,
            programID: CIVICS_LOCAL,
            stateCode: "CIV3",
            evaluationMode: "SCORE",
            minScaleScore: Decimal::new(60000, 2),
            displayValue: "600",
        }
    );
}
