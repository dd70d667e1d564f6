//! Which charts a report has, and how each is to be read.

use super::Answer;
use crate::chart::{Chart, Panel, RiskCoverage};
use crate::command::sweep::tables;
use crate::report::{Figure, count, level};

/// A chart, with the name of its files and of the section that it stands in.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) section: &'static str,
    pub(super) name: String,
    pub(super) chart: Chart,
    pub(super) caption: String,
}

impl Picture {
    fn new(section: &'static str, name: &str, chart: Chart, caption: &str) -> Self {
        Self {
            section,
            name: name.to_owned(),
            chart,
            caption: caption.to_owned(),
        }
    }
}

/// The charts in the order of the page.
pub(super) fn all(answer: &Answer<'_>) -> Vec<Picture> {
    let mut pictures = vec![Picture::new(
        "risk",
        "risk-coverage",
        risk(answer),
        "Each dot is a threshold. Further right more cases are escalated; further down fewer \
         auto-approved cases are wrong. The band is the interval.",
    )];
    pictures.extend(by_segment(answer));
    pictures
}

/// The charts of a section as SVG. One that cannot be drawn is left out: its numbers stand in the
/// tables.
pub(super) fn of(section: &str, pictures: &[Picture]) -> Vec<Figure> {
    let own = pictures.iter().filter(|picture| picture.section == section);
    own.filter_map(|picture| {
        Some(Figure {
            svg: picture.chart.svg().ok()?,
            caption: picture.caption.clone(),
        })
    })
    .collect()
}

/// What the numbers of a chart rest on.
pub(super) fn subtitle(answer: &Answer<'_>) -> String {
    format!(
        "{} cases, {} labelled, {} intervals",
        count(answer.sweep.cases),
        count(answer.sweep.labelled),
        level(answer.sweep.level.get())
    )
}

/// The risk-coverage chart of all cases.
pub(super) fn risk(answer: &Answer<'_>) -> Chart {
    Chart::RiskCoverage(RiskCoverage {
        title: "Escalation rate against auto-approved error rate".to_owned(),
        subtitle: subtitle(answer),
        panels: vec![tables::panel(None, &answer.sweep.overall)],
    })
}

fn by_segment(answer: &Answer<'_>) -> Option<Picture> {
    let segments = answer.sweep.segments.first()?;
    let groups = segments.groups.iter().take(answer.sweep.top);
    let panels: Vec<Panel> = groups
        .map(|group| tables::panel(Some(group.name()), &group.curve))
        .collect();
    let by = segments.names.join(" x ");
    let chart = Chart::RiskCoverage(RiskCoverage {
        title: format!("Escalation rate against auto-approved error rate by {by}"),
        subtitle: subtitle(answer),
        panels,
    });
    Some(Picture::new(
        "segments",
        "segments-risk-coverage",
        chart,
        "The same for the largest segments, on one scale: a threshold that is safe for all cases \
         together need not be so for each.",
    ))
}
