//! `gonogo audit verify`: is this the sample that the log and the seed give, and the only one?

mod worksheets;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::evaluate::{Inputs, evaluate, json};
use super::reading::{self, Opening, Reading};
use super::{AuditError, files};
use crate::audit::manifest::{Manifest, Mode};
use crate::audit::script::REDRAW;
use crate::audit::verify::{Check, CheckId, CheckResult, Evidence, Proof, broken, explain, verify};
use crate::audit::worksheet::read;
use crate::command::input::{Schema, Tool};
use crate::command::{Context, OutputArgs};
use crate::error::Failure;
use crate::report::{Cell, Column, Document, Format, Row, Table, json_text};

const EXAMPLES: &str = "\
Examples:
  gonogo audit verify draw.json --log log.csv
  gonogo audit verify draw.json --log log.csv --explain case-0123
  gonogo audit verify draw.json --log log.csv --worksheet sheet.csv --result result.json
  gonogo audit verify draw.json --log log.csv --frame-lines frame.jsonl --emit-script redraw.py
  python3 redraw.py draw.json frame.jsonl

Exit codes: 0 proven, 1 broken, 3 not proven, 2 bad usage or input";

/// Prove a draw: repeat it from the log and hold it against its manifest
///
/// A proof says: given this log and this seed, the sample is the only possible one. It cannot say
/// that the log is complete, nor, unless the population was frozen before a public beacon gave the
/// seed, that the seed was not picked among many.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct VerifyArgs {
    /// The manifest that `gonogo audit sample` wrote
    #[arg(value_name = "MANIFEST")]
    pub manifest: String,
    /// The log that was drawn from (repeatable); without it nothing is proven
    #[arg(long, value_name = "LOG")]
    pub log: Vec<String>,
    /// A worksheet that came back (repeatable)
    #[arg(long, value_name = "FILE")]
    pub worksheet: Vec<String>,
    /// What `gonogo audit evaluate --format json` said of these worksheets
    #[arg(long, value_name = "FILE", requires = "worksheet")]
    pub result: Option<String>,
    /// Translate a word of the worksheets, such as ok=correct (repeatable)
    #[arg(long, value_name = "WORD=VERDICT")]
    pub map: Vec<String>,
    /// An earlier manifest that this one adds to or leaves out (repeatable)
    #[arg(long, value_name = "MANIFEST")]
    pub prior: Vec<String>,
    /// The frozen manifest as it was published, to be held against the one that was drawn for
    #[arg(long, value_name = "MANIFEST")]
    pub frozen: Option<String>,
    /// The policy file, to be held against the one in the manifest
    #[arg(long, value_name = "FILE")]
    pub policy: Option<String>,
    /// The secret of a daily seed, once it is revealed
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<String>,
    /// Why was this case drawn, or not? (repeatable)
    #[arg(long, value_name = "CASE", requires = "log")]
    pub explain: Vec<String>,
    /// Write a Python script that repeats the draw without gonogo
    #[arg(long, value_name = "FILE")]
    pub emit_script: Option<PathBuf>,
    /// Write the lines of the frame, which the script reads
    #[arg(long, value_name = "FILE", requires = "log")]
    pub frame_lines: Option<PathBuf>,
    /// Reading threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The JSON of the answer.
#[derive(Serialize)]
struct Answer<'a> {
    schema: Schema,
    tool: Tool,
    manifest: &'a str,
    verdict: &'static str,
    checks: Vec<Line<'a>>,
    explanations: &'a [Explanation],
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'static str,
    name: &'static str,
    result: &'static str,
    expected: &'a str,
    found: &'a str,
}

/// Why one case was drawn, or not.
#[derive(Serialize)]
struct Explanation {
    case_id: String,
    sentences: Vec<String>,
}

/// Reads everything that is given, checks, and tells.
///
/// # Errors
/// When a file cannot be read; a manifest that is broken is an answer and no error.
pub fn run(args: &VerifyArgs, context: &Context) -> Result<Document, Failure> {
    let bytes = files::bytes(&args.manifest)?;
    let parsed = String::from_utf8(bytes).map_err(|error| error.to_string());
    let parsed = parsed.and_then(|text| {
        let manifest = Manifest::parse(&text, &args.manifest);
        manifest.map_err(|error| error.to_string())
    });
    let (checks, reading, manifest) = match parsed {
        Err(why) => (broken(&why), None, None),
        Ok(manifest) => {
            let (checks, reading) = against_all(args, context, &manifest)?;
            (checks, reading, Some(manifest))
        }
    };
    let mut explanations = Vec::new();
    if let (Some(manifest), Some(reading)) = (&manifest, &reading) {
        for id in &args.explain {
            explanations.push(Explanation {
                case_id: id.clone(),
                sentences: explain(manifest, &reading.found.frame, id)?,
            });
        }
    }
    let mut document = document(args, &checks, &explanations)?;
    if let Some(path) = &args.emit_script {
        document
            .files
            .push((path.clone(), REDRAW.as_bytes().to_vec()));
    }
    if let (Some(path), Some(reading)) = (&args.frame_lines, &reading) {
        let lines = reading.found.frame.lines()?;
        document.files.push((path.clone(), lines));
    }
    keep_apart(args, &document)?;
    Ok(document)
}

fn keep_apart(args: &VerifyArgs, document: &Document) -> Result<(), Failure> {
    let read = std::iter::once(&args.manifest)
        .chain(&args.log)
        .chain(&args.worksheet);
    let read = read
        .chain(&args.prior)
        .chain(&args.frozen)
        .chain(&args.policy)
        .chain(&args.secret_file)
        .chain(&args.result);
    let read: Vec<PathBuf> = read.map(PathBuf::from).collect();
    let written = args
        .output
        .output
        .iter()
        .chain(document.files.iter().map(|(path, _)| path));
    let written: Vec<&std::path::Path> = written.map(PathBuf::as_path).collect();
    Ok(crate::command::open::keep_apart(
        read.iter().map(PathBuf::as_path),
        &written,
    )?)
}

fn against_all(
    args: &VerifyArgs,
    context: &Context,
    manifest: &Manifest,
) -> Result<(Vec<Check>, Option<Reading>), Failure> {
    let earlier = args.prior.iter().map(|path| files::manifest(path));
    let earlier = earlier.collect::<Result<Vec<_>, _>>()?;
    let frozen = args.frozen.as_deref().map(files::manifest).transpose()?;
    let secret = args.secret_file.as_deref().map(files::secret).transpose()?;
    let policy = args.policy.as_deref().map(files::text).transpose()?;
    let (reading, unreadable) = read_log(args, context, manifest, &earlier)?;
    let evidence = Evidence {
        found: reading.as_ref().map(|reading| &reading.found),
        unreadable: unreadable.as_deref(),
        earlier: &earlier,
        policy: policy.as_deref(),
        frozen: frozen.as_ref(),
        secret: secret.as_deref(),
    };
    let mut checks = verify(manifest, evidence)?;
    checks.push(worksheets::verify(args, context, manifest, &earlier)?);
    checks.push(evaluation(args, manifest, &earlier)?);
    checks.sort_by_key(|check| check.id);
    Ok((checks, reading))
}

/// The log, or why it cannot be read as the manifest says.
fn read_log(
    args: &VerifyArgs,
    context: &Context,
    manifest: &Manifest,
    earlier: &[Manifest],
) -> Result<(Option<Reading>, Option<String>), Failure> {
    if args.log.is_empty() {
        return Ok((None, None));
    }
    let mut with_modes = Vec::new();
    for one in &manifest.earlier {
        match earlier.iter().find(|prior| prior.self_sha256 == one.sha256) {
            Some(prior) => with_modes.push((prior.clone(), one.mode)),
            None if one.mode == Mode::Excluded => {
                return Err(AuditError::Hinted {
                    what: format!(
                        "the manifest {} is needed, whose cases are left out",
                        one.sha256
                    ),
                    hint: "give it by --prior FILE".to_owned(),
                }
                .into());
            }
            None => {}
        }
    }
    let opening = Opening {
        logs: &args.log,
        threads: args.threads,
        context,
    };
    match reading::read(&opening, &manifest.source, &with_modes) {
        Ok(reading) => Ok((Some(reading), None)),
        Err(failure) => Ok((None, Some(failure.to_string()))),
    }
}

/// Keys of a result that say who computed it and from which files, and nothing of the answer.
const ASIDE: [&str; 3] = ["tool", "notes", "reviewed_by_deciders"];

/// V13.
fn evaluation(
    args: &VerifyArgs,
    manifest: &Manifest,
    earlier: &[Manifest],
) -> Result<Check, Failure> {
    let id = CheckId::Evaluation;
    let Some(path) = &args.result else {
        return Ok(Check::skipped(id, "--result FILE and its worksheets"));
    };
    let stated: Result<Value, _> = serde_json::from_str(&files::text(path)?);
    let options = stated.as_ref().ok().and_then(|value| value.get("options"));
    let options = options.and_then(|options| serde_json::from_value(options.clone()).ok());
    let (Ok(mut stated), Some(options)) = (stated, options) else {
        return Ok(Check::fail(id, "a result of `gonogo audit evaluate`", path));
    };
    let listed = stated.get("manifests").and_then(Value::as_array);
    let listed = listed.map(Vec::as_slice).unwrap_or_default();
    let known = || {
        let own = std::iter::once((&args.manifest, manifest));
        own.chain(args.prior.iter().zip(earlier))
    };
    let mut manifests = Vec::new();
    for digest in listed.iter().filter_map(Value::as_str) {
        match known().find(|(_, one)| one.self_sha256.to_string() == digest) {
            Some((file, one)) => manifests.push((file.clone(), one.clone())),
            None => {
                return Ok(Check::skipped(
                    id,
                    &format!("--prior FILE: the manifest {digest}"),
                ));
            }
        }
    }
    let mut tables = Vec::new();
    for path in &args.worksheet {
        tables.push(read(&files::bytes(path)?, path)?);
    }
    let inputs = Inputs {
        manifests,
        tables,
        options,
    };
    let again = evaluate(&inputs).map(|evaluation| serde_json::to_value(json(&evaluation)));
    let mut again = match again {
        Ok(Ok(again)) => again,
        Ok(Err(error)) => return Ok(Check::fail(id, "an evaluation", &error.to_string())),
        Err(failure) => return Ok(Check::fail(id, "an evaluation", &failure.to_string())),
    };
    for value in [&mut stated, &mut again] {
        if let Some(object) = value.as_object_mut() {
            ASIDE.iter().for_each(|key| drop(object.remove(*key)));
        }
    }
    Ok(compare(&stated, &again))
}

/// The first key in which two results differ.
fn compare(stated: &Value, again: &Value) -> Check {
    let id = CheckId::Evaluation;
    let keys = |value: &Value| -> Vec<String> {
        let object = value.as_object();
        object
            .map(|object| object.keys().cloned().collect())
            .unwrap_or_default()
    };
    let mut all = keys(stated);
    all.extend(keys(again));
    match all.iter().find(|key| stated.get(key) != again.get(key)) {
        Some(key) => {
            let show = |value: &Value| {
                let found = value
                    .get(key)
                    .map_or("nothing".to_owned(), Value::to_string);
                format!("`{key}` {found}")
            };
            Check::fail(id, &show(stated), &show(again))
        }
        None => Check::pass(id, "the same result"),
    }
}

fn document(
    args: &VerifyArgs,
    checks: &[Check],
    explanations: &[Explanation],
) -> Result<Document, Failure> {
    let proof = Proof::of(checks);
    let json = || {
        json_text(&Answer {
            schema: Schema::new("gonogo/audit-verify"),
            tool: Tool::this(),
            manifest: &args.manifest,
            verdict: proof.key(),
            checks: checks.iter().map(line).collect(),
            explanations,
        })
    };
    let mut sentences: Vec<String> = checks.iter().filter_map(detail).collect();
    for one in explanations {
        let ended = one.sentences.iter().map(|sentence| format!("{sentence}."));
        sentences.extend(ended);
    }
    sentences.push(conclusion(proof, checks).to_owned());
    let verdict = proof.key().replace('_', " ");
    Ok(Document {
        title: format!("Verification of {}: {verdict}", args.manifest),
        preface: Vec::new(),
        tables: vec![table(checks)],
        sentences,
        warnings: Vec::new(),
        data: args.output.wants(Format::Csv).then(|| data(checks)),
        json: args.output.wants(Format::Json).then(json).transpose()?,
        chart: None,
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        files: Vec::new(),
        exit_code: proof.exit_code(),
    })
}

/// What a check that did not pass expected or needs, and what the one on the seed rests on.
fn detail(check: &Check) -> Option<String> {
    let id = check.id.key();
    match check.result {
        CheckResult::Pass if check.id == CheckId::Seed => {
            Some(format!("{id} rests on {}", check.found))
        }
        CheckResult::Pass => None,
        CheckResult::Fail => Some(format!(
            "{id} expected {}; found {}",
            check.expected, check.found
        )),
        CheckResult::Skipped => Some(format!("{id} needs {}", check.expected)),
    }
}

fn line(check: &Check) -> Line<'_> {
    Line {
        id: check.id.key(),
        name: check.id.name(),
        result: check.result.key(),
        expected: &check.expected,
        found: &check.found,
    }
}

fn conclusion(proof: Proof, checks: &[Check]) -> &'static str {
    let seed = checks.iter().find(|check| check.id == CheckId::Seed);
    let is_safe = seed.is_some_and(|check| check.result == CheckResult::Pass);
    match (proof, is_safe) {
        (Proof::Proven, true) => {
            "Proven: given this log, the sample is the only possible one. Nobody could choose the \
             seed if what fixes it (the frozen manifest, or the digest of the secret) was \
             published beforehand, and if the beacon did say this: look both up. That the log is complete is not for this check to say."
        }
        (Proof::Proven, false) => {
            "Proven: given this log and this seed, the sample is the only possible one. That the \
             seed was not picked among many, and that the log is complete, is not proven."
        }
        (Proof::Broken, _) => "Broken: the sample is not the one that log and seed give.",
        (Proof::NotProven, _) => {
            "Not proven: nothing contradicts the manifest, but what a proof needs was not given."
        }
    }
}

fn table(checks: &[Check]) -> Table {
    let rows = checks.iter().map(|check| {
        let texts = [check.id.key(), check.result.key(), check.id.name()];
        Row {
            cells: texts.map(|text| Cell::Text(text.to_owned())).to_vec(),
            marked: false,
        }
    });
    Table {
        title: String::new(),
        columns: vec![
            Column::left("check", 0),
            Column::left("result", 0),
            Column::left("what", 0),
        ],
        rows: rows.collect(),
    }
}

fn data(checks: &[Check]) -> Table {
    let rows = checks.iter().map(|check| {
        let line = line(check);
        let texts = [line.id, line.name, line.result, line.expected, line.found];
        Row {
            cells: texts.map(|text| Cell::Text(text.to_owned())).to_vec(),
            marked: false,
        }
    });
    let titles = ["id", "name", "result", "expected", "found"];
    Table {
        title: String::new(),
        columns: titles.map(|title| Column::left(title, 0)).to_vec(),
        rows: rows.collect(),
    }
}
