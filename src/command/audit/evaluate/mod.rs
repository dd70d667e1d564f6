//! `gonogo audit evaluate`: what the returned worksheets show of the claim.

mod answer;
mod deciders;
mod json;
mod labels;
mod second;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;

use super::{AuditError, files};
use crate::audit::worksheet::read;
use crate::command::{Context, OutputArgs};
use crate::error::Failure;
use crate::report::{Document, Format, check_place, json_text};

pub(super) use self::answer::{Evaluation, Inputs, Options, evaluate};
pub(super) use self::json::json;

const EXAMPLES: &str = "\
Examples:
  gonogo audit evaluate draw.json sheet.csv
  gonogo audit evaluate draw.json sheet_anna.csv sheet_bert.xlsx --settle case-0123=incorrect
  gonogo audit evaluate draw.json sheet.csv --log log.csv --labels-out labels.csv
  gonogo audit evaluate monday.json tuesday.json sheets/*.csv

Exit codes: 0 pass, 1 fail, 3 inconclusive or incomplete, 2 bad usage or input";

/// Conclude from the worksheets that came back
///
/// Rows are joined to the manifest by their checks; anything that was changed is told and nothing
/// is repaired. What could not be determined counts against the system, as does what is missing.
/// The claim passes if the upper bound is below the tolerable rate, and fails if the lower bound
/// is not. Several manifests (of days, say) are put together as strata.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvaluateArgs {
    /// Manifests (.json) and worksheets (.csv, .xlsx) in any order
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub options: Options,
    /// The log, for --labels-out, and to tell where somebody reviewed their own decision (role
    /// reviewer) (repeatable)
    #[arg(long, value_name = "LOG")]
    pub log: Vec<String>,
    /// Write the whole log's cases with their labels and label probabilities as CSV, for sweep,
    /// replay and tune
    #[arg(long, value_name = "FILE", requires = "log")]
    pub labels_out: Option<PathBuf>,
    /// Write a worksheet (CSV) of what one reviewer alone found wrong or could not determine, for
    /// somebody else to look at, who fills in `reviewer`
    #[arg(long, value_name = "FILE")]
    pub second_sheet: Option<PathBuf>,
    /// Reading threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Reads manifests and worksheets, concludes, and tells.
///
/// # Errors
/// When a file is bad, or the worksheets do not hold what was handed out.
pub fn run(args: &EvaluateArgs, context: &Context) -> Result<Document, Failure> {
    for path in args.labels_out.iter().chain(&args.second_sheet) {
        check_place(path)?;
    }
    let inputs = inputs(&args.files, args.options.clone())?;
    let mut evaluation = evaluate(&inputs)?;
    if !args.log.is_empty() {
        evaluation.deciders = deciders::compared(args, context, &evaluation)?;
    }
    let mut document = words::document(&evaluation, &args.output);
    if args.output.wants(Format::Json) {
        document.json = Some(json_text(&json(&evaluation))?);
    }
    if let Some(path) = &args.labels_out {
        let text = labels::labels(args, context, &evaluation)?;
        document.files.push((path.clone(), text.into_bytes()));
    }
    if let Some(path) = &args.second_sheet {
        match second::sheet(&evaluation)? {
            Some(text) => document.files.push((path.clone(), text.into_bytes())),
            None => document.warnings.push(format!(
                "no second look is due, so {} is not written",
                path.display()
            )),
        }
    }
    let read: Vec<PathBuf> = args
        .files
        .iter()
        .chain(&args.log)
        .map(PathBuf::from)
        .collect();
    let written = args
        .output
        .output
        .iter()
        .chain(document.files.iter().map(|(path, _)| path));
    let written: Vec<&Path> = written.map(PathBuf::as_path).collect();
    crate::command::open::keep_apart(read.iter().map(PathBuf::as_path), &written)?;
    Ok(document)
}

/// Tells manifests from worksheets by what they begin with.
pub(super) fn inputs(paths: &[String], options: Options) -> Result<Inputs, Failure> {
    let mut inputs = Inputs {
        manifests: Vec::new(),
        tables: Vec::new(),
        options,
    };
    for path in paths {
        let bytes = files::bytes(path)?;
        let ending = Path::new(path)
            .extension()
            .and_then(|ending| ending.to_str());
        if ending == Some("json") || bytes.starts_with(b"{") {
            inputs.manifests.push((path.clone(), files::drawn(path)?));
        } else {
            inputs.tables.push(read(&bytes, path)?);
        }
    }
    let missing = match (inputs.manifests.is_empty(), inputs.tables.is_empty()) {
        (true, _) => Some("a manifest (.json)"),
        (false, true) => Some("a worksheet (.csv or .xlsx)"),
        (false, false) => None,
    };
    match missing {
        Some(what) => Err(AuditError::Option(format!(
            "there is no {what} among the files",
            what = what.trim_start_matches("a ")
        ))
        .into()),
        None => Ok(inputs),
    }
}
