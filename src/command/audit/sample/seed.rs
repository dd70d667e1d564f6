//! The seed of a draw: what the user gives, and where it comes from.

use super::super::{AuditError, files};
use super::{SampleArgs, SeedArgs};
use crate::audit::DrawError;
use crate::audit::manifest::{Manifest, SeedRecord};
use crate::audit::ticket::{Digest, Round, Seed};
use crate::error::Failure;

/// Sources that are no beacon.
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
        if let Some(announced) = &undrawn.seed_source {
            let what = format!("the frozen manifest names {announced} and no secret");
            return Err(AuditError::Option(what).into());
        }
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
        source: source(
            text,
            seed.seed_source.as_deref(),
            undrawn.seed_source.as_deref(),
        )?,
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

/// The source that a frozen manifest names before there is a seed.
pub(super) fn announced(args: &SeedArgs) -> Result<Option<String>, AuditError> {
    match &args.seed_source {
        Some(named) if args.freeze.is_some() => known(named).map(|()| Some(named.clone())),
        Some(_) | None => Ok(None),
    }
}

/// Refuses to freeze for a round that has spoken: whoever froze could have known the draw.
pub(super) fn check_announced(undrawn: &Manifest) -> Result<(), AuditError> {
    let round = undrawn.seed_source.as_deref().and_then(Round::parse);
    let now = &undrawn.created_at;
    match round.filter(|round| round.has_spoken_by(now) == Some(true)) {
        None => Ok(()),
        Some(round) => Err(AuditError::Hinted {
            what: format!("{round} has spoken already: whoever knows the seed knows the draw"),
            hint: "name a round that is still to come, after the frozen manifest is published"
                .to_owned(),
        }),
    }
}

/// A seed to try out a design with, which nobody sees the draw of.
pub(super) fn of_a_trial() -> SeedRecord {
    SeedRecord {
        value: Seed::of_day("", ""),
        source: "text".to_owned(),
        committed: None,
    }
}

/// Whether a source is one that gonogo knows.
fn known(source: &str) -> Result<(), AuditError> {
    if SOURCES.contains(&source) || Round::parse(source).is_some() {
        return Ok(());
    }
    Err(AuditError::Option(format!(
        "--seed-source: `{source}` does not fit; write dice, text, os-random, drand:ROUND, \
         quicknet:ROUND or nist:PULSE"
    )))
}

/// The source of a seed, which it names itself if it comes from a beacon.
fn source(seed: &str, stated: Option<&str>, announced: Option<&str>) -> Result<String, AuditError> {
    let named = seed.rsplit_once(':').map(|(named, _)| named);
    let named = named.filter(|named| Round::parse(named).is_some());
    if let Some(stated) = stated {
        known(stated)?;
    }
    if named.is_none() && Round::is_meant(seed) {
        return Err(AuditError::Hinted {
            what: format!("the seed `{seed}` begins like one of a beacon and is none"),
            hint: "write it as drand:ROUND:VALUE, the round without leading zeros".to_owned(),
        });
    }
    let source = named.or(stated).or(announced).unwrap_or("text");
    for other in [stated, announced].into_iter().flatten() {
        if other != source {
            return Err(AuditError::Hinted {
                what: format!("the seed comes from {source}, not from {other}"),
                hint: match announced {
                    Some(announced) => {
                        format!("the frozen manifest names {announced}: another would be a choice")
                    }
                    None => "leave out --seed-source: the seed names its own".to_owned(),
                },
            });
        }
    }
    match Round::parse(source) {
        Some(round) if !round.spells(seed) => Err(AuditError::Hinted {
            what: format!("the seed is not what {round} says, in its one spelling"),
            hint: format!(
                "write --seed {round}:VALUE with the {} hexadecimal digits of the randomness, in \
                 small letters: other spellings would be other draws",
                round.beacon.digits()
            ),
        }),
        Some(_) | None => Ok(source.to_owned()),
    }
}
