//! What one interval costs, over the sizes that logs have.

use divan::{Bencher, black_box};
use gonogo::estimate::fay_feuer::WeightedErrors;
use gonogo::estimate::{binomial, gamma};

fn main() {
    divan::main();
}

/// Labels, one in a hundred of which is an error.
const LABELS: [u64; 4] = [100, 10_000, 1_000_000, 1_000_000_000];

#[divan::bench(args = LABELS)]
fn clopper_pearson(bencher: Bencher, labels: u64) {
    bencher.bench(|| {
        let (errors, labels) = (black_box(labels / 100), black_box(labels));
        (
            binomial::lower(errors, labels, 0.025),
            binomial::upper(errors, labels, 0.025),
        )
    });
}

#[divan::bench(args = LABELS)]
fn fay_feuer(bencher: Bencher, labels: u64) {
    let weight = 1.0 / labels as f64;
    let errors = (labels / 100) as f64;
    let sums = WeightedErrors {
        estimate: weight * errors,
        variance: weight * weight * errors,
        largest_weight: 2.0 * weight,
    };
    bencher.bench(|| (black_box(sums).lower(0.025), black_box(sums).upper(0.025)));
}

#[divan::bench(args = [1.0, 100.0, 1e6])]
fn gamma_quantile(bencher: Bencher, shape: f64) {
    bencher.bench(|| gamma::quantile_upper(black_box(0.025), black_box(shape)));
}
