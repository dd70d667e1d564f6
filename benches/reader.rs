//! How fast a log becomes batches, beside the least that any reader must do: copying the bytes and
//! counting the lines. One log of 200,000 rows, written once to a temporary file.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot run has nothing to measure"
)]

mod log_of_cases;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use gonogo::config::Role;
use gonogo::log::{Batch, Interner, Sink};
use log_of_cases::{ROLES, ROWS, Written};

fn main() {
    divan::main();
}

/// A sink that looks at the batches only as far as to count their rows.
struct Rows(u64);

impl Sink for Rows {
    type Output = u64;

    fn take(&mut self, batch: &Batch) {
        self.0 += batch.rows() as u64;
    }

    fn finish(&mut self, _segments: &[&Interner]) -> u64 {
        self.0
    }
}

fn read(bencher: Bencher, written: &Written, roles: &[Role], segments: &[&str]) {
    let (log, plan, options) = written.opened(roles, segments);
    bencher
        .counter(ItemsCount::new(ROWS))
        .counter(BytesCount::new(written.bytes()))
        .bench(|| {
            let (rows, _) = log
                .read(&plan, &options, || Rows(0))
                .expect("every row can be used");
            assert_eq!(rows.iter().sum::<u64>(), ROWS as u64);
        });
}

#[divan::bench]
fn csv_copied_and_lines_counted(bencher: Bencher) {
    let written = Written::csv();
    bencher
        .counter(ItemsCount::new(ROWS))
        .counter(BytesCount::new(written.bytes()))
        .bench(|| {
            let bytes = std::fs::read(written.path()).expect("the log was just written");
            assert_eq!(
                memchr::memchr_iter(b'\n', black_box(&bytes)).count(),
                ROWS + 1
            );
        });
}

#[divan::bench]
fn csv_roles(bencher: Bencher) {
    read(bencher, &Written::csv(), &ROLES, &[]);
}

#[divan::bench]
fn csv_roles_and_repeated_ids(bencher: Bencher) {
    let roles = [&ROLES[..], &[Role::Id]].concat();
    read(bencher, &Written::csv(), &roles, &[]);
}

#[divan::bench]
fn csv_roles_and_three_segments(bencher: Bencher) {
    read(
        bencher,
        &Written::csv(),
        &ROLES,
        &["kind", "region", "channel"],
    );
}

#[divan::bench]
fn json_lines_roles(bencher: Bencher) {
    read(bencher, &Written::json_lines(), &ROLES, &[]);
}
