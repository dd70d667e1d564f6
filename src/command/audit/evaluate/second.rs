//! The worksheet of the second look: what one reviewer alone found wrong or could not determine. It
//! holds no verdict, but whoever gets it knows that all of its cases were called one of the two.

use std::collections::{BTreeMap, BTreeSet};

use super::super::AuditError;
use super::Evaluation;
use crate::audit::worksheet::{Blank, Checks, Layout, SECOND};
use crate::error::Failure;

/// The CSV; `None` where no second look is due.
pub(super) fn sheet(evaluation: &Evaluation) -> Result<Option<String>, Failure> {
    let [audit] = evaluation.audits.as_slice() else {
        let what = "--second-sheet writes the worksheet of one manifest at a time";
        return Err(AuditError::Option(what.to_owned()).into());
    };
    let (manifest, settled) = (&audit.manifest, &audit.settled);
    let wanted = settled.unconfirmed.iter();
    let wanted: BTreeSet<&str> = wanted.map(|case| case.case_id.as_str()).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let drawn = manifest.selected.iter().zip(&settled.selected);
    let drawn = drawn.map(|(case, verdict)| (case.case_id.as_str(), verdict));
    let used = settled.replacements.iter().filter_map(|(place, verdict)| {
        let case = manifest.reserve.get(*place)?;
        Some((case.case_id.as_str(), verdict))
    });
    let values: BTreeMap<String, Vec<String>> = drawn
        .chain(used)
        .filter(|(id, _)| wanted.contains(id))
        .filter_map(|(id, verdict)| Some((id.to_owned(), verdict.row.as_ref()?.shown.clone())))
        .collect();
    let layout = Layout {
        name: SECOND.to_owned(),
        round: manifest.design.round(),
        case_ids: values.keys().cloned().collect(),
    };
    let checks = Checks::new(manifest)?;
    let blank = Blank::new(&layout, &checks, &manifest.review.show, &values)?;
    Ok(Some(blank.csv()?))
}
