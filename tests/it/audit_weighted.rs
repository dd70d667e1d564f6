//! Rates of cases that were drawn by value: what the drawn ones stand for, against figures that were
//! computed apart, and by simulation at the boundary that the bounds hold.

use gonogo::audit::conclude::{
    MissingVerdicts, Outcome, Rule, Sample, Side, Taint, UnequalCase, UnequalSample, conclude,
};
use gonogo::audit::draw::{Design, Method, draw};
use gonogo::audit::frame::{Case, Frame, Size};
use serde_json::Value;

use crate::audit_commands::{audit, desk, ends, sample};
use crate::binary::Desk;

const RUNS: u32 = 1000;
const RISK: f64 = 0.05;

fn rule() -> Rule {
    Rule {
        tolerable: "5%".parse().unwrap(),
        confidence: "95%".parse().unwrap(),
        side: Side::OneSided,
        missing: MissingVerdicts::Incomplete,
    }
}

/// A population with values, of which some are wrong.
struct World {
    values: Vec<u32>,
    wrong: Vec<bool>,
}

impl World {
    /// 400 cases with values from 10 to 10 + `spread`, the smallest first.
    fn new(spread: u32, wrong: impl Fn(u32) -> bool) -> Self {
        Self {
            values: (0..400).map(|place| 10 + spread * place / 399).collect(),
            wrong: (0..400).map(wrong).collect(),
        }
    }

    fn frame(&self) -> Frame {
        let cases = self.values.iter().enumerate().map(|(place, value)| Case {
            size: Size::from_units(f64::from(*value)),
            ..Case::new(&format!("{place}"))
        });
        Frame::new(cases.collect()).unwrap()
    }

    fn rate(&self) -> f64 {
        let wrong = self.wrong.iter().filter(|wrong| **wrong).count();
        wrong as f64 / self.wrong.len() as f64
    }
}

/// How often the truth is outside of the bounds.
#[derive(Debug, Default)]
struct Misses {
    above: f64,
    below: f64,
    /// Above the total and 1.645 standard errors of it, as of a normal distribution.
    textbook: f64,
}

fn misses(world: &World, method: Method, size: u64) -> Misses {
    let frame = world.frame();
    let least = f64::from(*world.values.iter().min().unwrap());
    let total = f64::from(world.values.iter().sum::<u32>());
    let mut misses = Misses::default();
    for run in 0..RUNS {
        let seed = format!("simulation of a draw, run {run}").parse().unwrap();
        let drawn = draw(&frame, &Design::new(method, size), &seed).unwrap();
        let cases = drawn.picks.iter().map(|pick| UnequalCase {
            probability: pick.probability.unwrap(),
            outcome: if world.wrong[pick.unit.key.parse::<usize>().unwrap()] {
                Outcome::Incorrect(Taint::WHOLE)
            } else {
                Outcome::Correct
            },
        });
        let sample = UnequalSample {
            population: 400,
            smallest_probability: size as f64 * least / total,
            expected_drawn: size as f64,
            cases: cases.collect(),
        };
        let conclusion = conclude(&Sample::Unequal(sample), &rule()).unwrap();
        let weighted = conclusion.weighted.unwrap();
        let normal = weighted.total + 1.645 * weighted.total_error.unwrap_or(0.0);
        let miss = |is_outside: bool| f64::from(u8::from(is_outside));
        misses.above += miss(conclusion.bounds.upper < world.rate());
        misses.below += miss(conclusion.bounds.lower > world.rate());
        misses.textbook += miss(normal < world.rate() * 400.0);
    }
    misses
}

#[test]
fn bounds_of_a_rate_hold_at_the_boundary_in_draws_by_value() {
    // The hardest place for the upper bound: the errors are the smallest cases.
    let most = (RISK + 3.0 * (RISK * (1.0 - RISK) / f64::from(RUNS)).sqrt()) * f64::from(RUNS);
    let of = |method, size, wrong| {
        let small = World::new(10, |place| place < wrong);
        let misses = misses(&small, method, size);
        assert!(misses.above <= most && misses.below <= most, "{misses:?}");
        misses
    };
    // The normal limit is too low after few errors, and 0 after none.
    let few = of(Method::Pps, 20, 60);
    assert!(few.textbook > most, "{few:?}");
    of(Method::MusInterval, 60, 120);
    // Of equal values the bound is hardly wider than it must be.
    let alike = misses(&World::new(0, |place| place % 20 == 7), Method::Pps, 60);
    assert!(alike.above <= most, "{alike:?}");
    assert!(alike.above >= 0.5 * RISK * f64::from(RUNS), "{alike:?}");
}

/// Fills in a worksheet by what is said of each case by its number: the verdict and the correct value.
fn judge(desk: &Desk, says: impl Fn(u32) -> (&'static str, String)) {
    let text = desk.text("sheet.csv");
    let mut lines = text.lines();
    let mut judged = format!("{}\n", lines.next().unwrap());
    let titles: Vec<&str> = judged.trim().split(',').collect();
    let place = |title: &str| {
        let title = format!("\"{title}\"");
        titles.iter().position(|found| *found == title).unwrap()
    };
    let (id, verdict, value) = (place("case_id"), place("verdict"), place("correct_value"));
    let mut rows = Vec::new();
    for line in lines {
        let mut cells: Vec<String> = line.split("\",\"").map(str::to_owned).collect();
        let (word, correct) = says(cells[id].parse().unwrap());
        word.clone_into(&mut cells[verdict]);
        cells[value] = correct;
        rows.push(cells.join("\",\"") + "\n");
    }
    judged.extend(rows);
    desk.put("sheet.csv", judged);
}

fn evaluation(desk: &Desk) -> Value {
    let answer = audit(desk, "evaluate draw.json sheet.csv --format json");
    serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr))
}

#[track_caller]
fn near(got: &Value, want: f64) {
    let got = got.as_f64().unwrap();
    assert!(
        (got - want).abs() < 1e-9 * want.abs().max(1.0),
        "{got}, not {want}"
    );
}

fn wrong(number: u32) -> (&'static str, String) {
    let verdict = if number % 5 == 1 {
        "incorrect"
    } else {
        "correct"
    };
    (verdict, String::new())
}

// What tests/golden/make_audit_weighted.py says.
const PPS_TOTAL: f64 = 41.156_932_052_154_8;
const PPS_TOTAL_ERROR: f64 = 14.493_988_161_019_276;
const PPS_MEAN: f64 = 0.179_000_975_177_163_07;
const PPS_MEAN_ERROR: f64 = 0.087_009_919_575_172_5;
const APART_MEAN: f64 = 0.184_429_533_454_885_47;
const APART_MEAN_ERROR: f64 = 0.090_820_985_861_874_52;
const VALUE_TOTAL: f64 = 324.849_999_999_999_97;
const VALUE_TOTAL_ERROR: f64 = 87.022_773_000_432_74;

#[test]
fn a_claim_on_cases_drawn_by_value_is_estimated_as_a_script_apart_says() {
    let desk = desk();
    let options = "-n 40 --method pps --claim-on cases --tolerable 50%";
    assert_eq!(sample(&desk, options)["rule"]["of"], "cases");
    judge(&desk, wrong);
    let json = evaluation(&desk);
    assert_eq!((&json["of"], &json["errors"]), (&"cases".into(), &8.into()));
    assert_eq!(json["method"], "weighted-stringer");
    assert_eq!(json["population"], 146, "the cases with a value");
    let weighted = &json["weighted"];
    near(&weighted["total"], PPS_TOTAL);
    near(&weighted["total_standard_error"], PPS_TOTAL_ERROR);
    near(&weighted["mean"], PPS_MEAN);
    near(&weighted["mean_standard_error"], PPS_MEAN_ERROR);
    near(&json["estimate"], PPS_MEAN);
    near(&json["standard_error"], PPS_MEAN_ERROR);
    let upper = json["upper"].as_f64().unwrap();
    assert!(upper > PPS_TOTAL / 146.0 && upper < 1.0, "{upper}");
    let notes = json["notes"].to_string();
    assert!(
        notes.contains("is not proved") && notes.contains("`zero` are no part"),
        "{notes}"
    );
    let answer = audit(&desk, "evaluate draw.json sheet.csv --format md");
    let told = "stand for 41.2 errors in all (Horvitz-Thompson, standard error 14.5), and a rate of \
                17.9 % (Hajek, standard error 8.7 %)";
    for text in [&answer.stdout, &json["sentence"].to_string()] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(told), "{text}");
    }
    ends(&audit(&desk, "verify draw.json --log log.csv"), 0);
}

#[test]
fn cases_that_are_not_applicable_leave_the_mean_and_not_the_error_of_the_total() {
    let desk = desk();
    sample(&desk, "-n 40 --method pps --claim-on cases --tolerable 50%");
    judge(&desk, |number| match number {
        number if number % 5 == 1 => wrong(number),
        number if number % 13 == 3 => ("not_applicable", String::new()),
        number => wrong(number),
    });
    let json = evaluation(&desk);
    assert!(json["not_applicable"].as_u64().unwrap() > 0);
    near(&json["weighted"]["total"], PPS_TOTAL);
    near(&json["weighted"]["mean"], APART_MEAN);
    near(&json["weighted"]["mean_standard_error"], APART_MEAN_ERROR);
    let notes = json["notes"].to_string();
    assert!(
        notes.contains("how many others there are is estimated"),
        "{notes}"
    );
}

#[test]
fn a_draw_by_value_without_an_error_has_a_bound_that_is_not_from_the_variance() {
    let desk = desk();
    sample(&desk, "-n 40 --method pps --claim-on cases --tolerable 50%");
    judge(&desk, |_| ("correct", String::new()));
    let json = evaluation(&desk);
    assert_eq!(
        (&json["estimate"], &json["weighted"]["total"]),
        (&0.0.into(), &0.0.into())
    );
    assert!(json["standard_error"].is_null() && json["weighted"]["total_standard_error"].is_null());
    // At least the bound of 40 simple cases, 1 - 0.05^(1/40).
    assert!(json["upper"].as_f64().unwrap() > 0.0721);
    assert!(
        json["notes"]
            .to_string()
            .contains("the bound does not come from it")
    );
}

#[test]
fn a_draw_at_a_rate_is_estimated_as_a_script_apart_says() {
    let desk = desk();
    sample(&desk, "--rate 30% --tolerable 50%");
    judge(&desk, wrong);
    let json = evaluation(&desk);
    assert_eq!((&json["drawn"], &json["errors"]), (&55.into(), &9.into()));
    assert_eq!(json["method"], "hypergeometric");
    let weighted = &json["weighted"];
    near(&weighted["total"], 30.0);
    near(&weighted["total_standard_error"], 8.366_600_265_340_756);
    near(&weighted["mean"], 9.0 / 55.0);
    near(&weighted["mean_standard_error"], 0.041_735_455_363_637_93);
}

#[test]
fn a_claim_on_value_has_the_expanded_error_beside_stringers_bound() {
    let desk = desk();
    sample(&desk, "-n 40 --method pps --tolerable 50%");
    judge(&desk, |number| match wrong(number) {
        (word @ "incorrect", _) => {
            let value = f64::from(number * 7 % 90 + 1);
            (word, (0.75 * value).to_string())
        }
        right => right,
    });
    let json = evaluation(&desk);
    assert_eq!(
        (&json["of"], &json["method"]),
        (&"value".into(), &"stringer-binomial".into())
    );
    near(&json["weighted"]["total"], VALUE_TOTAL);
    near(&json["weighted"]["total_standard_error"], VALUE_TOTAL_ERROR);
    near(&json["money"]["projected"], VALUE_TOTAL);
    assert!(json["weighted"]["mean"].is_null());
    assert!(json["money"]["upper"].as_f64().unwrap() > VALUE_TOTAL);
    assert!(
        json["sentence"]
            .to_string()
            .contains("stand for an error of ")
    );
}

#[test]
fn what_a_rate_is_a_share_of_is_a_choice_of_draws_by_value_only() {
    let desk = desk();
    let line =
        "sample log.csv --seed 48151623421108151623 -o draw.json -n 9 --tolerable 5% --claim-on";
    audit(&desk, &format!("{line} value")).refused(2, &["--claim-on", "pps"]);
    let drawn = audit(&desk, &format!("{line} value --method pps"));
    ends(&drawn, 0);
    assert_eq!(
        crate::audit_commands::manifest(&desk, "draw.json")["rule"]["of"],
        "value"
    );
}
