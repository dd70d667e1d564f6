//! The certificate chart, judged by what is in the SVG and in the PNG.

use gonogo::chart::{Bound, Candidate, Certificate, Chart, ChartError, Hearing, Outcome, png};
use roxmltree::Document;

use crate::chart::{BLUE, ORANGE, SHADE, WHITE, assert_inside, elements, texts};

fn candidate(hundredths: u32, bound: Bound) -> Candidate {
    Candidate {
        threshold: f64::from(hundredths) / 100.0,
        text: format!("0.{hundredths:02}"),
        bound,
    }
}

fn known(alone: f64, outcome: Outcome) -> Bound {
    Bound::Known {
        estimate: alone * 0.7,
        alone,
        outcome,
    }
}

/// Unsupported up to 0.55, failed to 0.65, passed to 0.85, not tested to 0.95, then nothing.
fn usual(name: Option<&str>) -> Hearing {
    let bound = |hundredths: u32| {
        let alone = 0.05 - f64::from(hundredths) * 0.0005;
        match hundredths {
            ..56 => Bound::Unsupported,
            56..66 => known(
                alone,
                Outcome::Failed {
                    upper: alone + 0.002,
                },
            ),
            66..86 => known(
                alone,
                Outcome::Passed {
                    upper: alone + 0.001,
                },
            ),
            86..96 => known(alone, Outcome::NotTested),
            _ => Bound::Empty,
        }
    };
    Hearing {
        name: name.map(str::to_owned),
        candidates: (50..100).map(|at| candidate(at, bound(at))).collect(),
        chosen: Some(16),
    }
}

fn chart(panels: Vec<Hearing>) -> Certificate {
    Certificate {
        title: "What can be promised: at most 2 % wrong".to_owned(),
        subtitle: "6,044 cases".to_owned(),
        limit: 0.02,
        panels,
    }
}

fn look<T>(chart: Certificate, look: impl FnOnce(&Document<'_>) -> T) -> T {
    let text = Chart::Certificate(chart).svg().unwrap();
    assert!(!text.contains("NaN") && !text.contains("inf"));
    let document = Document::parse(&text).unwrap();
    assert_inside(&document);
    look(&document)
}

#[test]
fn every_outcome_has_a_sign_of_its_own() {
    look(chart(vec![usual(None)]), |document| {
        // One dot each of 20 passed and 10 not tested, and one of each in the legend.
        assert_eq!(elements(document, "circle", BLUE).len(), 20 + 10 + 2);
        assert_eq!(elements(document, "circle", WHITE).len(), 10 + 1);
        // The diamond of the chosen one, and the legend's.
        assert_eq!(elements(document, "polygon", ORANGE).len(), 2);
        let words = texts(document);
        for entry in [
            "limit",
            "chosen",
            "tested, passed",
            "tested, failed",
            "bound, not tested",
            "cannot be tested",
            "0.66",
        ] {
            assert!(words.contains(&entry.to_owned()), "{entry}: {words:?}");
        }
    });
}

#[test]
fn what_cannot_be_tested_is_hatched_and_only_there() {
    look(chart(vec![usual(None)]), |document| {
        assert_eq!(elements(document, "polygon", SHADE).len(), 2);
    });
    let mut supported = usual(None);
    supported.candidates.drain(..6);
    supported.chosen = None;
    look(chart(vec![supported]), |document| {
        assert!(elements(document, "polygon", SHADE).is_empty());
        assert!(elements(document, "polygon", ORANGE).is_empty());
        let words = texts(document);
        assert!(!words.contains(&"cannot be tested".to_owned()));
        assert!(!words.contains(&"chosen".to_owned()));
    });
}

#[test]
fn thresholds_are_written_as_fractions() {
    look(chart(vec![usual(None)]), |document| {
        let words = texts(document);
        for tick in ["0.50", "0.70", "0.95"] {
            assert!(words.contains(&tick.to_owned()), "{tick}: {words:?}");
        }
    });
}

#[test]
fn a_panel_without_a_visible_bound_says_why() {
    let mut far = usual(Some("far"));
    for candidate in &mut far.candidates {
        candidate.bound = known(0.9, Outcome::NotTested);
    }
    let mut none = usual(Some("none"));
    none.chosen = None;
    let mut empty = none.clone();
    none.candidates
        .iter_mut()
        .for_each(|c| c.bound = Bound::Unsupported);
    empty
        .candidates
        .iter_mut()
        .for_each(|c| c.bound = Bound::Empty);
    look(
        chart(vec![far, none, empty, usual(Some("usual"))]),
        |document| {
            let words = texts(document);
            for note in ["every bound is above", "no bound", "nothing auto-approved"] {
                assert!(words.contains(&note.to_owned()), "{note}: {words:?}");
            }
        },
    );
}

#[test]
fn more_than_twelve_segments_are_counted_and_names_are_harmless() {
    let name = "<b>&\u{202e}x";
    let panels = (0..15).map(|_| usual(Some(name))).collect();
    look(chart(panels), |document| {
        let words = texts(document);
        assert!(words.iter().any(|text| text.contains("3 more, not drawn")));
    });
}

#[test]
fn what_is_no_share_is_refused_with_its_place() {
    for wrong in [f64::NAN, -0.1, 1.1] {
        let mut bad = usual(None);
        bad.candidates[7].bound = known(wrong, Outcome::NotTested);
        let found = Chart::Certificate(chart(vec![bad])).svg();
        assert!(
            matches!(&found, Err(ChartError::NotAShare { place, .. }) if place.contains("0.57")),
            "{found:?}"
        );
    }
    let empty = Chart::Certificate(chart(Vec::new())).svg();
    assert_eq!(empty, Err(ChartError::Empty));
}

#[test]
fn one_threshold_is_enough_for_a_picture_which_becomes_a_png() {
    let one = Hearing {
        name: None,
        candidates: vec![candidate(90, known(0.01, Outcome::Passed { upper: 0.012 }))],
        chosen: Some(0),
    };
    let text = Chart::Certificate(chart(vec![one])).svg().unwrap();
    assert!(png(&text).unwrap().starts_with(b"\x89PNG"));
}
