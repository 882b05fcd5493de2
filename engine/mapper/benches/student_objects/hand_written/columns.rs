//! Where fields and relations stand in the graph, looked up once.

use graph::{EntityId, FieldId, RelationId, Schema};

use super::graph_access::Period;

macro_rules! entities {
    ($($entity:ident $name:literal $([$open_start:literal])? { $($field:ident)* ; $($relation:ident)* })*) => {
        /// Every entity that the objects read.
        #[allow(non_snake_case)]
        pub struct Columns { $(pub $entity: $entity,)* }

        impl Columns {
            pub fn of(schema: &Schema) -> Self {
                Self { $($entity: $entity::of(schema),)* }
            }
        }

        $(
            #[allow(dead_code, reason = "every entity has an id and a period, whether it is asked for or not")]
            pub struct $entity {
                pub id: EntityId,
                $(pub $field: FieldId,)*
                $(pub $relation: RelationId,)*
                pub held: Period,
            }

            impl $entity {
                fn of(schema: &Schema) -> Self {
                    let id = schema.entity($name).expect($name);
                    let entity = &schema[id];
                    let held = Period {
                        start: entity.period.map_or(entity.key, |period| period.start),
                        end: entity.period.map_or(entity.key, |period| period.end),
                        open_start: entity.period.is_some_and(|period| period.open_start),
                    };
                    Self {
                        id,
                        $($field: entity.field(stringify!($field).trim_start_matches("r#")).expect(stringify!($field)),)*
                        $($relation: entity.relation(stringify!($relation)).expect(stringify!($relation)),)*
                        held,
                    }
                }
            }
        )*
    };
}

entities! {
    District "district" { district_guid number name; }
    School "school" {
        school_guid number standard_code name principal_name principal_title principal_email phone fax; district
    }
    Calendar "calendar" {
        calendar_id calendar_guid end_year end_date student_day summer_school exclude;
        school days periods grade_levels term_schedules
    }
    Day "day" { date school_day instruction period_schedule_id; }
    GradeLevel "grade_level" { name standard_code state_grade grade_code half_day_absence whole_day_absence exclude_sif; }
    Period_ "period" { calendar_id period_schedule_id seq start_time end_time non_instructional; calendar }
    TermSchedule "term_schedule" { is_primary; terms }
    Term "term" { name seq start_date end_date; }
    Room "room" { room_guid; }
    Dictionary "attribute_dictionary" { attribute code sif_code value; }
    Language "language" { sif_code state_code; }
    StartStatusType "start_status_type" { state_code; }
    EndStatusType "end_status_type" { state_code; }
    Excuse "attendance_excuse" { status excuse state_code; }
    Course "course" {
        calendar_id number name state_code active state_exclude special_code distance_code program_type wbl_course_type;
        calendar grading_task_credits
    }
    TaskCredit "grading_task_credit" { credit; grading_task score_group }
    GradingTask "grading_task" { state_reported is_final; }
    ScoreGroup "score_group" { name; items }
    ScoreItem "score_list_item" { score passing_score; }
    Trial "trial" { active; }
    Section "section" { section_guid homeroom alt_school_code distance_code; course trial room placements }
    Placement "section_placement" { ; term period }
    ServiceType "lep_service_type" { state_service_type; }
    Test "test" { r#type subject national_code state_code state_value standard_code assessment_type; parent }
    Program "program" { code state_reported; test_requirements }
    Requirement "test_requirement" { state_code evaluation_mode test_count min_raw_score min_scale_score; }
    Student "student" {
        person_guid student_number state_id current_identity_id;
        identities contact household_memberships relationships enrollments attendance_days rosters grading_scores transcript graduation seals
        program_participations test_scores el_records homeless_records migrant_records title1_records gifted_records
        section504_records meal_eligibilities youth_programs mesa_records nclb_records supplemental_services plans
    }
    Identity "identity" {
        identity_id effective_date last_name first_name middle_name suffix alias gender birth_date birth_city state_of_birth
        birth_country hispanic_ethnicity race_subcategory race_ethnicity_determination immigrant refugee date_entered_us_school;
        races home_language native_language
    }
    Race "race_ethnicity" { code; }
    Contact "contact" { email cell_phone work_phone; }
    Household "household" { phone; locations }
    Member "household_member" { secondary; household }
    Location "household_location" { secondary; address }
    Address "address" {
        post_office_box number prefix street street_tag dir apt city county state zip latitude longitude location_code;
    }
    Relative "related_pair" { guardian; related_person }
    RelatedPerson "related_person" { ; military_connections }
    Military "impact_aid_employment" { military_status; }
    Enrollment "enrollment" {
        enrollment_guid calendar_id grade service_type start_date end_date end_status resident_district state_aid special_ed_status
        sped_exit_date;
        student calendar grade_level start_status_type end_status_type
    }
    Attendance "attendance" { period_id status excuse; excuse_type period }
    AttendanceDay "attendance_day" { calendar_id date; day rows }
    Roster "roster" { roster_guid start_date end_date; section }
    GradingScore "grading_score" { section_id grading_task_id score percent date; grading_task section }
    Transcript "transcript_course" {
        source course_number state_code course_name district_number school_number school_name end_year grade actual_term
        term_start_date term_end_date score percent gpa_weight gpa_value unweighted_gpa_value bonus_points;
        credits course school numbered_school district
    }
    TranscriptCredit "transcript_credit" { credits_attempted credits_earned; }
    Graduation "graduation" { grade9_date cohort_year_nga cohort_year_nclb diploma_date diploma_type; }
    Seal "graduation_seal" { state_seal earned_date language; }
    Participation "program_participation" { ; program }
    Score "test_score" {
        date scale_score result raw_score percentile percent normal_curve passed non_participation_reason modification1
        modification2;
        test
    }
    Lep "lep" { program_status identified_date exit_date parent_declined_date; services }
    LepService "lep_service" { start_date end_date date_refused; lep_service_type }
    Homeless "homeless" { start_date primary_night unaccompanied_youth; }
    Migrant "migrant" { last_qualifying_arrival_date coe_status_indicator; }
    Title1 "title1" { start_date end_date title1_services; }
    Gifted "gifted" { ; }
    Section504 "section504" { ; }
    Meal "pos_eligibility" { end_year eligibility; }
    Youth "youth_program" { ; }
    Mesa "mesa" { start_date participation_level; }
    Nclb "nclb" { start_date language_support math_support; }
    Supplemental "supplemental_services" { start_date end_date supplemental_service1 supplemental_service2; }
    Plan "plan" { start_date special_ed_status; }
}
