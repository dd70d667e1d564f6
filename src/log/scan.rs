//! One pass over a log: one thread cuts the files into chunks of whole records, the others read,
//! check and hand over batches. The order in which batches arrive changes no result.

use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use super::batch::Places;
use super::column::Column;
use super::delimited::{self, End};
use super::error::{LogError, SHOWN_REJECTS};
use super::expression::Evaluator;
use super::json;
use super::plan::Plan;
use super::raw::Raw;
use super::reject::{Fault, MOST_REJECTS, Reject, Why};
use super::{Format, Log, LogFile, ReadOptions, source};

/// The longest record that is read: the stated bound against a quote that never closes.
const LONGEST_RECORD: usize = 16 << 20;

/// What is done with each batch by one thread.
pub(super) trait Handler: Send {
    /// Takes a batch; gives the faults of its rows.
    fn batch(&mut self, places: &Places<'_>, at: At) -> Result<Vec<Fault>, LogError>;
    /// Called once, after the last batch.
    fn end(&mut self, worker: &Columns<'_>) -> Result<(), LogError>;
}

/// What a thread's columns hold when it has read its last batch.
pub(super) struct Columns<'a> {
    pub(super) places: Places<'a>,
    pub(super) evaluators: &'a [Evaluator],
}

/// The chunk that a batch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) file: usize,
    pub(super) chunk: usize,
}

enum Task {
    /// Whole records of a text file.
    Text { at: At, bytes: Vec<u8> },
    /// A row group of a Parquet file.
    Rows { at: At },
}

/// What one pass found beside the cases themselves.
#[derive(Debug)]
pub(super) struct Pass<H> {
    pub(super) handlers: Vec<H>,
    /// Rows that were handed over, by file.
    pub(super) used: Vec<u64>,
    /// Rows that were set aside, by file.
    pub(super) refused: Vec<u64>,
    pub(super) reasons: BTreeMap<Why, u64>,
    pub(super) rejects: Vec<Reject>,
    pub(super) lines: Lines,
}

/// Lines of each chunk, to turn a line within a chunk into a line of the file.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<At, u64>);

impl Lines {
    /// The line (from 1) in the file of a line (from 0) in a chunk.
    pub(super) fn line(&self, file: &LogFile, at: At, line: u64) -> u64 {
        let first = At { chunk: 0, ..at };
        let before: u64 = self.0.range(first..at).map(|(_, lines)| lines).sum();
        file.format.first_line() + before + line
    }
}

/// One thread's part of a pass.
struct Worker<'a, H> {
    log: &'a Log,
    plan: &'a Plan,
    options: &'a ReadOptions,
    raw: Raw,
    evaluators: Vec<Evaluator>,
    computed: Vec<Column>,
    json_paths: json::Paths,
    spans: delimited::Spans,
    handler: H,
    used: Vec<u64>,
    refused: Vec<u64>,
    reasons: BTreeMap<Why, u64>,
    rejects: Vec<(At, Fault)>,
    lines: BTreeMap<At, u64>,
    fatal: Option<(At, LogError)>,
}

/// Reads the log once.
pub(super) fn run<H: Handler>(
    log: &Log,
    plan: &Plan,
    options: &ReadOptions,
    handlers: Vec<H>,
) -> Result<Pass<H>, LogError> {
    let failed = AtomicBool::new(false);
    let (sender, receiver) = sync_channel(handlers.len() * 2);
    let receiver = Mutex::new(receiver);
    let pool = Mutex::new(Vec::new());
    let (workers, cut) = std::thread::scope(|scope| {
        let spawn = |handler| {
            let worker = Worker::new(log, plan, options, handler);
            let (receiver, pool, failed) = (&receiver, &pool, &failed);
            scope.spawn(move || worker.work(receiver, pool, failed))
        };
        let threads: Vec<_> = handlers.into_iter().map(spawn).collect();
        let cut = cut(log, options, &sender, &pool, &failed);
        drop(sender);
        let workers: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
        (workers, cut)
    });
    let workers = workers
        .into_iter()
        .map(|worker| {
            worker.map_err(|_| LogError::Thread {
                reason: "an internal error".to_owned(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if options.progress.is_stopped() {
        return Err(LogError::Interrupted);
    }
    merge(log, options, workers, cut)
}

fn merge<H: Handler>(
    log: &Log,
    options: &ReadOptions,
    workers: Vec<Worker<'_, H>>,
    cut: Result<(), (At, Cut)>,
) -> Result<Pass<H>, LogError> {
    let mut lines = Lines::default();
    let mut fatal: Vec<(At, LogError)> = Vec::new();
    let mut rejects = Vec::new();
    let mut pass = Pass {
        handlers: Vec::new(),
        used: vec![0; log.files.len()],
        refused: vec![0; log.files.len()],
        reasons: BTreeMap::new(),
        rejects: Vec::new(),
        lines: Lines::default(),
    };
    for worker in workers {
        lines.0.extend(worker.lines);
        fatal.extend(worker.fatal);
        rejects.extend(worker.rejects);
        add_all(&mut pass.used, &worker.used);
        add_all(&mut pass.refused, &worker.refused);
        for (why, count) in worker.reasons {
            *pass.reasons.entry(why).or_default() += count;
        }
        pass.handlers.push(worker.handler);
    }
    if let Err((at, fault)) = cut
        && let Some(file) = log.files.get(at.file)
    {
        fatal.push((
            at,
            fault.into_error(file, |line| lines.line(file, at, line)),
        ));
    }
    if let Some((_, error)) = fatal.into_iter().min_by_key(|(at, _)| *at) {
        return Err(error);
    }
    rejects.sort();
    rejects.truncate(most_kept(options));
    pass.rejects = rejects
        .into_iter()
        .filter_map(|(at, fault)| {
            let file = log.files.get(at.file)?;
            Some(Reject {
                file: file.source.name.clone(),
                unit: file.format.unit(),
                line: lines.line(file, at, u64::from(fault.line)),
                column: fault.column,
                value: fault.value,
                why: fault.why,
            })
        })
        .collect();
    pass.lines = lines;
    Ok(pass)
}

fn add_all(sums: &mut [u64], more: &[u64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

fn most_kept(options: &ReadOptions) -> usize {
    if options.skip_bad_rows {
        MOST_REJECTS
    } else {
        SHOWN_REJECTS
    }
}

impl<'a, H: Handler> Worker<'a, H> {
    fn new(log: &'a Log, plan: &'a Plan, options: &'a ReadOptions, handler: H) -> Self {
        let evaluator = |computed: &super::plan::Computed| {
            Evaluator::new(
                computed.parsed.clone(),
                computed.inputs.clone(),
                computed.kind,
            )
        };
        Self {
            log,
            plan,
            options,
            raw: Raw::new(&plan.inputs),
            evaluators: plan.computed.iter().map(evaluator).collect(),
            computed: plan.computed.iter().map(|c| Column::new(c.kind)).collect(),
            json_paths: json::Paths::new(&plan.inputs),
            spans: delimited::Spans::default(),
            handler,
            used: vec![0; log.files.len()],
            refused: vec![0; log.files.len()],
            reasons: BTreeMap::new(),
            rejects: Vec::new(),
            lines: BTreeMap::new(),
            fatal: None,
        }
    }

    fn work(
        mut self,
        receiver: &Mutex<Receiver<Task>>,
        pool: &Mutex<Vec<Vec<u8>>>,
        failed: &AtomicBool,
    ) -> Self {
        loop {
            let task = receiver
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            let Ok(task) = task else { break };
            // After a failure the queue is emptied, so that the cutting thread can end.
            if failed.load(Ordering::Relaxed) || self.options.progress.is_stopped() {
                continue;
            }
            let (at, bytes) = match task {
                Task::Text { at, bytes } => (at, Some(bytes)),
                Task::Rows { at } => (at, None),
            };
            let done = catch_unwind(AssertUnwindSafe(|| self.task(at, bytes.as_deref())));
            let done = done.unwrap_or_else(|_| {
                Err(LogError::Thread {
                    reason: format!("an internal error in part {} of the log", at.chunk + 1),
                })
            });
            if let Err(error) = done {
                failed.store(true, Ordering::Relaxed);
                self.fatal.get_or_insert((at, error));
            }
            if let Some(bytes) = bytes {
                pool.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(bytes);
            }
        }
        self.end(failed)
    }

    fn end(mut self, failed: &AtomicBool) -> Self {
        if !failed.load(Ordering::Relaxed) {
            let columns = Columns {
                places: Places {
                    raw: &self.raw,
                    computed: &self.computed,
                },
                evaluators: &self.evaluators,
            };
            if let Err(error) = self.handler.end(&columns) {
                let at = At {
                    file: usize::MAX,
                    chunk: 0,
                };
                self.fatal.get_or_insert((at, error));
            }
        }
        self
    }

    fn task(&mut self, at: At, bytes: Option<&[u8]>) -> Result<(), LogError> {
        let log = self.log;
        let Some(file) = log.files.get(at.file) else {
            return Ok(());
        };
        let mut raw = std::mem::replace(&mut self.raw, Raw::new(&[]));
        raw.clear();
        let bytes = bytes.unwrap_or_default();
        let read = match &file.format {
            Format::Delimited(dialect) => {
                let fields: Vec<usize> = self
                    .plan
                    .inputs
                    .iter()
                    .filter_map(|input| dialect.header.iter().position(|h| *h == input.column))
                    .collect();
                let lines = delimited::read(bytes, dialect, &fields, (&mut self.spans, &mut raw));
                self.lines.insert(at, lines);
                self.batch(&mut raw, at)
            }
            Format::JsonLines => {
                let lines = json::read(bytes, &self.json_paths, &mut raw);
                self.lines.insert(at, lines);
                self.batch(&mut raw, at)
            }
            Format::Parquet(parquet) => {
                let rows = parquet.group_rows.get(at.chunk).copied().unwrap_or(0);
                self.lines.insert(at, rows);
                let path = file.source.path.clone().unwrap_or_default();
                let plan = self.plan;
                let bytes = parquet.group_bytes.get(at.chunk).copied().unwrap_or(0);
                parquet
                    .read(&path, at.chunk, &plan.inputs, &mut raw, |raw| {
                        self.batch(raw, at)
                    })
                    .inspect(|()| self.options.progress.add_bytes(bytes))
            }
        };
        self.raw = raw;
        read
    }

    /// Evaluates the expressions of a batch and hands it over.
    fn batch(&mut self, raw: &mut Raw, at: At) -> Result<(), LogError> {
        if self.options.progress.is_stopped() {
            return Ok(());
        }
        let faults = std::mem::take(&mut raw.faults);
        raw.drop_unusable();
        let evaluated = self.evaluators.iter_mut().zip(&mut self.computed);
        for ((evaluator, output), computed) in evaluated.zip(&self.plan.computed) {
            output.clear();
            evaluator
                .run(&raw.columns, raw.rows(), output)
                .map_err(|reason| LogError::BadExpression {
                    place: computed.place.clone(),
                    text: computed.text.clone(),
                    reason,
                })?;
        }
        let places = Places {
            raw,
            computed: &self.computed,
        };
        let more = self.handler.batch(&places, at)?;
        let used = (raw.rows() as u64).saturating_sub(self.keep(at, more));
        self.keep(at, faults);
        if let Some(sum) = self.used.get_mut(at.file) {
            *sum += used;
        }
        self.options.progress.add_rows(used);
        if self.options.skip_bad_rows && self.rejects.len() > MOST_REJECTS {
            return Err(LogError::TooManyRejects {
                limit: MOST_REJECTS,
            });
        }
        Ok(())
    }

    /// Counts the rows that carry a fault, each once by its first fault, and keeps as many of
    /// them as may be shown or written. Gives the number of rows.
    fn keep(&mut self, at: At, mut faults: Vec<Fault>) -> u64 {
        if faults.is_empty() {
            return 0;
        }
        faults.sort_by_key(|fault| fault.line);
        faults.dedup_by_key(|fault| fault.line);
        for fault in &faults {
            *self.reasons.entry(fault.why).or_default() += 1;
        }
        let rows = faults.len() as u64;
        if let Some(sum) = self.refused.get_mut(at.file) {
            *sum += rows;
        }
        self.rejects
            .extend(faults.into_iter().map(|fault| (at, fault)));
        if !self.options.skip_bad_rows && self.rejects.len() > SHOWN_REJECTS {
            self.rejects.sort();
            self.rejects.truncate(SHOWN_REJECTS);
        }
        rows
    }
}

/// Why a file could not be cut into records.
enum Cut {
    /// The line is counted from the chunk's beginning.
    OpenQuote {
        line: u64,
    },
    LongRecord,
    Other(LogError),
}

impl Cut {
    fn into_error(self, file: &LogFile, line_of: impl Fn(u64) -> u64) -> LogError {
        let name = file.source.name.clone();
        match self {
            Self::OpenQuote { line } => LogError::OpenQuote {
                file: name,
                line: line_of(line),
            },
            Self::LongRecord => LogError::LongRecord {
                file: name,
                line: line_of(0),
                limit: LONGEST_RECORD,
            },
            Self::Other(error) => error,
        }
    }
}

/// Cuts all files into tasks, in order.
fn cut(
    log: &Log,
    options: &ReadOptions,
    sender: &SyncSender<Task>,
    pool: &Mutex<Vec<Vec<u8>>>,
    failed: &AtomicBool,
) -> Result<(), (At, Cut)> {
    for (index, file) in log.files.iter().enumerate() {
        let start = At {
            file: index,
            chunk: 0,
        };
        match &file.format {
            Format::Parquet(parquet) => {
                for chunk in 0..parquet.group_rows.len() {
                    if failed.load(Ordering::Relaxed) || options.progress.is_stopped() {
                        return Ok(());
                    }
                    let at = At { file: index, chunk };
                    let _ = sender.send(Task::Rows { at });
                }
                log.fingerprint(index)
                    .map_err(|error| (start, Cut::Other(error)))?;
            }
            Format::Delimited(_) | Format::JsonLines => {
                let opened = log
                    .reader(index, options)
                    .map_err(|e| (start, Cut::Other(e)))?;
                let mut cutter = Cutter {
                    file: index,
                    format: &file.format,
                    options,
                    sender,
                    pool,
                    failed,
                    chunk: 0,
                };
                cutter.run(opened, file)?;
            }
        }
    }
    Ok(())
}

/// Cuts one text file.
struct Cutter<'a> {
    file: usize,
    format: &'a Format,
    options: &'a ReadOptions,
    sender: &'a SyncSender<Task>,
    pool: &'a Mutex<Vec<Vec<u8>>>,
    failed: &'a AtomicBool,
    chunk: usize,
}

impl Cutter<'_> {
    fn run(&mut self, opened: source::Opened, file: &LogFile) -> Result<(), (At, Cut)> {
        let compression = opened.compression;
        let mut reader = opened.into_reader();
        self.skip_header(&mut reader)
            .map_err(|reason| self.unreadable(file, compression, reason))?;
        let mut carry: Vec<u8> = Vec::new();
        loop {
            if self.failed.load(Ordering::Relaxed) || self.options.progress.is_stopped() {
                return Ok(());
            }
            let mut block = self
                .pool
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop()
                .unwrap_or_default();
            block.clear();
            block.extend_from_slice(&carry);
            let wanted = self.options.chunk_bytes.max(1);
            let read = (&mut reader).take(wanted as u64).read_to_end(&mut block);
            let read = read.map_err(|reason| self.unreadable(file, compression, reason))?;
            let last = read < wanted;
            let end = self.end(&block, last)?;
            carry.clear();
            carry.extend_from_slice(block.get(end..).unwrap_or_default());
            if carry.len() > LONGEST_RECORD {
                return Err((
                    self.at(),
                    self.open_quote(&carry).unwrap_or(Cut::LongRecord),
                ));
            }
            block.truncate(end);
            if !block.is_empty() {
                let at = self.at();
                self.chunk += 1;
                let _ = self.sender.send(Task::Text { at, bytes: block });
            }
            if last {
                return Ok(());
            }
        }
    }

    fn at(&self) -> At {
        At {
            file: self.file,
            chunk: self.chunk,
        }
    }

    fn unreadable(
        &self,
        file: &LogFile,
        compression: source::Compression,
        reason: std::io::Error,
    ) -> (At, Cut) {
        let name = file.source.name.clone();
        let error = match compression {
            source::Compression::None => LogError::Unreadable { file: name, reason },
            source::Compression::Gzip | source::Compression::Zstd => LogError::Damaged {
                file: name,
                reason: reason.to_string(),
            },
        };
        (self.at(), Cut::Other(error))
    }

    fn skip_header(&self, reader: &mut impl Read) -> std::io::Result<()> {
        if let Format::Delimited(dialect) = self.format {
            let header = dialect.header_bytes as u64;
            std::io::copy(&mut reader.take(header), &mut std::io::sink())?;
        }
        Ok(())
    }

    /// Where the whole records of a block end; the last block ends where the file does.
    fn end(&self, block: &[u8], last: bool) -> Result<usize, (At, Cut)> {
        let Format::Delimited(dialect) = self.format else {
            let end = memchr::memrchr(b'\n', block).map_or(0, |at| at + 1);
            return Ok(if last { block.len() } else { end });
        };
        match delimited::records_end(block, dialect.delimiter) {
            End::At(_) if last => Ok(block.len()),
            End::OpenQuote { quote, .. } if last && !ends_quoted(block, quote) => {
                Err((self.at(), open_quote_at(block, quote)))
            }
            End::OpenQuote { .. } if last => Ok(block.len()),
            End::At(end) | End::OpenQuote { end, .. } => Ok(end),
        }
    }

    fn open_quote(&self, block: &[u8]) -> Option<Cut> {
        let Format::Delimited(dialect) = self.format else {
            return None;
        };
        match delimited::records_end(block, dialect.delimiter) {
            End::OpenQuote { quote, .. } => Some(open_quote_at(block, quote)),
            End::At(_) => None,
        }
    }
}

/// Whether the quoted field that begins at `quote` is closed by the very last byte of the file.
fn ends_quoted(block: &[u8], quote: usize) -> bool {
    let field = block.get(quote + 1..).unwrap_or_default();
    field.iter().filter(|byte| **byte == b'"').count() % 2 == 1 && field.ends_with(b"\"")
}

fn open_quote_at(block: &[u8], quote: usize) -> Cut {
    let before = block.get(..quote).unwrap_or_default();
    Cut::OpenQuote {
        line: memchr::memchr_iter(b'\n', before).count() as u64,
    }
}
