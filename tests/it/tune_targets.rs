//! `gonogo tune` with a capacity or a cost: against counts by plain loops, and against `sweep`.

use serde_json::Value;

use crate::binary::Desk;
use crate::tune::{Case, cases, desk, json, tune};

/// Escalated cases by day at a threshold, for days with any case.
fn daily(cases: &[Case], threshold: f64) -> Vec<u64> {
    let mut days = vec![(0_u64, false); 32];
    for case in cases {
        let day = &mut days[case.day as usize];
        day.1 = true;
        day.0 += u64::from(f64::from(case.score) / 1000.0 < threshold);
    }
    days.iter().filter(|day| day.1).map(|day| day.0).collect()
}

/// The load that at least a share of the days keeps.
fn peak(mut loads: Vec<u64>, share: f64) -> u64 {
    loads.sort_unstable();
    let keeps = |load: u64| {
        let days = loads.iter().filter(|own| **own <= load).count();
        days as f64 >= share * loads.len() as f64 - 1e-9
    };
    *loads.iter().find(|load| keeps(**load)).expect("a day")
}

#[test]
fn a_capacity_binds_on_the_busy_days_and_not_on_the_mean() {
    let cases = cases(21, 4000, 30);
    let desk = desk(&cases);
    for share in [0.95, 0.5] {
        let text = share.to_string();
        let answer = json(&desk, &["--max-per-day", "60", "--peak", &text]);
        assert_eq!(answer["verdict"], "chosen");
        let threshold = answer["threshold"].as_f64().expect("a threshold");
        let load = |threshold: f64| peak(daily(&cases, threshold), share);
        assert!(load(threshold) <= 60);
        assert_eq!(answer["load"]["peak_per_day"], load(threshold));
        let beyond = answer["capacity"]["beyond"].as_f64().expect("a threshold");
        assert!((beyond - threshold - 0.001).abs() < 1e-9);
        assert!(load(beyond) > 60);
        assert_eq!(
            answer["capacity"]["load_beyond"]["peak_per_day"],
            load(beyond)
        );
        let mean = daily(&cases, threshold).iter().sum::<u64>() as f64 / 28.0;
        assert!((answer["load"]["mean_per_day"].as_f64().expect("a mean") - mean).abs() < 1e-9);
    }
}

#[test]
fn ties_that_make_a_capacity_unattainable_are_told_as_a_bracket() {
    let mut cases = cases(22, 2000, 100);
    cases
        .iter_mut()
        .for_each(|case| case.score = 500 + 100 * (case.score / 250));
    let desk = desk(&cases);
    let answer = json(&desk, &["--max-escalation", "40%"]);
    let capacity = &answer["capacity"];
    assert_eq!(answer["threshold"], 0.6);
    assert_eq!(capacity["beyond"], 0.601);
    assert!(capacity["load"]["escalation_rate"].as_f64() < Some(0.3));
    assert!(capacity["load_beyond"]["escalation_rate"].as_f64() > Some(0.45));
    let told = tune(&desk, &["--max-escalation", "40%"]).done().stdout;
    assert!(told.contains("0.601, the next one, is"), "{told}");
    assert!(told.contains("512 cases have"), "{told}");
}

#[test]
fn where_certificate_and_capacity_conflict_the_certificate_stands_and_the_gap_is_told() {
    let cases = cases(23, 8000, 40);
    let desk = desk(&cases);
    let certified = json(&desk, &["--max-error", "4%"]);
    assert_eq!(certified["verdict"], "certified");
    let threshold = certified["threshold"].as_f64().expect("a threshold");
    let load = peak(daily(&cases, threshold), 0.95);
    let enough = load.to_string();
    let answer = json(&desk, &["--max-error", "4%", "--max-per-day", &enough]);
    assert_eq!(answer["threshold"], certified["threshold"]);
    assert_eq!(answer["capacity"]["short_per_day"], Value::Null);
    let tight = (load - 7).to_string();
    let words = ["--max-error", "4%", "--max-per-day", &tight];
    let answer = json(&desk, &words);
    assert_eq!(answer["threshold"], certified["threshold"]);
    assert_eq!(answer["capacity"]["short_per_day"], 7);
    let told = tune(&desk, &words).done().stdout;
    assert!(told.contains("short by 7 a day"), "{told}");
}

#[test]
fn a_capacity_needs_no_labels_but_days() {
    let mut cases = cases(24, 500, 50);
    cases.iter_mut().for_each(|case| case.labelled = false);
    let desk = desk(&cases);
    assert_eq!(json(&desk, &["--max-per-day", "10"])["verdict"], "chosen");
    let config = desk.text("gonogo.toml").replace("time = \"day\"\n", "");
    desk.put("gonogo.toml", config);
    tune(&desk, &["--max-per-day", "10"]).refused(2, &["time"]);
    assert_eq!(
        json(&desk, &["--max-escalation", "10%"])["verdict"],
        "chosen"
    );
}

#[test]
fn pinned_cases_weigh_on_every_day_at_every_threshold() {
    let mut cases = cases(25, 2800, 50);
    for (place, case) in cases.iter_mut().enumerate() {
        case.day = 1 + (place % 28) as u32;
        case.kind = if place < 2800 / 2 { "bad" } else { "good" };
    }
    let desk = desk(&cases);
    let config = desk.text("gonogo.toml") + "pinned = \"kind = 'bad'\"\n";
    desk.put("gonogo.toml", config);
    let answer = json(&desk, &["--max-per-day", "49"]);
    assert_eq!(answer["verdict"], "none");
    assert_eq!(answer["capacity"]["load_beyond"]["peak_per_day"], 50);
    assert_eq!(json(&desk, &["--max-per-day", "50"])["verdict"], "chosen");
}

const COST: &str = "[cost]\nerror = \"20 + 100 * score\"\nreview = 3\nreviewer_error = 0.01\n";

fn priced(cases: &[Case]) -> Desk {
    let desk = desk(cases);
    let config = desk.text("gonogo.toml") + COST;
    desk.put("gonogo.toml", config);
    desk
}

#[test]
fn the_least_cost_is_that_of_the_sweep_and_the_plateau_is_around_it() {
    let desk = priced(&cases(26, 5000, 40));
    let grid = "0.5..0.99/0.01";
    let answer = json(&desk, &["--min-cost", "--thresholds", grid]);
    let sweep = ["sweep", "log.csv", "--thresholds", grid, "--format", "json"];
    let sweep = desk.run(&sweep).json();
    let points = sweep["points"].as_array().expect("a list");
    let cost = |point: &Value| point["cost"]["expected"].as_f64().expect("a cost");
    let least = points.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
    let least = least.expect("a point");
    assert_eq!(answer["threshold"], least["threshold"]);
    assert_eq!(answer["verdict"], "chosen");
    assert_eq!(answer["cost"]["chosen"], least["cost"]);
    let near = cost(least) + least["cost"]["standard_error"].as_f64().expect("an error");
    let inside = points.iter().filter(|point| cost(point) <= near);
    let inside: Vec<&Value> = inside.map(|point| &point["threshold"]).collect();
    let plateau = &answer["cost"]["plateau"];
    assert_eq!(
        [&plateau[0], &plateau[1]],
        [inside[0], inside[inside.len() - 1]]
    );
    assert!(inside.len() > 1);
    let told = tune(&desk, &["--min-cost"]).done().stdout;
    assert!(told.contains("optimistic"), "{told}");
}

#[test]
fn with_a_promise_the_cheapest_certified_threshold_is_chosen_and_both_are_shown() {
    let desk = priced(&cases(26, 5000, 40));
    let answer = json(&desk, &["--min-cost", "--max-error", "5%"]);
    assert_eq!(answer["verdict"], "certified");
    let cost = |threshold: &Value| {
        let points = answer["points"].as_array().expect("a list");
        let point = points.iter().find(|point| point["threshold"] == *threshold);
        point.expect("a point")["cost"]["expected"]
            .as_f64()
            .expect("a cost")
    };
    let chosen = cost(&answer["threshold"]);
    let tested = answer["tested"].as_array().expect("a list");
    let certified = tested.iter().filter(|trial| trial["rejected"] == true);
    let mut costs = certified.map(|trial| cost(&trial["threshold"]));
    assert!(costs.all(|cost| cost >= chosen));
    assert!(cost(&answer["cost"]["cheapest_threshold"]) <= chosen);
}

#[test]
fn the_rule_for_each_case_approves_where_the_expected_error_is_cheaper_than_a_review() {
    let cases = cases(27, 3000, 100);
    let desk = priced(&cases);
    let answer = json(&desk, &["--min-cost"]);
    let (mut escalated, mut expected) = (0, 0.0);
    for case in &cases {
        let score = f64::from(case.score) / 1000.0;
        let error = 20.0 + 100.0 * score;
        let threshold = 1.0 - (3.0 / error + 0.01);
        if score >= threshold {
            expected += if case.wrong { error } else { 0.0 };
        } else {
            escalated += 1;
            expected += 3.0 + 0.01 * error;
        }
    }
    let by_case = &answer["cost"]["by_case"];
    assert_eq!(by_case["escalated"], escalated);
    let ours = by_case["cost"]["expected"].as_f64().expect("a cost");
    assert!((ours / expected - 1.0).abs() < 1e-9, "{ours} {expected}");
}

#[test]
fn the_least_cost_needs_stated_costs() {
    let desk = desk(&cases(28, 300, 50));
    tune(&desk, &["--min-cost"]).refused(2, &["does not state", "[cost]"]);
}

#[test]
fn a_policy_compares_a_segment_of_numbers_with_numbers() {
    let mut cases = cases(9, 12_000, 40);
    for case in &mut cases {
        case.kind = match case.kind {
            "good" => "1",
            "bad" => "2.50",
            _ => "",
        };
    }
    let desk = desk(&cases);
    let whole = ["--segment", "above=kind > 2", "--by", "kind,above"];
    let words = ["--max-error", "3%", "-o", "policy.toml"];
    let answer = json(&desk, &[&words[..], &whole[..]].concat());
    let text = desk.text("policy.toml");
    assert!(text.contains("kind = 1 AND above = 'false'"), "{text}");
    assert!(text.contains("kind = 2.5 AND above = 'true'"), "{text}");
    let replay = ["replay", "log.csv", "policy.toml", "--format", "json"];
    let replayed = desk.run(&[&replay[..], &whole[..2]].concat()).json();
    let escalated = &replayed["policies"][0]["escalated"];
    assert_eq!(*escalated, answer["load"]["escalated"]);
}
