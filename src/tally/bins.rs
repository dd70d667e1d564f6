//! Which bin a score falls into, by comparison with the thresholds themselves.

use crate::rate::Grid;

/// Buckets of the look-up table: a power of two, so that a score times it is exact.
const BUCKETS: usize = 4096;

/// How scores are binned.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// By the thresholds of a grid: bin b holds the scores that meet exactly b of them.
    Grid(Grid),
    /// Every distinct score is a bin of its own.
    Exact,
}

/// Finds bins quickly: a table gives the first candidate, comparison the answer.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    thresholds: Vec<f64>,
    /// Thresholds that the lowest score of each bucket meets.
    first: Vec<u32>,
}

impl Finder {
    /// A finder for ascending thresholds in [0, 1].
    pub(super) fn new(thresholds: Vec<f64>) -> Self {
        let met = |score: f64| thresholds.partition_point(|threshold| *threshold <= score) as u32;
        let first = (0..=BUCKETS)
            .map(|bucket| met(bucket as f64 / BUCKETS as f64))
            .collect();
        Self { thresholds, first }
    }

    /// Number of thresholds that the score meets.
    pub(super) fn bin(&self, score: f64) -> u32 {
        let bucket = (score * BUCKETS as f64) as usize;
        let mut bin = self.first.get(bucket).copied().unwrap_or(0);
        while let Some(threshold) = self.thresholds.get(bin as usize)
            && *threshold <= score
        {
            bin += 1;
        }
        bin
    }

    /// Number of bins.
    pub(super) fn bins(&self) -> usize {
        self.thresholds.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_meets_the_thresholds_that_are_not_above_it() {
        let thresholds: Vec<f64> = ["0", "0.1", "0.3", "0.30000000000000004", "0.85", "1"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let finder = Finder::new(thresholds.clone());
        let mut scores = vec![0.0, 0.099_999_999, 0.1 + 0.2, 0.5, 0.849_999_999_999, 1.0];
        scores.extend(&thresholds);
        scores.extend((0..=8192).map(|step| f64::from(step) / 8192.0));
        for score in scores {
            let met = thresholds
                .iter()
                .filter(|threshold| score >= **threshold)
                .count();
            assert_eq!(finder.bin(score) as usize, met, "score {score}");
        }
    }
}
