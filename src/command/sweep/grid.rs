//! The thresholds that a person wants to see who named none.

use crate::rate::{Grid, Threshold};
use crate::tally::{History, Profile};

/// Steps that people count in, in thousandths, the finest first.
const STEPS: [usize; 8] = [1, 2, 5, 10, 20, 50, 100, 200];
/// Thresholds that a table can hold and still be read at a glance.
const MOST_THRESHOLDS: usize = 14;
/// Share of the cases that may lie beyond either end of the grid.
const BEYOND: f64 = 0.01;

/// Round thresholds over the range of the scores, from "auto-approve all" on, with the historical
/// threshold among them. All are multiples of 0.001.
pub(super) fn readable(profile: &Profile, history: Option<&History>) -> Grid {
    let (low, high) = range(&profile.all());
    let step = STEPS
        .into_iter()
        .find(|step| high / step - low.div_ceil(*step).min(high / step) < MOST_THRESHOLDS)
        .unwrap_or(200);
    let mut wanted: Vec<usize> = (low / step..=high / step).map(|index| index * step).collect();
    wanted.push(0);
    let all = Grid::thousandths();
    let mut thresholds: Vec<Threshold> =
        wanted.iter().filter_map(|index| all.thresholds().get(*index).cloned()).collect();
    thresholds.extend(history.map(|history| history.threshold.clone()));
    Grid::of(thresholds).unwrap_or(all)
}

/// The thousandths between which nearly all scores lie.
fn range(bins: &[u64]) -> (usize, usize) {
    let total: u64 = bins.iter().sum();
    let beyond = (total as f64 * BEYOND) as u64;
    let reach = |mut bins: Box<dyn Iterator<Item = (usize, &u64)> + '_>| {
        let mut sum = 0;
        bins.find(|(_, cases)| {
            sum += **cases;
            sum > beyond
        })
        .map_or(0, |(bin, _)| bin.saturating_sub(1))
    };
    let low = reach(Box::new(bins.iter().enumerate()));
    let high = reach(Box::new(bins.iter().enumerate().rev()));
    (low, high.max(low))
}
