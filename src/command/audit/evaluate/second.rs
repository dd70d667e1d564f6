//! The worksheet of the second look: what one reviewer alone found wrong or could not determine. It
//! holds what the first reviewer saw, and not what they found.

use std::collections::BTreeMap;

use super::super::AuditError;
use super::Evaluation;
use crate::audit::worksheet::{Blank, Checks, Layout, SECOND};
use crate::error::Failure;

/// The CSV.
pub(super) fn sheet(evaluation: &Evaluation) -> Result<String, Failure> {
    let [audit] = evaluation.audits.as_slice() else {
        let what = "--second-sheet writes the worksheet of one manifest at a time";
        return Err(AuditError::Option(what.to_owned()).into());
    };
    let cases = audit.manifest.selected.iter().zip(&audit.settled.selected);
    let wanted = cases.filter(|(case, _)| {
        let mut unconfirmed = audit.settled.unconfirmed.iter();
        unconfirmed.any(|one| one.case_id == case.case_id)
    });
    let values: BTreeMap<String, Vec<String>> = wanted
        .filter_map(|(case, verdict)| {
            let shown = verdict.row.as_ref()?.shown.clone();
            Some((case.case_id.clone(), shown))
        })
        .collect();
    let layout = Layout {
        name: SECOND.to_owned(),
        round: audit.manifest.design.round(),
        case_ids: values.keys().cloned().collect(),
    };
    let checks = Checks::new(&audit.manifest)?;
    let blank = Blank::new(&layout, &checks, &audit.manifest.review.show, &values)?;
    Ok(blank.csv()?)
}
