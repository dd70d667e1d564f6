//! `gonogo gate`: limits and regressions as the verdict of a CI job. Did the auto-approved error
//! rate break its limit or get worse than the baseline, or is there too little evidence to tell?

mod answer;
mod baseline;
mod json;
mod judge;
mod question;
mod reading;
mod selftest;
mod sequential;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

pub use self::answer::OnInconclusive;
use self::answer::{Judged, State};
use self::baseline::{Basis, Changed, Used};
use self::judge::Base;
use self::question::Question;
use self::reading::Survey;
pub use self::selftest::{SelftestArgs, run as run_selftest};
use self::sequential::Looks;
use super::{CommandError, Context, LogArgs, OutputArgs, input, labelling};
use crate::config::{self, Config};
use crate::error::{ExitCode, Failure};
use crate::log::{Log, ReadOptions};
use crate::report::checks::Verdicts;
use crate::report::{Document, Format, Terminal, check_place, json_text, level};

const EXAMPLES: &str = "\
Examples:
  gonogo gate log.csv
  gonogo gate log.csv --baseline main.json -o gate.json -o junit.xml --format github
  gonogo gate log.csv --policy candidate.toml --against actual
  gonogo gate audits.csv --sequential state.json
  gonogo gate selftest log.csv

Exit codes: 0 pass, 1 breached, 2 bad usage or input, 3 not enough evidence, 4 nothing to judge";

/// Where a GitHub Actions job collects its summary.
const SUMMARY_VARIABLE: &str = "GITHUB_STEP_SUMMARY";
/// The folder into which a GitHub Actions job has checked out its repository.
const WORKSPACE_VARIABLE: &str = "GITHUB_WORKSPACE";
/// A summary stays below this, in bytes.
const LARGEST_SUMMARY: usize = 60_000;
/// Rows of tables, tried in turn until a summary is small enough.
const ROWS: [usize; 5] = [100, 50, 25, 10, 3];

/// Check limits and regressions; the exit code is the verdict
///
/// The checks stand in gonogo.toml, each begun by `[[gate]]`. Each passes if the evidence shows that its demand
/// is met, fails if it shows that it is not, and is inconclusive in between; what is declared by
/// segment is judged for each of its values.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct GateArgs {
    #[command(subcommand)]
    pub verb: Option<Verb>,
    #[command(flatten)]
    pub log: LogArgs,
    /// Judge this policy instead of what really happened: a file, or a threshold
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// Compare with the JSON of an earlier gate or sweep; a file that does not exist is a first run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline_log", "against"])]
    pub baseline: Option<PathBuf>,
    /// Compare with another log of the same shape (repeatable for its parts)
    #[arg(long, value_name = "LOG", conflicts_with = "against")]
    pub baseline_log: Vec<String>,
    /// Compare with another policy on the same cases, or with what really happened: `actual`
    #[arg(long, value_name = "POLICY")]
    pub against: Option<String>,
    /// Go on although roles, segments or the policy have changed since the baseline, or since the
    /// earlier looks of --sequential
    #[arg(long)]
    pub accept_changed: bool,
    /// A comparison without a baseline is an error, not a note
    #[arg(long)]
    pub require_baseline: bool,
    /// Write what a later run can compare with
    #[arg(long, value_name = "FILE")]
    pub save_baseline: Option<PathBuf>,
    /// Also the checks of this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Confidence of each one-sided limit
    #[arg(long, default_value_t = 0.95)]
    pub confidence: f64,
    /// For a log that grows and is judged again and again: keep what was seen in this file, and
    /// use evidence that holds at every look
    #[arg(long, value_name = "FILE")]
    pub sequential: Option<PathBuf>,
    /// What to do where the evidence is too thin [default: exit 3]
    #[arg(long, value_enum, value_name = "CHOICE")]
    pub on_inconclusive: Option<OnInconclusive>,
    /// End with 0 whatever the verdict: for a gate that only reports
    #[arg(long)]
    pub exit_zero: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What else can be done with checks.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    Selftest(SelftestArgs),
}

/// Reads the log and its baseline, judges, and tells.
///
/// # Errors
/// When the checks, the log or the baseline are bad.
pub fn run(args: &GateArgs, context: &Context) -> Result<Document, Failure> {
    let config = args.log.config(context)?;
    let question = Question::resolve(args, &config)?;
    let mut looks = args.sequential.as_deref().map(Looks::open).transpose()?;
    let mut options = args.log.options(context, &args.output)?;
    options.fingerprint |= args.save_baseline.is_some();
    let log = args.log.open(&options, &args.output)?;
    let before = (!args.baseline_log.is_empty())
        .then(|| Log::open(&args.baseline_log, &options))
        .transpose()?;
    check_places(args, (&log, before.as_ref()), context)?;
    let survey = reading::survey(&log, &config.mapping, &options, &question)?;
    let basis = Basis::of(&question, &survey, &config);
    let (base, mut compared) = base(args, &question, (before, &config, &options), &basis)?;
    let lacking = base.lacks(&question, &survey);
    if args.require_baseline && !lacking.is_empty() {
        let baseline = compared.with.unwrap_or_default();
        let checks = lacking;
        return Err(CommandError::BaselineLacks { baseline, checks }.into());
    }
    if let Some(looks) = &mut looks {
        let used = Used::by(&question, question.gates.iter());
        let changes = looks.set_basis((&basis, &used), changed(args))?;
        let changes = changes.into_iter();
        let told = changes.map(|change| format!("since the earlier looks: {change}"));
        compared.changes.extend(told);
    }
    let checks = judge::judge(&question, &survey, &base, looks.as_mut());
    let gate = Gate {
        args,
        question: &question,
        survey: &survey,
        checks,
        basis,
        compared,
        file: shown_path(args, context),
    };
    let mut document = gate.document(looks.as_ref())?;
    document
        .files
        .extend(args.log.rejected(&survey.summary.rejects)?);
    if let Some(looks) = looks {
        document.files.push(looks.file()?);
    }
    Ok(document)
}

/// Refuses to write over what is read or where nothing can be written. A baseline may be renewed in
/// its place.
fn check_places(
    args: &GateArgs,
    (log, before): (&Log, Option<&Log>),
    context: &Context,
) -> Result<(), Failure> {
    let others = args.output.output.iter().chain(&args.log.rejects);
    let own = args.save_baseline.iter().chain(&args.sequential);
    let written: Vec<&Path> = others.chain(own).map(PathBuf::as_path).collect();
    let config = args.log.config_file(context);
    // A word that names no file is no place that is written to either, but for one of its name.
    let policies = args.policy.iter().chain(&args.against).map(Path::new);
    let read = log.paths().chain(config.as_deref()).chain(policies);
    let read = read.chain(before.into_iter().flat_map(Log::paths));
    super::open::keep_apart(read, &written)?;
    for file in args.save_baseline.iter().chain(&args.sequential) {
        check_place(file)?;
    }
    Ok(())
}

/// What the log is compared with, and that in words.
fn base(
    args: &GateArgs,
    question: &Question,
    (log, config, options): (Option<Log>, &Config, &ReadOptions),
    basis: &Basis,
) -> Result<(Base, Compared), Failure> {
    let nothing = |reason: &str| (Base::Nothing(reason.to_owned()), Compared::default());
    if let Some(policy) = &args.against {
        let note = format!("\"{policy}\" on the same cases");
        return Ok((Base::SameCases, Compared::with(note)));
    }
    if let Some(log) = log {
        let survey = reading::survey(&log, &config.mapping, options, question)?;
        let sets: BTreeMap<_, _> = survey
            .sets
            .into_iter()
            .map(|(place, measured)| (place, measured.facts))
            .collect();
        return Ok((Base::Facts(sets), Compared::with(log.name())));
    }
    if let Some(file) = &args.baseline {
        let used = Used::by(question, question.compared());
        if let Some(baseline) = baseline::load(file, (basis, &used), changed(args))? {
            let compared = Compared {
                with: Some(file.display().to_string()),
                changes: baseline
                    .changes
                    .iter()
                    .map(|change| format!("since the baseline: {change}"))
                    .collect(),
            };
            return Ok((Base::Facts(baseline.sets), compared));
        }
        if args.require_baseline {
            return Err(CommandError::NoBaseline(Some(file.clone())).into());
        }
        return Ok(nothing("this is the first run: there is no baseline yet"));
    }
    if args.require_baseline && question.compared().next().is_some() {
        return Err(CommandError::NoBaseline(None).into());
    }
    Ok(nothing("no baseline is given"))
}

fn changed(args: &GateArgs) -> Changed {
    if args.accept_changed {
        Changed::Accepted
    } else {
        Changed::Refused
    }
}

/// What was compared with, in words.
#[derive(Debug, Default)]
struct Compared {
    with: Option<String>,
    /// What has changed since then and was accepted, in words.
    changes: Vec<String>,
}

impl Compared {
    fn with(name: String) -> Self {
        Self {
            with: Some(name),
            changes: Vec::new(),
        }
    }
}

/// The configuration file as annotations name it: from the root of the repository, which is the
/// workspace of the job or holds `.git`. Without one from the working folder, or if it stands
/// above that, from its own.
fn shown_path(args: &GateArgs, context: &Context) -> String {
    let file = config::find(args.log.config.as_deref(), &context.folder);
    let file = file.unwrap_or_else(|| PathBuf::from(config::FILE_NAME));
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    let Some(real) = whole(&context.folder.join(&file)) else {
        return file.display().to_string();
    };
    let workspace = std::env::var_os(WORKSPACE_VARIABLE).filter(|folder| !folder.is_empty());
    let is_root = |folder: &&Path| folder.join(".git").exists();
    let repository = real.ancestors().skip(1).find(is_root).map(Path::to_owned);
    let above = context.folder.starts_with(file.parent().unwrap_or(&file));
    let own = real.parent().filter(|_| above).map(Path::to_owned);
    let roots = [
        workspace.and_then(|folder| whole(Path::new(&folder))),
        repository,
        whole(&context.folder),
        own,
    ];
    let mut inside = roots.iter().flatten();
    let inside = inside.find_map(|root| real.strip_prefix(root).ok());
    inside.unwrap_or(&file).display().to_string()
}

/// The answer with what it was made from.
struct Gate<'a> {
    args: &'a GateArgs,
    question: &'a Question,
    survey: &'a Survey,
    checks: Vec<Judged>,
    basis: Basis,
    compared: Compared,
    file: String,
}

impl Gate<'_> {
    fn document(&self, looks: Option<&Looks>) -> Result<Document, Failure> {
        let verdict = answer::verdict(&self.checks);
        let warnings = self.warnings(looks);
        let wants_json = self.args.output.wants(Format::Json) || self.args.save_baseline.is_some();
        let json = wants_json
            .then(|| self.json(verdict, &warnings))
            .transpose()?;
        let mut document = Document {
            title: title(verdict).to_owned(),
            preface: self.preface(),
            tables: Vec::new(),
            sentences: Vec::new(),
            data: self
                .args
                .output
                .wants(Format::Csv)
                .then(|| words::data(&self.checks)),
            json: json.clone(),
            warnings,
            files: Vec::new(),
            chart: None,
            policy: None,
            page: None,
            charts: Vec::new(),
            most_markdown: None,
            checks: Some(Verdicts {
                checks: words::checks(&self.checks, &self.file, self.args.on_inconclusive),
                summary: None,
            }),
            exit_code: self.exit_code(verdict),
        };
        self.fit(&mut document)?;
        if let Some((file, json)) = self.args.save_baseline.clone().zip(json) {
            document.files.push((file, json.into_bytes()));
        }
        let shared = std::env::var_os(SUMMARY_VARIABLE).filter(|file| !file.is_empty());
        if let Some(file) = shared {
            let text = summary(&document)?;
            if let Some(verdicts) = &mut document.checks {
                verdicts.summary = Some((PathBuf::from(file), text));
            }
        }
        Ok(document)
    }

    /// Fills in the table and the sentences, as many as leave a summary small enough.
    fn fit(&self, document: &mut Document) -> Result<(), Failure> {
        for rows in ROWS {
            document.tables = vec![words::table(&self.checks, rows)];
            document.sentences = words::sentences(&self.checks, rows.min(20));
            if summary(document)?.len() < LARGEST_SUMMARY {
                break;
            }
        }
        Ok(())
    }

    fn json(&self, verdict: State, warnings: &[String]) -> Result<String, Failure> {
        let sources = json::Sources {
            survey: self.survey,
            checks: &self.checks,
            verdict,
            tail: self.question.tail,
            baseline: self.compared.with.as_deref(),
            basis: &self.basis,
            warnings,
        };
        Ok(json_text(&json::document(&sources))?)
    }

    fn exit_code(&self, verdict: State) -> ExitCode {
        if self.args.exit_zero {
            return ExitCode::Done;
        }
        let is_shown = verdict == State::Fail;
        if self.survey.labelled == 0 && self.question.needs_labels() && !is_shown {
            return ExitCode::NothingToJudge;
        }
        answer::exit_code(verdict, self.args.on_inconclusive)
    }

    fn preface(&self) -> Vec<String> {
        let survey = self.survey;
        let mut lines = vec![labelling::cases(
            survey.cases,
            survey.labelled,
            &survey.summary,
        )];
        lines.push(labelling::line(&survey.design));
        lines.extend(input::set_aside(&survey.summary));
        lines.push(match &self.question.policy_text {
            Some((name, _)) => format!("judged: the policy \"{name}\""),
            None => "judged: the historical routes".to_owned(),
        });
        if let Some(with) = &self.compared.with {
            lines.push(format!("baseline: {with}"));
        }
        let confidence = level(1.0 - self.question.tail);
        lines.push(match self.args.sequential {
            Some(_) => format!("limits: {confidence}, each one-sided, at every look"),
            None => format!("limits: {confidence}, each one-sided"),
        });
        lines
    }

    fn warnings(&self, looks: Option<&Looks>) -> Vec<String> {
        let mut warnings = labelling::warnings(&self.survey.design, &self.survey.plan);
        warnings.extend(self.compared.changes.iter().cloned());
        for name in looks.iter().flat_map(|looks| &looks.shrunk) {
            warnings.push(format!(
                "\"{name}\" holds fewer labels than at an earlier look: the evidence of --sequential \
                 is for a log that only grows"
            ));
        }
        let is_thin = answer::verdict(&self.checks) == State::Inconclusive;
        let choice = self.args.on_inconclusive;
        if is_thin && matches!(choice, Some(OnInconclusive::Pass | OnInconclusive::Warn)) {
            warnings.push("the evidence is too thin to tell, and was let pass".to_owned());
        }
        warnings
    }
}

fn title(verdict: State) -> &'static str {
    match verdict {
        State::Pass => "Gate: pass",
        State::NotJudged => "Gate: there is no case to judge",
        State::Inconclusive => "Gate: inconclusive, the evidence is too thin to tell",
        State::Fail => "Gate: FAIL",
    }
}

fn summary(document: &Document) -> Result<String, Failure> {
    let terminal = Terminal {
        width: usize::MAX,
        color: false,
        plots: false,
    };
    Ok(document.render(Format::Md, &terminal)?)
}
