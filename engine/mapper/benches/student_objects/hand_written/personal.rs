//! StudentPersonal.

use std::cmp::Reverse;

use chrono::{Datelike, Days, Months};
use graph::{Date, Decimal, FieldId, Graph, RelationId, Row};

use super::HandWritten;
use super::enrollment::Enrollment;
use super::graph_access::{Period, Read};
use super::scores::{Scores, fixed, screener};
use super::student::Student;
use super::xml::{Guid, Shown, Text, Xml};

pub fn write(
    run: &HandWritten,
    graph: &Graph,
    student: &Student<'_>,
    enrollments: &[Enrollment<'_>],
    xml: &mut impl Xml,
) {
    let at = &run.columns.Student;
    let row = student.row;
    let enrollment = student.current_enrollment.map(|index| &enrollments[index as usize]);
    let page = Page { run, graph, student, enrollments, enrollment };
    xml.begin("StudentPersonal");
    xml.attribute("RefId", Guid(student.guid));
    xml.within();
    xml.always("LocalId", graph.text(row, at.student_number));
    xml.optional("StateProvinceId", graph.text(row, at.state_id));
    page.names(xml);
    page.demographics(xml);
    let address = page.address();
    if let Some(address) = address {
        page.write_address(address, xml);
    }
    page.contact(xml);
    page.graduation(xml);
    xml.unless_empty("MostRecent", |xml| {
        xml.optional("SchoolLocalId", enrollment.and_then(|enrollment| enrollment.calendar.school_number.as_deref()));
    });
    let homeless = page.programs(xml);
    page.extension(homeless, address, xml);
    xml.end("StudentPersonal");
}

struct Page<'p> {
    run: &'p HandWritten,
    graph: &'p Graph,
    student: &'p Student<'p>,
    enrollments: &'p [Enrollment<'p>],
    enrollment: Option<&'p Enrollment<'p>>,
}

impl<'p> Page<'p> {
    fn identity_text(&self, field: FieldId) -> Option<&'p str> {
        self.graph.text(self.student.identity?, field)
    }

    fn identity_date(&self, field: FieldId) -> Option<Date> {
        self.graph.date(self.student.identity?, field)
    }

    fn enrollment_text(&self, field: FieldId) -> Option<&'p str> {
        self.graph.text(self.enrollment?.row, field)
    }

    fn records(&self, relation: RelationId) -> impl Iterator<Item = Row> + 'p {
        self.graph.linked(self.student.row, relation)
    }

    fn holds(&self, period: Period, row: Row) -> bool {
        period.holds(self.graph, row, self.run.as_of)
    }

    fn any_holds(&self, relation: RelationId, period: Period) -> bool {
        self.records(relation).any(|row| self.holds(period, row))
    }

    /// The record that holds today, the latest one.
    fn latest(&self, relation: RelationId, period: Period) -> Option<Row> {
        self.records(relation)
            .filter(|row| self.holds(period, *row))
            .max_by_key(|row| (self.graph.date(*row, period.start), row.index))
    }

    fn names(&self, xml: &mut impl Xml) {
        let at = &self.run.columns.Identity;
        let [last, first, middle] =
            [at.last_name, at.first_name, at.middle_name].map(|field| self.identity_text(field));
        xml.start_with("Name", "Type", "04");
        xml.always("LastName", last);
        xml.always("FirstName", first);
        xml.optional("MiddleName", middle);
        xml.optional("Suffix", self.identity_text(at.suffix));
        xml.optional("PreferredName", self.identity_text(at.alias));
        let initial = middle.and_then(|middle| middle.chars().next()).map(String::from);
        let given = join(" ", &[first, initial.as_deref()]);
        xml.optional("SortName", join(", ", &[last, given.as_deref()]).as_deref());
        xml.optional("FullName", join(" ", &[first, middle, last]).as_deref());
        xml.end("Name");
        let former = self.former_identities();
        xml.unless_empty("OtherNames", |xml| {
            let latest = if former.len() > 1 { former.last() } else { None };
            for (kind, identity) in [("01", former.first()), ("05", latest)] {
                let Some(identity) = identity else { continue };
                if let (Some(last), Some(first)) =
                    (self.graph.text(*identity, at.last_name), self.graph.text(*identity, at.first_name))
                {
                    xml.start_with("Name", "Type", kind);
                    xml.leaf("LastName", last);
                    xml.leaf("FirstName", first);
                    xml.end("Name");
                }
            }
        });
    }

    /// Earlier identities under another name, earliest first, each name once.
    fn former_identities(&self) -> Vec<Row> {
        let at = &self.run.columns.Identity;
        let Some(current) = self.student.identity else { return Vec::new() };
        let Some(effective) = self.graph.date(current, at.effective_date) else { return Vec::new() };
        let name = |row| {
            [at.last_name, at.first_name, at.middle_name].map(|field| self.graph.text(row, field).unwrap_or_default())
        };
        let date = |row| self.graph.date(row, at.effective_date);
        let mut former: Vec<Row> = self
            .records(self.run.columns.Student.identities)
            .filter(|row| date(*row).is_none_or(|date| date < effective) && name(*row) != name(current))
            .collect();
        if former.len() > 1 {
            former.sort_by_key(|row| (date(*row), row.index));
            let mut kept: Vec<Row> = Vec::with_capacity(former.len());
            for row in former {
                if !kept.iter().any(|known| name(*known) == name(row)) {
                    kept.push(row);
                }
            }
            return kept;
        }
        former
    }

    fn demographics(&self, xml: &mut impl Xml) {
        let (at, codes) = (&self.run.columns.Identity, &self.run.organisation);
        xml.start("Demographics");
        xml.unless_empty("RaceList", |xml| self.races(xml));
        xml.optional("HispanicLatino", codes.hispanic.get(self.identity_text(at.hispanic_ethnicity)));
        xml.leaf("Gender", codes.gender.get_or(self.identity_text(at.gender), "U"));
        xml.optional_date("BirthDate", self.identity_date(at.birth_date));
        xml.optional("PlaceOfBirth", self.identity_text(at.birth_city));
        xml.optional("StateOfBirth", self.identity_text(at.state_of_birth));
        let country = self.identity_text(at.birth_country);
        let is_code = |country: &&str| codes.countries.contains(country);
        xml.optional("CountryOfBirth", codes.country.get(country).or_else(|| country.filter(is_code)));
        xml.unless_empty("LanguageList", |xml| {
            self.language(at.home_language, "1037", xml);
            self.language(at.native_language, "1038", xml);
        });
        xml.start("DwellingArrangement");
        xml.leaf("Code", "9999");
        let homeless = self.homeless().and_then(|row| self.graph.text(row, self.run.columns.Homeless.primary_night));
        xml.other_code(homeless.unwrap_or("0"));
        xml.end("DwellingArrangement");
        xml.end("Demographics");
    }

    fn races(&self, xml: &mut impl Xml) {
        let Some(identity) = self.student.identity else { return };
        let subcategory = self.identity_text(self.run.columns.Identity.race_subcategory);
        let mut seen: Vec<&str> = Vec::new();
        for race in self.graph.linked(identity, self.run.columns.Identity.races) {
            let code = self.run.organisation.race.get(self.graph.text(race, self.run.columns.Race.code));
            let Some(code) = code.filter(|code| !seen.contains(code)) else { continue };
            seen.push(code);
            xml.start("Race");
            xml.leaf("Code", code);
            if let Some(subcategory) = subcategory {
                xml.other_code(subcategory);
            }
            xml.end("Race");
        }
    }

    fn language(&self, relation: RelationId, kind: &str, xml: &mut impl Xml) {
        let at = &self.run.columns.Language;
        let Some(language) = self.student.identity.and_then(|identity| self.graph.one(identity, relation)) else {
            return;
        };
        let code = self.graph.text(language, at.sif_code);
        let Some(code) = code.filter(|code| self.run.organisation.languages.contains(code)) else { return };
        xml.start("Language");
        xml.leaf("Code", code);
        if let Some(code) = self.graph.text(language, at.state_code) {
            xml.other_code(code);
        }
        xml.leaf("LanguageType", kind);
        xml.end("Language");
    }

    fn homeless(&self) -> Option<Row> {
        self.latest(self.run.columns.Student.homeless_records, self.run.columns.Homeless.held)
    }

    fn memberships(&self) -> impl Iterator<Item = Row> + '_ {
        let period = self.run.columns.Member.held;
        self.records(self.run.columns.Student.household_memberships).filter(move |member| self.holds(period, *member))
    }

    /// The first address that has all that SIF makes mandatory.
    fn address(&self) -> Option<Row> {
        let (columns, graph) = (&self.run.columns, self.graph);
        let whole = |address: &Row| {
            let at = &columns.Address;
            [at.city, at.state, at.zip].into_iter().all(|field| graph.text(*address, field).is_some())
                && self.line1(*address).is_some()
        };
        let mut best = None;
        for member in self.memberships() {
            let secondary = graph.is(member, columns.Member.secondary);
            let household = graph.one(member, columns.Member.household).expect("a household");
            for location in graph.linked(household, columns.Household.locations) {
                if !self.holds(columns.Location.held, location) {
                    continue;
                }
                let address = graph.one(location, columns.Location.address).expect("an address");
                let start = graph.date(location, columns.Location.held.start);
                let rank = (secondary || graph.is(location, columns.Location.secondary), Reverse(start), address);
                if best.is_none_or(|best| rank < best) && whole(&address) {
                    best = Some(rank);
                }
            }
        }
        best.map(|(_, _, address)| address)
    }

    fn line1(&self, address: Row) -> Option<String> {
        let (at, graph) = (&self.run.columns.Address, self.graph);
        let number = graph.text(address, at.number);
        if graph.is(address, at.post_office_box) {
            return number.map(|number| format!("P.O. Box {number}"));
        }
        let text = |field| graph.text(address, field);
        join(" ", &[number, text(at.prefix), text(at.street), text(at.street_tag), text(at.dir)])
    }

    fn write_address(&self, address: Row, xml: &mut impl Xml) {
        let (at, graph) = (&self.run.columns.Address, self.graph);
        let text = |field| graph.text(address, field);
        xml.start("AddressList");
        xml.start_with("Address", "Type", "0765");
        xml.start("Street");
        xml.optional("Line1", self.line1(address).as_deref());
        xml.optional("Line2", text(at.apt));
        let place = join(", ", &[text(at.city), text(at.state)]);
        xml.optional("Line3", join(" ", &[place.as_deref(), text(at.zip)]).as_deref());
        xml.optional("StreetNumber", text(at.number));
        xml.optional("StreetPrefix", text(at.prefix));
        xml.optional("StreetName", text(at.street));
        xml.optional("StreetType", text(at.street_tag));
        xml.optional("StreetSuffix", text(at.dir));
        xml.optional("ApartmentType", text(at.apt));
        xml.end("Street");
        xml.optional("City", text(at.city));
        xml.optional("County", text(at.county));
        xml.optional("StateProvince", text(at.state));
        xml.leaf("Country", "US");
        xml.optional("PostalCode", text(at.zip));
        let coordinate = |field, limit: i64| {
            let number = Decimal::from_str_exact(text(field)?.trim()).ok()?;
            (number.abs() <= Decimal::from(limit)).then_some(number.normalize())
        };
        if let (Some(latitude), Some(longitude)) = (coordinate(at.latitude, 90), coordinate(at.longitude, 180)) {
            xml.start("GridLocation");
            xml.element("Latitude", Shown(latitude));
            xml.element("Longitude", Shown(longitude));
            xml.end("GridLocation");
        }
        xml.end("Address");
        xml.end("AddressList");
    }

    fn contact(&self, xml: &mut impl Xml) {
        let (columns, graph) = (&self.run.columns, self.graph);
        let phones = self.memberships().filter_map(|member| {
            let household = graph.one(member, columns.Member.household)?;
            let phone = graph.text(household, columns.Household.phone)?;
            let start = graph.date(member, columns.Member.held.start);
            Some(((graph.is(member, columns.Member.secondary), Reverse(start), member), phone))
        });
        let home = phones.min().map(|(_, phone)| phone);
        let contact = graph.one(self.student.row, columns.Student.contact);
        let text = |field| contact.and_then(|contact| graph.text(contact, field));
        let other = text(columns.Contact.cell_phone).or_else(|| text(columns.Contact.work_phone));
        xml.unless_empty("PhoneNumberList", |xml| {
            for (kind, number) in [("0096", home), ("0350", other)] {
                let Some(number) = number else { continue };
                xml.start_with("PhoneNumber", "Type", kind);
                xml.leaf("Number", number);
                xml.end("PhoneNumber");
            }
        });
        if let Some(email) = text(columns.Contact.email) {
            xml.start("EmailList");
            xml.start_with("Email", "Type", "Primary");
            xml.content(Text(email));
            xml.end("Email");
            xml.end("EmailList");
        }
    }

    fn graduation(&self, xml: &mut impl Xml) {
        let (columns, graph) = (&self.run.columns, self.graph);
        let at = &columns.Graduation;
        let graduation = graph.one(self.student.row, columns.Student.graduation);
        let projected = graduation
            .and_then(|row| graph.int(row, at.cohort_year_nga))
            .or_else(|| {
                let date = graduation.and_then(|row| graph.date(row, at.grade9_date))?;
                Some(i64::from(date.year()) + i64::from(date.month() >= 7) + 3)
            })
            .or_else(|| Some(self.enrollment?.calendar.end_year + 12 - self.grade_number()?));
        if let Some(year) = projected {
            xml.number("ProjectedGraduationYear", year);
        }
        if let Some(year) = graduation.and_then(|row| graph.int(row, at.cohort_year_nclb)) {
            xml.number("OnTimeGraduationYear", year);
        }
        xml.optional_date("GraduationDate", graduation.and_then(|row| graph.date(row, at.diploma_date)));
    }

    /// The number of the current grade, kindergarten being 0.
    fn grade_number(&self) -> Option<i64> {
        let enrollment = self.enrollment?;
        let columns = &self.run.columns;
        let standard =
            enrollment.grade_level.and_then(|level| self.graph.text(level, columns.GradeLevel.standard_code));
        let code = standard.or_else(|| self.enrollment_text(columns.Enrollment.grade));
        match self.run.organisation.grade_level.get_or(code, "UN") {
            "PK" => Some(-1),
            "KG" => Some(0),
            number => number.parse().ok(),
        }
    }

    /// Answers the homeless record too.
    fn programs(&self, xml: &mut impl Xml) -> Option<Row> {
        let (run, graph, columns) = (self.run, self.graph, &self.run.columns);
        let at = &columns.Student;
        let plan =
            self.latest(at.plans, columns.Plan.held).and_then(|plan| graph.text(plan, columns.Plan.special_ed_status));
        let idea = plan == Some("1") || self.enrollment_text(columns.Enrollment.special_ed_status) == Some("1");
        let homeless = self.homeless();
        xml.yes_no("IDEA", idea);
        xml.yes_no("Migrant", self.records(at.migrant_records).any(|row| self.is_migrant(row)));
        xml.yes_no("Title1", self.any_holds(at.title1_records, columns.Title1.held));
        xml.yes_no("GiftedTalented", self.any_holds(at.gifted_records, columns.Gifted.held));
        let meals = self.records(at.meal_eligibilities).any(|row| {
            self.holds(columns.Meal.held, row)
                && graph.int(row, columns.Meal.end_year) == Some(run.school_year)
                && run.organisation.meal_eligibility.get(graph.text(row, columns.Meal.eligibility))
                    == Some("disadvantaged")
        });
        xml.yes_no("EconomicDisadvantage", meals);
        xml.yes_no("ELL", self.student.el.is_some_and(|record| self.not_exited(record)));
        xml.yes_no("Homeless", homeless.is_some());
        xml.yes_no("Section504", !idea && self.any_holds(at.section504_records, columns.Section504.held));
        xml.leaf("VocationalConcentrator", "No");
        let flag = |field| self.student.identity.is_some_and(|identity| graph.is(identity, field));
        xml.yes_no("Immigrant", flag(columns.Identity.immigrant));
        xml.yes_no("NeglectedDelinquent", self.any_holds(at.youth_programs, columns.Youth.held));
        xml.optional_date("FirstUSEnrollment", self.identity_date(columns.Identity.date_entered_us_school));
        homeless
    }

    fn is_migrant(&self, row: Row) -> bool {
        let at = &self.run.columns.Migrant;
        let as_of = self.run.as_of;
        self.run.organisation.coe_status.get(self.graph.text(row, at.coe_status_indicator)) == Some("approved")
            && self.graph.date(row, at.last_qualifying_arrival_date).is_some_and(|arrival| {
                arrival <= as_of && arrival.checked_add_months(Months::new(36)).is_some_and(|end| end >= as_of)
            })
    }

    fn not_exited(&self, record: Row) -> bool {
        self.graph.date(record, self.run.columns.Lep.exit_date).is_none_or(|exit| exit >= self.run.as_of)
    }

    fn extension(&self, homeless: Option<Row>, address: Option<Row>, xml: &mut impl Xml) {
        let (run, graph, columns) = (self.run, self.graph, &self.run.columns);
        let at = &columns.Student;
        let text = |row: Option<Row>, field| row.and_then(|row| graph.text(row, field));
        let flag = |field| self.student.identity.is_some_and(|identity| graph.is(identity, field));
        let graduation = graph.one(self.student.row, at.graduation);
        xml.start_extension("StudentPersonalExtensions");
        xml.always("HighSchlComplStatus", text(graduation, columns.Graduation.diploma_type));
        let services = self.services();
        xml.always("LimitedEnglish", self.limited_english(&services));
        xml.always("ResidentStatus", self.enrollment_text(columns.Enrollment.state_aid));
        xml.always_date("ELLMonitoredDate", self.monitored_date());
        let mesa = self.latest(at.mesa_records, columns.Mesa.held);
        xml.always("MESAProgram", text(mesa, columns.Mesa.participation_level));
        xml.always("DistrictOfResidence", self.enrollment_text(columns.Enrollment.resident_district));
        xml.always("ELLInstructionType", self.instruction_type(&services));
        let nclb = self.latest(at.nclb_records, columns.Nclb.held);
        xml.always("NCLBSuppServLang", text(nclb, columns.Nclb.language_support));
        xml.always("NCLBSuppServMath", text(nclb, columns.Nclb.math_support));
        xml.always("CumulativeGPA", self.gpa().as_deref());
        let special =
            self.enrollment.and_then(|enrollment| graph.date(enrollment.row, columns.Enrollment.sped_exit_date));
        xml.always_date("SpecialEdExitDate", special.and_then(|date| date.checked_add_days(Days::new(1))));
        xml.mark("MilitaryChild", self.military_child());
        xml.mark("RefugeeStudent", flag(columns.Identity.refugee));
        let scores = Scores::of(run, graph, self.student.row);
        scores.write(run, graph, xml);
        let observed = self.identity_text(columns.Identity.race_ethnicity_determination) == Some("03");
        xml.leaf("RaceObserved", if observed { "Y" } else { "N" });
        xml.always("AccompaniedStudent", text(homeless, columns.Homeless.unaccompanied_youth));
        xml.mark("ELProficiencyAssessment", scores.el_assessment);
        xml.mark("PassedCivicsExam", self.passed_civics());
        let [first, second] = self.seals();
        xml.always("Biliteracy1Level", first.map(|_| "IM"));
        xml.always("Biliteracy1Language", text(first, columns.Seal.language));
        xml.always("Biliteracy2Level", second.map(|_| "IM"));
        xml.always("Biliteracy2Language", text(second, columns.Seal.language));
        xml.always_date("HighSchoolExitDate", self.high_school_exit());
        let screener = scores.wida.and_then(|(date, row)| Some((screener(run, graph, row)?, date)));
        xml.always("WIDAScreenerScore", screener.as_ref().map(|(score, _)| score.as_str()));
        xml.always_date("WIDAScreenerDate", screener.as_ref().map(|(_, date)| *date));
        xml.always("GeoCode", text(address, columns.Address.location_code));
        xml.end_extension("StudentPersonalExtensions");
    }

    /// The current services of the EL record that the state wants to know of, with the state's name for each.
    fn services(&self) -> Vec<(Row, Option<&'p str>)> {
        let (columns, graph) = (&self.run.columns, self.graph);
        let Some(record) = self.student.el else { return Vec::new() };
        graph
            .linked(record, columns.Lep.services)
            .filter_map(|service| {
                let kind = graph.one(service, columns.LepService.lep_service_type)?;
                let state = graph.text(kind, columns.ServiceType.state_service_type);
                let reportable = !matches!(state, Some("ELSS" | "NOT"));
                (reportable && self.holds(columns.LepService.held, service)).then_some((service, state))
            })
            .collect()
    }

    fn is_learner(&self, record: Row) -> bool {
        matches!(self.graph.text(record, self.run.columns.Lep.program_status), Some("EL" | "Exited EL"))
            && self.not_exited(record)
    }

    fn limited_english(&self, services: &[(Row, Option<&str>)]) -> Option<&'static str> {
        let (at, graph, as_of) = (&self.run.columns.Lep, self.graph, self.run.as_of);
        let record = self.student.el?;
        let by_today = |date: Option<Date>| date.is_some_and(|date| date <= as_of);
        if self.is_learner(record) {
            let declined = by_today(graph.date(record, at.parent_declined_date));
            let given =
                |(service, _): &(Row, _)| !by_today(graph.date(*service, self.run.columns.LepService.date_refused));
            if !declined && services.iter().any(given) {
                return Some("Y");
            }
            if declined || !services.is_empty() {
                return Some("O");
            }
        }
        match graph.text(record, at.program_status) {
            Some("Exited EL") if graph.date(record, at.exit_date).is_some_and(|exit| exit < as_of) => Some("F"),
            Some("Not EL") => Some("N"),
            _ => None,
        }
    }

    fn instruction_type<'s>(&self, services: &[(Row, Option<&'s str>)]) -> Option<&'s str> {
        let (at, graph) = (&self.run.columns.LepService, self.graph);
        self.student.el.filter(|record| self.is_learner(*record))?;
        let rank = |(service, _): &&(Row, _)| {
            let end = graph.date(*service, at.end_date);
            (graph.date(*service, at.start_date), end.is_none(), end, service.index)
        };
        services.iter().max_by_key(rank).and_then(|(_, state)| *state)
    }

    /// The exit date of a student who has left the EL program, on the latest record identified before today.
    fn monitored_date(&self) -> Option<Date> {
        let (at, graph, as_of) = (&self.run.columns.Lep, self.graph, self.run.as_of);
        let records = self.records(self.run.columns.Student.el_records);
        let identified = |row| graph.date(row, at.identified_date).filter(|date| *date < as_of);
        let (_, record) = records.filter_map(|row| Some((identified(row)?, row))).max()?;
        let exited = graph.text(record, at.program_status) == Some("Exited EL");
        graph.date(record, at.exit_date).filter(|exit| exited && *exit < as_of)
    }

    fn gpa(&self) -> Option<String> {
        let (at, graph) = (&self.run.columns.Transcript, self.graph);
        let (mut sum, mut weights) = (Decimal::ZERO, Decimal::ZERO);
        for course in self.records(self.run.columns.Student.transcript) {
            let value = graph.decimal(course, at.unweighted_gpa_value).or_else(|| graph.decimal(course, at.gpa_value));
            let weight = graph.decimal(course, at.gpa_weight).filter(|weight| *weight > Decimal::ZERO);
            if let (Some(value), Some(weight)) = (value, weight) {
                sum += value * weight;
                weights += weight;
            }
        }
        sum.checked_div(weights).map(|mean| fixed(mean, 3))
    }

    fn military_child(&self) -> bool {
        let (columns, graph) = (&self.run.columns, self.graph);
        self.records(columns.Student.relationships)
            .filter(|pair| graph.is(*pair, columns.Relative.guardian) && self.holds(columns.Relative.held, *pair))
            .filter_map(|pair| graph.one(pair, columns.Relative.related_person))
            .flat_map(|person| graph.linked(person, columns.RelatedPerson.military_connections))
            .any(|row| {
                let status = graph.text(row, columns.Military.military_status);
                self.holds(columns.Military.held, row)
                    && self.run.organisation.military_status.get(status) == Some("covered")
            })
    }

    fn passed_civics(&self) -> bool {
        let (columns, graph) = (&self.run.columns, self.graph);
        self.records(columns.Student.program_participations)
            .filter_map(|row| graph.one(row, columns.Participation.program))
            .filter(|program| {
                graph.is(*program, columns.Program.state_reported)
                    && graph.text(*program, columns.Program.code) == Some("Civics")
            })
            .any(|program| {
                let mut requirements = graph.linked(program, columns.Program.test_requirements).peekable();
                requirements.peek().is_some() && requirements.all(|requirement| self.meets(requirement))
            })
    }

    fn meets(&self, requirement: Row) -> bool {
        let (columns, graph) = (&self.run.columns, self.graph);
        let (at, score_at) = (&columns.Requirement, &columns.Score);
        let wanted = graph.text(requirement, at.state_code);
        let scores = self.records(columns.Student.test_scores).filter(|score| {
            graph.one(*score, score_at.test).is_some_and(|test| {
                wanted.is_some()
                    && graph.text(test, columns.Test.r#type) == Some("S")
                    && graph.text(test, columns.Test.state_code) == wanted
            })
        });
        let reaches = |score, field, limit| {
            graph.decimal(score, field).zip(graph.decimal(requirement, limit)).is_some_and(|(a, b)| a >= b)
        };
        match graph.text(requirement, at.evaluation_mode) {
            Some("COUNT") => {
                let passed = scores.filter(|score| graph.is(*score, score_at.passed)).count();
                i64::try_from(passed).unwrap_or(i64::MAX) >= graph.int(requirement, at.test_count).unwrap_or(1)
            }
            Some("SCORE") => scores.into_iter().any(|score| {
                reaches(score, score_at.raw_score, at.min_raw_score)
                    || reaches(score, score_at.scale_score, at.min_scale_score)
            }),
            _ => false,
        }
    }

    /// The two earliest seals of biliteracy.
    fn seals(&self) -> [Option<Row>; 2] {
        let (at, graph) = (&self.run.columns.Seal, self.graph);
        let seals = self.records(self.run.columns.Student.seals);
        let mut found =
            seals.filter(|row| self.run.organisation.biliteracy_seal.get(graph.text(*row, at.state_seal)).is_some());
        [found.next(), found.next()]
    }

    fn high_school_exit(&self) -> Option<Date> {
        let columns = &self.run.columns;
        // The current enrollment is the latest that has started, if any has; but Primary ones go first there.
        let started = self
            .student
            .enrollments
            .iter()
            .map(|index| (index, &self.enrollments[*index as usize]))
            .filter(|(_, one)| one.start <= self.run.as_of);
        let (_, enrollment) =
            started.max_by_key(|(index, one)| (one.start, one.primary, one.end.is_none(), one.end, Reverse(*index)))?;
        let level = enrollment.grade_level?;
        let grade =
            self.run.organisation.grade_level.get_or(self.graph.text(level, columns.GradeLevel.standard_code), "UN");
        let ended = enrollment.end.is_some_and(|end| end <= self.run.as_of);
        if matches!(grade, "09" | "10" | "11" | "12") && ended { enrollment.reported_end } else { None }
    }
}

/// What is there of the parts, with the separator between.
fn join(separator: &str, parts: &[Option<&str>]) -> Option<String> {
    let mut joined: Option<String> = None;
    for part in parts.iter().flatten() {
        match &mut joined {
            Some(joined) => {
                joined.push_str(separator);
                joined.push_str(part);
            }
            None => joined = Some((*part).to_owned()),
        }
    }
    joined
}
