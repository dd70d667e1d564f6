//! How far a reading is, and whether somebody has asked it to stop: counters that the reading
//! threads raise and that a terminal can show.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters of one reading.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    total: AtomicU64,
    rows: AtomicU64,
    stopped: AtomicBool,
    writing: AtomicBool,
}

impl Progress {
    /// Bytes of the files read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Bytes of all files; 0 when it is not known.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Rows used so far.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Asks the reading to stop at the next batch.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Says that results are being written and nothing may be cut short.
    pub fn start_writing(&self) {
        self.writing.store(true, Ordering::Relaxed);
    }

    /// Whether results are being written.
    pub fn is_writing(&self) -> bool {
        self.writing.load(Ordering::Relaxed)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_rows(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    pub(super) fn restart(&self, total: u64) {
        self.bytes.store(0, Ordering::Relaxed);
        self.rows.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }
}
