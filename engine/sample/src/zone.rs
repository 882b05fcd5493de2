//! The zone file that belongs to a generated district.

use std::path::Path;

use problem::Problem;

use crate::Plan;
use crate::output::not_written;

/// Writes the zone file: all schools, nothing switched on.
pub(crate) fn write(path: &Path, plan: &Plan) -> Result<(), Problem> {
    let Plan { seed, school_year, .. } = plan;
    let text = format!(
        "name: sample-{seed}
school_years: [{school_year}]
schools: all
excluded_calendars: []
exclude_no_show: false
exclude_state_exclude: false
exclude_non_primary: false
exclude_schools_without_calendar: false
publish_ssn: false
strip_empty_elements: false
"
    );
    std::fs::write(path, text).map_err(|error| not_written("the zone file", error))
}
