//! The sample logs read by row and reckoned by plain loops. Shares nothing with the program but the
//! quantiles of the beta and gamma distributions, which golden tables hold. Must not assert.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use gonogo::estimate::binomial;
use gonogo::estimate::fay_feuer::WeightedErrors;

use crate::in_process::sample;

/// How a sample log is written, from its README and without the program's mapping.
pub(crate) struct Sample {
    pub(crate) stem: &'static str,
    pub(crate) delimiter: u8,
    pub(crate) id: &'static str,
    pub(crate) score: &'static str,
    pub(crate) decision: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) route: &'static str,
    pub(crate) human: &'static str,
    pub(crate) probability: &'static str,
    pub(crate) value: Option<&'static str>,
    pub(crate) segments: &'static [(&'static str, &'static str)],
}

/// No money; probabilities are written with a decimal.
pub(crate) const SPAM: Sample = Sample {
    stem: "spam_mail",
    delimiter: b',',
    id: "message_id",
    score: "confidence",
    decision: "predicted",
    outcome: "review_label",
    route: "route",
    human: "human_review",
    probability: "sampling_probability",
    value: None,
    segments: &[("predicted", "predicted"), ("content_type", "content_type")],
};

/// Money, a byte order mark, semicolons.
pub(crate) const LENDING: Sample = Sample {
    stem: "lending_club",
    delimiter: b';',
    id: "Application No",
    score: "P(repaid)",
    decision: "AI Recommendation",
    outcome: "Loan Outcome",
    route: "Channel",
    human: "REFER",
    probability: "QA Inclusion Prob",
    value: Some("Amount (USD)"),
    segments: &[("grade", "Grade"), ("term", "Term")],
};

pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) score: f64,
    /// `None` where nobody has looked.
    pub(crate) wrong: Option<bool>,
    pub(crate) escalated: bool,
    pub(crate) probability: f64,
    pub(crate) value: f64,
    pub(crate) segments: BTreeMap<&'static str, String>,
}

impl Sample {
    pub(crate) fn config(&self) -> PathBuf {
        sample(&format!("{}.toml", self.stem))
    }

    /// The rows of `STEM.selective.csv` or `STEM.full.csv.gz`.
    pub(crate) fn cases(&self, state: &str) -> Vec<Case> {
        let bytes = std::fs::read(sample(&format!("{}.{state}", self.stem))).unwrap();
        let mut text = String::new();
        if state.ends_with(".gz") {
            MultiGzDecoder::new(bytes.as_slice())
                .read_to_string(&mut text)
                .unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .from_reader(text.as_bytes());
        let rows = reader.deserialize::<BTreeMap<String, String>>();
        rows.map(|row| self.case(&row.unwrap())).collect()
    }

    pub(crate) fn case(&self, row: &BTreeMap<String, String>) -> Case {
        let number = |column: &str| row[column].parse::<f64>().unwrap();
        let outcome = row[self.outcome].as_str();
        Case {
            id: row[self.id].clone(),
            score: number(self.score),
            wrong: (!outcome.is_empty()).then(|| row[self.decision] != outcome),
            escalated: row[self.route] == self.human,
            probability: number(self.probability),
            value: self.value.map_or(0.0, number),
            segments: self
                .segments
                .iter()
                .map(|(name, column)| (*name, row[*column].clone()))
                .collect(),
        }
    }
}

/// The cases of one set that had one chance of being labelled.
#[derive(Clone, Copy, Default)]
pub(crate) struct Part {
    pub(crate) cases: f64,
    pub(crate) labelled: f64,
    pub(crate) wrong: f64,
    pub(crate) value: f64,
    pub(crate) wrong_value: f64,
    pub(crate) wrong_value_squared: f64,
    pub(crate) largest_value: f64,
}

impl Part {
    pub(crate) fn add(&mut self, case: &Case) {
        self.cases += 1.0;
        self.value += case.value;
        self.largest_value = self.largest_value.max(case.value);
        self.labelled += f64::from(u8::from(case.wrong.is_some()));
        if case.wrong == Some(true) {
            self.wrong += 1.0;
            self.wrong_value += case.value;
            self.wrong_value_squared += case.value * case.value;
        }
    }

    /// Cases that one labelled case stands for.
    pub(crate) fn weight(&self) -> f64 {
        self.cases / self.labelled
    }

    pub(crate) fn errors(&self) -> f64 {
        self.weight() * self.wrong
    }
}

/// A set of cases: those certain to be labelled and those audited at random.
#[derive(Clone, Copy, Default)]
pub(crate) struct Set {
    pub(crate) certain: Part,
    pub(crate) audited: Part,
}

impl Set {
    pub(crate) fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let mut set = Self::default();
        for case in cases {
            let part = if case.probability >= 1.0 {
                &mut set.certain
            } else {
                &mut set.audited
            };
            part.add(case);
        }
        set
    }

    pub(crate) fn sum(&self, number: impl Fn(&Part) -> f64) -> f64 {
        number(&self.certain) + number(&self.audited)
    }

    /// The parts that hold cases and labels.
    pub(crate) fn supported(&self) -> Vec<Part> {
        let parts = [self.certain, self.audited];
        parts
            .into_iter()
            .filter(|part| part.labelled > 0.0)
            .collect()
    }

    pub(crate) fn unsupported(&self) -> f64 {
        self.sum(|part| if part.labelled > 0.0 { 0.0 } else { part.cases })
    }

    pub(crate) fn errors(&self) -> f64 {
        self.supported().iter().map(Part::errors).sum()
    }

    /// Limits of the errors among the supported cases.
    pub(crate) fn limits(&self, tail: f64) -> [f64; 2] {
        match self.supported().as_slice() {
            [] => [0.0, 0.0],
            [part] => {
                let (wrong, labelled) = (part.wrong as u64, part.labelled as u64);
                [
                    part.cases * binomial::lower(wrong, labelled, tail),
                    part.cases * binomial::upper(wrong, labelled, tail),
                ]
            }
            parts => {
                let all: f64 = parts.iter().map(|part| part.cases).sum();
                let weighted = WeightedErrors {
                    estimate: parts.iter().map(Part::errors).sum(),
                    variance: parts
                        .iter()
                        .map(|part| part.weight().powi(2) * part.wrong)
                        .sum(),
                    largest_weight: parts.iter().map(Part::weight).fold(0.0, f64::max),
                };
                [weighted.lower(tail), weighted.upper(tail).min(all)]
            }
        }
    }
}
