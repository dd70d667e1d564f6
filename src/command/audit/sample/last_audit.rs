//! What the last audit found in each stratum, from the answer of `gonogo audit evaluate`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::{AuditError, files};
use crate::audit::allocation::LastAudit;
use crate::audit::draw::Allotment;

/// The part of the answer that an allocation follows.
#[derive(Deserialize)]
struct Answer {
    strata: Vec<Stratum>,
}

#[derive(Deserialize)]
struct Stratum {
    name: String,
    drawn: u64,
    errors: u64,
    cannot_determine: u64,
    missing: u64,
    not_applicable: u64,
}

/// Neyman's allocation by an earlier result. What could not be judged counts as an error, as it
/// does in the bounds.
pub(super) fn neyman(path: Option<&str>) -> Result<Allotment, AuditError> {
    let Some(path) = path else {
        return Err(AuditError::Hinted {
            what: "--allocation neyman: what did the last audit find?".to_owned(),
            hint: "give what `gonogo audit evaluate -o result.json` said: --last-audit result.json"
                .to_owned(),
        });
    };
    let unfit = |reason: String| AuditError::Hinted {
        what: format!("{path}: {reason}"),
        hint: "give what `gonogo audit evaluate -o result.json` said of a stratified draw"
            .to_owned(),
    };
    let result: Answer = serde_json::from_str(&files::text(path)?)
        .map_err(|error| unfit(format!("it is no result of an audit: {error}")))?;
    if result.strata.is_empty() {
        return Err(unfit("that audit had no strata".to_owned()));
    }
    let mut last = BTreeMap::new();
    for stratum in result.strata {
        let cases = stratum.drawn.saturating_sub(stratum.not_applicable);
        let errors = stratum.errors.checked_add(stratum.cannot_determine);
        let errors = errors.and_then(|errors| errors.checked_add(stratum.missing));
        let Some(errors) = errors.filter(|errors| *errors <= cases) else {
            let reason = format!("stratum `{}`: more errors than cases", stratum.name);
            return Err(unfit(reason));
        };
        last.insert(stratum.name, LastAudit { errors, cases });
    }
    Ok(Allotment::Neyman { last })
}
