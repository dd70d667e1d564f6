//! Opening hours as instants, and the two ways between clock time and working time: the time that
//! one reviewer has worked since the first opening. Must not know reviews.

use super::hours::Hours;

/// How long after the last arrival reviews may still go on, in years of 365 days.
pub(super) const MOST_YEARS: u16 = 100;
const YEAR: i64 = 365 * 24 * 3600 * 1_000_000;

/// One stretch of working time: clock times in microseconds since the epoch, `open` < `close`.
#[derive(Clone, Copy, Debug)]
struct Opening {
    open: i64,
    close: i64,
    /// Working time before it, in microseconds.
    before: u64,
}

impl Opening {
    /// Working time up to its end.
    fn after(self) -> u64 {
        self.before + self.open.abs_diff(self.close)
    }
}

/// Openings in their order, apart from each other.
#[derive(Clone, Debug)]
pub(super) struct Openings(Vec<Opening>);

impl Openings {
    /// The openings from before the instant `first` until `work` microseconds of working time after
    /// the instant `last`, but not further than `MOST_YEARS` after it.
    pub(super) fn cover(hours: &Hours, first: i64, last: i64, work: u64) -> Self {
        let mut openings = Self(Vec::new());
        let latest = last.saturating_add(i64::from(MOST_YEARS) * YEAR);
        let mut needed = None;
        // A range of the day before may still be open.
        let mut next = hours
            .date(first)
            .map(|date| date.yesterday().unwrap_or(date));
        while let Some(date) = next {
            for range in hours.ranges_on(date.weekday()) {
                let open = hours.instant(date, range.from);
                let close = hours.instant(date, range.until);
                if let (Some(open), Some(close)) = (open, close) {
                    openings.push(open, close);
                }
            }
            let end = openings.0.last().copied();
            let (closed, total) = end.map_or((i64::MIN, 0), |end| (end.close, end.after()));
            if closed > last {
                let needed =
                    *needed.get_or_insert_with(|| openings.work_at(last).saturating_add(work));
                // Beyond what is needed by something, for what starts at the very end.
                if total > needed || closed > latest {
                    break;
                }
            }
            next = date.tomorrow().ok();
        }
        openings
    }

    /// Adds an opening that begins no earlier than the last one, or lengthens that one.
    fn push(&mut self, open: i64, close: i64) {
        // A range that falls into a jump of the clock has no length.
        if close <= open {
            return;
        }
        match self.0.last_mut() {
            Some(last) if open <= last.close => last.close = last.close.max(close),
            last => {
                let before = last.map_or(0, |last| last.after());
                self.0.push(Opening {
                    open,
                    close,
                    before,
                });
            }
        }
    }

    /// Working time at an instant; 0 before the first opening.
    pub(super) fn work_at(&self, instant: i64) -> u64 {
        let begun = self.0.partition_point(|opening| opening.open <= instant);
        let last = begun.checked_sub(1).and_then(|place| self.0.get(place));
        last.map_or(0, |last| {
            last.before + last.open.abs_diff(instant.min(last.close))
        })
    }

    /// At least the working time at an instant, also where the openings do not reach so far.
    pub(super) fn most_work_at(&self, instant: i64) -> u64 {
        let end = self.0.last().map_or(i64::MAX, |last| last.close);
        let beyond = if instant > end {
            end.abs_diff(instant)
        } else {
            0
        };
        self.work_at(instant).saturating_add(beyond)
    }

    /// The instant at which a review starts: at closing time that is the next opening. `None`
    /// beyond the openings.
    pub(super) fn start_at(&self, work: u64) -> Option<i64> {
        let begun = self.0.partition_point(|opening| opening.before <= work);
        let opening = self.0.get(begun.checked_sub(1)?)?;
        let instant = opening.open.checked_add_unsigned(work - opening.before)?;
        (instant < opening.close).then_some(instant)
    }

    /// The instant at which a review ends: what is done at closing time ends then. `None` beyond
    /// the openings.
    pub(super) fn end_at(&self, work: u64) -> Option<i64> {
        let closed = self.0.partition_point(|opening| opening.after() < work);
        let opening = self.0.get(closed)?;
        let into = work.saturating_sub(opening.before);
        opening.open.checked_add_unsigned(into)
    }
}
