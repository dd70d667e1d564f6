//! The seed of a draw: what the user gives, and where it comes from.

use super::super::{AuditError, files};
use super::SampleArgs;
use crate::audit::DrawError;
use crate::audit::manifest::{Manifest, SeedRecord};
use crate::audit::ticket::{Digest, Seed};
use crate::error::Failure;

/// Sources that a seed names itself, as `SOURCE:ROUND:RANDOMNESS`.
const BEACONS: [&str; 3] = ["drand", "quicknet", "nist"];
/// Sources that have no round.
const SOURCES: [&str; 3] = ["dice", "text", "os-random"];

/// The seed; `None` where nothing is to be drawn yet.
pub(super) fn of(args: &SampleArgs, undrawn: &Manifest) -> Result<Option<SeedRecord>, Failure> {
    let seed = &args.seed;
    if seed.freeze.is_some() {
        return Ok(None);
    }
    if undrawn.seed.is_some() {
        return Ok(undrawn.seed.clone());
    }
    if let Some(path) = &seed.secret_file {
        return daily(&files::secret(path)?, undrawn).map(Some);
    }
    let Some(text) = &seed.seed else {
        return Err(AuditError::Hinted {
            what: "there is no seed to draw with".to_owned(),
            hint:
                "freeze the population first (--freeze frame.json), publish the file, and give as \
                   --seed what a public beacon says afterwards"
                    .to_owned(),
        }
        .into());
    };
    let value: Seed = text.parse().map_err(DrawError::from)?;
    Ok(Some(SeedRecord {
        source: source(text, seed.seed_source.as_deref())?,
        value,
        committed: None,
    }))
}

fn daily(secret: &str, undrawn: &Manifest) -> Result<SeedRecord, Failure> {
    let Some(day) = &undrawn.source.day else {
        let what = "--secret-file makes the seed of a day: say which by --day 2026-09-23";
        return Err(AuditError::Option(what.to_owned()).into());
    };
    if secret.is_empty() {
        return Err(DrawError::from(crate::audit::ticket::SeedError::Empty).into());
    }
    Ok(SeedRecord {
        value: Seed::of_day(secret, day),
        source: format!("daily:{day}"),
        committed: Some(Digest::of(secret.as_bytes())),
    })
}

fn source(seed: &str, stated: Option<&str>) -> Result<String, AuditError> {
    let mut parts = seed.split(':');
    let named = match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(round), Some(_)) if BEACONS.contains(&name) => {
            Some(format!("{name}:{round}"))
        }
        _ => None,
    };
    match (named, stated) {
        (Some(named), None) => Ok(named),
        (None, None) => Ok("text".to_owned()),
        (named, Some(stated)) => {
            let beacon = stated
                .split_once(':')
                .filter(|(name, round)| BEACONS.contains(name) && round.parse::<u64>().is_ok());
            let known = beacon.is_some() || SOURCES.contains(&stated);
            if known && named.is_none_or(|named| named == stated) {
                return Ok(stated.to_owned());
            }
            Err(AuditError::Option(format!(
                "--seed-source: `{stated}` does not fit; write dice, text, os-random, drand:ROUND, \
                 quicknet:ROUND or nist:PULSE"
            )))
        }
    }
}
