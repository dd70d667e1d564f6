//! Probability proportional to size with a fixed number of units: sequential Poisson sampling
//! (Ohlsson 1998; Hoogduin's modified sieve). What is large enough is taken for certain, of the
//! rest those with the smallest ticket number over size. The probabilities are targets that the
//! method meets closely, not exactly: at most 2 % off from 30 units on.

use super::{Chance, Pick, Taken, Unit, Wish};

/// A unit that is not certain, with its sequential number.
struct Candidate<'a> {
    pick: Pick<'a>,
    size: i128,
    number: f64,
}

/// `units` all have a positive size.
pub(super) fn draw<'a>(units: &[Unit<'a>], wish: Wish<'_>) -> Taken<'a> {
    let mut candidates: Vec<Candidate<'a>> = units
        .iter()
        .map(|unit| {
            let pick = Pick::random(*unit, wish.tickets.of(unit.key));
            let size = unit.size.unwrap_or(0);
            let number = pick.ticket.unit() / size as f64;
            Candidate { pick, size, number }
        })
        .collect();
    candidates.sort_by(|a, b| {
        let by_number = a.number.total_cmp(&b.number);
        let by_ticket = || a.pick.ticket.cmp(&b.pick.ticket);
        by_number
            .then_with(by_ticket)
            .then_with(|| a.pick.unit.key.cmp(b.pick.unit.key))
    });
    // The round in which each candidate was drawn; 0 for not at all.
    let mut rounds = vec![0; candidates.len()];
    let mut certain = vec![false; candidates.len()];
    let mut drawn = 0;
    for (size, round) in wish.rounds.iter().zip(1..) {
        certain = certainty(&candidates, *size);
        // What was drawn before stays drawn, even where further units have become certain.
        let kept = rounds
            .iter()
            .zip(&certain)
            .filter(|(r, c)| **r > 0 && !**c)
            .count() as u64;
        let sure = certain.iter().filter(|certain| **certain).count() as u64;
        drawn = kept.max(size.saturating_sub(sure));
        let mut left = drawn;
        for (mark, certain) in rounds.iter_mut().zip(&certain) {
            let takes = *certain || left > 0;
            left -= u64::from(!*certain && left > 0);
            if takes && *mark == 0 {
                *mark = round;
            }
        }
    }
    collect(candidates, &rounds, &certain, drawn)
}

/// Which units are certain at a sample size: as long as there is a unit whose share of what is left
/// to draw reaches 1, it is taken and the rest is looked at again.
fn certainty(candidates: &[Candidate<'_>], size: u64) -> Vec<bool> {
    let mut certain = vec![size >= candidates.len() as u64; candidates.len()];
    loop {
        let taken = certain.iter().filter(|certain| **certain).count() as u64;
        let left = i128::from(size.saturating_sub(taken));
        let total = rest(candidates, &certain);
        let mut found = false;
        for (candidate, certain) in candidates.iter().zip(&mut certain) {
            if !*certain && left * candidate.size >= total {
                *certain = true;
                found = true;
            }
        }
        if !found {
            return certain;
        }
    }
}

/// The size of all that is not certain.
fn rest(candidates: &[Candidate<'_>], certain: &[bool]) -> i128 {
    let uncertain = candidates
        .iter()
        .zip(certain)
        .filter(|(_, certain)| !**certain);
    uncertain.map(|(candidate, _)| candidate.size).sum()
}

/// The certain units by ticket, then the others by their numbers.
fn collect<'a>(
    candidates: Vec<Candidate<'a>>,
    rounds: &[u64],
    certain: &[bool],
    drawn: u64,
) -> Taken<'a> {
    let sizes = candidates.iter().map(|candidate| candidate.size);
    let mut taken = Taken {
        picks: Vec::new(),
        next: Vec::new(),
        chance: Chance::BySize {
            draws: drawn,
            total: rest(&candidates, certain),
            least: sizes.min().unwrap_or(0),
        },
    };
    let mut others = Vec::new();
    for ((candidate, round), certain) in candidates.into_iter().zip(rounds).zip(certain) {
        let mut pick = candidate.pick;
        pick.round = *round;
        pick.certain = *certain;
        if *certain {
            taken.picks.push(pick);
        } else if *round > 0 {
            others.push(pick);
        }
    }
    taken.picks.sort_by_key(|pick| pick.ticket);
    taken.picks.extend(others);
    taken
}
