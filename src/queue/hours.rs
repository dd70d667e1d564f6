//! When the reviewers work: ranges of local wall time by day of the week, in one time zone.
//! Must not know arrivals.
//!
//! The time zone database is the one that is built in, never the machine's, so that the same text
//! means the same instants everywhere.

use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::error::HoursError;
use crate::config::closest;

/// Minutes of a day by the wall clock.
pub(super) const DAY: u16 = 24 * 60;

/// A range of wall time: minutes since midnight of the day it begins on; past `DAY` is the day after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: u16,
    pub(super) until: u16,
}

/// The hours at which reviewers work, the same for all of them.
///
/// Read from text: days, a range of times, and so on, with the time zone last (UTC without one).
/// Commas and spaces separate. A range without days takes those of the range before it, the first
/// one every day; a range that ends earlier than it begins runs into the next day. `24/7` and
/// `always` are every hour of the week.
///
/// ```
/// use gonogo::queue::Hours;
///
/// let hours: Hours = "Mon-Thu 08:00-12:00, 13:00-18:00, Fri 08:00-14:00 Europe/Berlin".parse()?;
/// assert_eq!(hours.zone(), "Europe/Berlin");
/// # Ok::<(), gonogo::queue::HoursError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hours {
    /// By the day on which they begin, Monday first.
    ranges: [Vec<Range>; 7],
    zone: TimeZone,
}

impl Hours {
    /// The name of the time zone, such as `Europe/London`.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The ranges that begin on a day, in the order in which they begin.
    pub(super) fn ranges_on(&self, day: Weekday) -> &[Range] {
        let mut days = self.ranges.iter().zip(monday_first());
        days.find(|(_, named)| *named == day)
            .map_or(&[], |(ranges, _)| ranges)
    }

    /// The local date at an instant in microseconds since the epoch; `None` outside the calendar.
    pub(super) fn date(&self, instant: i64) -> Option<Date> {
        let instant = Timestamp::from_microsecond(instant).ok()?;
        Some(self.zone.to_datetime(instant).date())
    }

    /// The first instant at which the local clock shows this time of this date or a later one, in
    /// microseconds since the epoch: a time that is skipped stands for the moment of the jump, one
    /// that comes twice for the first of the two. `None` outside the calendar.
    pub(super) fn instant(&self, date: Date, minute: u16) -> Option<i64> {
        let minutes = SignedDuration::from_mins(i64::from(minute));
        let wall = date.to_datetime(jiff::civil::Time::midnight());
        let wall = wall.checked_add(minutes).ok()?;
        let instant = match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).ok()?,
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).ok()?,
            // Read with the offset that holds after the jump, the time lies before the jump.
            AmbiguousOffset::Gap { after, .. } => {
                let earlier = after.to_timestamp(wall).ok()?;
                self.zone.following(earlier).next()?.timestamp()
            }
        };
        Some(instant.as_microsecond())
    }
}

fn monday_first() -> impl Iterator<Item = Weekday> {
    Weekday::Monday.cycle_forward().take(7)
}

impl FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let text = text.trim();
        let plain = text.replace(['–', '—'], "-").replace(',', " ");
        let joined = join_hyphens(&plain);
        let words: Vec<&str> = joined.split_whitespace().collect();
        if words.is_empty() {
            return Err(HoursError::Empty);
        }
        let mut reader = Reader::new(text);
        for (place, word) in words.iter().enumerate() {
            reader.read(word, place + 1 == words.len())?;
        }
        reader.finish()
    }
}

/// Takes the spaces around hyphens away: `09:00 - 17:00` is one word.
fn join_hyphens(text: &str) -> String {
    let parts: Vec<&str> = text.split('-').map(str::trim).collect();
    // The outer spaces do not matter: words are split at them.
    parts.join("-")
}

/// The words read so far.
struct Reader<'a> {
    text: &'a str,
    ranges: [Vec<Range>; 7],
    zone: TimeZone,
    /// The days of the last range, or of the range to come.
    days: Vec<Weekday>,
    /// The days named since the last range, as they were written.
    pending: Vec<String>,
    has_ranges: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            ranges: Default::default(),
            zone: TimeZone::UTC,
            days: monday_first().collect(),
            pending: Vec::new(),
            has_ranges: false,
        }
    }

    fn read(&mut self, word: &str, is_last: bool) -> Result<(), HoursError> {
        if word == "24/7" || word.eq_ignore_ascii_case("always") {
            let whole = Range {
                from: 0,
                until: DAY,
            };
            self.ranges.iter_mut().for_each(|day| day.push(whole));
            self.has_ranges = true;
        } else if word.starts_with(|first: char| first.is_ascii_digit()) {
            self.read_times(word)?;
        } else if let Some(days) = days(word) {
            if self.pending.is_empty() {
                self.days.clear();
            }
            self.days.extend(days);
            self.pending.push(word.to_owned());
        } else if is_last {
            self.zone = zone(word)?;
        } else if zone(word).is_ok() {
            return Err(HoursError::ZoneNotLast {
                text: self.text.to_owned(),
                name: word.to_owned(),
            });
        } else {
            return Err(HoursError::NotADay {
                text: self.text.to_owned(),
                word: word.to_owned(),
            });
        }
        Ok(())
    }

    fn read_times(&mut self, word: &str) -> Result<(), HoursError> {
        let (from, until) = times(word).ok_or_else(|| HoursError::NotTimes {
            text: self.text.to_owned(),
            word: word.to_owned(),
        })?;
        if from == until {
            return Err(HoursError::NoLength {
                text: self.text.to_owned(),
                word: word.to_owned(),
            });
        }
        let until = if until < from { until + DAY } else { until };
        for (ranges, day) in self.ranges.iter_mut().zip(monday_first()) {
            if self.days.contains(&day) {
                ranges.push(Range { from, until });
            }
        }
        self.pending.clear();
        self.has_ranges = true;
        Ok(())
    }

    fn finish(mut self) -> Result<Hours, HoursError> {
        if !self.has_ranges || !self.pending.is_empty() {
            return Err(HoursError::NoTimes {
                text: self.text.to_owned(),
                days: self.pending.join(" "),
            });
        }
        for ranges in &mut self.ranges {
            ranges.sort_unstable_by_key(|range| (range.from, range.until));
        }
        Ok(Hours {
            ranges: self.ranges,
            zone: self.zone,
        })
    }
}

/// The days of `Mon` or `Mon-Fri`; `Fri-Mon` runs over the weekend.
fn days(word: &str) -> Option<Vec<Weekday>> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (day(first)?, day(last)?);
    let length = usize::try_from(first.until(last)).ok()? + 1;
    Some(first.cycle_forward().take(length).collect())
}

/// A day of the week by its English name or by the beginning of it, from two letters on.
fn day(word: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let word = word.to_ascii_lowercase();
    let mut days = NAMES.iter().zip(monday_first());
    days.find(|(name, _)| word.len() >= 2 && name.starts_with(&word))
        .map(|(_, day)| day)
}

/// The two times of `09:00-17:00`, in minutes since midnight.
fn times(word: &str) -> Option<(u16, u16)> {
    let (from, until) = word.split_once('-')?;
    let (from, until) = (minutes(from)?, minutes(until)?);
    (from < DAY).then_some((from, until))
}

fn minutes(word: &str) -> Option<u16> {
    let (hours, minutes) = word.split_once(':')?;
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !(is_number(hours) && is_number(minutes) && minutes.len() == 2) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 24 || minutes >= 60 {
        return None;
    }
    Some(hours * 60 + minutes).filter(|sum| *sum <= DAY)
}

fn zone(name: &str) -> Result<TimeZone, HoursError> {
    let database = TimeZoneDatabase::bundled();
    database.get(name).map_err(|_| {
        let names: Vec<String> = database.available().map(|zone| zone.to_string()).collect();
        let is_its_city = |zone: &&String| {
            let city = zone.rsplit('/').next();
            city.is_some_and(|city| city.eq_ignore_ascii_case(name))
        };
        let city = names.iter().find(is_its_city).map(String::as_str);
        let like = || closest(name, names.iter().map(String::as_str));
        HoursError::UnknownZone {
            name: name.to_owned(),
            closest: city.or_else(like).map(str::to_owned),
        }
    })
}
