//! V12: could anyone have chosen the seed? What was frozen before a public beacon spoke could not be
//! steered; all else rests on trust, and is said to. Whether the beacon did say this can only be looked
//! up where it is published.

use super::{Check, CheckId, Evidence, chain};
use crate::audit::manifest::{Manifest, SeedRecord};
use crate::audit::ticket::{Digest, Round, Seed};

pub(super) fn check(manifest: &Manifest, evidence: Evidence<'_>) -> Check {
    let id = CheckId::Seed;
    if manifest.seed.is_none() {
        return Check::skipped(id, "a seed: nothing is drawn yet");
    }
    // A top-up has the seed of its first round, and no frozen manifest of its own.
    match chain::first(manifest, evidence.earlier, id) {
        Ok(first) => of_first(first, evidence),
        Err(check) => check,
    }
}

/// The check of a first round.
fn of_first(manifest: &Manifest, evidence: Evidence<'_>) -> Check {
    let id = CheckId::Seed;
    let Some(seed) = &manifest.seed else {
        return Check::fail(id, "a first round with a seed", "a frozen manifest");
    };
    if let Some(check) = evidence
        .frozen
        .and_then(|published| against(manifest, published))
    {
        return check;
    }
    if let Some(frozen) = &manifest.frozen {
        match manifest.undrawn().digest() {
            Ok(digest) if digest == frozen.sha256 => {}
            Ok(digest) => {
                let expected = format!("the frozen manifest {}", frozen.sha256);
                return Check::fail(id, &expected, &digest.to_string());
            }
            Err(error) => return Check::fail(id, "a frozen manifest", &error.to_string()),
        }
    }
    if let Some(named) = &manifest.seed_source
        && *named != seed.source
    {
        return Check::compare(id, format!("a seed of {named}"), seed.source.clone());
    }
    if let Some(committed) = seed.committed {
        return daily(manifest, seed, committed, evidence.secret);
    }
    match &manifest.frozen {
        Some(frozen) => beacon(manifest, seed, &frozen.created_at),
        None => Check::skipped(
            id,
            "a manifest that was frozen and published before the seed was known (--freeze)",
        ),
    }
}

/// What differs between the frozen manifest that was published and the one that was drawn for.
fn against(manifest: &Manifest, published: &Manifest) -> Option<Check> {
    let fail = |expected: &str, found: &str| Some(Check::fail(CheckId::Seed, expected, found));
    let published_as = format!(
        "the frozen manifest {} of {}",
        published.self_sha256, published.created_at
    );
    if published.seed.is_some() {
        return fail("a frozen manifest", "one in which cases are drawn already");
    }
    let undrawn = manifest.undrawn();
    let parts = [
        ("the frame", undrawn.population == published.population),
        ("the files", undrawn.inputs == published.inputs),
        ("the conditions", undrawn.source == published.source),
        ("the design", undrawn.design == published.design),
        ("the claim", undrawn.rule == published.rule),
        ("the reviewers", undrawn.review == published.review),
        (
            "the source of the seed",
            undrawn.seed_source == published.seed_source,
        ),
    ];
    let others: Vec<&str> = parts
        .iter()
        .filter(|(_, same)| !same)
        .map(|(name, _)| *name)
        .collect();
    if !others.is_empty() {
        return fail(&published_as, &format!("others: {}", others.join(", ")));
    }
    match &manifest.frozen {
        None => fail(&published_as, "a draw for no frozen manifest"),
        Some(link)
            if link.sha256 != published.self_sha256 || link.created_at != published.created_at =>
        {
            fail(
                &published_as,
                &format!("a draw for {} of {}", link.sha256, link.created_at),
            )
        }
        Some(_) => None,
    }
}

/// A seed that a beacon said after the freeze, in the round that was named with it.
fn beacon(manifest: &Manifest, seed: &SeedRecord, frozen: &str) -> Check {
    let id = CheckId::Seed;
    let Some(round) = Round::parse(&seed.source) else {
        let wants = format!("a beacon; the source is `{}`", seed.source);
        return Check::skipped(id, &wants);
    };
    if !round.spells(seed.value.text()) {
        let expected = format!("{round} and {} hexadecimal digits", round.beacon.digits());
        return Check::fail(id, &expected, seed.value.text());
    }
    if round.seconds().is_none() {
        let wants = format!("a beacon whose time is known; the source is `{round}`");
        return Check::skipped(id, &wants);
    }
    let drawn = &manifest.created_at;
    let expected = format!("{round} speaks after {frozen} and not after {drawn}");
    match round.has_spoken_by(frozen) {
        None => return Check::fail(id, "a time of freezing", frozen),
        Some(true) => return Check::fail(id, &expected, "it had spoken before"),
        Some(false) => {}
    }
    match round.has_spoken_by(drawn) {
        None => return Check::fail(id, "a time of drawing", drawn),
        Some(false) => {
            let found = "it had not spoken yet: the seed is not its own";
            return Check::fail(id, &expected, found);
        }
        Some(true) => {}
    }
    if manifest.seed_source.is_none() {
        return Check::skipped(
            id,
            "a frozen manifest that names the round of the beacon (--freeze with --seed-source): \
             this one left it open, so whoever drew could choose among rounds",
        );
    }
    let sha256 = manifest.frozen.as_ref().map(|link| link.sha256.to_string());
    let rests = format!(
        "the frozen manifest {} of {frozen}, which names {round}, and on {round} having said {}",
        sha256.unwrap_or_default(),
        seed.value.text()
    );
    Check::pass(id, &rests).resting_on(rests)
}

/// A seed made of a secret of which only the digest was published. One that was to come from
/// anywhere else could be chosen by trying secrets.
fn daily(manifest: &Manifest, seed: &SeedRecord, committed: Digest, secret: Option<&str>) -> Check {
    let id = CheckId::Seed;
    let Some(day) = &manifest.source.day else {
        return Check::fail(id, "a day, for its seed is made of a secret", "no day");
    };
    let source = format!("daily:{day}");
    if seed.source != source {
        return Check::compare(id, source, seed.source.clone());
    }
    let Some(secret) = secret else {
        return Check::skipped(id, "--secret-file FILE, once the secret is revealed");
    };
    let found = Digest::of(secret.as_bytes());
    if found != committed {
        return Check::compare(id, committed.to_string(), found.to_string());
    }
    let expected = Seed::of_day(secret, day);
    if seed.value != expected {
        let stated = seed.value.text().to_owned();
        return Check::compare(id, stated, expected.text().to_owned());
    }
    let rests = format!("the digest {committed} of the secret, if it was published before the day");
    Check::pass(id, &rests).resting_on(rests)
}
