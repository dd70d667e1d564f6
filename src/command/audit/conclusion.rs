//! A conclusion in words: the sentence for the working paper, what to do next, and what limits it.
//! Must not decide anything.

use crate::audit::conclude::{Conclusion, Factors, Method, Next, Note, Side, Verdict};
use crate::report::{count, money, percent};

const ENLARGED: &str =
    "the draw was topped up, or could be, without a plan whose bound allows for it";
const OF_ITS_OWN: &str = "with a seed of its own and report all draws: the new one counts only if that was \
                          fixed before the first, or if 1 - confidence is divided over all draws that are \
                          planned";

/// What was looked at, how it counts, and what it shows: complete enough to be quoted alone.
pub fn sentence(conclusion: &Conclusion) -> String {
    let counts = &conclusion.counts;
    let of = match conclusion.population {
        Some(population) => format!("of {} cases", count(population)),
        None => "cases".to_owned(),
    };
    let mut text = format!(
        "{} {of} were drawn; {} were judged and {} found wrong",
        count(counts.drawn),
        count(counts.judged()),
        count(counts.errors)
    );
    for (number, what) in [
        (counts.cannot_determine, "could not be determined"),
        (counts.missing, "had no verdict"),
        (counts.not_applicable, "were not applicable"),
    ] {
        if number > 0 {
            text.push_str(&format!(", {} {what}", count(number)));
        }
    }
    text.push_str(". ");
    if counts.cannot_determine + counts.missing > 0 {
        text.push_str(
            "What was not judged counts as wrong in the bounds, but alone proves no failure. ",
        );
    }
    text.push_str(&bounds(conclusion));
    text.push_str(&weighted(conclusion));
    text.push_str(&verdict(conclusion));
    text
}

fn bounds(conclusion: &Conclusion) -> String {
    let rule = &conclusion.rule;
    let side = match (conclusion.method, rule.side) {
        (Method::PriorPosteriorRatio, _) => "at every size at once",
        (_, Side::OneSided) => "one-sided",
        (_, Side::TwoSided) => "two-sided",
    };
    let estimate = match conclusion.bounds.estimate {
        Some(estimate) => format!("The error rate is estimated at {}; ", percent(estimate)),
        None => "The error rate cannot be estimated; ".to_owned(),
    };
    let confidence = || {
        let method = method_name(conclusion.method);
        format!(
            "with {} confidence ({side}, {method}) it is",
            rule.confidence
        )
    };
    let lower = percent(conclusion.bounds.lower);
    let is_enlarged = is_enlarged(conclusion);
    let limits = match (conclusion.method, is_enlarged, conclusion.verdict) {
        (Method::Census, ..) => "every case was looked at, so this is exact".to_owned(),
        (_, true, Verdict::Fail) => format!(
            "{} at least {lower}; {ENLARGED}, so no limit from above can be stated",
            confidence()
        ),
        (_, true, Verdict::Pass | Verdict::Inconclusive | Verdict::Incomplete) => {
            format!("{ENLARGED}, so no confidence can be stated")
        }
        (_, false, _) => format!(
            "{} at most {} and at least {lower}",
            confidence(),
            percent(conclusion.bounds.upper)
        ),
    };
    let amounts = conclusion.money.filter(|_| !is_enlarged);
    let amounts = amounts.map_or(String::new(), |amounts| {
        format!(
            ", in value at most {} of {}",
            money(amounts.upper),
            money(amounts.total)
        )
    });
    format!("{estimate}{limits}{amounts}. ")
}

/// Whether the bounds do not allow for how the cases came to be drawn.
pub fn is_enlarged(conclusion: &Conclusion) -> bool {
    conclusion.notes.contains(&Note::Enlarged)
}

/// What the drawn cases stand for by their probabilities.
fn weighted(conclusion: &Conclusion) -> String {
    let Some(weighted) = conclusion.weighted else {
        return String::new();
    };
    let error = |error: Option<f64>, words: fn(f64) -> String| match error {
        Some(error) => format!("standard error {}", words(error)),
        None => "standard error undefined".to_owned(),
    };
    let number = |number: f64| format!("{number:.1}");
    let (total, total_error) = match conclusion.money {
        Some(_) => (
            format!("an error of {}", money(weighted.total)),
            error(weighted.total_error, money),
        ),
        None => (
            format!("{} errors in all", number(weighted.total)),
            error(weighted.total_error, number),
        ),
    };
    let mean = weighted.mean.map_or(String::new(), |mean| {
        let error = error(weighted.mean_error, percent);
        format!(", and a rate of {} (Hajek, {error})", percent(mean))
    });
    format!(
        "By their probabilities the drawn cases stand for {total} (Horvitz-Thompson, \
         {total_error}){mean}. "
    )
}

fn verdict(conclusion: &Conclusion) -> String {
    let tolerable = conclusion.rule.tolerable;
    match conclusion.verdict {
        Verdict::Pass => format!("This shows that it is below {tolerable}: PASS."),
        Verdict::Fail => format!("This shows that it is not below {tolerable}: FAIL."),
        Verdict::Inconclusive => {
            format!("This does not show whether it is below {tolerable}: INCONCLUSIVE.")
        }
        Verdict::Incomplete => {
            format!(
                "Whether it is below {tolerable} is open until all verdicts are in: INCOMPLETE."
            )
        }
    }
}

/// The name of a method as statisticians know it.
pub fn method_name(method: Method) -> &'static str {
    match method {
        Method::Census => "census",
        Method::Hypergeometric => "hypergeometric",
        Method::ClopperPearson => "Clopper-Pearson",
        Method::StratifiedZeroErrors => "stratified, no errors",
        Method::WendellSchmee => "Wendell-Schmee",
        Method::Bonferroni => "Bonferroni over strata",
        Method::Stringer(Factors::Binomial) => "Stringer, binomial",
        Method::Stringer(Factors::Poisson) => "Stringer, Poisson",
        Method::WeightedStringer => "Stringer over weighted cases",
        Method::PriorPosteriorRatio => "prior-posterior ratio",
    }
}

/// What to do next.
pub fn next(next: Next) -> String {
    match next {
        Next::Report => "report the claim with its bound".to_owned(),
        Next::FindCauses => {
            "find out what went wrong and mend it; another draw would not change this".to_owned()
        }
        Next::FinishReview { missing } => {
            format!("review the {} cases without a verdict", count(missing))
        }
        Next::SettleUnable { cases } => format!(
            "settle the {} cases that were not judged: if all are right, the claim holds",
            count(cases)
        ),
        Next::DrawMore { cases } => format!(
            "a sample with {} further cases without an error would have shown the claim; now that the \
             result is known, draw a larger one {OF_ITS_OWN}",
            count(cases)
        ),
        Next::DrawAnew => {
            format!("draw a sample of a size that is fixed beforehand, {OF_ITS_OWN}")
        }
        Next::DrawMany => {
            "no affordable number of further cases would show the claim; mend the errors first"
                .to_owned()
        }
        Next::GoOn { cases } => format!(
            "go on in the order of the tickets: {} further cases without an error show the claim",
            count(cases)
        ),
    }
}

/// What limits the conclusion, as a warning.
pub fn note(note: Note) -> &'static str {
    match note {
        Note::EndlessPopulation => {
            "some drawn cases are none that the claim is about, so their number is unknown and the \
             bound takes them as a part of an endless process"
        }
        Note::EstimatedShares => {
            "some drawn cases are none that the claim is about, so the shares of the strata are estimated"
        }
        Note::EstimatedSize => {
            "some drawn cases are none that the claim is about; how many others there are is estimated, and \
             so is the bound"
        }
        Note::UnsampledAsErrors => {
            "no case that the claim is about was drawn from a stratum: the upper bound takes all of it as \
             wrong"
        }
        Note::ExactBoundTooLong => {
            "there are too many errors or strata for the exact bound; Bonferroni's is wider"
        }
        Note::StringerUnproved => {
            "Stringer's bound with partial errors is conservative in all known studies, but not proved"
        }
        Note::WeightedUnproved => {
            "Stringer's bound over cases of unequal probabilities held in simulations, but is not proved"
        }
        Note::NoVariance => {
            "without errors the variance is 0 and says nothing; the bound does not come from it"
        }
        Note::OnlyUnableFail => {
            "the audit would fail only if what was not judged were wrong: that is no failure yet"
        }
        Note::WholePopulation => {
            "some drawn cases are none that the claim is about, so the number of others is unknown; the \
             bound takes all that were not drawn as such, so it is wide where many of them are not"
        }
        Note::WholeValue => {
            "some drawn cases are none that the claim is about, so the value of the others is unknown; the \
             projected error and its bound take the rate for the value of all cases, the Horvitz-Thompson \
             total takes such cases as free of error"
        }
        Note::Enlarged => {
            "the draw was topped up, or could be, without a plan whose bound allows for it (--sequential, \
             evaluated by itself): who looks again is misled more often than the confidence says, so no \
             upper bound proves anything"
        }
        Note::StoppedAtGap => {
            "a verdict is missing; only the cases before it in the order of the tickets count"
        }
        Note::Understatements => {
            "understatements were found; they stand beside the bound and are not netted against it"
        }
    }
}
