//! `gonogo tune`: the threshold that meets a target. Which error rate can be promised, what can
//! reviewers bear, what is cheapest, and if nothing can be promised, why not and what would help?

mod answer;
mod burden;
mod capacity;
mod chart;
mod expense;
mod hearing;
mod json;
mod policy;
mod question;
mod read;
mod reasons;
mod tables;
mod words;

use clap::Args;

use self::answer::Answer;
use self::question::Question;
use self::read::Reading;
use super::{Context, LogArgs, OutputArgs};
use crate::chart::Chart;
use crate::error::{ExitCode, Failure};
use crate::report::{Document, Format, json_text};

pub use self::question::Weights;

const EXAMPLES: &str = "\
Examples:
  gonogo tune log.csv --max-error 1% --confidence 95% -o policy.toml
  gonogo tune log.csv --max-error 1% --candidates 0.80,0.85,0.90
  gonogo tune log.csv --max-error 2% --by kind --inherit -o tune.json -o tune.svg
  gonogo tune november.csv --max-error 1% --order-from october.csv
  gonogo tune log.csv --max-error 2% --max-per-day 400 --peak 95%
  gonogo tune log.csv --max-error 2% --min-cost";

/// Find the threshold that meets a target: a certified error rate, a capacity, the least cost
///
/// A certified threshold keeps the auto-approved error rate at or below the limit with the
/// stated confidence, whichever threshold the search ends with. If none can be certified, the
/// answer is none, with the reason and with the labels that would decide.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TuneArgs {
    #[command(flatten)]
    pub log: LogArgs,
    /// Largest auto-approved error rate, such as 1% or 0.01: it is certified or there is no
    /// threshold
    #[arg(long, value_name = "RATE")]
    pub max_error: Option<String>,
    /// Confidence of the certificate, and level of all intervals
    #[arg(long, value_name = "LEVEL", default_value = "95%")]
    pub confidence: String,
    /// Thresholds to choose from, at most ten, each with an equal part of the error probability
    #[arg(long, value_name = "LIST", conflicts_with_all = ["thresholds", "order_from"], requires = "max_error")]
    pub candidates: Option<String>,
    /// Thresholds to walk through from strict to loose [default: hundredths, thousandths above
    /// 0.99; all thousandths without --max-error]
    #[arg(long, value_name = "LIST")]
    pub thresholds: Option<String>,
    /// An older log, of other cases, that the order of the tests is learned from
    #[arg(long, value_name = "LOG", requires = "max_error")]
    pub order_from: Option<String>,
    /// One threshold for each value of a segment, with a joint promise; `a,b` crosses two
    #[arg(long, value_name = "SEGMENT", requires = "max_error")]
    pub by: Option<String>,
    /// How the error probability is shared out among the segments
    #[arg(long, value_enum, default_value_t = Weights::Equal, requires = "by")]
    pub weights: Weights,
    /// A segment that cannot be certified gets the threshold of all cases, without a promise,
    /// instead of being escalated
    #[arg(long, requires = "by")]
    pub inherit: bool,
    /// Largest share of the cases that may be escalated, such as 20%
    #[arg(long, value_name = "SHARE")]
    pub max_escalation: Option<String>,
    /// Most cases a day (in UTC) that may be escalated
    #[arg(long, value_name = "CASES")]
    pub max_per_day: Option<u64>,
    /// Share of the days on which --max-per-day must hold
    #[arg(long, value_name = "SHARE", default_value = "95%")]
    pub peak: String,
    /// The cheapest threshold by the costs in gonogo.toml; with --max-error the cheapest certified one
    #[arg(long)]
    pub min_cost: bool,
    /// Segments that tables and charts show, the largest first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Reads the log, searches, and tells.
///
/// # Errors
/// When the question or the log is bad, or there is nothing to judge.
pub fn run(args: &TuneArgs, context: &Context) -> Result<Document, Failure> {
    let question = question::resolve(args)?;
    let older = read::older(args, &question, context)?;
    let log = read::log(args, &question, context)?;
    older
        .as_ref()
        .map_or(Ok(()), |older| log.keep_apart(older))?;
    let answer = answer::find(&question, &log, older.as_ref());
    let told = Told {
        question: &question,
        log: &log,
        older: older.as_ref(),
        answer: &answer,
    };
    let mut document = document(&told, &args.output)?;
    document.files = args.log.rejected(&log.summary.rejects)?;
    Ok(document)
}

/// All that there is to tell.
struct Told<'a> {
    question: &'a Question,
    log: &'a Reading,
    older: Option<&'a Reading>,
    answer: &'a Answer,
}

fn document(told: &Told<'_>, output: &OutputArgs) -> Result<Document, Failure> {
    let warnings = words::warnings(told);
    Ok(Document {
        title: words::title(told.question),
        preface: words::preface(told),
        tables: tables::people(told),
        sentences: words::sentences(told),
        data: output.wants(Format::Csv).then(|| tables::data(told)),
        json: output
            .wants(Format::Json)
            .then(|| json_text(&json::document(told, &warnings)))
            .transpose()?,
        warnings,
        files: Vec::new(),
        chart: chart::chart(told).map(Chart::Certificate),
        policy: Some(policy::text(told)),
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        // "None" is an answer: only a log that cannot be judged ends otherwise.
        exit_code: ExitCode::Done,
    })
}
