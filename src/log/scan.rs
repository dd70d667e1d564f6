//! One pass over a log: one thread cuts the files into chunks of whole records, the others read,
//! check and hand over batches. The order in which batches arrive changes no result.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use super::batch::Places;
use super::column::Column;
use super::cut::{Cut, cut};
use super::delimited;
use super::error::{LogError, SHOWN_REJECTS};
use super::evaluator::Evaluator;
use super::format::Format;
use super::json;
use super::plan::Plan;
use super::raw::Raw;
use super::reject::{Fault, MOST_REJECTS, Reject, Why, shown};
use super::{Log, LogFile, ReadOptions};

/// The longest record that is read: the stated bound against a quote that never closes.
pub(super) const LONGEST_RECORD: usize = 16 << 20;

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

pub(super) enum Task {
    /// Whole records of a text file.
    Text { at: At, bytes: Vec<u8> },
    /// A row group of a Parquet file.
    Rows { at: At },
}

/// The first chunk of the log that could not be read, as far as it is known.
#[derive(Debug)]
pub(super) struct FirstFailure(AtomicU64);

impl Default for FirstFailure {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl FirstFailure {
    /// Files and chunks in one number that keeps their order.
    fn rank(at: At) -> u64 {
        (at.file as u64) << 32 | at.chunk as u64
    }

    fn note(&self, at: At) {
        self.0.fetch_min(Self::rank(at), Ordering::Relaxed);
    }

    fn is_before(&self, at: At) -> bool {
        self.0.load(Ordering::Relaxed) < Self::rank(at)
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) < u64::MAX
    }
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
    let failed = FirstFailure::default();
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
        let workers: Vec<_> = threads.into_iter().map(ScopedJoinHandle::join).collect();
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
    if options.skip_bad_rows && rejects.len() > MOST_REJECTS {
        return Err(LogError::TooManyRejects {
            limit: MOST_REJECTS,
        });
    }
    rejects.sort();
    if !options.skip_bad_rows {
        rejects.truncate(SHOWN_REJECTS);
    }
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
        failed: &FirstFailure,
    ) -> Self {
        loop {
            let task = receiver
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            let Ok(task) = task else { break };
            let (at, bytes) = match task {
                Task::Text { at, bytes } => (at, Some(bytes)),
                Task::Rows { at } => (at, None),
            };
            // After a failure the queue is emptied, so that the cutting thread can end; what comes
            // before the failure is still read, so that the first one is told whoever is quicker.
            if failed.is_before(at) || self.options.progress.is_stopped() {
                continue;
            }
            let done = catch_unwind(AssertUnwindSafe(|| self.task(at, bytes.as_deref())));
            let done = done.unwrap_or_else(|_| {
                Err(LogError::Thread {
                    reason: format!("an internal error in part {} of the log", at.chunk + 1),
                })
            });
            if let Err(error) = done {
                failed.note(at);
                if self.fatal.as_ref().is_none_or(|(known, _)| at < *known) {
                    self.fatal = Some((at, error));
                }
            }
            if let Some(bytes) = bytes {
                pool.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(bytes);
            }
        }
        self.end(failed)
    }

    fn end(mut self, failed: &FirstFailure) -> Self {
        if !failed.is_set() {
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
                self.batch(&mut raw, at, Some(bytes))
            }
            Format::JsonLines { .. } => {
                let lines = json::read(bytes, &self.json_paths, &mut raw);
                self.lines.insert(at, lines);
                self.batch(&mut raw, at, Some(bytes))
            }
            Format::Parquet(parquet) => {
                let rows = parquet.group_rows.get(at.chunk).copied().unwrap_or(0);
                self.lines.insert(at, rows);
                let path = file.source.path.clone().unwrap_or_default();
                let plan = self.plan;
                let bytes = parquet.group_bytes.get(at.chunk).copied().unwrap_or(0);
                parquet
                    .read(&path, at.chunk, &plan.inputs, &mut raw, |raw| {
                        self.batch(raw, at, None)
                    })
                    .inspect(|()| self.options.progress.add_bytes(bytes))
            }
        };
        self.raw = raw;
        read
    }

    /// Evaluates the expressions of a batch and hands it over. `chunk` is the text that the batch
    /// was read from, where there is one.
    fn batch(&mut self, raw: &mut Raw, at: At, chunk: Option<&[u8]>) -> Result<(), LogError> {
        if self.options.progress.is_stopped() {
            return Ok(());
        }
        raw.drop_unusable(&mut []);
        self.evaluate(raw)?;
        raw.drop_unusable(&mut self.computed);
        let places = Places {
            raw,
            computed: &self.computed,
        };
        let mut more = self.handler.batch(&places, at)?;
        if let (Some(chunk), false) = (chunk, more.is_empty()) {
            self.show_as_written(chunk, at, &mut more);
        }
        let used = (raw.rows() as u64).saturating_sub(self.keep(at, more));
        self.keep(at, std::mem::take(&mut raw.faults));
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

    /// Evaluates all expressions; rows for which one has no result become unusable.
    fn evaluate(&mut self, raw: &mut Raw) -> Result<(), LogError> {
        let evaluated = self.evaluators.iter_mut().zip(&mut self.computed);
        for ((evaluator, output), computed) in evaluated.zip(&self.plan.computed) {
            output.clear();
            let failed = evaluator.run(&raw.columns, raw.rows(), output);
            let failed = failed.map_err(|reason| LogError::BadExpression {
                place: computed.place.clone(),
                text: computed.text.clone(),
                reason,
            })?;
            for failed in &failed {
                raw.refuse_computed(&computed.place, failed);
            }
        }
        Ok(())
    }

    /// Puts what the file says in place of the numbers that were made of it.
    fn show_as_written(&self, chunk: &[u8], at: At, faults: &mut [Fault]) {
        let Some(Format::Delimited(dialect)) = self.log.files.get(at.file).map(|f| &f.format)
        else {
            return;
        };
        let field = |fault: &Fault| {
            fault.value.as_ref()?;
            let place = dialect
                .header
                .iter()
                .position(|name| Some(name) == fault.column.as_ref())?;
            Some((fault.line, place))
        };
        faults.sort_by_key(|fault| fault.line);
        let wanted: Vec<(u32, usize)> = faults.iter().filter_map(field).collect();
        let texts = delimited::written(chunk, dialect, &wanted);
        for fault in faults {
            if let Some(text) = field(fault).and_then(|place| texts.get(&place)) {
                fault.value = Some(shown(text));
            }
        }
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
