//! `gonogo audit plan`: how many auto-approved cases to look at, and what that would show.

mod json;
mod population;
mod question;
mod tables;
mod words;

use clap::{Args, ValueEnum};

use self::population::Population;
use self::question::{Asked, StratumArg};
use crate::audit::allocation::{self, Stratum};
use crate::audit::claim::ClaimError;
use crate::audit::plan::{self, Divided, GridCell, Plan};
use crate::audit::size::{self, Size, SizeError};
use crate::command::{Context, LogArgs, OutputArgs};
use crate::error::{ExitCode, Explain, Failure};
use crate::rate::{Fraction, Micros};
use crate::report::{Document, Format, json_text};

const EXAMPLES: &str = "\
Examples:
  gonogo audit plan --population 12000 --tolerable 5% --expected 1%
  gonogo audit plan log.csv --by kind --tolerable 2% --minutes-per-case 4
  gonogo audit plan --population 12000 --tolerable 5% --sequential --true-rate 1%
  gonogo audit plan --value 5000000 --tolerable-value 100000 --expected-value 20000";

/// Plan an audit: how many auto-approved cases to look at, and what that would show
///
/// The claim to be shown is that the error rate is below the tolerable rate. The sample is the
/// smallest that shows it, at the stated confidence, if no more errors than expected are found.
/// With a LOG the population is what its history auto-approved.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, mut_arg("logs", |log| log.required(false)))]
pub struct PlanArgs {
    #[command(flatten)]
    pub log: LogArgs,
    /// A stratum for each value of this segment of the log; `a,b` crosses two
    #[arg(long, value_name = "SEGMENT", requires = "logs")]
    pub by: Option<String>,
    /// Auto-approved cases, where there is no log [default: unknown, as of an endless process]
    #[arg(long, value_name = "N", conflicts_with = "logs")]
    pub population: Option<u64>,
    /// A stratum and its cases, where there is no log; what the last audit found and a fixed size
    /// can follow (repeatable)
    #[arg(long, value_name = "NAME=CASES[:ERRORS/AUDITED][@SIZE]", conflicts_with_all = ["logs", "population"])]
    pub stratum: Vec<StratumArg>,
    /// The error rate that is to be excluded, such as 5% or 0.05
    #[arg(long, value_name = "RATE", required_unless_present_any = ["margin", "tolerable_value"])]
    pub tolerable: Option<Fraction>,
    /// The confidence of the claim, one-sided
    #[arg(long, value_name = "RATE", default_value = "95%")]
    pub confidence: Fraction,
    /// The error rate that is expected; the sample allows for it [default: none, a discovery plan]
    #[arg(long, value_name = "RATE")]
    pub expected: Option<Fraction>,
    /// The number of errors that the sample is to allow for
    #[arg(long, value_name = "N", conflicts_with = "expected")]
    pub expected_errors: Option<u64>,
    /// The distribution of errors [default: hypergeometric where the population is known, binomial
    /// otherwise, poisson for money]
    #[arg(long, value_enum)]
    pub family: Option<FamilyArg>,
    /// The error rate that is thought true: how often would the plan fail then? [default: the
    /// expected one]
    #[arg(long, value_name = "RATE")]
    pub true_rate: Option<Fraction>,
    /// Estimate a rate to within this margin either way, instead of excluding one
    #[arg(long, value_name = "RATE", conflicts_with_all = ["tolerable", "expected_errors", "family"])]
    pub margin: Option<Fraction>,
    /// Draw a second sample only if the first finds errors, up to --expected-errors [default: 1];
    /// with 0 there is none to go on after, and one sample is planned
    #[arg(long, conflicts_with_all = ["margin", "expected"])]
    pub two_stage: bool,
    /// Look at the bound after every case and stop when it shows the claim
    #[arg(long, conflicts_with_all = ["margin", "two_stage", "expected", "expected_errors", "family"])]
    pub sequential: bool,
    /// The error rate that shapes the running bound [default: --true-rate, or a fifth of the
    /// tolerable rate]
    #[arg(long, value_name = "RATE", requires = "sequential")]
    pub prior_rate: Option<Fraction>,
    /// Tell what a sample of --size cases shows that accepts up to this many errors
    #[arg(long, value_name = "N", requires = "size", conflicts_with_all = ["margin", "two_stage", "sequential", "expected_errors"])]
    pub accept: Option<u64>,
    /// The size of the sample for --accept
    #[arg(long, value_name = "N", requires = "accept")]
    pub size: Option<u64>,
    /// How the sample is divided among strata [default: proportional]
    #[arg(long, value_enum)]
    pub allocation: Option<AllocationArg>,
    /// Minutes that a review takes
    #[arg(long, value_name = "MINUTES", value_parser = question::minutes)]
    pub minutes_per_case: Option<f64>,
    /// The value of all cases, for a sample drawn by value [default: that of the log's cases]
    #[arg(long, value_name = "AMOUNT", value_parser = question::amount, requires = "tolerable_value")]
    pub value: Option<Micros>,
    /// The error in value that is to be excluded
    #[arg(long, value_name = "AMOUNT", value_parser = question::amount, conflicts_with_all = ["tolerable", "margin", "two_stage", "sequential", "accept", "expected", "expected_errors", "family"])]
    pub tolerable_value: Option<Micros>,
    /// The error in value that is expected
    #[arg(long, value_name = "AMOUNT", value_parser = question::amount, requires = "tolerable_value")]
    pub expected_value: Option<Micros>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The families of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FamilyArg {
    /// Exact for a known number of cases, drawn without replacement
    Hypergeometric,
    /// Independent cases; the tables of AICPA for attributes
    Binomial,
    /// Rare errors; the tables of AICPA for sampling by value
    Poisson,
}

/// The ways to divide a sample among strata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AllocationArg {
    /// In proportion to their cases
    Proportional,
    /// The same from each
    Equal,
    /// More where errors vary more, by the last audit
    Neyman,
    /// The sizes given with @SIZE
    Fixed,
}

impl AllocationArg {
    fn rule(self) -> allocation::Rule {
        match self {
            Self::Proportional => allocation::Rule::Proportional,
            Self::Equal => allocation::Rule::Equal,
            Self::Neyman => allocation::Rule::Neyman,
            Self::Fixed => allocation::Rule::Fixed,
        }
    }

    /// The word that documents use.
    fn key(self) -> &'static str {
        match self {
            Self::Proportional => "proportional",
            Self::Equal => "equal",
            Self::Neyman => "neyman",
            Self::Fixed => "fixed",
        }
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Claim(#[from] ClaimError),
    #[error(transparent)]
    Size(#[from] SizeError),
    #[error("{option} needs the number of auto-approved cases")]
    NoPopulation { option: &'static str },
    #[error("{log}: its history auto-approved none of {cases} cases")]
    NoneApproved { log: String, cases: u64 },
    #[error("--tolerable-value needs the value of all cases")]
    NoValue,
    #[error("{option} is more than the value of all cases")]
    BeyondValue { option: &'static str },
    #[error("--allocation needs strata")]
    NoStrata,
    #[error("stratum `{name}` has no size")]
    NoSize { name: String },
    #[error("stratum `{name}` is given twice")]
    StratumTwice { name: String },
    #[error("--accept: {allowed} errors of {cases} cases leave nothing to find")]
    AcceptsAll { allowed: u64, cases: u64 },
    #[error("--size: {cases} cases are more than the {population} that there are")]
    SizeBeyond { cases: u64, population: u64 },
}

impl Explain for PlanError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Size(SizeError::ExpectedTooHigh { .. } | SizeError::TooManyErrors { .. }) => {
                "tolerate more, expect less, or mend what is wrong first"
            }
            Self::Size(SizeError::TooLarge) => "expect less or tolerate more",
            Self::Size(_)
            | Self::Claim(_)
            | Self::BeyondValue { .. }
            | Self::NoneApproved { .. } => {
                return None;
            }
            Self::NoPopulation { .. } => "give a LOG, --population or --stratum",
            Self::NoValue => "give --value, or a LOG with the role `value`",
            Self::NoStrata => "give --by with a LOG, or --stratum",
            Self::NoSize { .. } => "write --stratum NAME=CASES@SIZE",
            Self::StratumTwice { .. } => "give each stratum a name of its own",
            Self::AcceptsAll { .. } => "accept fewer errors than --size",
            Self::SizeBeyond { .. } => "look at every case: that is a census",
        };
        Some(hint.to_owned())
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoneApproved { .. } => ExitCode::NothingToJudge,
            Self::Claim(_)
            | Self::Size(_)
            | Self::NoPopulation { .. }
            | Self::NoValue
            | Self::BeyondValue { .. }
            | Self::NoStrata
            | Self::NoSize { .. }
            | Self::StratumTwice { .. }
            | Self::AcceptsAll { .. }
            | Self::SizeBeyond { .. } => ExitCode::Input,
        }
    }
}

/// The answer, before it is put into words.
struct Answer {
    population: Population,
    sample: Sample,
    confidence: Fraction,
    divided: Option<(AllocationArg, Vec<Stratum>, Divided)>,
    minutes_per_case: Option<f64>,
}

/// What was planned.
enum Sample {
    /// To exclude a rate.
    Claim {
        plan: Box<Plan>,
        grid: Vec<GridCell>,
        money: Option<Money>,
    },
    /// To estimate one.
    Margin {
        margin: Fraction,
        expected: Fraction,
        cases: u64,
    },
}

/// The amounts of a plan by value, in millionths.
#[derive(Clone, Copy)]
struct Money {
    total: u64,
    tolerable: Micros,
    expected: Micros,
}

impl Answer {
    /// The cases to have at hand. Strata may need more than the plan without them.
    fn cases(&self) -> u64 {
        match (&self.divided, &self.sample) {
            (Some((_, _, divided)), _) => divided.sizes.iter().sum(),
            (None, Sample::Claim { plan, .. }) => plan.design.most_cases(),
            (None, Sample::Margin { cases, .. }) => *cases,
        }
    }

    fn hours(&self) -> Option<f64> {
        Some(self.cases() as f64 * self.minutes_per_case? / 60.0)
    }
}

/// Plans and tells.
///
/// # Errors
/// When no sample can show the claim, or the log is bad.
pub fn run(args: &PlanArgs, context: &Context) -> Result<Document, Failure> {
    let population = population::of(args, context)?;
    let answer = answer(args, population)?;
    let warnings = words::warnings(&answer);
    let json = args.output.wants(Format::Json);
    let json = json.then(|| json_text(&json::document(&answer, &warnings)));
    let files = match &answer.population.log {
        Some(log) => args.log.rejected(&log.summary.rejects)?,
        None => Vec::new(),
    };
    Ok(Document {
        title: words::title(&answer),
        preface: words::preface(&answer),
        tables: tables::people(&answer),
        sentences: words::sentences(&answer),
        data: Some(tables::data(&answer)),
        json: json.transpose()?,
        warnings,
        files,
        chart: None,
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        exit_code: ExitCode::Done,
    })
}

fn answer(args: &PlanArgs, population: Population) -> Result<Answer, PlanError> {
    let sample = match question::asked(args, &population)? {
        Asked::Margin { margin, expected } => Sample::Margin {
            margin,
            expected,
            cases: size::margin(margin, expected, args.confidence, population.cases)?,
        },
        Asked::Claim { question, money } => {
            let plan = plan::plan(&question)?;
            let grid = match question.kind {
                plan::Kind::Single if money.is_none() => plan::grid(&question),
                plan::Kind::Single
                | plan::Kind::TwoStage { .. }
                | plan::Kind::Sequential { .. }
                | plan::Kind::Given(_) => Vec::new(),
            };
            Sample::Claim {
                plan: Box::new(plan),
                grid,
                money,
            }
        }
    };
    let divided = divided(args, &population, &sample)?;
    Ok(Answer {
        population,
        sample,
        confidence: args.confidence,
        divided,
        minutes_per_case: args.minutes_per_case,
    })
}

/// The sample divided among the strata, where there are any.
fn divided(
    args: &PlanArgs,
    population: &Population,
    sample: &Sample,
) -> Result<Option<(AllocationArg, Vec<Stratum>, Divided)>, PlanError> {
    let strata = &population.strata;
    let allocation = args.allocation.unwrap_or(AllocationArg::Proportional);
    if strata.is_empty() {
        return match args.allocation {
            Some(_) => Err(PlanError::NoStrata),
            None => Ok(None),
        };
    }
    if allocation == AllocationArg::Fixed
        && let Some(stratum) = strata.iter().find(|stratum| stratum.fixed.is_none())
    {
        return Err(PlanError::NoSize {
            name: stratum.name.clone(),
        });
    }
    let Sample::Claim { plan, .. } = sample else {
        return Ok(None);
    };
    let size = Size {
        cases: plan.design.most_cases(),
        allowed: plan.design.allowed(),
    };
    let divided = plan::divide(strata, allocation.rule(), plan.question.claim, size);
    Ok(Some((allocation, strata.clone(), divided)))
}
