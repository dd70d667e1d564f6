//! A conclusion in words: the sentence for the working paper, what to do next, and what limits it.
//! Must not decide anything.

use crate::audit::conclude::{
    Conclusion, Factors, Method, MissingVerdicts, Next, Note, Side, Unable, Verdict,
};
use crate::report::{count, money, percent};

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
        text.push_str(unable(conclusion));
    }
    text.push_str(&bounds(conclusion));
    text.push_str(&verdict(conclusion));
    text
}

fn unable(conclusion: &Conclusion) -> &'static str {
    match (conclusion.rule.unable, conclusion.rule.missing) {
        (Unable::AgainstPass, _) => {
            "What was not judged counts as wrong in the bounds, but alone proves no failure. "
        }
        (Unable::AsErrors, MissingVerdicts::Incomplete) => "What was not judged counts as wrong. ",
        (Unable::AsErrors, MissingVerdicts::AsUnable) => {
            "What was not judged, or has no verdict, counts as wrong. "
        }
    }
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
    let limits = match conclusion.method {
        Method::Census => "every case was looked at, so this is exact".to_owned(),
        method => format!(
            "with {} confidence ({side}, {}) it is at most {} and at least {}",
            rule.confidence,
            method_name(method),
            percent(conclusion.bounds.upper),
            percent(conclusion.bounds.lower)
        ),
    };
    let amounts = conclusion.money.map_or(String::new(), |amounts| {
        format!(
            ", in value at most {} of {}",
            money(amounts.upper),
            money(amounts.total)
        )
    });
    format!("{estimate}{limits}{amounts}. ")
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
            "a sample with {} further cases without an error would have shown the claim; since the \
             result is known by now, top up the draw (--top-up) and count on more",
            count(cases)
        ),
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
        Note::NoVariance => {
            "without errors the variance is 0 and says nothing; the bound does not come from it"
        }
        Note::OnlyUnableFail => {
            "the audit would fail only if what was not judged were wrong: that is no failure yet"
        }
        Note::StoppedAtGap => {
            "a verdict is missing; only the cases before it in the order of the tickets count"
        }
        Note::Understatements => {
            "understatements were found; they stand beside the bound and are not netted against it"
        }
    }
}
