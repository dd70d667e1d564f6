//! Logs: bytes to batches of plain columns by role. The only reader of logs and the only user of
//! polars (`expression.rs`). Everything a log can get wrong is told here, with its place.

mod batch;
mod column;
mod cut;
mod delimited;
mod duplicates;
mod equality;
mod error;
mod evaluator;
mod expression;
mod format;
mod identity;
mod instant;
mod interner;
mod json;
mod labels;
mod parquet;
mod plan;
mod progress;
mod raw;
mod reject;
mod sample;
mod scan;
mod source;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use self::batch::{Batch, Label, Route, Texts};
pub use self::equality::Equality;
pub use self::error::{DuplicateId, LogError};
pub use self::expression::References;
pub use self::instant::{display as display_instant, is_text as is_instant_text};
pub use self::interner::{Interner, MISSING};
pub use self::plan::{Formula, Needs, Plan};
pub use self::progress::Progress;
pub use self::reject::{Reject, Why};
pub use self::sample::SampledColumn;

use self::batch::{Places, assemble};
use self::format::Format;
use self::identity::{Gatherer, Identities};
use self::reject::Fault;
use self::sample::Columns;
use self::scan::{At, Handler};
use self::source::{Opened, Source};
use crate::config::{Mapping, Role};

/// How a log is read. None of it changes a result.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Reading threads.
    pub threads: usize,
    /// Bytes of text that are handed to a thread at a time.
    pub chunk_bytes: usize,
    /// The delimiter of text files, where it is not to be told from the content.
    pub delimiter: Option<u8>,
    /// Go on without rows that cannot be used.
    pub skip_bad_rows: bool,
    /// Do not look for repeated ids.
    pub allow_duplicates: bool,
    /// Compute the SHA-256 of each file.
    pub fingerprint: bool,
    /// Counters for whoever watches, and the wish to stop.
    pub progress: Arc<Progress>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            chunk_bytes: 1 << 20,
            delimiter: None,
            skip_bad_rows: false,
            allow_duplicates: false,
            fingerprint: false,
            progress: Arc::default(),
        }
    }
}

/// One file of a log.
#[derive(Debug)]
struct LogFile {
    source: Source,
    format: Format,
}

/// A log: one file or several of one schema, opened and looked at, not yet read.
#[derive(Debug)]
pub struct Log {
    files: Vec<LogFile>,
    columns: Columns,
    /// Files that can be read only once, whose beginning has been looked at.
    kept: Mutex<BTreeMap<usize, Opened>>,
    taps: Vec<Arc<source::Tap>>,
}

/// One file as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FileSummary {
    pub name: String,
    pub bytes: Option<u64>,
    /// SHA-256 of the file as it lies there, in hexadecimal, where it was asked for.
    pub sha256: Option<String>,
    /// Rows in the file.
    pub rows: u64,
}

/// What a reading found beside the cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub files: Vec<FileSummary>,
    pub rows_in: u64,
    pub rows_used: u64,
    /// Rows set aside, by reason.
    pub set_aside: BTreeMap<&'static str, u64>,
    /// The rows set aside with their places, where they are skipped.
    pub rejects: Vec<Reject>,
    /// First and last time, in microseconds since 1970-01-01T00:00:00Z.
    pub time: Option<(i64, i64)>,
    /// How many ids come more than once; `None` where nobody looked.
    pub repeated_ids: Option<u64>,
}

/// Takes the cases of one thread.
pub trait Sink: Send {
    /// What is left when all cases are taken.
    type Output: Send;
    /// Takes a batch.
    fn take(&mut self, batch: &Batch);
    /// Ends; `segments` holds the texts behind the codes of each segment of the plan.
    fn finish(&mut self, segments: &[&Interner]) -> Self::Output;
}

impl Log {
    /// Finds the files, tells their formats by content and checks that they are of one schema.
    ///
    /// # Errors
    /// When there is no file, or one of them is none that gonogo reads.
    pub fn open(words: &[String], options: &ReadOptions) -> Result<Self, LogError> {
        let sources = source::find(words)?;
        let mut log = Self {
            taps: sources.iter().map(|_| source::Tap::new(options)).collect(),
            files: Vec::new(),
            columns: Columns::default(),
            kept: Mutex::default(),
        };
        for source in sources {
            log.add(source, options)?;
        }
        let total = log.files.iter().map(|file| file.source.bytes);
        let total = total.sum::<Option<u64>>().unwrap_or(0);
        options.progress.restart(total);
        Ok(log)
    }

    /// The columns, nested ones by dotted path, with the first values of each.
    pub fn columns(&self) -> &[SampledColumn] {
        &self.columns.list
    }

    /// The files as a message names them: the first, and how many more.
    pub fn name(&self) -> String {
        let first = self
            .files
            .first()
            .map_or("", |file| file.source.name.as_str());
        match self.files.len() {
            0 | 1 => first.to_owned(),
            files => format!("{first} and {} more files", files - 1),
        }
    }

    /// The paths of the files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files
            .iter()
            .filter_map(|file| file.source.path.as_deref())
    }

    /// The format of the first file in words.
    pub fn describe(&self) -> String {
        let first = self.files.first();
        first.map_or(String::new(), |file| file.format.describe())
    }

    /// Resolves roles and segments; see `Plan`.
    ///
    /// # Errors
    /// When a role that is needed is missing or a mapping does not fit the columns.
    pub fn plan(&self, mapping: &Mapping, needs: &Needs) -> Result<Plan, LogError> {
        plan::resolve(&self.columns, mapping, needs)
    }

    /// What an expression names; a bare column names itself.
    ///
    /// # Errors
    /// When it is neither a column nor SQL.
    pub fn references(&self, formula: &Formula) -> Result<References, LogError> {
        let source = &formula.source;
        if self.columns.has(source) {
            return Ok(References {
                names: vec![source.clone()],
                compared: Vec::new(),
            });
        }
        expression::references(source, &self.columns.names()).map_err(|reason| {
            LogError::BadExpression {
                place: formula.name.clone(),
                text: source.clone(),
                reason,
            }
        })
    }

    /// Reads the whole log once and hands every batch to one of the sinks, which `sink` makes,
    /// one a thread.
    ///
    /// # Errors
    /// When the log is damaged, a row cannot be used, an id repeats or somebody interrupts.
    pub fn read<S: Sink>(
        &self,
        plan: &Plan,
        options: &ReadOptions,
        sink: impl Fn() -> S,
    ) -> Result<(Vec<S::Output>, Summary), LogError> {
        let wants_ids = plan.has(Role::Id) && !options.allow_duplicates;
        let identities = Identities::new();
        let threads = options.threads.max(1);
        let handler = |_| Cases {
            plan,
            sink: sink(),
            batch: Batch::default(),
            gatherer: wants_ids.then(|| identities.gatherer()),
            time: None,
            output: None,
            combinations: Vec::new(),
        };
        let mut pass = scan::run(self, plan, options, (0..threads).map(handler).collect())?;
        let set_aside: u64 = pass.refused.iter().sum();
        if set_aside > 0 && !options.skip_bad_rows {
            return Err(LogError::BadRows {
                shown: pass.rejects,
                count: set_aside,
            });
        }
        let mut outputs = Vec::new();
        let mut time: Option<(i64, i64)> = None;
        let mut combinations = Vec::new();
        for handler in pass.handlers.drain(..) {
            outputs.extend(handler.output);
            time = widest(time, handler.time);
            combinations.extend(handler.combinations);
        }
        if let Some(inputs) = plan.inputs_of(Role::Error) {
            labels::check(&self.name(), &inputs, &combinations)?;
        }
        let repeated_ids = if wants_ids {
            let repeated = identities.repeated(threads)?;
            duplicates::check(self, plan, options, &repeated)?;
            Some(0)
        } else {
            None
        };
        let used: u64 = pass.used.iter().sum();
        let reasons = pass.reasons.iter().map(|(why, count)| (why.key(), *count));
        let summary = Summary {
            files: self.summaries(&pass.used, &pass.refused),
            rows_in: used + set_aside,
            rows_used: used,
            set_aside: reasons.collect(),
            rejects: pass.rejects,
            time,
            repeated_ids,
        };
        Ok((outputs, summary))
    }

    fn summaries(&self, used: &[u64], refused: &[u64]) -> Vec<FileSummary> {
        let counts = used
            .iter()
            .zip(refused)
            .map(|(used, refused)| used + refused);
        let files = self.files.iter().zip(&self.taps).zip(counts);
        files
            .map(|((file, tap), rows)| FileSummary {
                name: file.source.name.clone(),
                bytes: file.source.bytes.or_else(|| tap.bytes()),
                sha256: tap.sha256(),
                rows,
            })
            .collect()
    }

    /// Looks at one more file.
    fn add(&mut self, source: Source, options: &ReadOptions) -> Result<(), LogError> {
        let index = self.files.len();
        let tap = self.taps.get(index).cloned().unwrap_or_default();
        let opened = source::open(&source, &options.progress, &tap)?;
        let (format, columns) = format::inspect(&source, &opened, options.delimiter, index == 0)?;
        log::info!("{}: {}", source.name, format.describe());
        if let Some(surprise) = format.surprise(&source.name) {
            log::warn!("{}: {surprise}", source.name);
        }
        if source.once {
            self.kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(index, opened);
        }
        self.files.push(LogFile { source, format });
        if index > 0 {
            return format::same_columns(&self.columns, &columns);
        }
        self.columns = columns;
        Ok(())
    }

    /// Opens a text file for reading from its beginning.
    fn reader(&self, index: usize, options: &ReadOptions) -> Result<Opened, LogError> {
        let (Some(file), Some(tap)) = (self.files.get(index), self.taps.get(index)) else {
            return Err(LogError::NoSource);
        };
        if file.source.once {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            return kept.remove(&index).ok_or_else(|| LogError::NoFiles {
                path: file.source.name.clone(),
                what: "it can be read only once",
            });
        }
        tap.restart();
        source::open(&file.source, &options.progress, tap)
    }

    /// Computes the SHA-256 of a file that is not read from beginning to end, if it is wanted.
    fn fingerprint(&self, index: usize) -> Result<(), LogError> {
        match (self.files.get(index), self.taps.get(index)) {
            (Some(file), Some(tap)) => tap.whole_file(&file.source),
            _ => Ok(()),
        }
    }
}

/// Whether a text is one SQL expression, whatever it names.
///
/// # Errors
/// When it is not, with the reason.
pub fn check_sql(text: &str) -> Result<(), String> {
    expression::references(text, &[]).map(drop)
}

fn widest(one: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

/// One thread's cases on their way to a sink.
struct Cases<'a, S: Sink> {
    plan: &'a Plan,
    sink: S,
    batch: Batch,
    gatherer: Option<Gatherer<'a>>,
    time: Option<(i64, i64)>,
    output: Option<S::Output>,
    combinations: Vec<evaluator::Combination>,
}

impl<S: Sink> Handler for Cases<'_, S> {
    fn batch(&mut self, places: &Places<'_>, _at: At) -> Result<Vec<Fault>, LogError> {
        let faults = assemble(self.plan, places, &mut self.batch);
        if let Some(gatherer) = &mut self.gatherer {
            gatherer.add(&self.batch.identity)?;
        }
        let times = &self.batch.time;
        let span = times.iter().min().copied().zip(times.iter().max().copied());
        self.time = widest(self.time, span);
        self.sink.take(&self.batch);
        Ok(faults)
    }

    fn end(&mut self, columns: &scan::Columns<'_>) -> Result<(), LogError> {
        if let Some(gatherer) = self.gatherer.take() {
            gatherer.finish()?;
        }
        if let Some(evaluator) = self.plan.computed_place(Role::Error)
            && let Some(evaluator) = columns.evaluators.get(evaluator)
        {
            let found = evaluator.combinations(&columns.places.raw.columns);
            self.combinations = found.unwrap_or_default();
        }
        let empty = Interner::default();
        let interners: Vec<&Interner> = self
            .plan
            .segments
            .iter()
            .map(|(_, place)| columns.places.interner(*place).unwrap_or(&empty))
            .collect();
        self.output = Some(self.sink.finish(&interners));
        Ok(())
    }
}
