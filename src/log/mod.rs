//! Logs: bytes to batches of plain columns by role. The only reader of logs and the only user of
//! polars (`expression.rs`). Everything a log can get wrong is told here, with its place.

mod batch;
mod column;
mod delimited;
mod duplicates;
mod error;
mod expression;
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
use std::sync::{Arc, Mutex, PoisonError};

pub use self::batch::{Batch, Label, Route};
pub use self::error::{DuplicateId, LogError};
pub use self::instant::{display as display_instant, is_text as is_instant_text};
pub use self::interner::{Interner, MISSING};
pub use self::plan::{Needs, Plan};
pub use self::progress::Progress;
pub use self::reject::{Reject, Why};
pub use self::sample::SampledColumn;

use self::batch::{Places, assemble};
use self::delimited::Dialect;
use self::identity::{Gatherer, Identities};
use self::parquet::ParquetFile;
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

/// How one file is written.
#[derive(Clone, Debug)]
enum Format {
    Delimited(Dialect),
    JsonLines,
    Parquet(Box<ParquetFile>),
}

impl Format {
    fn unit(&self) -> &'static str {
        match self {
            Self::Delimited(_) | Self::JsonLines => "line",
            Self::Parquet(_) => "row",
        }
    }

    /// The line of the first record, from 1.
    fn first_line(&self) -> u64 {
        match self {
            Self::Delimited(dialect) => dialect.header_lines + 1,
            Self::JsonLines | Self::Parquet(_) => 1,
        }
    }

    /// What a reader of the file's name would not expect.
    fn surprise(&self, name: &str) -> Option<&'static str> {
        let name = name.to_lowercase();
        let named = |ending: &str| name.contains(ending);
        match self {
            Self::Delimited(d) if d.delimiter == b'\t' && named(".csv") => {
                Some("named .csv, but delimited by tabs: read as such")
            }
            Self::Delimited(d) if d.delimiter != b'\t' && named(".tsv") => {
                Some("named .tsv, but not delimited by tabs: read as it is")
            }
            Self::JsonLines if named(".csv") => Some("named .csv, but JSON Lines: read as such"),
            Self::Parquet(_) if named(".csv") => Some("named .csv, but Parquet: read as such"),
            Self::Delimited(_) | Self::JsonLines | Self::Parquet(_) => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Delimited(dialect) => {
                let delimiter = char::from(dialect.delimiter);
                format!("delimited text, delimiter {delimiter:?}")
            }
            Self::JsonLines => "JSON Lines".to_owned(),
            Self::Parquet(_) => "Parquet".to_owned(),
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
    /// Standard input, whose beginning has been looked at; it can be taken once.
    stdin: Mutex<Option<Opened>>,
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
            stdin: Mutex::new(None),
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
            labels::check(&inputs, &combinations)?;
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
        let (format, columns) = self.inspect(index, &source, options)?;
        log::info!("{}: {}", source.name, format.describe());
        if let Some(surprise) = format.surprise(&source.name) {
            log::warn!("{}: {surprise}", source.name);
        }
        let name = source.name.clone();
        self.files.push(LogFile { source, format });
        match self.files.first() {
            Some(first) if index > 0 => {
                let first = first.source.name.clone();
                same_columns(&self.columns, &columns, &first, &name)
            }
            _ => {
                self.columns = columns;
                Ok(())
            }
        }
    }

    fn inspect(
        &self,
        index: usize,
        source: &Source,
        options: &ReadOptions,
    ) -> Result<(Format, Columns), LogError> {
        let tap = self.taps.get(index).cloned().unwrap_or_default();
        let opened = source::open(source, &options.progress, &tap)?;
        let format = source::tell(source, &opened.sample)?;
        let found = match (format, &source.path) {
            (source::Told::Parquet, Some(path)) => {
                let parquet = ParquetFile::open(&source.name, path)?;
                let list = if index == 0 {
                    parquet.sample(path)?
                } else {
                    parquet.names_only()
                };
                (
                    Format::Parquet(Box::new(parquet)),
                    Columns { list, open: false },
                )
            }
            (source::Told::Parquet, None) => {
                return Err(LogError::WrongFormat {
                    file: source.name.clone(),
                    what: "Parquet cannot be read from standard input".to_owned(),
                    hint: Some("save it as a file: its index stands at its end".to_owned()),
                });
            }
            (source::Told::JsonLines, _) => {
                let list = json::sample_columns(&opened.sample, opened.whole);
                (Format::JsonLines, Columns { list, open: true })
            }
            (source::Told::Text, _) => {
                let dialect = delimited::detect(&source.name, &opened.sample, options.delimiter)?;
                no_duplicates(&source.name, &dialect.header)?;
                let values = delimited::sample_rows(&opened.sample, opened.whole, &dialect);
                let named = dialect.header.iter().cloned().zip(values);
                let list = named.map(|(n, v)| SampledColumn::from_text(n, v)).collect();
                (Format::Delimited(dialect), Columns { list, open: false })
            }
        };
        if source.path.is_none() {
            *self.stdin.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        }
        Ok(found)
    }

    /// Opens a text file for reading from its beginning.
    fn reader(&self, index: usize, options: &ReadOptions) -> Result<Opened, LogError> {
        let taken = || LogError::NoFiles {
            path: "-".to_owned(),
            what: "standard input can be read only once",
        };
        let (Some(file), Some(tap)) = (self.files.get(index), self.taps.get(index)) else {
            return Err(LogError::NoSource);
        };
        if file.source.path.is_none() {
            let mut stdin = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
            return stdin.take().ok_or_else(taken);
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

fn no_duplicates(file: &str, header: &[String]) -> Result<(), LogError> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for name in header {
        *counts.entry(name).or_default() += 1;
    }
    match counts
        .into_iter()
        .find(|(name, count)| *count > 1 && !name.is_empty())
    {
        Some((column, count)) => Err(LogError::DuplicateColumn {
            file: file.to_owned(),
            column: column.clone(),
            count,
        }),
        None => Ok(()),
    }
}

/// Files given together must have the same columns, in any order. JSON Lines have no header; a
/// field that one file's sample lacks may only be rare.
fn same_columns(first: &Columns, other: &Columns, file: &str, name: &str) -> Result<(), LogError> {
    if first.open && other.open {
        return Ok(());
    }
    let (known, found) = (first.names(), other.names());
    let lacks: Vec<&String> = known
        .iter()
        .filter(|column| !found.contains(column))
        .collect();
    let more: Vec<&String> = found
        .iter()
        .filter(|column| !known.contains(column))
        .collect();
    if lacks.is_empty() && more.is_empty() {
        return Ok(());
    }
    let list = |names: &[&String]| {
        let quoted: Vec<String> = names
            .iter()
            .take(10)
            .map(|name| format!("`{name}`"))
            .collect();
        quoted.join(", ")
    };
    let difference = match (lacks.is_empty(), more.is_empty()) {
        (false, true) => format!("it lacks {}", list(&lacks)),
        (true, _) => format!("it also has {}", list(&more)),
        (false, false) => format!("it lacks {} and has {} instead", list(&lacks), list(&more)),
    };
    Err(LogError::OtherColumns {
        file: name.to_owned(),
        first: file.to_owned(),
        difference,
    })
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
    combinations: Vec<expression::Combination>,
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
