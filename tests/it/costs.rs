//! What routings cost: golden rows, small logs by hand, the sample logs reckoned a second time, and
//! limits that hold the truth as often as they say.

use std::fmt::Write as _;

use ethnum::U256;
use gonogo::estimate::cost::chow_threshold;
use gonogo::estimate::fay_feuer::WeightedErrors;
use gonogo::estimate::money::{Class, ErrorSums, Unit};
use gonogo::estimate::rates::{Cell, Labelling};
use gonogo::tally::{Counts, Money, Sums};
use serde_json::Value;
use tempfile::TempDir;

use crate::coverage::{Dice, LOGS, MILLION, Misses, TAIL};
use crate::in_process::{document, json, replay, sample, try_replay};
use crate::reckoning::{Case, LENDING, Part, Set};
use crate::truth::{check_count, check_number};

/// Replays a log of a few lines with a configuration and further words.
fn small(
    log: &str,
    config: &str,
    policies: &[(&str, &str)],
    words: &[&str],
) -> Result<Value, String> {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let mut all = vec![
        put("log.csv", log),
        "--config".to_owned(),
        put("roles.toml", config),
    ];
    all.extend(policies.iter().map(|(name, text)| put(name, text)));
    all.extend(words.iter().map(|word| (*word).to_owned()));
    try_replay(&all).map(|document| json(&document))
}

/// The cost of the first policy.
#[track_caller]
fn cost(log: &str, config: &str, words: &[&str]) -> Value {
    small(log, config, &[], words).unwrap()["policies"][0]["cost"].clone()
}

/// Ten cases: five escalated at 0.5 and two of those wrong; of the five others two are labelled,
/// one of them wrong.
const TEN: &str = "\
id,score,wrong,human,amount,secs
a,0.1,true,true,100,60
b,0.2,false,true,200,
c,0.3,true,true,300,120
d,0.3,false,true,400,
e,0.4,false,true,500,180
f,0.6,true,false,1000,
g,0.7,false,false,2000,
h,0.8,,false,3000,
i,0.9,,false,4000,
j,0.9,,false,5000,
";

const ROLES: &str = "[columns]\nid = 'id'\nscore = 'score'\nerror = 'wrong'\nescalated = 'human'\n";

fn roles(more: &str) -> String {
    format!("{ROLES}{more}")
}

#[test]
fn the_threshold_of_least_cost_is_that_of_the_golden_rows() {
    // Rows E1.1 and E1.2 of the reference table: a review costs 2, an error 50.
    assert!((chow_threshold(2.0, 50.0, 0.0).unwrap() - 0.96).abs() < 1e-15);
    assert!((chow_threshold(2.0, 50.0, 0.03).unwrap() - 0.93).abs() < 1e-15);
    // A review that costs more than an error is never worth it, a free and perfect one always.
    assert_eq!(chow_threshold(60.0, 50.0, 0.0), Some(0.0));
    assert_eq!(chow_threshold(0.0, 50.0, 0.0), Some(1.0));
    for (review, error, residual) in [
        (2.0, 0.0, 0.0),
        (2.0, -1.0, 0.0),
        (-1.0, 50.0, 0.0),
        (2.0, 50.0, 1.0),
        (2.0, 50.0, -0.1),
        (f64::NAN, 50.0, 0.0),
        (2.0, f64::NAN, 0.0),
        (2.0, 50.0, f64::NAN),
    ] {
        assert_eq!(
            chow_threshold(review, error, residual),
            None,
            "{review} {error} {residual}"
        );
    }
}

/// At the threshold of least cost both routes cost the same; on either side the other one is dearer.
#[test]
fn the_threshold_of_least_cost_is_where_both_routes_cost_the_same() {
    let (review, error, residual) = (3.0, 40.0, 0.05);
    let threshold = chow_threshold(review, error, residual).unwrap();
    let approved = |score: f64| (1.0 - score) * error;
    let reviewed = review + residual * error;
    assert!((approved(threshold) - reviewed).abs() < 1e-12);
    assert!(approved(threshold + 0.01) < reviewed && reviewed < approved(threshold - 0.01));
}

#[test]
fn constant_costs_of_a_small_log_are_those_of_a_pencil() {
    let config = roles("[cost]\nerror = 100\nreview = 7\nreviewer_error = 0.1\n");
    let found = cost(TEN, &config, &["0.5"]);
    // Five reviews; a tenth of five cases of 100 stays wrong; 1 of 2 labels wrong among five cases.
    check_number("reviews", &found["reviews"], Some(35.0));
    check_number("after review", &found["reviewer_errors"], Some(50.0));
    check_number("errors", &found["errors"], Some(250.0));
    check_number("all", &found["expected"], Some(335.0));
    check_number("per case", &found["per_case"], Some(33.5));
    check_number("standard error", &found["standard_error"], Some(250.0));
    // One label of weight 250: the limits of one Poisson event, cut where all five are wrong.
    let errors = WeightedErrors {
        estimate: 250.0,
        variance: 62_500.0,
        largest_weight: 250.0,
    };
    check_number("low", &found["low"], Some(85.0 + errors.lower(TAIL)));
    check_number("high", &found["high"], Some(85.0 + 500.0));
    assert!(found["bounds"].is_null());
    assert_eq!(found["method"], "fay-feuer");
}

#[test]
fn costs_in_sql_are_those_of_each_case() {
    let config = roles(
        "[cost]\nerror = '0.5 * amount + 10'\nreview = \"CASE WHEN amount > 250 THEN 3 ELSE 1 END\"\n",
    );
    let found = cost(TEN, &config, &["0.5"]);
    check_number(
        "reviews",
        &found["reviews"],
        Some(1.0 + 1.0 + 3.0 + 3.0 + 3.0),
    );
    // The one wrong label costs 510 and stands for two and a half cases.
    check_number("errors", &found["errors"], Some(1275.0));
    check_number("after review", &found["reviewer_errors"], Some(0.0));
    check_number("all", &found["expected"], Some(1286.0));
    // Escalating all costs reviews alone, and is known.
    let all = cost(TEN, &config, &["1"]);
    for key in ["expected", "low", "high", "reviews"] {
        check_number(key, &all[key], Some(11.0 + 15.0));
    }
    check_number("errors", &all["errors"], Some(0.0));
}

#[test]
fn reviews_by_the_minute_take_the_time_that_is_logged_and_else_the_mean_or_what_is_stated() {
    let seconds = roles("review_seconds = 'secs'\n[cost]\nerror = 100\nreview_per_minute = 2\n");
    // 60, 120 and 180 seconds are known: the two others count with the mean of 120.
    let answer = small(TEN, &seconds, &[], &["0.5", "0.25"]).unwrap();
    let policies = &answer["policies"];
    check_number(
        "reviews",
        &policies[0]["cost"]["reviews"],
        Some(2.0 * 600.0 / 60.0),
    );
    check_number("hours", &policies[0]["review_hours"], Some(600.0 / 3600.0));
    check_number(
        "hours in fact",
        &answer["actual"]["review_hours"],
        Some(600.0 / 3600.0),
    );
    // Case a of 60 seconds and case b of the mean.
    check_number(
        "reviews",
        &policies[1]["cost"]["reviews"],
        Some(2.0 * 180.0 / 60.0),
    );
    // What is stated goes before the mean, not before what is logged.
    let stated = format!("{seconds}[reviewers]\ncount = 1\nminutes_per_case = 10\n");
    let answer = small(TEN, &stated, &[], &["0.5", "0.25"]).unwrap();
    check_number(
        "reviews",
        &answer["policies"][0]["cost"]["reviews"],
        Some(2.0 * (6.0 + 20.0)),
    );
    check_number(
        "reviews",
        &answer["policies"][1]["cost"]["reviews"],
        Some(2.0 * 11.0),
    );
    // Without a role only what is stated is known.
    let unlogged = roles(
        "[cost]\nerror = 100\nreview_per_minute = 2\n[reviewers]\ncount = 1\nminutes_per_case = 10\n",
    );
    check_number(
        "reviews",
        &cost(TEN, &unlogged, &["0.5"])["reviews"],
        Some(100.0),
    );
}

#[test]
fn without_any_time_of_reviews_a_price_by_the_minute_gives_no_total() {
    let config = roles("[cost]\nerror = 100\nreview_per_minute = 2\n");
    let answer = small(TEN, &config, &[], &["0.5"]).unwrap();
    let found = &answer["policies"][0];
    for key in ["expected", "low", "high", "reviews", "per_case", "bounds"] {
        assert!(found["cost"][key].is_null(), "{key}");
    }
    assert!(found["review_hours"].is_null());
    // What errors cost is known all the same.
    check_number("errors", &found["cost"]["errors"], Some(250.0));
}

#[test]
fn without_a_cost_of_errors_there_is_no_total_but_the_cost_of_reviews() {
    let found = cost(TEN, &roles("[cost]\nreview = 7\n"), &["0.5"]);
    check_number("reviews", &found["reviews"], Some(35.0));
    for key in [
        "expected",
        "low",
        "high",
        "errors",
        "reviewer_errors",
        "per_case",
        "bounds",
    ] {
        assert!(found[key].is_null(), "{key}: {found}");
    }
}

#[test]
fn without_a_cost_of_reviews_there_is_no_total_but_the_cost_of_errors() {
    let found = cost(
        TEN,
        &roles("[cost]\nerror = 100\nreviewer_error = 0.1\n"),
        &["0.5"],
    );
    check_number("errors", &found["errors"], Some(250.0));
    check_number("standard error", &found["standard_error"], Some(250.0));
    check_number("after review", &found["reviewer_errors"], Some(50.0));
    for key in ["expected", "low", "high", "reviews", "per_case", "bounds"] {
        assert!(found[key].is_null(), "{key}: {found}");
    }
}

/// Sweep and replay say the same of what is missing.
#[test]
fn costs_without_a_total_are_told_with_what_is_missing() {
    let told = |more: &str| {
        let folder = TempDir::new().unwrap();
        let put = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            folder.path().join(name)
        };
        let (log, config) = (put("log.csv", TEN), put("roles.toml", &roles(more)));
        let swept = document(&log, &config, &["--thresholds", "0.5"]);
        let replayed = small(TEN, &roles(more), &[], &["0.5"]).unwrap();
        let warnings = [swept, replayed].map(|answer| {
            let warnings = answer["warnings"].as_array().unwrap().clone();
            let texts = warnings.iter().filter_map(Value::as_str);
            texts
                .filter(|text| text.contains("no cost can be told"))
                .collect::<String>()
        });
        assert_eq!(warnings[0], warnings[1]);
        warnings[0].clone()
    };
    assert!(told("[cost]\nreview = 7\n").contains("does not state `error`"));
    assert!(told("[cost]\nerror = 7\n").contains("does not state what a review costs"));
    assert_eq!(told("[cost]\nerror = 7\nreview = 1\n"), "");
    assert_eq!(told(""), "");
}

#[test]
fn hours_of_review_are_told_wherever_the_log_has_them() {
    let answer = small(
        TEN,
        &roles("review_seconds = 'secs'\n"),
        &[],
        &["0.5", "0.25"],
    )
    .unwrap();
    check_number(
        "hours",
        &answer["actual"]["review_hours"],
        Some(600.0 / 3600.0),
    );
    check_number(
        "hours",
        &answer["policies"][1]["review_hours"],
        Some(180.0 / 3600.0),
    );
    assert!(answer["policies"][0]["cost"].is_null());
}

#[test]
fn without_stated_costs_there_is_no_cost_at_all() {
    let answer = small(TEN, ROLES, &[], &["0.5"]).unwrap();
    assert!(answer["policies"][0]["cost"].is_null());
    assert!(answer["actual"]["cost"].is_null());
}

#[test]
fn where_a_part_has_no_labels_the_cost_has_limits_and_no_estimate() {
    // No auto-approved case is labelled: none of them is wrong, or all five.
    let log = TEN.replace("0.6,true", "0.6,").replace("0.7,false", "0.7,");
    let config = roles("[cost]\nerror = 'amount'\nreview = 7\nreviewer_error = 0.1\n");
    let found = cost(&log, &config, &["0.5"]);
    for key in [
        "expected",
        "low",
        "high",
        "errors",
        "standard_error",
        "per_case",
    ] {
        assert!(found[key].is_null(), "{key}: {found}");
    }
    let known = 35.0 + 150.0;
    check_number("least", &found["bounds"][0], Some(known));
    check_number("most", &found["bounds"][1], Some(known + 15_000.0));
    assert_eq!(found["method"], "manski");
    // A looser line adds labelled cases of the escalated: d and e, right ones.
    let found = cost(&log, &config, &["0.25"]);
    let known = 14.0 + 30.0;
    check_number("least", &found["bounds"][0], Some(known + 300.0));
    check_number("most", &found["bounds"][1], Some(known + 300.0 + 15_000.0));
}

#[test]
fn a_cost_without_money_at_stake_is_known_even_without_labels() {
    let log = TEN.replace("0.6,true", "0.6,").replace("0.7,false", "0.7,");
    let config = roles("[cost]\nerror = \"CASE WHEN human THEN 10 ELSE 0 END\"\nreview = 7\n");
    let found = cost(&log, &config, &["0.5"]);
    for key in ["expected", "low", "high"] {
        check_number(key, &found[key], Some(35.0));
    }
}

#[test]
fn costs_that_cannot_be_are_refused_with_their_rows() {
    let bad = |more: &str| small(TEN, &roles(more), &[], &["0.5"]).expect_err("it is refused");
    let told = bad("[cost]\nerror = 'amount - 1000'\nreview = 1\n");
    for word in [
        "5 bad rows",
        "line 2",
        "[cost] error",
        "\"-900\"",
        "is not an amount from 0 to a trillion",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let told = bad("[cost]\nerror = 1\nreview = 'amount / (amount - amount)'\n");
    assert!(
        told.contains("[cost] review") && told.contains("10 bad rows"),
        "{told}"
    );
    let told = bad("[cost]\nerror = 1\nreview = 'secs'\n");
    assert!(
        told.contains("7 bad rows") && told.contains("is missing"),
        "{told}"
    );
    let told = bad("[cost]\nerror = 'amuont'\n");
    assert!(
        told.contains("[cost] error") && told.contains("did you mean `amount`"),
        "{told}"
    );
    for (text, message) in [
        ("error = -1", "`error` must be a number from 0 on, or SQL"),
        ("error = nan", "`error` must be a number from 0 on, or SQL"),
        (
            "review = inf",
            "`review` must be a number from 0 on, or SQL",
        ),
        ("review = 1\nreview_per_minute = 2", "keep one"),
        (
            "review_per_minute = -1",
            "`review_per_minute` must be a number from 0 on",
        ),
        ("reviewer_error = 1.0", "a share from 0 to below 1"),
        ("reviewer_error = -0.1", "a share from 0 to below 1"),
        ("eror = 1", "unknown field `eror`"),
    ] {
        let told = bad(&format!("[cost]\n{text}\n"));
        assert!(told.contains(message), "{text}: {told}");
    }
}

#[test]
fn a_review_of_negative_length_is_refused_with_its_row() {
    let log = TEN.replace(",120\n", ",-120\n");
    let config = roles("review_seconds = 'secs'\n[cost]\nerror = 1\nreview_per_minute = 1\n");
    let told = small(&log, &config, &[], &["0.5"]).expect_err("it is refused");
    for word in ["1 bad row", "line 4", "review_seconds", "-120"] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

/// What a routing of the lending log costs, by hand.
struct Prices {
    error: fn(&Case) -> f64,
    review: fn(&Case) -> f64,
    reviewer_error: f64,
}

fn check_cost(
    what: &str,
    found: &Value,
    cases: &[Case],
    prices: &Prices,
    auto: impl Fn(&Case) -> bool,
) {
    let price = |case: &Case| Case {
        value: (prices.error)(case),
        segments: case.segments.clone(),
        id: String::new(),
        ..*case
    };
    let approved: Vec<Case> = cases.iter().filter(|case| auto(case)).map(price).collect();
    let set = Set::of(approved.iter());
    let reviewed = || cases.iter().filter(|case| !auto(case));
    let reviews: f64 = reviewed().map(prices.review).sum();
    let after: f64 = reviewed().map(prices.error).sum::<f64>() * prices.reviewer_error;
    check_number(
        &format!("{what}, reviews"),
        &found["reviews"],
        Some(reviews),
    );
    check_number(
        &format!("{what}, after review"),
        &found["reviewer_errors"],
        Some(after),
    );
    let parts = set.supported();
    let sum = |number: fn(&Part) -> f64| parts.iter().map(number).sum::<f64>();
    let weighted = WeightedErrors {
        estimate: sum(|part| part.weight() * part.wrong_value),
        variance: sum(|part| part.weight().powi(2) * part.wrong_value_squared),
        largest_weight: parts
            .iter()
            .map(|p| p.weight() * p.largest_value)
            .fold(0.0, f64::max),
    };
    let most = set.sum(|part| part.value);
    let errors = weighted.estimate.min(most);
    let known = reviews + after;
    assert!(
        set.unsupported() <= 0.0,
        "{what}: an estimate is to be checked"
    );
    let [low, high] = if most > 0.0 {
        [weighted.lower(TAIL), weighted.upper(TAIL).min(most)]
    } else {
        [0.0, 0.0]
    };
    for (key, expected) in [
        ("errors", errors),
        ("standard_error", weighted.variance.sqrt()),
        ("expected", known + errors),
        ("low", known + low.min(errors)),
        ("high", known + high),
        ("per_case", (known + errors) / cases.len() as f64),
    ] {
        check_number(&format!("{what}, {key}"), &found[key], Some(expected));
    }
}

/// Replays the lending log with costs, and checks what each routing costs.
fn check_lending(more: &str, prices: &Prices) {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let roles = std::fs::read_to_string(LENDING.config()).unwrap();
    let config = put(
        "roles.toml",
        &format!(
            "{}\n{more}",
            roles
                .replace("[segments]", "#SECONDS\n[segments]")
                .replace("#SECONDS", SECONDS)
        ),
    );
    let rules = put(
        "rules.toml",
        "threshold = 0.9\n[[rules]]\nwhen = \"grade = 'A'\"\nroute = 'auto'\n",
    );
    let log = sample("lending_club.selective.csv");
    let words = [&log, &rules].map(|path| path.display().to_string());
    let words = words
        .into_iter()
        .chain(["0.95", "0", "--config"].map(str::to_owned));
    let words: Vec<String> = words.chain([config.display().to_string()]).collect();
    let answer = json(&replay(&words));
    let cases = LENDING.cases("selective.csv");
    check_cost(
        "actual",
        &answer["actual"]["cost"],
        &cases,
        prices,
        |case| !case.escalated,
    );
    let routes: [fn(&Case) -> bool; 3] = [
        |case| case.segments["grade"] == "A" || case.score >= 0.9,
        |case| case.score >= 0.95,
        |_| true,
    ];
    for (found, route) in answer["policies"].as_array().unwrap().iter().zip(routes) {
        check_cost(
            &found["name"].to_string(),
            &found["cost"],
            &cases,
            prices,
            route,
        );
    }
    // A sweep of the same log tells the same costs.
    let swept = document(&log, &config, &["--thresholds", "0,0.95"]);
    assert_eq!(swept["points"][0]["cost"], answer["policies"][2]["cost"]);
    assert_eq!(swept["points"][1]["cost"], answer["policies"][1]["cost"]);
    assert_eq!(swept["actual"]["cost"], answer["actual"]["cost"]);
    // The rules of a policy share its cost out.
    let rules = answer["policies"][0]["rules"].as_array().unwrap();
    let sum: f64 = rules
        .iter()
        .map(|rule| rule["cost"]["reviews"].as_f64().unwrap())
        .sum();
    check_number(
        "reviews by rule",
        &answer["policies"][0]["cost"]["reviews"],
        Some(sum),
    );
}

/// The length of a review, unknown for loans below 10,000.
const SECONDS: &str =
    "review_seconds = '''CASE WHEN \"Amount (USD)\" >= 10000 THEN \"Amount (USD)\" / 100 END'''";

#[test]
fn constant_costs_of_the_lending_log_equal_a_second_reckoning() {
    check_lending(
        "[cost]\nerror = 1200\nreview = 2.4\nreviewer_error = 0.03\n",
        &Prices {
            error: |_| 1200.0,
            review: |_| 2.4,
            reviewer_error: 0.03,
        },
    );
}

#[test]
fn costs_in_sql_of_the_lending_log_equal_a_second_reckoning() {
    check_lending(
        "[cost]\nerror = '0.8 * value + 25'\nreview = \"CASE WHEN grade = 'G' THEN 30 ELSE 2.5 END\"\n",
        &Prices {
            error: |case| 0.8 * case.value + 25.0,
            review: |case| {
                if case.segments["grade"] == "G" {
                    30.0
                } else {
                    2.5
                }
            },
            reviewer_error: 0.0,
        },
    );
}

#[test]
fn costs_by_the_minute_of_the_lending_log_equal_a_second_reckoning() {
    check_lending(
        "[cost]\nerror = 'value'\nreview_per_minute = 1.5\nreviewer_error = 0.01\n\
         [reviewers]\ncount = 5\nminutes_per_case = 4\n",
        &Prices {
            error: |case| case.value,
            review: |case| {
                let seconds = if case.value >= 10_000.0 {
                    case.value / 100.0
                } else {
                    240.0
                };
                1.5 * seconds / 60.0
            },
            reviewer_error: 0.01,
        },
    );
}

/// An auto-approved cell: cases of three sizes of cost, labelled and wrong by chance.
#[derive(Clone, Copy)]
struct Drawn {
    /// Cases of each cost.
    cases: [u64; 3],
    labelled: u32,
    /// Of each cost, in millionths.
    wrong: [u32; 3],
}

const COSTS: [u64; 3] = [20, 100, 400];

impl Drawn {
    fn cell(&self, dice: &mut Dice) -> Cell {
        let mut counts = Counts::default();
        let mut money = Money::default();
        for ((cases, cost), wrong) in self.cases.iter().zip(COSTS).zip(self.wrong) {
            let micros = u128::from(cost) * 1_000_000;
            let labelled = dice.count(*cases, self.labelled);
            let wrong = dice.count(labelled, wrong);
            counts.unknown += cases - labelled;
            counts.right += labelled - wrong;
            counts.wrong += wrong;
            money.at_stake += micros * u128::from(*cases);
            money.wrong += micros * u128::from(wrong);
            money.wrong_squares += U256::from(micros * micros) * U256::from(wrong);
            money.largest = money.largest.max(cost * 1_000_000);
        }
        Cell {
            labelling: if self.labelled == MILLION {
                Labelling::Certain
            } else {
                Labelling::Constant
            },
            sums: Sums {
                counts,
                money: Some(Box::new(money)),
                ..Sums::default()
            },
        }
    }

    fn expected(&self) -> f64 {
        let parts = self.cases.iter().zip(COSTS).zip(self.wrong);
        parts
            .map(|((cases, cost), wrong)| {
                *cases as f64 * cost as f64 * f64::from(wrong) / f64::from(MILLION)
            })
            .sum()
    }
}

/// Two classes of cases (errors of the first are corrected in part) of two cells each: one audited,
/// one labelled throughout.
const DESIGNS: [[(f64, [Drawn; 2]); 2]; 2] = [
    [
        (
            0.4,
            [
                Drawn {
                    cases: [1500, 400, 100],
                    labelled: 50_000,
                    wrong: [30_000, 40_000, 60_000],
                },
                Drawn {
                    cases: [100, 50, 20],
                    labelled: MILLION,
                    wrong: [80_000, 80_000, 80_000],
                },
            ],
        ),
        (
            1.0,
            [
                Drawn {
                    cases: [1000, 300, 50],
                    labelled: 50_000,
                    wrong: [20_000, 10_000, 5_000],
                },
                Drawn {
                    cases: [50, 50, 0],
                    labelled: MILLION,
                    wrong: [100_000, 50_000, 0],
                },
            ],
        ),
    ],
    // Audits that often find no error at all.
    [
        (
            0.75,
            [
                Drawn {
                    cases: [2000, 500, 0],
                    labelled: 20_000,
                    wrong: [10_000, 20_000, 0],
                },
                Drawn {
                    cases: [40, 10, 10],
                    labelled: MILLION,
                    wrong: [20_000, 20_000, 50_000],
                },
            ],
        ),
        (
            1.0,
            [
                Drawn {
                    cases: [1000, 0, 20],
                    labelled: 20_000,
                    wrong: [15_000, 0, 30_000],
                },
                Drawn {
                    cases: [0, 10, 30],
                    labelled: MILLION,
                    wrong: [0, 50_000, 10_000],
                },
            ],
        ),
    ],
];

fn misses(
    seed: u64,
    design: &[(f64, [Drawn; 2]); 2],
    limits: fn(&ErrorSums) -> (f64, f64),
) -> Misses {
    let truth: f64 = design
        .iter()
        .map(|(factor, cells)| factor * cells.iter().map(Drawn::expected).sum::<f64>())
        .sum();
    let mut dice = Dice::seeded(seed);
    let mut misses = Misses::default();
    for _ in 0..LOGS {
        let classes = design.map(|(factor, cells)| Class {
            factor,
            cells: cells.iter().map(|cell| cell.cell(&mut dice)).collect(),
        });
        let (low, high) = limits(&ErrorSums::of(&classes, Unit::Money));
        misses.note(gonogo::rate::Interval { low, high }, truth);
    }
    misses
}

#[test]
fn limits_of_the_expected_cost_miss_the_truth_no_more_often_than_they_say() {
    for (seed, design) in (51..).zip(&DESIGNS) {
        let found = misses(seed, design, |sums| {
            let (_, low, high) = sums.limits(TAIL).unwrap_or((0.0, 0.0, f64::INFINITY));
            (low, high)
        });
        assert!(found.keep(TAIL), "design {seed}: {found:?} of {LOGS}");
    }
}

#[test]
fn a_normal_interval_of_the_cost_fails_the_same_check() {
    for (seed, design) in (51..).zip(&DESIGNS) {
        let found = misses(seed, design, |sums| {
            let (estimate, reach) = (
                sums.errors.estimate,
                1.959_964 * sums.errors.variance.sqrt(),
            );
            (estimate - reach, estimate + reach)
        });
        assert!(!found.keep(TAIL), "design {seed}: {found:?} of {LOGS}");
    }
}

/// The full log holds the truth of what the audited one estimates.
#[test]
fn costs_estimated_from_the_audited_log_hold_those_of_the_full_log_between_their_limits() {
    let mut told = String::new();
    for (words, error) in [
        ("error = 500", "500"),
        ("error = \"value * 0.01\"", "value"),
    ] {
        let roles = std::fs::read_to_string(LENDING.config()).unwrap();
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("roles.toml");
        std::fs::write(
            &config,
            format!("{roles}\n[cost]\n{words}\nreview = 5\nreviewer_error = 0.02\n"),
        )
        .unwrap();
        let policies = ["0.5", "0.7", "0.8", "0.9", "0.93", "0.96", "0.98"];
        let answer = |state: &str| {
            let log = sample(&format!("lending_club.{state}"))
                .display()
                .to_string();
            let words = [log, "--config".to_owned(), config.display().to_string()];
            let words: Vec<String> = words
                .into_iter()
                .chain(policies.map(str::to_owned))
                .collect();
            json(&replay(&words))
        };
        let (part, full) = (answer("selective.csv"), answer("full.csv.gz"));
        check_count(
            "policies",
            &Value::from(policies.len()),
            full["policies"].as_array().unwrap().len() as f64,
        );
        for (part, full) in part["policies"]
            .as_array()
            .unwrap()
            .iter()
            .zip(full["policies"].as_array().unwrap())
        {
            let truth = full["cost"]["expected"].as_f64().unwrap();
            let (low, high) = (
                part["cost"]["low"].as_f64().unwrap(),
                part["cost"]["high"].as_f64().unwrap(),
            );
            let _ = writeln!(told, "{error} {}: {low} {truth} {high}", part["name"]);
            assert!(low <= truth && truth <= high, "{told}");
            assert_eq!(part["cost"]["reviews"], full["cost"]["reviews"]);
        }
    }
}
