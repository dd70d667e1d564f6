//! `[[gate]]`: the checks that a CI job must pass, each with the line it stands in. Knows what a
//! check says, not how it is judged.

use serde::Deserialize;
use toml::Spanned;

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Wrong auto-approved / auto-approved cases.
    AutoError,
    /// Escalated / cases.
    EscalationRate,
    /// Wrong auto-approved / all cases.
    EscapedErrors,
    /// Money in wrong auto-approved cases / money in auto-approved cases.
    ErrorValueRate,
    /// Escalated cases in which the AI was wrong / escalated cases.
    OverrideRate,
    /// Labelled / cases.
    LabelCoverage,
    /// Expected cost of a case, in units of money.
    Cost,
}

impl Metric {
    /// The word of configuration files and JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::AutoError => "auto_error",
            Self::EscalationRate => "escalation_rate",
            Self::EscapedErrors => "escaped_errors",
            Self::ErrorValueRate => "error_value_rate",
            Self::OverrideRate => "override_rate",
            Self::LabelCoverage => "label_coverage",
            Self::Cost => "cost",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::AutoError => "auto-approved error rate",
            Self::EscalationRate => "escalation rate",
            Self::EscapedErrors => "escaped errors",
            Self::ErrorValueRate => "share of money in error",
            Self::OverrideRate => "override rate",
            Self::LabelCoverage => "label coverage",
            Self::Cost => "cost of a case",
        }
    }

    /// Whether it is a share of something, and not money.
    pub fn is_share(self) -> bool {
        self != Self::Cost
    }

    /// Whether less of it is worse.
    pub fn is_better_high(self) -> bool {
        self == Self::LabelCoverage
    }

    /// Whether it is estimated from labels; otherwise it is counted over all cases.
    pub fn needs_labels(self) -> bool {
        !matches!(self, Self::EscalationRate | Self::LabelCoverage)
    }
}

/// How much worse than the baseline is still good enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// A difference, as a fraction or in money.
    Absolute(f64),
    /// A part of the baseline.
    Relative(f64),
}

/// What a check demands of its metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Demand {
    AtMost(f64),
    AtLeast(f64),
    /// Not worse than the baseline by as much as this.
    NotWorseBy(Margin),
}

/// What a failing check does to the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    #[default]
    Error,
    Warn,
    Info,
}

impl Severity {
    /// The word of configuration files and JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    pub name: String,
    pub metric: Metric,
    pub demand: Demand,
    /// Each value of these segments, crossed, is a check of its own; empty for all cases as one.
    pub by: Vec<String>,
    /// With fewer labels nothing is judged.
    pub min_labels: u64,
    pub level: Severity,
    /// Present where the check belongs to one profile only.
    pub profile: Option<String>,
    /// Line of the file in which it begins, from 1 on.
    pub line: usize,
}

/// The check as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    name: Option<String>,
    metric: Metric,
    max: Option<Amount>,
    min: Option<Amount>,
    worse_than_baseline_by: Option<String>,
    by: Option<String>,
    #[serde(default)]
    min_labels: u64,
    #[serde(default)]
    level: Severity,
    profile: Option<String>,
}

/// A number, or a percentage in quotes.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number, or a percentage such as \"2%\""
)]
enum Amount {
    Number(f64),
    Text(String),
}

/// The checks of a file, in their order.
pub(super) fn read(written: Vec<Spanned<Written>>, text: &str) -> Result<Vec<Gate>, String> {
    let mut gates: Vec<Gate> = Vec::new();
    for (index, spanned) in written.into_iter().enumerate() {
        let before = text.get(..spanned.span().start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let written = spanned.into_inner();
        let name = written.name.clone();
        let name = name.unwrap_or_else(|| format!("gate {}", index + 1));
        let refused = |reason: String| format!("line {line}: [[gate]] \"{name}\": {reason}");
        let gate = gate(written, &name, line).map_err(refused)?;
        let twin = |known: &&Gate| {
            // A check without a profile is judged beside those of every profile.
            let apart = known.profile.is_some() && gate.profile.is_some();
            known.name == gate.name && (known.profile == gate.profile || !apart)
        };
        if let Some(twin) = gates.iter().find(twin) {
            return Err(refused(format!(
                "line {} has a check of that name already",
                twin.line
            )));
        }
        gates.push(gate);
    }
    Ok(gates)
}

fn gate(written: Written, name: &str, line: usize) -> Result<Gate, String> {
    let metric = written.metric;
    let margin = written.worse_than_baseline_by.as_deref();
    let demand = match (&written.max, &written.min, margin) {
        (Some(max), None, None) => Demand::AtMost(amount(max, metric)?),
        (None, Some(min), None) => Demand::AtLeast(amount(min, metric)?),
        (None, None, Some(margin)) => Demand::NotWorseBy(self::margin(margin, metric)?),
        _ => {
            return Err("give exactly one of `max`, `min` and `worse_than_baseline_by`".to_owned());
        }
    };
    let by = written.by.as_deref().unwrap_or_default();
    let names = by.split(',').map(str::trim).filter(|name| !name.is_empty());
    Ok(Gate {
        name: name.to_owned(),
        metric,
        demand,
        by: names.map(str::to_owned).collect(),
        min_labels: written.min_labels,
        level: written.level,
        profile: written.profile,
        line,
    })
}

fn amount(amount: &Amount, metric: Metric) -> Result<f64, String> {
    let (value, shown) = match amount {
        Amount::Number(number) => (Some(*number), number.to_string()),
        Amount::Text(text) => {
            let share = share(text, "%").filter(|_| metric.is_share());
            (share, format!("\"{text}\""))
        }
    };
    let highest = if metric.is_share() { 1.0 } else { f64::MAX };
    match value {
        Some(value) if (0.0..=highest).contains(&value) => Ok(value),
        _ if metric.is_share() => Err(format!(
            "{shown} is no share: write a percentage such as \"2%\", or a fraction such as 0.02"
        )),
        _ => Err(format!(
            "{shown} is no cost of a case: write a number such as 1.25"
        )),
    }
}

fn margin(text: &str, metric: Metric) -> Result<Margin, String> {
    let points = share(text, "pp").filter(|_| metric.is_share());
    let money = text.trim().parse().ok().filter(|_| !metric.is_share());
    let margin = match (share(text, "%"), points.or(money)) {
        (Some(part), _) => Margin::Relative(part),
        (None, Some(difference)) => Margin::Absolute(difference),
        (None, None) => return Err(no_margin(text, metric)),
    };
    match margin {
        Margin::Absolute(value) | Margin::Relative(value) if value >= 0.0 && value.is_finite() => {
            Ok(margin)
        }
        Margin::Absolute(_) | Margin::Relative(_) => Err(no_margin(text, metric)),
    }
}

fn no_margin(text: &str, metric: Metric) -> String {
    let absolute = if metric.is_share() { "0.5pp" } else { "0.10" };
    format!(
        "\"{text}\" is no margin: write a difference such as \"{absolute}\", or a part of the baseline such as \"10%\""
    )
}

/// A number of hundredths before a unit.
fn share(text: &str, unit: &str) -> Option<f64> {
    let number: f64 = text.trim().strip_suffix(unit)?.trim().parse().ok()?;
    Some(number / 100.0)
}
