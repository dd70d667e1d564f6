//! `gonogo audit sample`: freezes the cases that a system auto-approved, draws from them by a seed
//! that nobody could choose, and writes the manifest and the worksheets.

mod design;
mod last_audit;
mod seed;
mod sheets;
mod words;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use super::reading::{self, Opening, Reading};
use super::{AuditError, clock, files};
use crate::audit::draw::Method;
use crate::audit::manifest::{Earlier, Link, Manifest, Mode, Negatives, fill};
use crate::command::{Context, LogArgs, OutputArgs};
use crate::error::Failure;
use crate::report::{Document, Extension, Format, OutputFile, check_place};

const EXAMPLES: &str = "\
Examples:
  gonogo audit sample log.csv --freeze frame.json -n 59 --tolerable 5% --seed-source drand:5012345
  gonogo audit sample log.csv --frame frame.json --seed drand:5012345:8f0e... \\
      -o draw.json --worksheet sheet.csv
  gonogo audit sample log.csv -n 60 --strata region --seed 48151623421108151623 -o draw.json
  gonogo audit sample log.csv --top-up draw.json -n 120 -o draw2.json --worksheet more.csv

Exit codes: 0 drawn, 2 bad usage or input, no eligible cases";

/// Draw auto-approved cases for an audit, so that anyone can repeat the draw
///
/// Each case gets a ticket, SHA-256 over the seed and its id; the lowest tickets are drawn. The
/// manifest holds everything that decides the draw; `gonogo audit verify` proves it. Freeze the
/// population first, publish the frozen manifest, and take as seed what a public beacon says later.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, group(ArgGroup::new("design").multiple(true)))]
pub struct SampleArgs {
    #[command(flatten)]
    pub log: LogArgs,
    #[command(flatten)]
    pub population: PopulationArgs,
    #[command(flatten)]
    pub draw: DrawArgs,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub review: ReviewArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which cases can be drawn.
#[derive(Args, Clone, Debug)]
pub struct PopulationArgs {
    /// Draw from what this policy (or threshold) auto-approves [default: the log's history]
    #[arg(long, value_name = "FILE", group = "design")]
    pub policy: Option<String>,
    /// Only cases that meet a SQL condition (repeatable)
    #[arg(long = "where", value_name = "SQL", group = "design")]
    pub filters: Vec<String>,
    /// Only cases of a day in UTC, such as 2026-09-23
    #[arg(long, value_name = "DAY", group = "design")]
    pub day: Option<String>,
    /// Take copies of a row as one case; rows of one id that differ stay an error
    #[arg(long, group = "design")]
    pub dedup: bool,
    /// Leave out the cases of an earlier audit (repeatable)
    #[arg(long, value_name = "MANIFEST")]
    pub exclude: Vec<String>,
    /// Keep the cases of an earlier audit and mark those that are drawn again (repeatable)
    #[arg(long, value_name = "MANIFEST")]
    pub reuse: Vec<String>,
}

/// How many are drawn, and how.
#[derive(Args, Clone, Debug)]
pub struct DrawArgs {
    /// Cases (or clusters) to draw; with --top-up: in all
    #[arg(short = 'n', long, value_name = "N")]
    pub size: Option<u64>,
    /// How to draw [default: stratified with strata, else srs]
    #[arg(long, value_enum, group = "design")]
    pub method: Option<Method>,
    /// The rate of a poisson draw, such as 2%
    #[arg(long, value_name = "RATE")]
    pub rate: Option<String>,
    /// Column or SQL that names the stratum; for a systematic draw the sort key
    #[arg(long, value_name = "SQL", group = "design")]
    pub strata: Option<String>,
    /// Bands of the score as strata, by the scores at which they begin, such as 0.8,0.9,0.95
    #[arg(long, value_name = "LIST", conflicts_with = "strata", group = "design")]
    pub bands: Option<String>,
    /// How the cases are spread over strata
    #[arg(long, value_enum, group = "design")]
    pub allocation: Option<Spread>,
    /// What the last audit found, for --allocation neyman: what `gonogo audit evaluate` said as JSON
    #[arg(long, value_name = "RESULT", group = "design")]
    pub last_audit: Option<String>,
    /// Cases of each stratum instead, such as north=30,south=20
    #[arg(long, value_name = "LIST", conflicts_with_all = ["allocation", "size"])]
    pub sizes: Option<String>,
    /// Column or SQL of the value that pps and mus-interval follow [default: the role value]
    #[arg(long, value_name = "SQL", group = "design")]
    pub value: Option<String>,
    /// What values below 0 mean
    #[arg(long, value_enum, default_value_t = Negatives::Refuse)]
    pub negatives: Negatives,
    /// Cases to draw of those without value, of value 0 and below 0, each (pps, mus-interval)
    #[arg(long, value_name = "N", group = "design")]
    pub without_value: Option<u64>,
    /// Draw all cases of a cluster or none: column or SQL that names it
    #[arg(long, value_name = "SQL", group = "design")]
    pub cluster_by: Option<String>,
    /// A random part that carries the claim and a targeted part, such as random:59,targeted:41
    #[arg(long, value_name = "PARTS", conflicts_with = "size", group = "design")]
    pub split: Option<String>,
    /// Column or SQL of the risk that the targeted part follows, the highest first [default: 1 -
    /// score]
    #[arg(long, value_name = "SQL", requires = "split", group = "design")]
    pub risk: Option<String>,
    /// Cases in reserve in each stratum, which replace those that are not applicable
    #[arg(long, value_name = "N", group = "design")]
    pub reserve: Option<u64>,
    /// Tolerable error rate, such as 5%: fixed in the manifest before the first verdict
    #[arg(long, value_name = "RATE", group = "design")]
    pub tolerable: Option<String>,
    /// What the tolerable rate is a share of, where cases are drawn by value [default: value]
    #[arg(long, value_enum, requires = "tolerable", group = "design")]
    pub claim_on: Option<ClaimOn>,
    /// Confidence of the conclusion
    #[arg(long, value_name = "LEVEL", default_value = "95%")]
    pub confidence: String,
    /// Error rate that is expected; shapes the bound of a sequential audit
    #[arg(long, value_name = "RATE", requires = "tolerable", group = "design")]
    pub expected: Option<String>,
    /// The audit may be evaluated, and stopped, after every case (srs)
    #[arg(long, requires = "tolerable", group = "design")]
    pub sequential: bool,
    /// The confidence is that of both bounds together
    #[arg(long, group = "design")]
    pub two_sided: bool,
    /// What the audit is for, in a few words
    #[arg(long, value_name = "TEXT", group = "design")]
    pub purpose: Option<String>,
}

/// How a sample is spread over strata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Spread {
    /// By the cases of each
    Proportional,
    /// The same from each
    Equal,
    /// More where the last audit found more (--last-audit)
    Neyman,
}

/// What the rate of a draw by value is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ClaimOn {
    /// Of the value: large errors count for more
    Value,
    /// Of the cases: every wrong case counts alike
    Cases,
}

/// What the draw depends on.
#[derive(Args, Clone, Debug)]
pub struct SeedArgs {
    /// Write the frozen manifest to FILE and draw nothing yet
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "secret_file", "frame", "top_up"])]
    pub freeze: Option<PathBuf>,
    /// Draw for a frozen manifest: population and design are those that it holds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["design", "size", "rate", "sizes", "confidence", "negatives"])]
    pub frame: Option<String>,
    /// Add to an earlier draw: its cases stay, -n (or --rate) says how many there are to be in all
    #[arg(long, value_name = "FILE", conflicts_with_all = ["design", "frame", "seed", "secret_file", "sizes", "confidence", "negatives"])]
    pub top_up: Option<String>,
    /// The seed, opaque text; drand:ROUND:RANDOMNESS, quicknet:... and nist:... tell their source
    #[arg(long, value_name = "TEXT")]
    pub seed: Option<String>,
    /// Where the seed came from; with --freeze: where it will come from, such as drand:ROUND
    #[arg(long, value_name = "SOURCE", conflicts_with_all = ["secret_file", "top_up"])]
    pub seed_source: Option<String>,
    /// Make the seed of --day from the secret in FILE, of which the SHA-256 was published
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    pub secret_file: Option<String>,
}

/// Who reviews, and what they see.
#[derive(Args, Clone, Debug)]
pub struct ReviewArgs {
    /// Write the worksheet to FILE, .csv or .xlsx; with several reviewers one each (repeatable)
    #[arg(long, value_name = "FILE")]
    pub worksheet: Vec<PathBuf>,
    /// Names of reviewers, such as anna,bert
    #[arg(long, value_name = "LIST", group = "design")]
    pub reviewers: Option<String>,
    /// The share of the random cases that a second reviewer sees as well, such as 20%
    #[arg(long, value_name = "RATE", group = "design")]
    pub second: Option<String>,
    /// A column of the log that reviewers see (repeatable)
    #[arg(long, value_name = "COLUMN", group = "design")]
    pub show: Vec<String>,
    /// A column that reviewers see although it may sway them; recorded (repeatable)
    #[arg(long, value_name = "COLUMN", group = "design")]
    pub unblind: Vec<String>,
    /// Write the lines of the frame, whose SHA-256 is the digest, to FILE
    #[arg(long, value_name = "FILE")]
    pub frame_lines: Option<PathBuf>,
}

/// Reads the log, draws, and tells.
///
/// # Errors
/// When the question, the log or an earlier manifest is bad, or no case can be drawn.
pub fn run(args: &SampleArgs, context: &Context) -> Result<Document, Failure> {
    check_outputs(args)?;
    let earlier = earlier(args)?;
    let mut undrawn = design::undrawn(args, context)?;
    let opening = Opening {
        logs: &args.log.logs,
        threads: args.log.threads,
        context,
    };
    if args.log.allow_duplicates {
        return Err(AuditError::Hinted {
            what:
                "an audit cannot draw a case that is there twice: --allow-duplicates is not for it"
                    .to_owned(),
            hint: "--dedup takes copies of a row as one case".to_owned(),
        }
        .into());
    }
    let reading = reading::read(&opening, &undrawn.source, &earlier)?;
    design::take(&mut undrawn, &reading, &earlier)?;
    let now = clock::now()?;
    undrawn.created_at.clone_from(&now);
    let mut manifest = match seed::of(args, &undrawn)? {
        None => undrawn,
        Some(seed) => {
            let frozen = undrawn.frozen.take();
            let mut drawn = fill(&undrawn, &reading.found.frame, seed)?;
            drawn.frozen = frozen;
            mark_reused(&mut drawn, &earlier);
            drawn
        }
    };
    let blanks = sheets::blanks(&manifest, &opening, args)?;
    for blank in &blanks {
        manifest.worksheets.push(blank.record()?);
    }
    let manifest = manifest.seal()?;
    let mut document = words::document(&manifest, &args.output)?;
    document.warnings.extend(same_seed(&manifest, &earlier));
    if let Some(path) = &args.seed.freeze {
        document
            .files
            .push((path.clone(), manifest.text()?.into_bytes()));
    }
    if let Some(path) = &args.review.frame_lines {
        let lines = reading.found.frame.lines()?;
        document.files.push((path.clone(), lines));
    }
    document.files.extend(sheets::files(&blanks, args)?);
    document
        .files
        .extend(args.log.rejected(&reading.summary.rejects)?);
    keep_apart(args, &document, &reading)?;
    Ok(document)
}

/// Refuses to draw where nobody would see the manifest.
fn check_outputs(args: &SampleArgs) -> Result<(), Failure> {
    let endings = args
        .output
        .output
        .iter()
        .filter_map(|path| OutputFile::new(path).ok());
    let writes = endings
        .map(|file| file.extension())
        .any(|ending| ending == Extension::Json);
    if !writes && args.output.format != Format::Json && args.seed.freeze.is_none() {
        return Err(AuditError::Hinted {
            what: "without its manifest a draw can never be proven".to_owned(),
            hint: "say where it goes: -o draw.json".to_owned(),
        }
        .into());
    }
    if args.seed.freeze.is_some() && !args.review.worksheet.is_empty() {
        let what = "there is no worksheet before the draw: give --worksheet with --frame";
        return Err(AuditError::Option(what.to_owned()).into());
    }
    let files = args.seed.freeze.iter().chain(&args.review.frame_lines);
    for file in files.chain(&args.review.worksheet).chain(&args.log.rejects) {
        check_place(file)?;
    }
    Ok(())
}

/// Refuses to write over anything that is read, or twice to one file.
fn keep_apart(args: &SampleArgs, document: &Document, reading: &Reading) -> Result<(), Failure> {
    let read = reading
        .found
        .inputs
        .iter()
        .map(|input| PathBuf::from(&input.name));
    let others = args.population.exclude.iter().chain(&args.population.reuse);
    let others = others
        .chain(&args.seed.frame)
        .chain(&args.seed.top_up)
        .chain(&args.draw.last_audit)
        .chain(&args.seed.secret_file);
    let read: Vec<PathBuf> = read.chain(others.map(PathBuf::from)).collect();
    let written = args
        .output
        .output
        .iter()
        .chain(document.files.iter().map(|(path, _)| path));
    let written: Vec<&Path> = written.map(PathBuf::as_path).collect();
    Ok(crate::command::open::keep_apart(
        read.iter().map(PathBuf::as_path),
        &written,
    )?)
}

/// The manifests of earlier audits that have a say in this one.
fn earlier(args: &SampleArgs) -> Result<Vec<(Manifest, Mode)>, Failure> {
    let excluded = args
        .population
        .exclude
        .iter()
        .map(|path| (path, Mode::Excluded));
    let reused = args
        .population
        .reuse
        .iter()
        .map(|path| (path, Mode::Reused));
    let mut earlier = Vec::new();
    for (path, mode) in excluded.chain(reused) {
        earlier.push((files::drawn(path)?, mode));
    }
    Ok(earlier)
}

fn mark_reused(manifest: &mut Manifest, earlier: &[(Manifest, Mode)]) {
    let reused = earlier.iter().filter(|(_, mode)| *mode == Mode::Reused);
    let ids: std::collections::BTreeSet<&str> = reused
        .flat_map(|(manifest, _)| &manifest.selected)
        .map(|case| case.case_id.as_str())
        .collect();
    for case in &mut manifest.selected {
        case.reused = ids.contains(case.case_id.as_str());
    }
}

/// A seed gives the same order of cases again, so a second draw by it goes on from the first.
fn same_seed(manifest: &Manifest, earlier: &[(Manifest, Mode)]) -> Option<String> {
    let value = &manifest.seed.as_ref()?.value;
    let is_same = |one: &Manifest| one.seed.as_ref().is_some_and(|seed| seed.value == *value);
    let mut earlier = earlier.iter();
    earlier.any(|(one, _)| is_same(one)).then(|| {
        "the seed is that of an earlier audit, so its cases come in the same order: what looks like \
         a new draw goes on from that one, as a top-up does. Take another seed"
            .to_owned()
    })
}

/// What is recorded of earlier audits.
fn records(earlier: &[(Manifest, Mode)]) -> Vec<Earlier> {
    let records = earlier.iter().map(|(manifest, mode)| Earlier {
        sha256: manifest.self_sha256,
        cases: manifest.selected.len() as u64,
        mode: *mode,
    });
    records.collect()
}

/// A manifest as a later one refers to it.
fn link(manifest: &Manifest) -> Link {
    Link {
        sha256: manifest.self_sha256,
        created_at: manifest.created_at.clone(),
    }
}
