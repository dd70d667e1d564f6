//! What a check gathers from the cases and what it finds in them. A log may lack any role.

use std::ops::AddAssign;

use hashbrown::HashMap;
use serde::Serialize;

use crate::config::Role;
use crate::log::{Batch, Interner, Label, Plan, Route, Sink};
use crate::report::{count, percent};
use crate::tally::{Basis, Cells, Counts, Design, History, Profile, Scale, Tallier, Tally};

/// Distinct scores that are counted; beyond that the check says "more than".
const MOST_SCORES: usize = 1_000_000;
/// Score bands of the coverage table.
const BANDS: usize = 10;
/// A tie of more than this share of the cases hides thresholds.
const LARGE_TIE: f64 = 0.05;
/// Below this many labels among the auto-approved, error rates are hardly bounded.
const FEW_LABELS: u64 = 60;

/// What one thread gathers.
#[derive(Debug, Default)]
pub(super) struct Surveyor {
    survey: Survey,
    tallier: Option<Tallier>,
}

/// What all threads gathered.
#[derive(Debug, Default)]
pub(super) struct Survey {
    counts: Counts,
    /// `None` without scores or labels.
    tally: Option<Tally>,
    cells: Cells,
    profile: Profile,
    /// Cases by score (its bits), while they are few enough to count.
    scores: HashMap<u64, u64>,
    too_many_scores: bool,
    has_scores: bool,
}

impl Sink for Surveyor {
    type Output = Survey;

    fn take(&mut self, batch: &Batch) {
        for row in 0..batch.rows() {
            let label = batch.label().get(row).copied().unwrap_or(Label::Unknown);
            self.survey.counts.add_case(label);
        }
        if batch.score().is_empty() {
            return;
        }
        self.survey.has_scores = true;
        self.survey.count_scores(batch.score());
        if !batch.label().is_empty() {
            let scale = || Scale::Grid(crate::rate::Grid::thousandths());
            self.tallier
                .get_or_insert_with(|| Tallier::new(&scale(), &[]))
                .take(batch);
        }
    }

    fn finish(&mut self, segments: &[&Interner]) -> Survey {
        let mut survey = std::mem::take(&mut self.survey);
        if let Some(tallier) = &mut self.tallier {
            survey.tally = Some(tallier.finish(segments));
        }
        survey
    }
}

impl AddAssign for Survey {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        match (&mut self.tally, other.tally) {
            (Some(sum), Some(more)) => *sum += more,
            (sum @ None, more) => *sum = more,
            (Some(_), None) => {}
        }
        self.has_scores |= other.has_scores;
        if other.too_many_scores {
            self.too_many_scores = true;
            self.scores = HashMap::new();
        }
        for (score, cases) in other.scores {
            self.add_score(score, cases);
        }
    }
}

impl Survey {
    fn count_scores(&mut self, scores: &[f64]) {
        for score in scores {
            self.add_score((score + 0.0).to_bits(), 1);
        }
    }

    fn add_score(&mut self, score: u64, cases: u64) {
        if self.too_many_scores {
            return;
        }
        *self.scores.entry(score).or_default() += cases;
        if self.scores.len() > MOST_SCORES {
            self.too_many_scores = true;
            self.scores = HashMap::new();
        }
    }

    /// Takes stock once all threads' parts are added.
    pub(super) fn settle(&mut self) {
        if let Some(mut tally) = self.tally.take() {
            tally.fold_probabilities();
            self.profile = tally.profile().clone();
            self.cells = tally.overall();
        }
    }

    pub(super) fn cells(&self) -> &Cells {
        &self.cells
    }

    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(super) fn labelled(&self) -> u64 {
        self.counts.labelled()
    }

    pub(super) fn errors(&self) -> u64 {
        self.counts.wrong
    }

    /// The distribution of the scores; `None` where none is mapped.
    pub(super) fn scores(&self) -> Option<Scores> {
        if !self.has_scores {
            return None;
        }
        let cases = self.counts.cases();
        let mut sorted: Vec<(u64, u64)> = self.scores.iter().map(|(s, c)| (*s, *c)).collect();
        sorted.sort_unstable();
        let largest = sorted.iter().max_by_key(|(score, cases)| (*cases, *score));
        let quantile = |share: f64| {
            let mut below = 0;
            let rank = (share * cases as f64).ceil().max(1.0) as u64;
            let found = sorted.iter().find(|(_, cases)| {
                below += cases;
                below >= rank
            });
            found.map(|(score, _)| f64::from_bits(*score))
        };
        Some(Scores {
            distinct: (!self.too_many_scores).then_some(sorted.len() as u64),
            quantiles: [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0].map(quantile),
            largest_tie: largest.map(|(score, tied)| Tie {
                score: f64::from_bits(*score),
                cases: *tied,
                share: *tied as f64 / cases as f64,
            }),
        })
    }

    /// Cases and labels by score band and route, empty bands left out.
    pub(super) fn bands(&self) -> Vec<Band> {
        let mut bands = Vec::new();
        for band in 0..BANDS {
            // Bin b of the profile holds the scores from (b - 1) / 1000 on; the last band also
            // holds the score 1.
            let first = band * 100 + 1;
            let last = if band + 1 == BANDS { 1001 } else { first + 99 };
            for route in [Route::Auto, Route::Escalated, Route::Unknown] {
                let mut counts = Counts::default();
                let bins = self
                    .profile
                    .route(route)
                    .get(first..=last)
                    .unwrap_or_default();
                bins.iter().for_each(|bin| counts += *bin);
                if counts.cases() > 0 {
                    bands.push(Band {
                        score_from: band as f64 / BANDS as f64,
                        score_to: (band + 1) as f64 / BANDS as f64,
                        route: route.key(),
                        cases: counts.cases(),
                        labelled: counts.labelled(),
                        errors_found: counts.wrong,
                    });
                }
            }
        }
        bands
    }
}

/// The distribution of the scores.
#[derive(Debug, Serialize)]
pub(super) struct Scores {
    /// `null` beyond a million.
    pub(super) distinct: Option<u64>,
    /// At 0, 5, 25, 50, 75, 95 and 100 % of the cases.
    pub(super) quantiles: [Option<f64>; 7],
    pub(super) largest_tie: Option<Tie>,
}

#[derive(Debug, Serialize)]
pub(super) struct Tie {
    pub(super) score: f64,
    pub(super) cases: u64,
    pub(super) share: f64,
}

/// Cases of one score band and route. Pinned cases are left out.
#[derive(Debug, Serialize)]
pub(super) struct Band {
    pub(super) score_from: f64,
    pub(super) score_to: f64,
    pub(super) route: &'static str,
    pub(super) cases: u64,
    pub(super) labelled: u64,
    pub(super) errors_found: u64,
}

/// Cases of one label probability.
#[derive(Debug, Serialize)]
pub(super) struct CellSummary {
    pub(super) basis: String,
    pub(super) label_probability: Option<f64>,
    pub(super) routes: Vec<&'static str>,
    pub(super) cases: u64,
    pub(super) labelled: u64,
}

/// The threshold that the routes follow.
#[derive(Debug, Serialize)]
pub(super) struct Followed {
    pub(super) threshold: f64,
    pub(super) cases: u64,
    pub(super) agreeing: u64,
}

impl Followed {
    pub(super) fn new(history: &History) -> Self {
        Self {
            threshold: history.threshold.value(),
            cases: history.cases,
            agreeing: history.agreeing,
        }
    }
}

/// The cells of the label design.
pub(super) fn cells(design: &Design) -> Vec<CellSummary> {
    design
        .cells()
        .iter()
        .map(|cell| {
            let (basis, label_probability) = match cell.basis {
                Basis::Certain => ("certain", Some(1.0)),
                Basis::Recorded(probability) => ("recorded", Some(probability.get())),
                Basis::Varying => ("differs by row", None),
                Basis::AssumedByRoute(_) => ("assumed constant", None),
            };
            CellSummary {
                basis: basis.to_owned(),
                label_probability,
                routes: cell.routes.iter().map(|route| route.key()).collect(),
                cases: cell.counts.cases(),
                labelled: cell.counts.labelled(),
            }
        })
        .collect()
}

/// One thing that a reader should know of the log.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) key: &'static str,
    pub(super) text: String,
}

/// What the log can and cannot answer.
pub(super) fn findings(
    survey: &Survey,
    design: &Design,
    history: Option<&History>,
    plan: &Plan,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |key, text: String| findings.push(Finding { key, text });
    if !plan.has(Role::Score) {
        add(
            "no_score",
            "without `score` no threshold can be replayed".to_owned(),
        );
    }
    if let Some(tie) = survey.scores().and_then(|scores| scores.largest_tie)
        && tie.share > LARGE_TIE
    {
        add(
            "large_tie",
            format!(
                "{} of the cases share the score {}: no threshold can tell them apart",
                percent(tie.share),
                tie.score
            ),
        );
    }
    if !plan.has(Role::Error) {
        add(
            "no_error",
            "without `error` escalation rates can be told, error rates not".to_owned(),
        );
    } else if survey.labelled() == 0 {
        add(
            "no_labels",
            "no case has been reviewed: the error rate is unknown".to_owned(),
        );
    }
    if let Some(text) = route_finding(history, plan) {
        add("routes", text);
    }
    if plan.has(Role::Error) && survey.labelled() > 0 {
        label_findings(survey, design, plan)
            .into_iter()
            .for_each(|(key, text)| add(key, text));
    }
    findings
}

fn route_finding(history: Option<&History>, plan: &Plan) -> Option<String> {
    if !plan.has(Role::Escalated) {
        return Some(
            "without `escalated` nothing can be compared with what really happened".to_owned(),
        );
    }
    Some(match history {
        Some(history) if history.is_exact() => {
            format!(
                "every route follows the threshold {}",
                history.threshold.text()
            )
        }
        Some(history) => format!(
            "{} of {} routes follow the threshold {}; the other {} were routed against the score",
            count(history.agreeing),
            count(history.cases),
            history.threshold.text(),
            count(history.cases - history.agreeing)
        ),
        None => "the routes follow no threshold on the score".to_owned(),
    })
}

fn label_findings(survey: &Survey, design: &Design, plan: &Plan) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let auto = survey.profile().route(Route::Auto);
    let labels: u64 = auto.iter().map(Counts::labelled).sum();
    if plan.has(Role::Escalated) && labels == 0 {
        found.push((
            "no_audit",
            "no auto-approved case is labelled: thresholds at or below the historical one have no \
             support; draw an audit sample"
                .to_owned(),
        ));
    } else if plan.has(Role::Escalated) && labels < FEW_LABELS {
        found.push((
            "few_audits",
            format!(
                "only {} auto-approved cases are labelled: intervals will be wide",
                count(labels)
            ),
        ));
    }
    for cell in design.cells() {
        let unknown = cell.counts.unknown;
        if cell.basis == Basis::Certain && unknown > 0 {
            found.push((
                "missing_labels",
                format!(
                    "{} cases that were certain to be labelled have no label",
                    count(unknown)
                ),
            ));
        }
        if matches!(cell.basis, Basis::AssumedByRoute(_)) && cell.counts.labelled() > 0 {
            found.push((
                "assumed_random",
                "without a recorded `label_probability`, labelled cases are taken as a random part \
                 of their route"
                    .to_owned(),
            ));
        }
    }
    found.dedup();
    found
}
