//! The parts of the page in the order a reader needs them. Puts answers into words; computes
//! nothing.

use super::assurance::{self, Report};
use super::figures::{self, Picture};
use super::{Answer, Share, notes, public, tables};
use crate::command::replay::words as replay_words;
use crate::command::sweep::Curve;
use crate::command::sweep::words as sweep_words;
use crate::estimate::curve::Outcome;
use crate::report::Section;

/// Sentences of the answer.
const SENTENCES: usize = 3;

/// The answer in three sentences: what happened, what the first policy or another threshold would
/// have changed, and what moves or stands out.
pub(super) fn answer(answer: &Answer<'_>) -> Vec<String> {
    let mut sentences = all_sentences(answer);
    sentences.truncate(SENTENCES);
    sentences
}

fn all_sentences(answer: &Answer<'_>) -> Vec<String> {
    match answer.compared() {
        _ if !public::is_whole(answer.share) => public::sentences(answer),
        Some(replay) => replay_words::sentences(replay),
        None => sweep_words::sentences(&answer.sweep),
    }
}

/// All sections.
pub(super) fn all(answer: &Answer<'_>, pictures: &[Picture], reports: &[Report]) -> Vec<Section> {
    let mut sections = vec![Section {
        id: "risk",
        title: "Escalation rate and error rate".to_owned(),
        tables: tables::thresholds(answer),
        ..Section::default()
    }];
    if answer.share != Share::Public {
        sections.push(what_if());
    }
    sections.extend(segments(answer));
    sections.extend(policies(answer));
    let (queue, title) = if public::is_whole(answer.share) {
        sections.push(evidence(answer));
        (tables::queue(answer), "Costs and queue")
    } else {
        (None, "Costs")
    };
    sections.push(Section {
        id: "costs",
        title: title.to_owned(),
        text: notes::costs(answer),
        tables: queue.into_iter().collect(),
        ..Section::default()
    });
    sections.extend(assurance::section(answer, reports));
    sections.push(notes::method(answer));
    for section in &mut sections {
        section.figures = figures::of(section.id, pictures);
    }
    sections
}

fn what_if() -> Section {
    Section {
        id: "what-if",
        title: "What if".to_owned(),
        text: vec![
            "Move a threshold and see what the log says would have happened: a case is \
             auto-approved if its score is at least the threshold. The numbers are computed here, \
             from sums, in the way the command line does."
                .to_owned(),
        ],
        ..Section::default()
    }
}

fn segments(answer: &Answer<'_>) -> Option<Section> {
    if answer.sweep.segments.is_empty() {
        return None;
    }
    let at = match (&answer.sweep.overall.actual, middle(&answer.sweep.overall)) {
        (Some(_), _) => "at the routes that the cases really took".to_owned(),
        (None, Some((_, threshold))) => format!("at the threshold {threshold}"),
        (None, None) => "at no threshold".to_owned(),
    };
    Some(Section {
        id: "segments",
        title: "Segments".to_owned(),
        text: vec![format!(
            "Each row is a segment {at}. A heading sorts its column."
        )],
        tables: tables::segments(answer),
        ..Section::default()
    })
}

/// The middle point of a curve, with its place.
fn middle(curve: &Curve) -> Option<(usize, String)> {
    let place = curve.points.len() / 2;
    let point = curve.points.get(place)?;
    Some((place, point.threshold.text().to_owned()))
}

/// What a segment is judged by, with its place in the JSON of the segment.
pub(super) fn judged(curve: &Curve) -> (Option<&Outcome>, String) {
    match (&curve.actual, middle(curve)) {
        (Some(actual), _) => (Some(actual), "actual".to_owned()),
        (None, Some((place, _))) => {
            let point = curve.points.get(place);
            (point.map(|point| &point.outcome), format!("points/{place}"))
        }
        (None, None) => (None, String::new()),
    }
}

/// That in words.
pub(super) fn judged_by(curve: &Curve) -> String {
    match (&curve.actual, middle(curve)) {
        (None, Some((_, threshold))) => format!("at threshold {threshold}"),
        (Some(_), _) | (None, None) => "as routed in fact".to_owned(),
    }
}

fn policies(answer: &Answer<'_>) -> Option<Section> {
    answer.compared()?;
    // What the answer says already is not said twice.
    let more = all_sentences(answer).into_iter().skip(SENTENCES);
    Some(Section {
        id: "policies",
        title: "Policies side by side".to_owned(),
        text: more.collect(),
        tables: tables::policies(answer),
        ..Section::default()
    })
}

fn evidence(answer: &Answer<'_>) -> Section {
    Section {
        id: "evidence",
        title: "Evidence and label coverage".to_owned(),
        text: vec![
            "An error rate is only as good as the labels behind it. A case is observed where every \
             case of its kind is labelled, sampled where a random part is, and unsupported where \
             none is; for those only worst-case limits are told."
                .to_owned(),
        ],
        tables: vec![tables::cells(answer)],
        ..Section::default()
    }
}
