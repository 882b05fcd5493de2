//! The codes of problems. A code is stable: it never changes its meaning, and one that is no longer used is not given again.
//!
//! The first letter says what to look at: `Y` YAML, `G` graph, `R` rule, `D` object definition, `P` parameter, `V` value set,
//! `F` fixture, `S` source data, `M` mapping run, `Z` zone or configuration.

use crate::Severity;

/// A code with its default severity, title and explanation.
#[derive(Clone, Copy)]
pub struct Code(&'static Entry);

struct Entry {
    name: &'static str,
    severity: Severity,
    title: &'static str,
    explanation: &'static str,
}

impl Code {
    /// The code itself, such as `G102`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The severity of a problem with this code, unless it says otherwise.
    #[must_use]
    pub const fn severity(self) -> Severity {
        self.0.severity
    }

    /// One line on what the code means.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.0.title
    }

    /// The longer text of `check --explain CODE`.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        self.0.explanation
    }

    /// The code with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|code| code.name().eq_ignore_ascii_case(name))
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Code {}

impl std::hash::Hash for Code {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.name)
    }
}

macro_rules! codes {
    ($($constant:ident = $name:literal $severity:ident $title:literal: $explanation:literal;)*) => {
        $(
            #[doc = $title]
            pub const $constant: Code = Code(&Entry {
                name: $name, severity: Severity::$severity, title: $title, explanation: $explanation,
            });
        )*
        /// Every code, in the order of this file.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    BAD_YAML = "Y101" Error "the file is not YAML":
        "The YAML parser could not read on from this place. Look for an unclosed bracket or quote, a tab used to indent, or a line indented differently from its neighbours.";
    UNKNOWN_KEY = "Y102" Error "unknown key":
        "This key means nothing here. Keys are never ignored, since an ignored key is a rule that does not run. The message lists the keys that may stand here.";
    MISSING_KEY = "Y103" Error "a key is missing":
        "The entry needs this key to mean anything.";
    WRONG_KIND = "Y104" Error "a value of another kind was expected":
        "The key is right but its value has another shape: a list where a name belongs, a word where a number belongs, and so on.";
    CONTRADICTING_KEYS = "Y105" Error "keys that exclude each other":
        "An element gets its value in exactly one way. Keep the key that you mean and take the other out.";

    UNKNOWN_TYPE = "G101" Error "unknown type":
        "A field's type is one of text, int, decimal, bool, date, time, datetime or code(<set>), with a question mark when the source may leave it empty; a fact may also be an entity, a list of one (in brackets) or days.";
    UNKNOWN_ENTITY = "G102" Error "unknown entity":
        "No entity of this name is declared in objects/graph.yaml.";
    UNKNOWN_FIELD = "G103" Error "unknown field":
        "The entity has no field, relation or fact of this name. Names are those of objects/graph.yaml.";
    NAME_TWICE = "G104" Error "a name declared twice":
        "Fields, relations and facts of one entity share one space of names, so that a rule can name each of them without doubt.";
    FACT_CYCLE = "G105" Error "facts that need each other":
        "To compute this fact, Sifter would first need the fact itself. One of the facts in the circle must be computed from something else.";
    BAD_RELATION = "G106" Error "a relation that cannot be followed":
        "A relation joins a field of its own entity to a field of the target. Both must exist and have the same type; a relation to one row must join to the target's key or to fields that name one row.";
    RESERVED_NAME = "G107" Error "a reserved name":
        "The rule language uses this name itself, so a field of this name could not be read from a rule. Give the field another name; its column keeps its own.";
    NOT_REACHED = "G108" Error "an entity that no load path reaches":
        "An entity of a student's data says with `reached:` by which relation its rows are found from the student.";
    NO_SUCH_TABLE = "G109" Error "no root or wrong root":
        "Exactly one entity is the root: the student, whose rows are read in ranges of its key.";
    UNUSED_FACT = "G111" Warning "a fact that nothing reads":
        "No object, rule or other fact reads this fact, or reads what it is given. It is left over, or another name was meant where it should be read.";

    MAY_LEAD_NOWHERE = "G110" Error "a relation that may lead nowhere":
        "A relation to `one` entity without a question mark promises that there always is such a row. Nothing promises it where a joining field may be empty, or where a group of rows agrees in something that need not be the other's. Write a question mark after the entity: rules are then asked what holds when there is none.";
    NEEDS_POPULATION = "G112" Error "a fact of the whole population that needs another":
        "Facts with `scope: population` are computed in one first pass over all students, so none of them can be known while another is computed. Rank by something that is known of each student alone.";

    CANNOT_SHARE = "G113" Error "what cannot be shared":
        "An entity with `like:` has the table, key and fields of another entity, and the facts and relations of it that `shares:` names. The other must have a table of its own; and what a shared fact reads - relations, other facts - must be there under the same names.";

    BAD_SCRIPT = "R101" Error "the script cannot be parsed":
        "The rule language could not read on from this place. Of each function it tells the first such place, so there may be more behind it; other files are checked all the same.";
    UNKNOWN_NAME = "R102" Error "unknown name":
        "The name is neither an entity in scope, nor a field, relation or fact of one, nor a parameter file, `zone` or `as_of`.";
    UNKNOWN_FUNCTION = "R103" Error "unknown function":
        "No function of this name takes values of these types. The message names the nearest function, or all that there are; a function of your own stands in a file of rules/shared/, or in the rule's file.";
    WRONG_TYPE = "R104" Error "types that do not fit":
        "An operation was given a value of a type that it cannot work with, such as a date compared with a text.";
    BAD_HEADER = "R105" Error "the rule's header is not complete":
        "A rule file starts with five fields in this order: its element path, Reports, Source, Inputs, Absent. Readers and the documentation rely on them.";
    NO_VALUE_FUNCTION = "R106" Error "no function `value`":
        "A rule file has exactly one function for the outside, `value`, whose parameters are the rule's inputs.";
    MAY_BE_ABSENT = "R107" Error "may be absent here":
        "The value may be absent, and this operation needs one. Write `?.` to go on only when it is there, `??` to give a default, or test it with `!= ()` first.";
    FORBIDDEN = "R108" Error "not allowed in rules":
        "Rules are pure: the same inputs give the same value. Files, modules, clocks, randomness, printing and run-time compilation are not available to them.";
    ORPHAN_RULE = "R109" Error "a rule that nothing uses":
        "The file's path is not the path of an element with `rule: true`, nor of a fact. Its value would go nowhere.";
    NO_RULE_FILE = "R110" Error "no file for the rule":
        "The element or fact says that a rule gives its value, and the rule's file does not exist.";
    SILENT_COMPARISON = "R111" Error "a comparison that is always false":
        "Values of two different types are never equal. The rule language says false without a word; write both sides as the same type.";
    INTEGER_DIVISION = "R112" Warning "a division that drops the rest":
        "Both numbers are whole, so the result is cut to a whole number: 10 / 4 is 2. Write one of them as a decimal (10.0 / 4) when the fraction matters.";
    MAY_BE_ZERO = "R113" Error "may be zero here":
        "Nothing can be divided by zero, so the rule would fail for a student whose number is zero. Test it before: `if minutes == 0 { return (); }`; behind the test, or inside `if minutes != 0 { … }`, it may be divided by.";
    NOT_A_CODE = "R114" Error "a code that is never found here":
        "The field, fact or value set gives codes of a known list, and this text is not in the list; so the comparison is never true, or the arm or row never taken. The message names the nearest code.";
    ALWAYS_THE_SAME = "R115" Error "a condition that is always true or always false":
        "What is tested has the same answer each time: it is a constant, it is never absent, or a condition around it has decided it already. So one way is never taken. Take the test out, or test what was meant.";
    NEVER_REACHED = "R116" Error "never reached":
        "Nothing leads here: it stands behind a `return`, or an earlier arm takes everything that this one would take. Take it out, or put it where it is reached.";
    FORGOTTEN_CASE = "R117" Error "a switch that does not say what to do":
        "A `switch` without `_` must have an arm for each value that there can be: every code of the set, true and false, and `()` where the value may be absent. What has no arm would silently give nothing.";
    UNCLEAR_ORDER = "R118" Error "brackets are missing":
        "Readers and the rule language may disagree on which operator is taken first. In rules `!` goes before everything, then `*` and `/`, `+` and `-`, `??`, `<` and `>`, `in`, `==`, and last `&&` and `||`. Put brackets around the part that is meant to be taken first.";
    UNUSED_NAME = "R119" Warning "a name that nothing reads":
        "A parameter, a variable or a shared function that nothing reads is left over, or another name was meant where it should be read. A name that starts with `_` may stay unread.";
    IDLE_DEFAULT = "R120" Warning "a default that is never used":
        "What stands before `??` is never absent, so the default behind it is never taken.";

    UNKNOWN_OBJECT = "D101" Error "unknown SIF object":
        "SIF US 2.4 has no object of this name among those that Sifter knows.";
    UNKNOWN_PATH = "D102" Error "unknown element path":
        "The SIF object has no element or attribute at this path.";
    WRONG_ORDER = "D103" Error "elements out of order":
        "Elements stand in the order of the SIF schema, since receivers refuse any other.";
    WRONG_CHARACTERISTIC = "D104" Error "another characteristic in SIF":
        "`is:` repeats what the schema says of the element (M, O, C, and R for those that repeat). It must agree with it.";
    MISSING_MANDATORY = "D105" Error "a mandatory element that nobody gives":
        "The schema makes this element mandatory under an element that is sent, so a value must be given for it.";
    NOT_IN_CODE_SET = "D106" Error "a code outside the element's code set":
        "The SIF schema lists the values of this element, and this value is not among them.";
    WRONG_RESULT = "D107" Error "a value that the element cannot hold":
        "The schema gives the element another type than the value has.";
    BAD_POLICY = "D108" Error "an absence that the schema does not allow":
        "The schema decides whether an element may be left out, empty or nil. The message says what is allowed here.";
    UNKNOWN_GROUP = "D109" Error "unknown shared group":
        "No file of objects/common/ has this name.";
    BAD_TABLE = "D110" Error "a decision table that does not fit":
        "Each row of a decision table has one cell for each input and one for the result.";
    NO_VALUE_GIVEN = "D111" Error "an element without a value":
        "An element without children needs exactly one of from, const, codes, table, rule or omitted.";
    ROW_NEVER_MATCHES = "D112" Error "a row of a table that is never taken":
        "The first row that fits counts, and the rows above take everything that this row would take. Move the row up, or take it out.";
    CASE_NOT_COVERED = "D113" Error "a case that no row of a table covers":
        "The table says nothing of these values, so it would silently give nothing for them. Add a row for them; one that ends in `()` says that nothing is meant.";
    OVERLAPPING_RANGES = "D114" Error "ranges that overlap and give different results":
        "Both rows take the same numbers and give different results, so the order of the rows decides. Make the ranges meet without overlapping.";
    ROW_ANSWERED_TWICE = "D115" Error "a requirement row that is answered twice":
        "Each row of the requirement is answered at one place: by one element, or by a decided omission. Two answers can disagree.";
    NEVER_A_VALUE = "D116" Warning "an element that never has a value":
        "What should give the element its value always gives nothing.";
    NOT_ANSWERED = "D117" Error "a requirement that nothing answers":
        "`check --ledger` wants an answer to every row and population rule of objects/requirements.yaml: the element that the row is about names its id in `rows:` (of a shared group in `group_rows:`), an element that is not sent names it beside `omitted:`, and a population rule names its id in `rules:`.";
    WRONG_REQUIREMENT = "D118" Error "an element that answers another requirement":
        "The element, or the population rule, names the id of a row that objects/requirements.yaml does not have, or has for another object or another element. Ids are easily mistyped; look the row up in the list.";
    OTHER_PATH = "D119" Info "an element at another path than the list says":
        "The row is answered by the element that it is about, at another place than the list gives: a part of it, or one of several repetitions. That is so by decision in some objects, so it is only said.";

    BAD_PARAMETER = "P101" Error "a parameter that cannot be used":
        "A parameter has a type, a text that says what it means, and values by the date from which they hold, each with the source that it is cited from.";
    UNKNOWN_PARAMETER = "P102" Error "unknown parameter":
        "No file of rules/parameters/ declares this parameter.";
    NO_PARAMETER_VALUE = "P103" Error "no value on this date":
        "The parameter's first value starts later than the date of the run.";
    UNUSED_PARAMETER = "P104" Warning "a parameter that nothing reads":
        "No rule and no expression reads this parameter, so changing it changes nothing.";
    NOTHING_CHANGES = "P105" Warning "a date on which nothing changes":
        "The value is the same as the one before it, so this date changes nothing. The value or the date may be mistyped.";

    BAD_VALUE_SET = "V101" Error "a value set that cannot be used":
        "A value set maps local codes to codes of the standard, and says what happens to others.";
    UNKNOWN_VALUE_SET = "V102" Error "unknown value set":
        "No file of rules/value_sets/ has this name.";
    CODE_TWICE = "V103" Error "a local code that is mapped twice":
        "A local code becomes one code. Of two entries for it only the last would count.";
    UNUSED_VALUE_SET = "V104" Warning "a value set that nothing uses":
        "No element, fact or rule maps codes through this value set.";

    BAD_FIXTURE = "F101" Error "a fixture that cannot be used":
        "A fixture names a rule, a fact or an object, and cases with a name, what is given and what is expected.";
    READS_WHAT_IS_NOT_GIVEN = "F102" Error "the rule reads what the case does not give":
        "A case need not give what is not read. A field that the source always fills has no value when the case leaves it out, so reading it would be a guess.";
    TOO_FEW_CASES = "F103" Error "too few cases for a requirement":
        "`check --ledger` wants at least three cases that are about the element of a row that decides something (conditional, aggregate, date_math, code_map, list), about an element around it, or about the same element of a shared group elsewhere; and of each population rule about data one case that it excludes and one that it keeps.";

    NO_SOURCE = "S101" Error "the source cannot be opened":
        "The URL must be sqlite:PATH, postgres://… or csv:DIR, and the database or folder must exist and be readable.";
    SOURCE_LOST = "S102" Error "the source was lost while reading":
        "The connection or file failed in the middle. Nothing was written; run again.";
    NO_TABLE = "S201" Error "a table or column is missing":
        "The rulebook reads this table or column (objects/graph.yaml names it), and the source does not have it. Of a folder of CSV files only the tables of what is mapped, and those that say who the students are, must be there.";
    EMPTY_TABLE = "S202" Info "no file for a table":
        "The folder has no CSV file for this table, so the table is taken as empty.";
    UNKNOWN_FILE = "S203" Warning "a file that belongs to no table":
        "The CSV file's name is not the name of a table, so nothing reads it.";
    BAD_VALUE = "S301" Error "a value that cannot be read":
        "The value in this row and column is not of the column's type. What would have read it is left out and reported; everything else goes on.";
    DANGLING = "S302" Error "a reference to a row that does not exist":
        "The row refers to another by its key, and there is no such row.";
    DUPLICATE_KEY = "S303" Error "a key that occurs twice":
        "Two rows have the same primary key, or two instances the same GUID. Sifter cannot know which is meant, so it uses neither.";
    NO_KEY = "S304" Error "a row without a key":
        "The row has no primary key, so nothing can name it. It is left out.";
    BAD_TEXT = "S305" Error "text that is not UTF-8":
        "The bytes of this value are not UTF-8 text. What would have read it is left out and reported; everything else goes on.";

    EMPTY_CELLS = "S401" Error "empty where it never is":
        "objects/graph.yaml says that the source always fills this column, and some rows leave it empty. What reads them is left out and reported. Have the data mended, or put a question mark behind the type: then every rule that reads the column says what is sent when there is nothing.";
    UNKNOWN_CODES = "S402" Warning "codes that the value set does not know":
        "The column's codes go through a value set, which has no entry for these. What is sent of them is left out, or what the value set says of all others. Add them to the value set, or have the data mended.";
    EMPTY_COLUMN = "S403" Info "nothing in a column or table":
        "The table has no row, or the column is empty in every row. What is computed from it is never sent. Perhaps the source keeps it elsewhere: see the column that objects/graph.yaml names.";

    CANNOT_WRITE = "O101" Error "the output cannot be written":
        "The folder, file or database cannot be made or written to: the disk may be full, the place may be another's, or it holds something already. What was begun was not given its name; a database was left as it was.";
    NOT_FINISHED = "O102" Error "the work was not finished":
        "No thread could be started, or one ended before its work was done. Nothing was given its name. Run again, with a smaller number of --jobs if memory is short.";

    RULE_FAILED = "M101" Error "a rule failed":
        "The rule could not give a value for this instance. The element is treated as absent; the rest of the instance stands.";
    RULE_STOPPED = "M102" Error "a rule was stopped":
        "The rule took more steps, time, memory or depth than rules may take, and was stopped. The element is treated as absent.";
    REJECTED = "M103" Error "an instance was rejected":
        "The instance lacks what the schema makes mandatory, so it was left out whole: a half document helps nobody.";
    LEFT_OUT = "M104" Warning "a part was left out":
        "A row of a list, or an optional element, lacks what the schema makes mandatory inside it, so it was left out.";
    SENT_EMPTY = "M105" Warning "a mandatory text is empty":
        "The schema makes the element mandatory and the source has nothing for it, so it is sent empty.";
    UNMAPPED_CODE = "M106" Warning "a local code that maps to nothing":
        "Neither the source's dictionary (attributeDictionary) nor the rulebook's value set knows this local code.";
    NOT_ALLOWED = "M107" Error "a value that the schema does not allow":
        "The value is not of the element's type or not in its code set, so it was not sent.";
    BAD_CHARACTER = "M108" Warning "characters that XML cannot carry":
        "XML 1.0 has no way to write these characters. Each was replaced by U+FFFD.";
    REMARK = "M109" Warning "a remark of the rulebook":
        "The rulebook asks for a warning when this happens; the message is its own.";
    KEY_TWICE = "M110" Error "two instances with one key":
        "Two instances of the object have the same SIF key. The later one was rejected.";
    SWITCHED_OFF = "M111" Error "a rule was switched off":
        "The rule was stopped several times in a row, so it was not tried again for the rest of these students. Their elements are treated as absent.";

    BAD_ZONE = "Z101" Error "the zone file cannot be used":
        "A zone file names the zone, its school years and its options.";
    NOT_FOUND = "Z102" Error "no such instance":
        "No instance of this object has this RefId or primary key in the zone.";
    BAD_CONFIGURATION = "Z103" Error "the server's configuration cannot be used":
        "The configuration of `sifter serve` says where the server listens, what it keeps its messages in, and which zones it serves. Nothing is started before all of it is right.";
    NOT_PROVED = "Z104" Error "a rulebook does not pass its fixtures":
        "The server puts a changed rulebook in force only when it checks and all of its fixtures pass; until then the one before goes on. Mend the rule or what the fixture expects, and save: the server tries again by itself.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        let mut names = BTreeSet::new();
        for code in super::ALL {
            assert!(names.insert(code.name()), "{} is given to two problems", code.name());
        }
    }
}
