//! What reviewers would have to bear: the cases that a threshold escalates, overall and on a busy
//! day.

use super::question::Limits;

/// What a routing escalates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Load {
    pub(super) escalated: u64,
    /// Escalated / cases.
    pub(super) rate: f64,
    /// Per day with any case: the mean and the percentile that is asked for.
    pub(super) daily: Option<Daily>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Daily {
    pub(super) mean: f64,
    pub(super) peak: u64,
    /// Days with cases.
    pub(super) days: u64,
}

/// By how much a load is too much.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Short {
    pub(super) per_day: Option<u64>,
    /// Cases of the log beyond the share that may be escalated.
    pub(super) cases: Option<u64>,
}

impl Load {
    pub(super) fn new(escalated: u64, cases: u64, daily: Option<Daily>) -> Self {
        Self {
            escalated,
            rate: escalated as f64 / cases.max(1) as f64,
            daily,
        }
    }

    /// By how much the load exceeds the limits; `None` where it keeps them.
    pub(super) fn short(&self, limits: &Limits, cases: u64) -> Option<Short> {
        let over = |limit: u64, load: u64| load.checked_sub(limit).filter(|over| *over > 0);
        let most = limits
            .escalation
            .map(|share| (share * cases as f64 + 1e-9).floor() as u64);
        let short = Short {
            per_day: limits
                .per_day
                .and_then(|limit| over(limit, self.daily?.peak)),
            cases: most.and_then(|most| over(most, self.escalated)),
        };
        (short != Short::default()).then_some(short)
    }
}

impl Daily {
    /// The figures of days: mean, and the smallest load that at least a share `peak` of the days
    /// keeps (the nearest rank). `None` without a day.
    pub(super) fn of(mut loads: Vec<u64>, peak: f64) -> Option<Self> {
        loads.sort_unstable();
        let days = loads.len();
        // A product that should be whole may be a little more.
        let rank = (peak * days as f64 - 1e-9).ceil() as usize;
        let total: u64 = loads.iter().sum();
        Some(Self {
            mean: total as f64 / days as f64,
            peak: *loads.get(rank.saturating_sub(1))?,
            days: days as u64,
        })
    }
}

/// The loads of all candidates, ascending, against the limits.
pub(super) struct Capacity {
    pub(super) limits: Limits,
    pub(super) cases: u64,
    pub(super) loads: Vec<Load>,
}

impl Capacity {
    /// The strictest candidate whose load keeps the limits; loads rise with the threshold.
    pub(super) fn strictest(&self) -> Option<usize> {
        self.loads.iter().rposition(|load| self.fits(load))
    }

    pub(super) fn fits(&self, load: &Load) -> bool {
        load.short(&self.limits, self.cases).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::{Daily, Limits, Load};

    #[test]
    fn a_peak_is_the_load_that_so_many_days_keep() {
        let loads: Vec<u64> = (1..=20).collect();
        for (share, peak) in [(0.95, 19), (0.9, 18), (0.5, 10), (0.951, 20), (0.01, 1)] {
            let daily = Daily::of(loads.clone(), share).unwrap();
            assert_eq!((daily.peak, daily.days), (peak, 20), "{share}");
        }
        assert_eq!(Daily::of(Vec::new(), 0.95), None);
    }

    #[test]
    fn a_load_at_the_limit_keeps_it_and_one_more_case_does_not() {
        let limits = Limits {
            escalation: Some(0.2),
            per_day: None,
            peak: 0.95,
        };
        assert_eq!(Load::new(20, 100, None).short(&limits, 100), None);
        let short = Load::new(21, 100, None).short(&limits, 100).unwrap();
        assert_eq!(short.cases, Some(1));
    }
}
