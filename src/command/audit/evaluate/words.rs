//! What people read of an evaluation, around the sentence that stands for the conclusion.

use super::super::conclusion;
use super::Evaluation;
use super::answer::{Audit, Deciders};
use crate::audit::conclude::{Conclusion, Method, Side};
use crate::audit::draw;
use crate::audit::reviewed::Factors;
use crate::audit::worksheet::{Place, SECOND, Verdict};
use crate::command::OutputArgs;
use crate::report::{Cell, Column, Document, Format, Row, Table, count, percent};

/// Errors crowd in a place if chance would do so less often than this.
const SURPRISING: f64 = 0.05;
/// Places that people see.
const SHOWN_PLACES: usize = 5;

pub(super) fn document(evaluation: &Evaluation, output: &OutputArgs) -> Document {
    let conclusion = &evaluation.conclusion;
    let mut sentences = vec![sentence(evaluation)];
    sentences.extend(further(evaluation));
    sentences.push(format!("Next: {}.", conclusion::next(conclusion.next)));
    Document {
        title: format!("Audit evaluation: {}", conclusion.verdict.key()),
        preface: Vec::new(),
        tables: tables(evaluation),
        sentences,
        warnings: notes(evaluation),
        data: output.wants(Format::Csv).then(|| strata(conclusion)),
        json: None,
        chart: None,
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        files: Vec::new(),
        exit_code: conclusion.verdict.exit_code(),
    }
}

fn tables(evaluation: &Evaluation) -> Vec<Table> {
    let conclusion = &evaluation.conclusion;
    let counts = conclusion.counts;
    let lines = [
        ("drawn", counts.drawn),
        ("correct", counts.correct),
        ("incorrect", counts.errors),
        ("cannot determine", counts.cannot_determine),
        ("missing", counts.missing),
        ("not applicable", counts.not_applicable),
    ];
    let verdicts = Table {
        title: String::new(),
        columns: vec![Column::left("verdict", 0), Column::right("cases", 0)],
        rows: lines
            .map(|(name, cases)| row(vec![Cell::Text(name.to_owned()), Cell::Count(cases)]))
            .to_vec(),
    };
    let mut tables = vec![verdicts];
    if conclusion.strata.len() > 1 {
        let mut strata = strata(conclusion);
        strata.title = "by stratum (bounds of each alone, not of all together)".to_owned();
        tables.push(strata);
    }
    let crowded: Vec<Row> = evaluation
        .findings
        .iter()
        .filter(|finding| finding.place.errors > 0)
        .take(SHOWN_PLACES)
        .map(|finding| {
            let share = |share: Option<f64>| share.map_or(Cell::Missing, Cell::Share);
            let name = match &finding.place.error_type {
                Some(kind) => format!("{}: {kind}", finding.place.name),
                None => finding.place.name.clone(),
            };
            row(vec![
                Cell::Text(name),
                Cell::Count(finding.place.cases),
                Cell::Count(finding.place.errors),
                share(finding.rate),
                share(finding.elsewhere),
                Cell::Text(format!("{:.3}", finding.adjusted)),
            ])
        })
        .collect();
    if !crowded.is_empty() {
        tables.push(Table {
            title: "where errors lie (chance: adjusted for all places that were looked at)"
                .to_owned(),
            columns: vec![
                Column::left("place", 0),
                Column::right("cases", 0),
                Column::right("errors", 0),
                Column::right("rate", 0),
                Column::right("elsewhere", 1),
                Column::right("chance", 0),
            ],
            rows: crowded,
        });
    }
    tables
}

fn row(cells: Vec<Cell>) -> Row {
    Row {
        cells,
        marked: false,
    }
}

/// One row a stratum; one for all where there are none.
fn strata(conclusion: &Conclusion) -> Table {
    let titles = [
        "stratum",
        "cases",
        "drawn",
        "errors",
        "not judged",
        "estimate",
        "lower",
        "upper",
    ];
    let share = |share: Option<f64>| share.map_or(Cell::Missing, Cell::Share);
    let all = [(
        String::new(),
        conclusion.population,
        conclusion.counts,
        conclusion.bounds,
    )];
    let strata = conclusion.strata.iter().map(|stratum| {
        let population = Some(stratum.population);
        (
            stratum.name.clone(),
            population,
            stratum.counts,
            stratum.bounds,
        )
    });
    let rows = strata.chain(all).map(|(name, population, counts, bounds)| {
        let name = if name.is_empty() {
            "all".to_owned()
        } else {
            name
        };
        row(vec![
            Cell::Text(name),
            population.map_or(Cell::Missing, Cell::Count),
            Cell::Count(counts.drawn),
            Cell::Count(counts.errors),
            Cell::Count(counts.cannot_determine + counts.missing),
            share(bounds.estimate),
            Cell::Share(bounds.lower),
            Cell::Share(bounds.upper),
        ])
    });
    Table {
        title: String::new(),
        columns: titles
            .iter()
            .enumerate()
            .map(|(place, title)| match place {
                0 => Column::left(title, 0),
                _ => Column::right(title, 0),
            })
            .collect(),
        rows: rows.collect(),
    }
}

/// The sentence for the working paper, with what the rate is a share of and how cases were drawn.
pub(super) fn sentence(evaluation: &Evaluation) -> String {
    let share = match evaluation.of.as_str() {
        "value" => ", the rate being the share of the value in error",
        "clusters" => ", the cases being clusters, wrong as soon as one of theirs is",
        _ => "",
    };
    let drawn = methods(evaluation);
    let sentence = conclusion::sentence(&evaluation.conclusion);
    let reversed = reversed(evaluation).map_or(String::new(), |what| format!(" {what}."));
    format!("Drawn by {drawn}{share}: {sentence}{reversed}")
}

/// How many errors rest on second looks that undid them.
fn reversed(evaluation: &Evaluation) -> Option<String> {
    match evaluation.second_looks().reversed {
        0 => None,
        1 => Some("1 error was reversed or put in doubt by a second look".to_owned()),
        errors => Some(format!(
            "{} errors were reversed or put in doubt by second looks",
            count(errors)
        )),
    }
}

fn methods(evaluation: &Evaluation) -> String {
    let mut methods: Vec<&str> = evaluation
        .audits
        .iter()
        .map(|audit| audit.manifest.design.method.key())
        .collect();
    methods.dedup();
    match evaluation.audits.len() {
        1 => methods.join(", "),
        audits => format!("{}, {audits} periods as strata", methods.join(", ")),
    }
}

pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::OneSided => "one-sided",
        Side::TwoSided => "two-sided",
    }
}

/// The method as scripts read it.
pub(super) fn method_key(method: Method) -> &'static str {
    match method {
        Method::Census => "census",
        Method::Hypergeometric => "hypergeometric",
        Method::ClopperPearson => "clopper-pearson",
        Method::StratifiedZeroErrors => "stratified-zero-errors",
        Method::WendellSchmee => "wendell-schmee",
        Method::Bonferroni => "bonferroni",
        Method::Stringer(Factors::Binomial) => "stringer-binomial",
        Method::Stringer(Factors::Poisson) => "stringer-poisson",
        Method::WeightedStringer => "weighted-stringer",
        Method::PriorPosteriorRatio => "prior-posterior-ratio",
    }
}

fn further(evaluation: &Evaluation) -> Vec<String> {
    let mut sentences = Vec::new();
    let conclusion = &evaluation.conclusion;
    let counts = conclusion.counts;
    if counts.cannot_determine + counts.missing > 0 {
        let best = conclusion.best_case;
        let most = match conclusion::is_enlarged(conclusion) {
            true => String::new(),
            false => format!(" and at most {}", percent(best.upper)),
        };
        sentences.push(format!(
            "Were everything that was not judged right, the rate would be {}{most}.",
            best.estimate.map_or("unknown".to_owned(), percent)
        ));
    }
    if let Some(coverage) = counts.coverage().filter(|coverage| *coverage < 1.0) {
        sentences.push(format!(
            "{} of the applicable cases could be judged.",
            percent(coverage)
        ));
    }
    if let Some(money) = conclusion.money {
        let amount = |amount| crate::report::money(super::json::unsigned_zero(amount));
        let most = match conclusion::is_enlarged(conclusion) {
            true => String::new(),
            false => format!(", {} at most", amount(money.upper)),
        };
        sentences.push(format!(
            "Of a value of {} an error of {} is projected{most}; errors of certain cases are {}. \
             Understatements of {} are not netted.",
            amount(money.total),
            amount(money.projected),
            amount(money.certain_errors),
            amount(money.understatement)
        ));
    }
    if evaluation.replaced() > 0 {
        let replaced = count(evaluation.replaced());
        sentences.push(format!(
            "{replaced} cases that were not applicable were replaced from the reserve."
        ));
    }
    let targeted = evaluation.targeted;
    let looked = targeted.correct + targeted.incorrect + targeted.cannot_determine;
    if looked > 0 {
        sentences.push(format!(
            "Targeted, not projected: {} of {} cases looked at for their risk are wrong.",
            count(targeted.incorrect),
            count(looked)
        ));
    }
    if let Some(agreement) = evaluation.agreement {
        let share = |share: Option<f64>| share.map_or("undefined".to_owned(), percent);
        let beyond = |share: Option<f64>| match share {
            Some(share) => format!("{share:.3}"),
            None => "undefined".to_owned(),
        };
        sentences.push(format!(
            "{} cases were called right or wrong by two reviewers: they agree on {} of them, of what \
             either called wrong on {}, of what either called right on {}; kappa is {}, alpha {}.",
            count(agreement.cases),
            share(agreement.observed),
            share(agreement.on_wrong),
            share(agreement.on_right),
            beyond(agreement.kappa),
            beyond(agreement.alpha)
        ));
    }
    let looks = evaluation.second_looks();
    if looks.cases > 0 {
        sentences.push(format!(
            "Targeted, no part of the agreement: {} cases were looked at again because of what was found; \
             {} verdicts were confirmed.",
            count(looks.cases),
            count(looks.confirmed)
        ));
    }
    let unconfirmed = evaluation.unconfirmed().count();
    if let Some(first) = evaluation.unconfirmed().next() {
        let cases = match unconfirmed {
            1 => format!("1 case ({}) that was", first.case_id),
            _ => format!(
                "{} cases, such as {}, that were",
                count(unconfirmed as u64),
                first.case_id
            ),
        };
        sentences.push(format!(
            "A second look is due at {cases} found wrong or not determined by one reviewer alone."
        ));
    }
    let crowded = evaluation
        .findings
        .iter()
        .find(|finding| finding.adjusted < SURPRISING);
    if let Some(finding) = crowded {
        sentences.push(format!(
            "Errors crowd where {}: {} of {}; look for a common cause before anything is projected.",
            finding.place.name,
            count(finding.place.errors),
            count(finding.place.cases)
        ));
    }
    sentences
}

/// What a reader must know before relying on it.
pub(super) fn notes(evaluation: &Evaluation) -> Vec<String> {
    let conclusion = &evaluation.conclusion;
    let mut notes: Vec<String> = conclusion
        .notes
        .iter()
        .map(|note| conclusion::note(*note).to_owned())
        .collect();
    for audit in &evaluation.audits {
        notes.extend(audit.returned.notes.iter().cloned());
        let once = reviewed_once(audit);
        if once > 0 {
            notes.push(format!(
                "{} cases were to be reviewed twice and have one verdict only",
                count(once)
            ));
        }
        let design = &audit.manifest.design;
        if design.method == draw::Method::Systematic {
            notes.push("a systematic draw is taken as a simple one".to_owned());
        }
        let apart = audit.manifest.strata.iter().filter(|stratum| {
            design.method.is_by_size() && !stratum.name.is_empty() && stratum.units > 0
        });
        for stratum in apart {
            let (cases, name) = (count(stratum.units), &stratum.name);
            notes.push(format!(
                "{cases} cases of the stratum `{name}` are no part of the claim, which is about cases \
                 with a value"
            ));
        }
    }
    let unsettled: Vec<&str> = evaluation
        .disputed()
        .filter(|disputed| disputed.settled.is_none())
        .map(|disputed| disputed.case_id.as_str())
        .collect();
    if let Some(first) = unsettled.first() {
        notes.push(format!(
            "on {} cases the reviewers differ, such as {first}; they count as not determined until \
             somebody decides (--settle {first}=incorrect)",
            unsettled.len()
        ));
    }
    notes.extend(reversed(evaluation));
    notes.extend(own_decisions(evaluation));
    if !evaluation.is_fixed {
        notes.push(
            "the tolerable rate was not fixed when the sample was drawn, so it may have been chosen \
             to fit"
                .to_owned(),
        );
    }
    notes
}

/// What the log says of reviewers who decided a case themselves.
fn own_decisions(evaluation: &Evaluation) -> Option<String> {
    match &evaluation.deciders {
        Deciders::NotAsked => None,
        Deciders::Unnamed => Some(
            "whether reviewers decided a case themselves could not be checked: the log names no \
             reviewer (role reviewer)"
                .to_owned(),
        ),
        Deciders::Compared(cases) => {
            let first = cases.first()?;
            Some(format!(
                "{} cases, such as {first}, were reviewed by those who had decided them: let somebody \
                 else look at them",
                count(cases.len() as u64)
            ))
        }
    }
}

/// Cases that two reviewers were to see and one has judged.
fn reviewed_once(audit: &Audit) -> u64 {
    let cases = audit.manifest.selected.iter().enumerate();
    let twice = cases.filter(|(_, case)| case.reviewers.len() > 1);
    let once = twice.filter(|(place, _)| {
        let rows = audit.returned.rows.iter().filter(|row| {
            row.place == Place::Selected(*place)
                && row.verdict != Verdict::Blank
                && row.sheet != SECOND
        });
        rows.count() == 1
    });
    once.count() as u64
}
