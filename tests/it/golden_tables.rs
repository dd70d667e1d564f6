//! Distribution functions and quantiles against tables in 34-digit arithmetic, made by
//! `tests/golden/make_tables.py` and `tests/golden/make_hypergeometric.py`.

use gonogo::estimate::hypergeometric::Draw;
use gonogo::estimate::{beta, binomial, gamma, normal};

/// What the program promises; the methods are some orders better, see the tighter checks.
const TOLERANCE: f64 = 1e-8;

fn rows(text: &str) -> Vec<Vec<f64>> {
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(number).collect())
        .collect();
    assert!(rows.len() >= 150, "only {} rows", rows.len());
    rows
}

/// The largest relative difference of the table, with the row and the answer that has it.
#[derive(Default)]
struct Worst {
    difference: f64,
    place: String,
}

impl Worst {
    fn meet(&mut self, row: &[f64], ours: f64, theirs: f64) {
        assert!(!ours.is_nan(), "NaN at {row:?}");
        let difference = (ours - theirs).abs() / theirs.abs().max(f64::MIN_POSITIVE);
        if difference > self.difference {
            self.difference = difference;
            self.place = format!("{ours} instead of {theirs} at {row:?}");
        }
    }

    fn check(&self, tolerance: f64) {
        assert!(
            self.difference <= tolerance,
            "off by {:e}: {}",
            self.difference,
            self.place
        );
    }
}

#[test]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the table holds counts"
)]
fn clopper_pearson_limits_hold_from_one_to_a_billion_labels() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/clopper_pearson.csv")) {
        let (labelled, errors, tail) = (row[0] as u64, row[1] as u64, row[2]);
        worst.meet(&row, binomial::lower(errors, labelled, tail), row[3]);
        worst.meet(&row, binomial::upper(errors, labelled, tail), row[4]);
    }
    worst.check(1e-11);
}

#[test]
fn gamma_quantiles_hold_for_shapes_from_a_hundredth_to_a_billion() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/gamma_quantile.csv")) {
        worst.meet(&row, gamma::quantile(row[1], row[0]), row[2]);
        worst.meet(&row, gamma::quantile_upper(row[1], row[0]), row[3]);
    }
    worst.check(1e-11);
}

#[test]
fn gamma_tails_hold_for_real_shapes() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/gamma_tails.csv")) {
        worst.meet(&row, gamma::cdf(row[1], row[0]), row[2]);
        worst.meet(&row, gamma::sf(row[1], row[0]), row[3]);
    }
    worst.check(1e-11);
}

#[test]
fn beta_tails_hold_for_real_shapes() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/beta_tails.csv")) {
        worst.meet(&row, beta::cdf(row[2], row[0], row[1]), row[3]);
        worst.meet(&row, beta::sf(row[2], row[0], row[1]), row[4]);
    }
    worst.check(1e-11);
}

#[test]
fn beta_quantiles_return_to_the_point_whose_tail_is_in_the_table() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/beta_tails.csv")) {
        // A tail next to 1 does not hold the point: take the smaller one.
        if row[3] <= row[4] {
            worst.meet(&row, beta::quantile(row[3], row[0], row[1]), row[2]);
        } else {
            worst.meet(&row, beta::quantile_upper(row[4], row[0], row[1]), row[2]);
        }
    }
    worst.check(TOLERANCE);
}

#[test]
fn normal_quantiles_hold_down_to_1e_minus_300() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/normal_quantile.csv")) {
        worst.meet(&row, normal::quantile(row[0]), row[1]);
    }
    worst.check(1e-14);
}

#[test]
fn normal_probabilities_hold_down_to_1e_minus_300() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/normal_cdf.csv")) {
        worst.meet(&row, normal::cdf(row[0]), row[1]);
    }
    worst.check(1e-14);
}

#[test]
fn hypergeometric_masses_and_tails_hold_for_up_to_a_billion_cases() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/hypergeometric.csv")) {
        let [population, errors, drawn, found] = [0, 1, 2, 3].map(|column| row[column] as u64);
        let draw = Draw::new(population, errors, drawn).expect("no more than there is");
        worst.meet(&row, draw.mass(found), row[4]);
        worst.meet(&row, draw.cdf(found), row[5]);
        worst.meet(&row, draw.sf(found), row[6]);
    }
    worst.check(1e-11);
}

#[test]
fn binomial_masses_hold_for_up_to_a_billion_cases() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/binomial_mass.csv")) {
        let mass = binomial::mass(row[1] as u64, row[0] as u64, row[2]);
        worst.meet(&row, mass, row[3]);
    }
    worst.check(1e-11);
}
