//! Scores by route and label on a fine grid, whatever thresholds are asked for: the shape of the
//! log, and the threshold that its routes seem to have followed.

use std::ops::AddAssign;

use super::sums::Counts;
use crate::log::{Label, Route};
use crate::rate::{Grid, Threshold};

/// Thresholds 0, 0.001 ... 1, and one bin more.
pub const FINE_BINS: usize = 1002;
/// The least share of cases that must agree with a threshold before it is called historical.
const LEAST_AGREEMENT: f64 = 0.9;
/// The largest share of the rarer route that may disagree: a threshold that escalates nothing
/// agrees with nine in ten cases wherever nine in ten were auto-approved, and explains none.
const MOST_UNEXPLAINED: f64 = 0.5;

/// Cases by fine bin, route and label. Pinned cases are left out: they follow no threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    routes: [Vec<Counts>; 3],
}

/// The threshold that the historical routes follow best.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    pub threshold: Threshold,
    /// Cases routed as the threshold would have routed them.
    pub agreeing: u64,
    /// Cases with a route.
    pub cases: u64,
}

impl History {
    /// Whether every case agrees.
    pub fn is_exact(&self) -> bool {
        self.agreeing == self.cases
    }
}

fn place(route: Route) -> usize {
    match route {
        Route::Auto => 0,
        Route::Escalated => 1,
        Route::Unknown => 2,
    }
}

impl Profile {
    pub(super) fn add_case(&mut self, bin: u32, route: Route, label: Label) {
        let Some(bins) = self.routes.get_mut(place(route)) else {
            return;
        };
        if bins.is_empty() {
            bins.resize(FINE_BINS, Counts::default());
        }
        if let Some(counts) = bins.get_mut(bin as usize) {
            counts.add_case(label);
        }
    }

    /// Cases by fine bin for one route; empty when there are none.
    pub fn route(&self, route: Route) -> &[Counts] {
        self.routes.get(place(route)).map_or(&[], Vec::as_slice)
    }

    /// Cases by fine bin, whatever their route.
    pub fn all(&self) -> Vec<u64> {
        let mut all = vec![0; FINE_BINS];
        for bins in &self.routes {
            for (sum, counts) in all.iter_mut().zip(bins) {
                *sum += counts.cases();
            }
        }
        all
    }

    /// The threshold that most routes agree with, if nine in ten do; among equals the one with
    /// the fewest decimals. `None` when there is only one route.
    pub fn history(&self) -> Option<History> {
        let sums = |route| self.route(route).iter().map(Counts::cases);
        let (auto, escalated): (u64, u64) = (sums(Route::Auto).sum(), sums(Route::Escalated).sum());
        if auto == 0 || escalated == 0 {
            return None;
        }
        // With threshold t, a case agrees if it was escalated below t or auto-approved from t on.
        let mut agreeing = auto;
        let mut best: Option<History> = None;
        let thresholds = Grid::thousandths();
        let pairs = sums(Route::Auto).zip(sums(Route::Escalated));
        for (threshold, (auto_below, escalated_below)) in thresholds.thresholds().iter().zip(pairs)
        {
            agreeing = agreeing + escalated_below - auto_below;
            let rounder = |known: &History| {
                known.agreeing == agreeing && threshold_rounder(threshold, &known.threshold)
            };
            if best
                .as_ref()
                .is_none_or(|known| agreeing > known.agreeing || rounder(known))
            {
                best = Some(History {
                    threshold: threshold.trimmed(),
                    agreeing,
                    cases: auto + escalated,
                });
            }
        }
        best.filter(|found| {
            let against = (found.cases - found.agreeing) as f64;
            found.agreeing as f64 >= LEAST_AGREEMENT * found.cases as f64
                && against <= MOST_UNEXPLAINED * auto.min(escalated) as f64
        })
    }
}

fn threshold_rounder(threshold: &Threshold, than: &Threshold) -> bool {
    threshold.trimmed().decimals() < than.decimals()
}

impl AddAssign for Profile {
    fn add_assign(&mut self, other: Self) {
        for (bins, more) in self.routes.iter_mut().zip(other.routes) {
            if bins.is_empty() {
                *bins = more;
            } else {
                bins.iter_mut()
                    .zip(more)
                    .for_each(|(sum, more)| *sum += more);
            }
        }
    }
}
