//! V12: could anyone have chosen the seed? What was frozen before a public beacon spoke could not be
//! steered; all else rests on trust, and is said to. Whether the beacon did say this can only be looked
//! up where it is published.

use super::{Check, CheckId};
use crate::audit::manifest::{Manifest, SeedRecord};
use crate::audit::ticket::{Digest, Seed};

/// First round and seconds between rounds of the beacons whose times are known.
const BEACONS: [(&str, i64, i64); 2] = [
    // The default chain of drand, and its fast one.
    ("drand", 1_595_431_050, 30),
    ("quicknet", 1_692_803_367, 3),
];

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

pub(super) fn check(manifest: &Manifest, secret: Option<&str>) -> Check {
    let id = CheckId::Seed;
    let Some(seed) = &manifest.seed else {
        return Check::skipped(id, "a seed: nothing is drawn yet");
    };
    if let Some(committed) = seed.committed {
        return daily(manifest, seed, committed, secret);
    }
    if manifest.parent.is_some() {
        return Check::skipped(
            id,
            "the seed is that of the first round: verify its manifest",
        );
    }
    let Some(frozen) = &manifest.frozen else {
        return Check::skipped(
            id,
            "a manifest that was frozen and published before the seed was known (--freeze)",
        );
    };
    match manifest.undrawn().digest() {
        Ok(digest) if digest == frozen.sha256 => {}
        Ok(digest) => {
            let expected = format!("the frozen manifest {}", frozen.sha256);
            return Check::fail(id, &expected, &digest.to_string());
        }
        Err(error) => return Check::fail(id, "a frozen manifest", &error.to_string()),
    }
    let Some(spoke) = beacon_time(&seed.source) else {
        let wants = format!(
            "a beacon whose time is known; the source is `{}`",
            seed.source
        );
        return Check::skipped(id, &wants);
    };
    let Some(frozen_at) = micros(&frozen.created_at) else {
        return Check::fail(id, "a time of freezing", &frozen.created_at);
    };
    let Some(drawn_at) = micros(&manifest.created_at) else {
        return Check::fail(id, "a time of drawing", &manifest.created_at);
    };
    let expected = format!(
        "{} speaks after {} and not after {}",
        seed.source, frozen.created_at, manifest.created_at
    );
    let spoke = spoke.saturating_mul(SECOND);
    if frozen_at >= spoke {
        Check::fail(id, &expected, "it had spoken before")
    } else if drawn_at < spoke {
        Check::fail(
            id,
            &expected,
            "it had not spoken yet: the seed is not its own",
        )
    } else {
        let rests = format!(
            "the frozen manifest {} of {} and on {} having said {}",
            frozen.sha256,
            frozen.created_at,
            seed.source,
            seed.value.text()
        );
        Check::pass(id, &rests)
    }
}

/// A seed made of a secret of which only the digest was published.
fn daily(manifest: &Manifest, seed: &SeedRecord, committed: Digest, secret: Option<&str>) -> Check {
    let id = CheckId::Seed;
    let Some(secret) = secret else {
        return Check::skipped(id, "--secret-file FILE, once the secret is revealed");
    };
    let found = Digest::of(secret.as_bytes());
    if found != committed {
        return Check::compare(id, committed.to_string(), found.to_string());
    }
    let day = manifest.source.day.as_deref().unwrap_or_default();
    let expected = Seed::of_day(secret, day);
    if seed.value != expected {
        let stated = seed.value.text().to_owned();
        return Check::compare(id, stated, expected.text().to_owned());
    }
    let rests = format!("the digest {committed} of the secret, if it was published before the day");
    Check::pass(id, &rests)
}

/// Seconds since 1970 at which a beacon spoke.
fn beacon_time(source: &str) -> Option<i64> {
    let (name, round) = source.split_once(':')?;
    let round: i64 = round.parse().ok()?;
    let (_, first, period) = BEACONS.into_iter().find(|(known, ..)| *known == name)?;
    round
        .checked_sub(1)?
        .checked_mul(period)?
        .checked_add(first)
}

/// Microseconds since 1970 of a time as manifests write it.
fn micros(text: &str) -> Option<i64> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(instant.as_microsecond())
}
