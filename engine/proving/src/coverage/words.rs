//! Decisions and their outcomes in words.

use rulebook::places::{Decision, Outcome, What};

/// The short word of an outcome, for programs.
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Held => "true",
        Outcome::DidNotHold => "false",
        Outcome::Present => "present",
        Outcome::Absent => "absent",
        Outcome::Row(_) | Outcome::Period(_) | Outcome::Otherwise | Outcome::Blank | Outcome::Default => "used",
        Outcome::NoRow => "no row",
        Outcome::Gave => "gave the value",
        Outcome::Entered => "computed",
        Outcome::Identity => "itself",
        Outcome::Dictionary => "dictionary",
        Outcome::Set => "set",
        Outcome::Sent => "sent",
        Outcome::NotSent => "not sent",
    }
}

/// The short word of what decides, for programs.
pub const fn what(what: What) -> &'static str {
    match what {
        What::Fact => "fact",
        What::Function => "function",
        What::If => "if",
        What::And => "&&",
        What::Or => "||",
        What::Chain => "?.",
        What::Coalesce => "??",
        What::Where => "where",
        What::When => "when",
        What::Population => "keep",
        What::Remark => "warn",
        What::TableRow => "table row",
        What::Table => "table",
        What::Arm => "switch arm",
        What::Value => "value",
        What::Code => "code",
        What::Otherwise => "otherwise",
        What::Blank => "blank",
        What::Default => "default",
        What::Period => "period",
        What::Element => "element",
    }
}

/// What stands at the place.
fn subject(decision: &Decision) -> String {
    let name = &decision.name;
    match decision.what {
        What::Fact => format!("the fact `{name}`"),
        What::Function => "this function".to_owned(),
        What::If => "the condition of this `if`".to_owned(),
        What::And => "this operand of `&&`".to_owned(),
        What::Or => "this operand of `||`".to_owned(),
        What::Chain => "what stands before `?.`".to_owned(),
        What::Coalesce => "this operand of `??`".to_owned(),
        What::Where => "this condition of the selection".to_owned(),
        What::When => "the element's condition".to_owned(),
        What::Population => "this population rule".to_owned(),
        What::Remark => "the condition of this remark".to_owned(),
        What::TableRow => "this row of the table".to_owned(),
        What::Table => "this table".to_owned(),
        What::Arm => "this arm of the `switch`".to_owned(),
        What::Value => "this line".to_owned(),
        What::Code => format!("the code `{}`", name.split_once('.').map_or(&**name, |(_, code)| code)),
        What::Otherwise => "`otherwise`".to_owned(),
        What::Blank => "`blank`".to_owned(),
        What::Default => "`dictionary_default`".to_owned(),
        What::Period => format!("this value of `{name}`"),
        What::Element => format!("the element `{name}`"),
    }
}

/// What was never seen: "this operand of `&&` was never false".
pub fn missing(decision: &Decision, outcome: Outcome) -> String {
    let never = match (decision.what, outcome) {
        (What::Where, Outcome::Held) => "never kept a row",
        (What::Where, Outcome::DidNotHold) => "never left a row out",
        (What::Population, Outcome::Held) => "never kept a row",
        (What::Population, Outcome::DidNotHold) => "never left a row out",
        (_, Outcome::Held) => "was never true",
        (_, Outcome::DidNotHold) => "was never false",
        (_, Outcome::Present) => "was never there",
        (_, Outcome::Absent) => "was never absent",
        (What::TableRow, _) => "never decided",
        (What::Arm, _) => "was never taken",
        (_, Outcome::NoRow) => "was never asked about something that no row fits",
        (_, Outcome::Gave) => "never gave the value",
        (What::Function, _) => "was never called",
        (_, Outcome::Entered) => "was never computed",
        (_, Outcome::Sent) => "was never sent with something in it",
        (_, Outcome::NotSent) => "was never left out or empty",
        _ => "was never used",
    };
    format!("{} {never}", subject(decision))
}

/// That a place with several outcomes was never reached at all.
pub fn not_reached(decision: &Decision) -> String {
    format!("{} was never reached", subject(decision))
}
