//! The thresholds that a person wants to see who named none.

use crate::rate::{Grid, Threshold};
use crate::tally::{History, Profile};

/// Steps that people count in, in thousandths, the finest first.
const STEPS: [usize; 8] = [1, 2, 5, 10, 20, 50, 100, 200];
/// Thresholds that a table can hold and still be read at a glance.
const MOST_THRESHOLDS: usize = 14;
/// Share of the cases that may lie beyond either end of the grid.
const BEYOND: f64 = 0.01;

/// Thresholds that are added above the last one where scores crowd there.
const MOST_ADDED: usize = 5;
/// Share of the scores above the last threshold that asks for finer ones.
const CROWD: f64 = 0.25;

/// Round thresholds over the range of the scores, from "auto-approve all" on, finer where scores
/// crowd at the top, with the historical threshold among them. All are multiples of 0.001.
pub(in crate::command) fn readable(profile: &Profile, history: Option<&History>) -> Grid {
    spread(profile, history, (MOST_THRESHOLDS, MOST_ADDED))
}

/// Round thresholds as for `readable`: at most so many over the whole range, and at most so many
/// each time that finer ones are added.
pub(in crate::command) fn spread(
    profile: &Profile,
    history: Option<&History>,
    (most, most_added): (usize, usize),
) -> Grid {
    let bins = profile.all();
    let (low, high) = range(&bins);
    let mut wanted = vec![0];
    wanted.extend(multiples(low, high, most));
    while let Some(last) = wanted.last().copied()
        && share_from(&bins, last) > CROWD
    {
        let finer = multiples(last + 1, high, most_added);
        if finer.is_empty() {
            break;
        }
        wanted.extend(finer);
    }
    let all = Grid::thousandths();
    let mut thresholds: Vec<Threshold> = wanted
        .iter()
        .filter_map(|index| all.thresholds().get(*index).cloned())
        .collect();
    thresholds.extend(history.map(|history| history.threshold.clone()));
    Grid::of(thresholds).unwrap_or(all)
}

/// The multiples of the finest step that gives at most `most` of them from `low` to `high`, in
/// thousandths.
fn multiples(low: usize, high: usize, most: usize) -> Vec<usize> {
    let within = |step: &usize| {
        (low.div_ceil(*step)..=high / step)
            .map(|n| n * step)
            .collect()
    };
    let lists = STEPS.iter().map(|step| -> Vec<usize> { within(step) });
    lists
        .into_iter()
        .find(|list| list.len() <= most)
        .unwrap_or_default()
}

/// The share of the cases that meet a threshold in thousandths.
fn share_from(bins: &[u64], threshold: usize) -> f64 {
    let total: u64 = bins.iter().sum();
    let above: u64 = bins.iter().skip(threshold + 1).sum();
    above as f64 / total.max(1) as f64
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
