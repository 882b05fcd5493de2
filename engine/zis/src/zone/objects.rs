//! The names of SIF 2.4 that a zone knows: objects, services, operations. From 2.5 on any name may be used.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use sif::message::Version;

/// The first version whose messages may name any object and service.
pub(crate) const OPEN_NAMES: Version = Version { major: 2, minor: 5, revision: 0 };

/// Whether SIF 2.4 knows an object.
pub(crate) fn is_known(object: &str) -> bool {
    all().contains(object)
}

/// Whether an object that SIF 2.4 knows has events.
pub(crate) fn has_events(object: &str) -> bool {
    all().contains(object) && !WITHOUT_EVENTS.contains(&object)
}

/// All objects, by name.
pub(crate) fn all() -> &'static BTreeSet<&'static str> {
    static ALL: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    ALL.get_or_init(|| WITH_EVENTS.iter().chain(WITHOUT_EVENTS).copied().collect())
}

/// The names of all objects of SIF 2.4, those of the infrastructure too, in alphabetical order.
pub fn object_names() -> impl Iterator<Item = &'static str> {
    all().iter().copied()
}

/// Whether a service may be named in messages of a version.
pub(crate) fn is_service(service: &str, version: Version) -> bool {
    version >= OPEN_NAMES || SERVICES.contains(&service)
}

/// Whether an operation may be named in messages of a version.
pub(crate) fn is_operation(operation: &str, version: Version) -> bool {
    version >= OPEN_NAMES || OPERATIONS.contains(&operation)
}

/// Objects that are asked for and reported.
const WITH_EVENTS: &[&str] = &[
    "AccountingPeriod",
    "Activity",
    "ActivityProvider",
    "AggregateCharacteristicInfo",
    "AggregateStatisticFact",
    "AggregateStatisticInfo",
    "AssessmentAdministration",
    "AssessmentRegistration",
    "Assignment",
    "AttendanceCodeInfo",
    "Authentication",
    "BellSchedule",
    "Billing",
    "BusEquipment",
    "BusInfo",
    "BusPositionInfo",
    "BusRouteDetail",
    "BusRouteInfo",
    "BusStopInfo",
    "CalendarDate",
    "CalendarSummary",
    "CurriculumStructure",
    "DisciplineIncident",
    "EmployeeAssignment",
    "EmployeeContract",
    "EmployeeCredit",
    "EmployeePersonal",
    "EmployeePicture",
    "EmployeeWage",
    "EmploymentRecord",
    "FinancialAccount",
    "FinancialAccountAccountingPeriodLocationInfo",
    "FinancialClass",
    "FinancialIncomeStatement",
    "FinancialTransaction",
    "FiscalYear",
    "FoodserviceItem",
    "FoodserviceItemPortion",
    "FoodserviceItemSales",
    "FoodserviceItemUnit",
    "FoodserviceMealPrices",
    "FoodserviceMenuPlan",
    "FoodservicePurchaseTransaction",
    "FoodserviceReimbursementRates",
    "FoodserviceSales",
    "FoodserviceTransaction",
    "FoodserviceTransactionDetails",
    "FoodserviceTransactionPayMethod",
    "GradingAssignment",
    "GradingAssignmentScore",
    "GradingCategory",
    "LEAInfo",
    "LearningResource",
    "LearningStandardDocument",
    "LearningStandardItem",
    "Lesson",
    "LocationInfo",
    "MarkInfo",
    "MarkValueInfo",
    "OfficialStudentPeriodAttendance",
    "Payment",
    "ProfessionalDevelopmentActivities",
    "ProfessionalDevelopmentProgram",
    "ProfessionalDevelopmentRegistration",
    "Purchasing",
    "ReportAuthorityInfo",
    "ReportManifest",
    "RoomInfo",
    "RoomType",
    "SIF_AgentACL",
    "SIF_LogEntry",
    "SIF_ReportObject",
    "SIF_ZoneStatus",
    "SchoolCourseInfo",
    "SchoolInfo",
    "SectionInfo",
    "SectionMarkInfo",
    "StaffAssignment",
    "StaffMeal",
    "StaffPersonal",
    "StudentActivityInfo",
    "StudentActivityParticipation",
    "StudentContact",
    "StudentContactPersonal",
    "StudentContactRelationship",
    "StudentDailyAttendance",
    "StudentGrade",
    "StudentLEARelationship",
    "StudentMeal",
    "StudentParticipation",
    "StudentPeriodAttendance",
    "StudentPersonal",
    "StudentPicture",
    "StudentPlacement",
    "StudentResponseSet",
    "StudentSchoolEnrollment",
    "StudentScoreSet",
    "StudentSectionEnrollment",
    "StudentSectionMarks",
    "StudentTransportInfo",
    "TermInfo",
    "TimeWorked",
    "VendorInfo",
    "W4",
];

/// Objects that are only asked for.
const WITHOUT_EVENTS: &[&str] = &[
    "Assessment",
    "AssessmentForm",
    "AssessmentItem",
    "AssessmentPackage",
    "AssessmentSubTest",
    "ContentCatalog",
    "EmployeeCredential",
    "EmployeeRecertification",
    "FinancialAnnual",
    "FinancialBudget",
    "FoodserviceMilkSales",
    "FoodserviceStaffEnrollmentCount",
    "FoodserviceStaffMealCounts",
    "FoodserviceStudentEnrollmentCount",
    "FoodserviceStudentMealCounts",
    "ItemCharacteristics",
    "LearningResourcePackage",
    "LibraryPatronStatus",
    "SEAInfo",
    "StudentAcademicRecord",
    "StudentAttendanceSummary",
    "StudentDemographicRecord",
    "StudentLocator",
    "StudentRecordExchange",
    "StudentRecordPackage",
    "StudentSnapshot",
    "StudentSpecialEducationRecord",
    "StudentSpecialEducationSummary",
    "TestAccommodation",
];

/// Services.
pub(crate) const SERVICES: &[&str] = &[
    "serviceAgencyStudentIdRequest",
    "serviceAgencyStudentIdManagement",
    "serviceAgencyStaffIdRequest",
    "serviceAgencyStaffIdManagement",
    "serviceAssessmentProcessing",
    "serviceAssessmentAdministration",
    "serviceSREBroker",
    "serviceSREPublisher",
    "serviceSREAcademicRecordConsumer",
    "serviceSREDemographicRecordConsumer",
    "serviceSRESpecialEducationRecordConsumer",
];

/// Operations of services.
const OPERATIONS: &[&str] = &[
    "RequestIdentifier",
    "AssignIdentifier",
    "ResolveIdentifier",
    "ReleaseIdentifier",
    "CancelTransaction",
    "ScoreItems",
    "ItemsScored",
    "GetRecordExchange",
    "SetRecordExchange",
    "SetAcademicRecord",
    "SetDemographicRecord",
    "SetSpecialEducationRecord",
    "AdministrationScored",
];
