//! The schools that a student attended, with their marks.

use super::Record;
use super::directory::{Principal, School};
use super::transcript::Place;
use crate::hand_written::HandWritten;
use crate::hand_written::graph_access::Read;
use crate::hand_written::xml::{Shown, Text, Xml};

pub fn write(run: &HandWritten, record: &Record<'_>, xml: &mut impl Xml) {
    xml.start("SchoolAttendanceHistory");
    let order = record.transcript.places_in_order();
    let mut schools: Vec<u32> = Vec::new();
    let ours = order.iter().filter_map(|place| match record.transcript.places[*place] {
        Place::Ours(school) => Some(school),
        Place::Outside { .. } => None,
    });
    for school in record.enrolled.iter().map(|enrollment| enrollment.calendar.school).chain(ours) {
        if !schools.contains(&school) {
            schools.push(school);
        }
    }
    for school in schools {
        ours_attended(run, record, school, xml);
    }
    for place in order {
        if let Place::Outside { .. } = record.transcript.places[place] {
            outside_attended(run, record, place, xml);
        }
    }
    xml.end("SchoolAttendanceHistory");
}

fn ours_attended(run: &HandWritten, record: &Record<'_>, at: u32, xml: &mut impl Xml) {
    let school = &run.directory.schools[at as usize];
    let district = &run.directory.districts[school.district as usize];
    xml.begin("SchoolAttended");
    xml.attribute("RefId", Text(&record.district.schools[at as usize]));
    xml.within();
    xml.start("LEAInfoData");
    xml.optional("StateProvinceId", district.number.as_deref());
    xml.leaf("LEAName", &district.name);
    xml.end("LEAInfoData");
    xml.start("SchoolInfoData");
    xml.always("LocalId", school.number.as_deref());
    xml.optional("StateProvinceId", school.state_id.as_deref());
    xml.leaf("SchoolName", &school.name);
    if let Some(principal) = &school.principal {
        contact(school, principal, xml);
    }
    xml.end("SchoolInfoData");
    xml.unless_empty("MarkingSystems", |xml| {
        for group in &school.groups {
            score_group(run, record, *group, xml);
        }
        if record.current.calendar.school == at {
            other_marks(record, xml);
        }
    });
    xml.end("SchoolAttended");
}

fn contact(school: &School, principal: &Principal, xml: &mut impl Xml) {
    xml.start("SchoolContactList");
    xml.start("SchoolContact");
    xml.leaf("PublishInDirectory", "Yes");
    xml.start("ContactInfo");
    xml.start_with("Name", "Type", "04");
    xml.optional("LastName", principal.last_name.as_deref());
    xml.optional("FirstName", principal.first_name.as_deref());
    xml.leaf("FullName", &principal.full_name);
    xml.end("Name");
    xml.optional("PositionTitle", principal.title.as_deref());
    if let Some(email) = &principal.email {
        xml.start("EmailList");
        xml.start_with("Email", "Type", "Primary");
        xml.content(Text(email));
        xml.end("Email");
        xml.end("EmailList");
    }
    if school.phone.is_some() || school.fax.is_some() {
        xml.start("PhoneNumberList");
        for (kind, number) in [("0096", &school.phone), ("2364", &school.fax)] {
            if let Some(number) = number {
                xml.start_with("PhoneNumber", "Type", kind);
                xml.leaf("Number", number);
                xml.end("PhoneNumber");
            }
        }
        xml.end("PhoneNumberList");
    }
    xml.end("ContactInfo");
    xml.end("SchoolContact");
    xml.end("SchoolContactList");
}

fn score_group(run: &HandWritten, record: &Record<'_>, at: u32, xml: &mut impl Xml) {
    let group = &run.directory.groups[at as usize];
    xml.begin("MarkValueInfoData");
    xml.attribute("RefId", Text(&record.district.groups[at as usize]));
    xml.within();
    xml.leaf("Name", &group.name);
    if let (Some(lowest), Some(highest)) = (group.lowest, group.highest) {
        xml.start("Numeric");
        xml.element("Low", Shown(lowest));
        xml.element("High", Shown(highest));
        xml.end("Numeric");
    }
    xml.unless_empty("Letter", |xml| group.letters.iter().for_each(|letter| valid_mark(letter, xml)));
    xml.end("MarkValueInfoData");
}

/// The marks that no set of scores lists.
fn other_marks(record: &Record<'_>, xml: &mut impl Xml) {
    xml.begin("MarkValueInfoData");
    xml.attribute("RefId", Text(&record.district.transcript));
    xml.within();
    xml.leaf("Name", "Transcript marks");
    xml.start("Percentage");
    xml.leaf("Minimum", "0");
    xml.leaf("Maximum", "100");
    xml.end("Percentage");
    xml.start("Numeric");
    xml.leaf("Low", "0");
    xml.end("Numeric");
    let unlisted = record.transcript.courses.iter().filter(|course| course.group.is_none());
    let letters = sorted(unlisted.filter_map(|course| course.mark.as_ref()?.letter()).collect());
    let unlisted = record.term_marks.iter().filter(|term| term.group.is_none());
    let of_term = unlisted.filter_map(|term| term.mark.letter()).filter(|letter| !letters.contains(letter));
    let of_term = sorted(of_term.collect());
    xml.unless_empty("Letter", |xml| letters.iter().chain(&of_term).for_each(|letter| valid_mark(letter, xml)));
    xml.end("MarkValueInfoData");
}

fn sorted(mut letters: Vec<&str>) -> Vec<&str> {
    letters.sort_unstable();
    letters.dedup();
    letters
}

fn valid_mark(code: &str, xml: &mut impl Xml) {
    xml.start("ValidMark");
    xml.leaf("Code", code);
    xml.end("ValidMark");
}

fn outside_attended(run: &HandWritten, record: &Record<'_>, at: usize, xml: &mut impl Xml) {
    let Place::Outside { district, number, name } = record.transcript.places[at] else { return };
    xml.begin("SchoolAttended");
    xml.attribute("RefId", Text(&record.place_ids[at]));
    xml.within();
    if let Some(number) = district {
        xml.start("LEAInfoData");
        xml.leaf("StateProvinceId", number);
        let known = run.directory.districts.iter().find(|district| district.number.as_deref() == Some(number));
        xml.always("LEAName", known.map(|district| district.name.as_str()));
        xml.end("LEAInfoData");
    }
    xml.start("SchoolInfoData");
    xml.always("LocalId", number);
    xml.always("SchoolName", name);
    xml.end("SchoolInfoData");
    xml.end("SchoolAttended");
}

/// The enrollments, each with the day of entering grade 9.
pub fn enrollments(run: &HandWritten, record: &Record<'_>, xml: &mut impl Xml) {
    let graph = record.graph;
    let entered = record.graduation.and_then(|row| graph.date(row, run.columns.Graduation.grade9_date));
    xml.start("EnrollmentHistory");
    for enrollment in &record.enrolled {
        xml.begin("StudentSchoolEnrollmentData");
        xml.attribute("SchoolAttendedRefId", Text(&record.district.schools[enrollment.calendar.school as usize]));
        xml.within();
        xml.or_nil("EntryDate", entered.map(crate::hand_written::xml::Iso));
        xml.end("StudentSchoolEnrollmentData");
    }
    xml.end("EnrollmentHistory");
}
