//! What the objects share of a student.

use std::cmp::Reverse;

use graph::{Graph, Row};

use super::HandWritten;
use super::enrollment::Enrollment;
use super::graph_access::Read;

pub struct Student<'g> {
    pub row: Row,
    /// Its reportable enrollments.
    pub enrollments: Vec<u32>,
    pub current_enrollment: Option<u32>,
    pub identity: Option<Row>,
    pub guid: &'g str,
    /// The EL record with the latest identified date by today.
    pub el: Option<Row>,
    /// A current state software service that nobody has refused.
    pub el_software: bool,
}

impl<'g> Student<'g> {
    pub fn of(run: &HandWritten, graph: &'g Graph, row: Row, all: &[Enrollment<'_>]) -> Self {
        let at = &run.columns;
        let own = graph.many(row, at.Student.enrollments);
        let enrollments: Vec<u32> = own.iter().copied().filter(|index| all[*index as usize].reportable).collect();
        let current_enrollment = enrollments.iter().copied().max_by_key(|index| {
            let enrollment = &all[*index as usize];
            let open = enrollment.end.is_none();
            (enrollment.start <= run.as_of, enrollment.primary, enrollment.start, open, enrollment.end, Reverse(*index))
        });
        let current = graph.int(row, at.Student.current_identity_id);
        let identity = graph.linked(row, at.Student.identities).max_by_key(|identity| {
            let is_current = graph.int(*identity, at.Identity.identity_id) == current && current.is_some();
            (is_current, graph.date(*identity, at.Identity.effective_date), identity.index)
        });
        let el = graph
            .linked(row, at.Student.el_records)
            .filter_map(|record| {
                Some((graph.date(record, at.Lep.identified_date).filter(|date| *date <= run.as_of)?, record))
            })
            .max()
            .map(|(_, record)| record);
        let el_software = el.is_some_and(|record| {
            graph.linked(record, at.Lep.services).any(|service| {
                let kind = graph.one(service, at.LepService.lep_service_type);
                kind.and_then(|kind| graph.text(kind, at.ServiceType.state_service_type)) == Some("ELSS")
                    && at.LepService.held.holds(graph, service, run.as_of)
                    && graph.date(service, at.LepService.date_refused).is_none_or(|date| date > run.as_of)
            })
        });
        let guid = graph.text(row, at.Student.person_guid).unwrap_or_default();
        Self { row, enrollments, current_enrollment, identity, guid, el, el_software }
    }
}
