//! A progress bar on standard error for anything over a second, drawn from the reading's counters.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::log::Progress;

/// Nothing is shown of what ends sooner.
const PATIENCE: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(100);

/// A bar that draws itself until it is stopped.
pub(super) struct Bar(Option<(Sender<()>, JoinHandle<()>)>);

impl Bar {
    pub(super) fn start(progress: &Arc<Progress>, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let (stop, stopped) = channel();
        let progress = Arc::clone(progress);
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            let mut bar: Option<ProgressBar> = None;
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                if start.elapsed() >= PATIENCE {
                    draw(
                        bar.get_or_insert_with(|| new_bar(progress.total())),
                        &progress,
                        start,
                    );
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Self(Some((stop, thread)))
    }

    pub(super) fn stop(self) {
        if let Some((stop, thread)) = self.0 {
            drop(stop);
            // A bar that failed has nothing to say.
            let _ = thread.join();
        }
    }
}

fn new_bar(total: u64) -> ProgressBar {
    let (bar, template) = if total > 0 {
        (
            ProgressBar::new(total),
            "{bar:20} {percent:>3} %  {msg}  {eta} left",
        )
    } else {
        (ProgressBar::no_length(), "{spinner} {bytes}  {msg}")
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn draw(bar: &ProgressBar, progress: &Progress, start: Instant) {
    let seconds = start.elapsed().as_secs_f64().max(0.001);
    let rate = (progress.rows() as f64 / seconds) as u64;
    bar.set_message(format!(
        "{} rows, {} rows/s",
        HumanCount(progress.rows()),
        HumanCount(rate)
    ));
    let bytes = progress.bytes();
    bar.set_position(if progress.total() > 0 {
        bytes.min(progress.total())
    } else {
        bytes
    });
}
