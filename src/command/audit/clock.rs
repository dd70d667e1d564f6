//! The time that a manifest was written: the only clock in any output.

use std::time::{SystemTime, UNIX_EPOCH};

use super::AuditError;

/// Set by whoever builds reproducibly: seconds since 1970 that stand for the present.
const VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// The present in RFC 3339, UTC, to the second; `SOURCE_DATE_EPOCH` where it is set.
pub(super) fn now() -> Result<String, AuditError> {
    let bad = || AuditError::Option(format!("{VARIABLE} is not a number of seconds since 1970"));
    let seconds = match std::env::var(VARIABLE) {
        Ok(text) => text.parse().map_err(|_| bad())?,
        Err(_) => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    };
    let seconds = i64::try_from(seconds).map_err(|_| bad())?;
    let instant = jiff::Timestamp::from_second(seconds).map_err(|_| bad())?;
    Ok(instant.to_string())
}
