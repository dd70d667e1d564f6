//! Conclusions from simple samples: of a fixed size, and looked at as they go.

use super::{
    Bounds, ConcludeError, Conclusion, Counts, Method, MissingVerdicts, Next, Note, Outcome,
    Readings, Reckoning, Rule, SequentialSample, SimpleSample, Verdict, check_drawn,
};
use crate::audit::claim::{Claim, Model};
use crate::audit::sequential::Sequence;
use crate::audit::size;
use crate::estimate::binomial::{self, count};
use crate::estimate::hypergeometric::Found;

pub(super) fn conclude(sample: &SimpleSample, rule: &Rule) -> Result<Conclusion, ConcludeError> {
    let claim = rule.claim()?;
    let counts = Counts::of(sample.outcomes.iter().copied());
    check_drawn(&counts, sample.population)?;
    let frame = Frame::new(&counts, sample.population);
    let readings = Readings::of(|reading| {
        Ok(frame.reckon(reading.errors(&counts), counts.applicable(), claim))
    })?;
    let mut conclusion = readings.conclusion(rule, counts, || {
        frame.further(counts.against(), counts.applicable(), claim)
    });
    conclusion.population = sample.population;
    // Cases that the claim is not about are no errors: over the whole frame the bound is exact.
    conclusion.most_errors = sample.population.and_then(|population| {
        Some(Found::new(counts.against(), counts.drawn, population)?.most_errors(claim.risk()))
    });
    if frame == Frame::Endless && sample.population.is_some() {
        conclusion.notes.push(Note::EndlessPopulation);
    }
    Ok(conclusion)
}

/// What the drawn cases are a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// They are all there is.
    Census,
    Finite(u64),
    Endless,
}

impl Frame {
    pub(super) fn new(counts: &Counts, population: Option<u64>) -> Self {
        match population {
            Some(population) if population == counts.drawn => Self::Census,
            Some(population) if counts.not_applicable == 0 => Self::Finite(population),
            Some(_) | None => Self::Endless,
        }
    }

    /// The bounds after `errors` among `cases`, of which there is at least one.
    pub(super) fn reckon(self, errors: u64, cases: u64, claim: Claim) -> Reckoning {
        let estimate = count(errors) / count(cases);
        let counted = |fewest: u64, most: u64, whole: u64, method| Reckoning {
            bounds: Bounds {
                estimate: Some(estimate),
                lower: count(fewest) / count(whole),
                upper: count(most) / count(whole),
            },
            method,
            passes: claim.tolerable().exceeds(most, whole),
            fails: !claim.tolerable().exceeds(fewest, whole),
        };
        match self {
            Self::Census => counted(errors, errors, cases, Method::Census),
            Self::Finite(population) => match Found::new(errors, cases, population) {
                Some(found) => counted(
                    found.fewest_errors(claim.risk()),
                    found.most_errors(claim.risk()),
                    population,
                    Method::Hypergeometric,
                ),
                None => counted(0, population, population, Method::Hypergeometric),
            },
            Self::Endless => {
                let bounds = Bounds {
                    estimate: Some(estimate),
                    lower: binomial::lower(errors, cases, claim.risk()),
                    upper: binomial::upper(errors, cases, claim.risk()),
                };
                Reckoning {
                    // As the sample was planned, by the probability and not by the bound.
                    passes: Model::Binomial.shows(claim, errors, cases),
                    ..Reckoning::of_rates(bounds, Method::ClopperPearson, claim)
                }
            }
        }
    }

    fn further(self, errors: u64, cases: u64, claim: Claim) -> Next {
        let model = match self {
            Self::Census => return Next::FindCauses,
            Self::Finite(population) => Model::Hypergeometric { population },
            Self::Endless => Model::Binomial,
        };
        match size::for_errors(model, claim, errors, cases) {
            Ok(needed) if needed > cases => Next::DrawMore {
                cases: needed - cases,
            },
            Ok(_) | Err(_) => Next::DrawMany,
        }
    }
}

/// As it goes: a gap ends the sequence, for what comes after it may have been chosen.
pub(super) fn conclude_sequence(
    sample: &SequentialSample,
    rule: &Rule,
) -> Result<Conclusion, ConcludeError> {
    // The set excludes on both sides at once, so its risk is not divided again.
    let claim = Claim::new(rule.tolerable, rule.confidence)?;
    let all = Counts::of(sample.outcomes.iter().copied());
    check_drawn(&all, Some(sample.population))?;
    let used = match rule.missing {
        MissingVerdicts::AsUnable => sample.outcomes.as_slice(),
        MissingVerdicts::Incomplete => before_gap(&sample.outcomes),
    };
    if used.len() as u64 == sample.population {
        let all = SimpleSample {
            population: Some(sample.population),
            outcomes: used.to_vec(),
        };
        return conclude(&all, rule);
    }
    let counts = Counts::of(used.iter().copied());
    let sequence = match counts.not_applicable {
        0 => Sequence::new(sample.population, sample.prior_rate),
        others => Sequence::at_most(sample.population - others, sample.prior_rate),
    };
    let readings = Readings::of(|reading| {
        let wrong = used.iter().filter_map(|outcome| reading.is_wrong(*outcome));
        Ok(follow(sequence, wrong, claim))
    })?;
    let (errors, cases) = (counts.against(), counts.applicable());
    let mut conclusion = readings.conclusion(rule, counts, || match sequence.stop(claim, errors) {
        Some(stop) if stop > cases => Next::GoOn {
            cases: stop - cases,
        },
        Some(_) | None => Next::DrawMany,
    });
    conclusion.population = Some(sample.population);
    if used.len() < sample.outcomes.len() {
        conclusion.notes.push(Note::StoppedAtGap);
        conclusion.counts.missing = all.missing;
        if conclusion.verdict == Verdict::Inconclusive {
            conclusion.verdict = Verdict::Incomplete;
            conclusion.next = Next::FinishReview {
                missing: all.missing,
            };
        }
    }
    if counts.not_applicable > 0 {
        conclusion.notes.push(Note::WholePopulation);
    }
    Ok(conclusion)
}

fn before_gap(outcomes: &[Outcome]) -> &[Outcome] {
    let gap = outcomes
        .iter()
        .position(|outcome| *outcome == Outcome::Missing);
    outcomes
        .get(..gap.unwrap_or(outcomes.len()))
        .unwrap_or_default()
}

/// The bounds after each case in turn, of which the narrowest hold: all do at once.
fn follow(sequence: Sequence, wrong: impl Iterator<Item = bool>, claim: Claim) -> Reckoning {
    let population = sequence.population();
    let (mut fewest, mut most) = (0, population);
    let (mut errors, mut cases) = (0, 0);
    for is_wrong in wrong {
        errors += u64::from(is_wrong);
        cases += 1;
        let (least, greatest) = sequence.errors(errors, cases, claim.risk());
        fewest = fewest.max(least);
        most = most.min(greatest);
    }
    let share = |errors: u64| count(errors) / count(population.max(1));
    Reckoning {
        bounds: Bounds {
            estimate: (cases > 0).then(|| count(errors) / count(cases)),
            lower: share(fewest),
            upper: share(most),
        },
        method: Method::PriorPosteriorRatio,
        passes: claim.tolerable().exceeds(most, population),
        fails: !claim.tolerable().exceeds(fewest, population),
    }
}
