//! The tables that the generator fills, with the columns that it has an idea for. What else `graph.yaml` declares stays NULL.
//!
//! Each table is a struct with one field a column, under the column's own name, so that a row reads like the source.

use crate::value::Value;

/// A table that the generator fills.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// A row of one of the tables.
pub(crate) trait Row {
    /// The table's place in [`KNOWN`].
    const TABLE: usize;
    /// Hands the values over, in the order of the table's [`Known::columns`].
    fn give(&self, to: impl FnOnce(&[Value<'_>]));
}

macro_rules! tables {
    ($($name:ident = $table:literal { $($column:ident),* $(,)? })*) => {
        enum Place { $($name),* }

        /// Every table that the generator fills.
        pub(crate) const KNOWN: &[Known] = &[
            $(Known { name: $table, columns: &[$(stringify!($column)),*] }),*
        ];

        $(
            #[doc = concat!("A row of the table `", $table, "`.")]
            #[allow(non_snake_case, reason = "the columns' own names")]
            #[derive(Clone, Copy, Default)]
            pub(crate) struct $name<'a> { $(pub(crate) $column: Value<'a>),* }

            impl Row for $name<'_> {
                const TABLE: usize = Place::$name as usize;
                fn give(&self, to: impl FnOnce(&[Value<'_>])) {
                    to(&[$(self.$column),*]);
                }
            }
        )*
    };
}

/// Writes a row: `row!(out, Lep { lepID: id, personID: person })`. Columns that are not named stay NULL.
macro_rules! row {
    ($out:expr, $name:ident { $($column:ident: $value:expr),* $(,)? }) => {
        #[allow(clippy::needless_update, reason = "some rows name every column")]
        $out.row(&$crate::tables::$name { $($column: $crate::value::Value::from($value),)* ..Default::default() })
    };
}
pub(crate) use row;

tables! {
    District = "district" {
        districtID, districtGUID, number, name, ncesDistrictID, url, contactLastName, contactFirstName, contactTitle,
        email, phone, fax, address, city, state, zip, physicalAddress, physicalCity, physicalState, physicalZip,
    }
    School = "school" {
        schoolID, schoolGUID, districtID, number, standardCode, ncesSchoolID, name, url, principalName,
        principalTitle, principalEmail, phone, fax, address, city, state, zip, physicalAddress, physicalCity,
        physicalState, physicalZip,
    }
    SchoolAttribute = "schoolAttribute" {
        schoolAttributeID, schoolID, startDate, endDate, title1,
    }
    Calendar = "calendar" {
        calendarID, calendarGUID, schoolID, name, endYear, startDate, endDate, sequence, studentDay, summerSchool,
        exclude, r#type,
    }
    PeriodSchedule = "periodSchedule" {
        periodScheduleID, calendarID, name, seq,
    }
    Day = "day" {
        dayID, calendarID, periodScheduleID, date, schoolDay, instruction, attendance,
    }
    GradeLevel = "gradeLevel" {
        gradeLevelID, calendarID, name, seq, standardCode, stateGrade, gradeCode, halfDayAbsence, wholeDayAbsence,
        excludeSIF,
    }
    TermSchedule = "termSchedule" {
        termScheduleID, calendarID, name, isPrimary,
    }
    Term = "term" {
        termID, termGUID, termScheduleID, name, seq, startDate, endDate, stateCode,
    }
    Period = "period" {
        periodID, calendarID, periodScheduleID, name, seq, startTime, endTime, nonInstructional,
    }
    Room = "room" {
        roomID, roomGUID, schoolID, name,
    }
    AttributeDictionary = "attributeDictionary" {
        attributeID, attribute, code, name, value, standardCode, sifCode, stateCode, isDefault,
    }
    Person = "person" {
        personID, personGUID, studentNumber, stateID, staffStateID, currentIdentityID,
    }
    Identity = "identity" {
        identityID, personID, effectiveDate, lastName, firstName, middleName, suffix, alias, gender, birthDate, ssn,
        birthCity, stateOfBirth, birthCountry, hispanicEthnicity, raceSubcategory, raceEthnicityDetermination,
        homePrimaryLanguage, languageAlt, immigrant, refugee, dateEnteredUSSchool,
    }
    RaceEthnicity = "raceEthnicity" {
        raceEthnicityID, identityID, code,
    }
    Language = "language" {
        languageID, code, name, sifCode, stateCode,
    }
    Contact = "contact" {
        personID, email, cellPhone, workPhone, homePhone,
    }
    Household = "household" {
        householdID, name, phone,
    }
    HouseholdMember = "householdMember" {
        memberID, householdID, personID, secondary, startDate, endDate,
    }
    Address = "address" {
        addressID, postOfficeBox, number, prefix, street, tag, dir, apt, city, county, state, zip, latitude,
        longitude, locationCode,
    }
    HouseholdLocation = "householdLocation" {
        locationID, householdID, addressID, secondary, mailing, startDate, endDate,
    }
    RelatedPair = "relatedPair" {
        relatedPairID, personID1, personID2, name, guardian, seq, startDate, endDate,
    }
    ImpactAidEmployment = "impactAidEmployment" {
        impactAidEmploymentID, personID, militaryStatus, startDate, endDate,
    }
    StartStatusType = "startStatusType" {
        startStatusTypeID, code, name, stateCode,
    }
    EndStatusType = "endStatusType" {
        endStatusTypeID, code, name, stateCode,
    }
    Enrollment = "enrollment" {
        enrollmentID, enrollmentGUID, personID, calendarID, grade, serviceType, startDate, endDate, startStatus,
        endStatus, stateExclude, noShow, residentDistrict, stateAid, specialEdStatus, specialEdSetting, disability1,
        spedExitDate, spedExitReason,
    }
    AttendanceExcuse = "attendanceExcuse" {
        excuseID, calendarID, code, description, status, excuse, stateCode,
    }
    Attendance = "attendance" {
        attendanceID, personID, calendarID, date, periodID, excuseID, status, excuse, presentMinutes,
    }
    Course = "course" {
        courseID, courseGUID, calendarID, number, name, stateCode, description, active, stateExclude, r#type,
        scedSubjectArea, pseoType, termType, specialCode, serviceDistrict, distanceCode, programType, wblCourseType,
    }
    Trial = "trial" {
        trialID, calendarID, active,
    }
    Section = "section" {
        sectionID, sectionGUID, courseID, trialID, number, roomID, homeroom, mediumOfInstruction, altSchoolCode,
        serviceDistrict, distanceCode,
    }
    SectionPlacement = "sectionPlacement" {
        placementID, sectionID, termID, periodID,
    }
    SectionStaffHistory = "sectionStaffHistory" {
        historyID, sectionID, personID, staffType, role, startDate, endDate,
    }
    Roster = "roster" {
        rosterID, rosterGUID, sectionID, personID, startDate, endDate,
    }
    GradingTask = "gradingTask" {
        gradingTaskID, name, stateReported, isFinal,
    }
    ScoreGroup = "scoreGroup" {
        scoreGroupID, name,
    }
    ScoreListItem = "scoreListItem" {
        scoreListItemID, scoreGroupID, score, passingScore, gpaValue, unweightedGPAValue,
    }
    GradingTaskCredit = "gradingTaskCredit" {
        gradingTaskCreditID, courseID, gradingTaskID, scoreGroupID, credit,
    }
    GradingScore = "gradingScore" {
        gradingScoreID, personID, sectionID, gradingTaskID, termID, score, percent, date,
    }
    TranscriptCourse = "transcriptCourse" {
        transcriptID, personID, source, courseID, schoolID, courseNumber, stateCode, courseName, districtNumber,
        schoolNumber, schoolName, startYear, endYear, grade, startTerm, endTerm, actualTerm, termsLong, termStartDate,
        termEndDate, date, score, percent, gpaWeight, gpaValue, unweightedGPAValue, bonusPoints,
    }
    TranscriptCredit = "transcriptCredit" {
        creditID, transcriptID, creditsAttempted, creditsEarned, creditType,
    }
    Graduation = "graduation" {
        personID, grade9Date, cohortYearNGA, cohortYearNCLB, diplomaDate, diplomaType,
    }
    GraduationSeal = "graduationSeal" {
        sealID, personID, stateSeal, earnedDate, language,
    }
    Program = "program" {
        programID, code, name, stateReported,
    }
    ProgramParticipation = "programParticipation" {
        participationID, personID, programID, startDate, endDate,
    }
    TestRequirement = "testRequirement" {
        requirementID, programID, stateCode, evaluationMode, testCount, minRawScore, minScaleScore, displayValue,
    }
    Test = "test" {
        testID, parentID, name, r#type, subject, nationalCode, stateCode, stateValue, standardCode, assessmentType,
    }
    TestScore = "testScore" {
        scoreID, testID, personID, date, scaleScore, result, rawScore, percentile, percent, normalCurve, passed,
        nonParticipationReason, modification1, modification2,
    }
    Lep = "lep" {
        lepID, personID, programStatus, identifiedDate, exitDate, parentDeclinedDate,
    }
    LepServiceType = "lepServiceType" {
        lepServiceTypeID, code, name, stateServiceType,
    }
    LepService = "lepService" {
        lepServiceID, lepID, lepServiceTypeID, startDate, endDate, dateRefused,
    }
    Homeless = "homeless" {
        homelessID, personID, startDate, endDate, primaryNight, unaccompaniedYouth,
    }
    Migrant = "migrant" {
        migrantID, personID, lastQualifyingArrivalDate, coeStatusIndicator, startDate, endDate,
    }
    Title1 = "title1" {
        title1ID, personID, startDate, endDate, title1Services,
    }
    Gifted = "gifted" {
        giftedID, personID, startDate, endDate,
    }
    Section504 = "section504" {
        section504ID, personID, startDate, endDate, exitReason, disability,
    }
    PosEligibility = "posEligibility" {
        eligibilityID, personID, endYear, eligibility, startDate, endDate,
    }
    YouthProgram = "youthProgram" {
        youthProgramID, personID, startDate, endDate, environment, exitReason, timeCode, custodyType,
        excludeMembership, facility, rtcFacility, neglectedDelinquent,
    }
    Mesa = "mesa" {
        mesaID, personID, startDate, endDate, participationLevel,
    }
    Nclb = "nclb" {
        nclbID, personID, startDate, endDate, languageSupport, mathSupport,
    }
    SupplementalServices = "supplementalServices" {
        supplementalServicesID, personID, startDate, endDate, supplementalService1, supplementalService2,
    }
    Plan = "plan" {
        planID, personID, calendarID, r#type, locked, startDate, endDate, specialEdStatus, regularPercent, time,
        dlm1Percent, extendedSchoolYear,
    }
    BehaviorIncident = "behaviorIncident" {
        incidentID, incidentGUID, calendarID, timestamp, location, damages, submittedByPersonID, contextDescription,
        details,
    }
    BehaviorType = "behaviorType" {
        typeID, code, name, stateEventCode,
    }
    BehaviorEvent = "behaviorEvent" {
        eventID, incidentID, typeID, gangRelated, retaliationRelated,
    }
    BehaviorRole = "behaviorRole" {
        roleID, eventID, personID, role, injury, demerits,
    }
    BehaviorResType = "behaviorResType" {
        resTypeID, code, name, stateResCode,
    }
    BehaviorResolution = "behaviorResolution" {
        resolutionID, roleID, resTypeID, startDate, endDate, schoolDays, additionalActions, arrest, auxiliaryCode,
        lawEnforcement, inconsistentCodeOfConduct,
    }
    BehaviorWeapon = "behaviorWeapon" {
        weaponID, roleID, r#type,
    }
}
