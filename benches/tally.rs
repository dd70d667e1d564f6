//! What the tally adds to the reading: the same log read into a sink that only counts rows (see
//! `reader.rs`), into a tally of 50 thresholds, of every distinct score, and of 160 groups.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot run has nothing to measure"
)]

mod log_of_cases;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use gonogo::rate::Grid;
use gonogo::tally::{Scale, Tallier};
use log_of_cases::{ROLES, ROWS, Written};

fn main() {
    divan::main();
}

fn tally(bencher: Bencher, scale: &Scale, segments: &[&str], groupings: &[Vec<usize>]) {
    let written = Written::csv();
    let (log, plan, options) = written.opened(&ROLES, segments);
    bencher
        .counter(ItemsCount::new(ROWS))
        .counter(BytesCount::new(written.bytes()))
        .bench(|| {
            log.read(&plan, &options, || Tallier::new(scale, groupings))
                .expect("every row can be used")
        });
}

fn fifty() -> Scale {
    Scale::Grid(
        "0.5..0.99/0.01"
            .parse::<Grid>()
            .expect("the grid is a constant"),
    )
}

#[divan::bench]
fn fifty_thresholds(bencher: Bencher) {
    tally(bencher, &fifty(), &[], &[]);
}

#[divan::bench]
fn fifty_thresholds_in_160_groups(bencher: Bencher) {
    tally(
        bencher,
        &fifty(),
        &["kind", "region", "channel"],
        &[vec![0, 1, 2]],
    );
}

#[divan::bench]
fn every_distinct_score(bencher: Bencher) {
    tally(bencher, &Scale::Exact, &[], &[]);
}
