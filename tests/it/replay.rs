//! `gonogo replay` on the sample logs against a second reckoning from their rows: policies routed
//! by hand, the cases that move, and what must hold between policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::in_process::{document, json, replay, sample};
use crate::reckoning::{Case, LENDING, SPAM, Sample, Set};
use crate::truth::{check_count, check_money, check_outcome, check_rate};

/// A policy as a file, and the same by hand: the place of the rule that takes a case, and whether
/// the case is auto-approved.
struct ByHand {
    file: &'static str,
    rules: &'static [&'static str],
    route: fn(&Case) -> (usize, bool),
}

const SPAM_CANDIDATE: ByHand = ByHand {
    file: "name = 'candidate'\n\
           threshold = 0.90\n\
           [[rules]]\nname = 'html'\nwhen = \"content_type = 'text/html'\"\nroute = 'escalate'\n\
           pattern = 'pre-action'\n\
           [[rules]]\nname = 'ham, surely'\nwhen = \"predicted = 'ham' AND confidence > 0.97\"\n\
           route = 'auto'\n\
           [[rules]]\nname = 'ham'\nwhen = \"predicted = 'ham'\"\nthreshold = 0.75\n",
    rules: &["html", "ham, surely", "ham", "all other cases"],
    route: |case| match case {
        _ if case.segments["content_type"] == "text/html" => (0, false),
        _ if case.segments["predicted"] == "ham" && case.score > 0.97 => (1, true),
        _ if case.segments["predicted"] == "ham" => (2, case.score >= 0.75),
        _ => (3, case.score >= 0.9),
    },
};

const LENDING_CANDIDATE: ByHand = ByHand {
    file: "name = 'candidate'\n\
           threshold = 0.95\n\
           [[rules]]\nname = 'large and risky'\n\
           when = '''value >= 20000 AND grade IN ('D', 'E', 'F', 'G')'''\nroute = 'escalate'\n\
           [[rules]]\nname = 'grade A'\nwhen = \"grade = 'A'\"\nthreshold = 0.80\n\
           [[rules]]\nname = 'short'\n\
           when = '''\"Term\" = 'term_36' AND score BETWEEN 0.9 AND 0.92'''\nroute = 'auto'\n",
    rules: &["large and risky", "grade A", "short", "all other cases"],
    route: |case| match case.segments["grade"].as_str() {
        "D" | "E" | "F" | "G" if case.value >= 20_000.0 => (0, false),
        "A" => (1, case.score >= 0.8),
        _ if case.segments["term"] == "term_36" && (0.9..=0.92).contains(&case.score) => (2, true),
        _ => (3, case.score >= 0.95),
    },
};

/// A folder with a policy file in it, and the words of a replay of a sample log.
struct Run {
    folder: TempDir,
    words: Vec<String>,
}

impl Run {
    fn new(log: &Sample, state: &str) -> Self {
        let file = sample(&format!("{}.{state}", log.stem));
        let words =
            ["--config".into(), log.config(), file].map(|p: PathBuf| p.display().to_string());
        Self {
            folder: TempDir::new().unwrap(),
            words: words.to_vec(),
        }
    }

    fn policy(mut self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        self.words.push(path.display().to_string());
        self
    }

    fn with(mut self, words: &[&str]) -> Self {
        self.words
            .extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    fn json(&self) -> Value {
        json(&replay(&self.words))
    }

    /// The JSON, and the rows of the file of moved cases.
    fn with_moved(self) -> (Value, Vec<Moved>) {
        let file = self.folder.path().join("moved.csv").display().to_string();
        let run = self.with(&["--swap-out", &file]);
        let document = replay(&run.words);
        let [(_, text)] = document.files.as_slice() else {
            panic!("one file was asked for");
        };
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let rows = reader.deserialize().map(Result::unwrap).collect();
        (json(&document), rows)
    }
}

/// A line of the file of moved cases: policy, id, both routes, rule.
type Moved = (String, String, String, String, String);

fn policy<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let policies = answer["policies"].as_array().unwrap();
    policies.iter().find(|p| p["name"] == name).unwrap()
}

/// The cases of `cases` that a routing sends to `auto`.
fn side(cases: &[&Case], auto: bool, route: impl Fn(&Case) -> bool) -> Set {
    Set::of(cases.iter().copied().filter(|case| route(case) == auto))
}

/// A swap set of the program against the cases that move from one routing to another.
fn check_swap(
    what: &str,
    found: &Value,
    cases: &[&Case],
    (before, after): (impl Fn(&Case) -> bool, impl Fn(&Case) -> bool),
) {
    for (key, to_auto) in [("newly_auto_approved", true), ("newly_escalated", false)] {
        let moved = cases.iter().copied();
        let moved = moved.filter(|case| before(case) != to_auto && after(case) == to_auto);
        let moved: Vec<&Case> = moved.collect();
        let set = Set::of(moved.iter().copied());
        let (found, what) = (&found[key], format!("{what}, {key}"));
        check_count(&what, &found["cases"], moved.len() as f64);
        check_rate(&what, &found["error"], &set);
        let all_labelled = !moved.is_empty() && moved.iter().all(|case| case.wrong.is_some());
        assert_eq!(found["observed"], all_labelled, "{what}");
        if found["value"].is_object() {
            check_money(&what, &found["value"], &set);
        }
    }
}

/// Everything that a replay says of one policy, whole, by rule and by segment.
fn check_policy(log: &Sample, state: &str, by_hand: &ByHand) {
    let cases = log.cases(state);
    let all: Vec<&Case> = cases.iter().collect();
    let names: Vec<&str> = log.segments.iter().map(|(name, _)| *name).collect();
    let crossed = names.join(",");
    let mut run = Run::new(log, state).policy("candidate.toml", by_hand.file);
    for by in names.iter().copied().chain([crossed.as_str()]) {
        run = run.with(&["--by", by]);
    }
    let answer = run.json();
    let has_value = log.value.is_some();
    let history = |case: &Case| !case.escalated;
    let after = |case: &Case| (by_hand.route)(case).1;
    let what = format!("{} {state}", log.stem);
    let split = |cases: &[&Case], route: &dyn Fn(&Case) -> bool| {
        [true, false].map(|auto| side(cases, auto, route))
    };
    let [auto, escalated] = split(&all, &history);
    check_outcome(&what, &answer["actual"], &auto, &escalated, has_value);
    let found = policy(&answer, "candidate");
    let [auto, escalated] = split(&all, &after);
    check_outcome(&what, found, &auto, &escalated, has_value);
    check_swap(&what, &found["swap"], &all, (history, after));

    let rules = found["rules"].as_array().unwrap();
    let rule_names: Vec<&str> = rules.iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(rule_names, by_hand.rules);
    for (place, rule) in rules.iter().enumerate() {
        let own: Vec<&Case> = all
            .iter()
            .copied()
            .filter(|case| (by_hand.route)(case).0 == place)
            .collect();
        assert!(!own.is_empty(), "{what}: rule {place} is not tried");
        let what = format!("{what}, rule {place}");
        let [auto, escalated] = split(&own, &after);
        check_outcome(&what, rule, &auto, &escalated, has_value);
        check_swap(&what, &rule["swap"], &own, (history, after));
    }

    let mut groups: BTreeMap<(String, Vec<String>), Vec<&Case>> = BTreeMap::new();
    for case in &cases {
        let value = |name: &&str| case.segments[*name].clone();
        for name in &names {
            groups
                .entry(((*name).to_owned(), vec![value(name)]))
                .or_default()
                .push(case);
        }
        groups
            .entry((crossed.clone(), names.iter().map(value).collect()))
            .or_default()
            .push(case);
    }
    let segments = found["segments"].as_array().unwrap();
    assert_eq!(segments.len(), groups.len());
    for segment in segments {
        let name = segment["segment"].as_str().unwrap().to_owned();
        let values: Vec<String> = serde_json::from_value(segment["values"].clone()).unwrap();
        let what = format!("{what}, {name} {values:?}");
        let own = &groups[&(name, values)];
        let [auto, escalated] = split(own, &after);
        check_outcome(&what, &segment["outcome"], &auto, &escalated, has_value);
        let [auto, escalated] = split(own, &history);
        check_outcome(&what, &segment["actual"], &auto, &escalated, has_value);
        check_swap(&what, &segment["swap"], own, (history, after));
    }
}

#[test]
fn a_policy_of_rules_on_the_spam_log_equals_a_second_reckoning() {
    check_policy(&SPAM, "selective.csv", &SPAM_CANDIDATE);
}

#[test]
fn a_policy_of_rules_on_the_lending_log_equals_a_second_reckoning() {
    check_policy(&LENDING, "selective.csv", &LENDING_CANDIDATE);
}

/// On a full log every label is there, so the errors among moved cases are counts.
#[test]
fn with_every_label_the_errors_among_moved_cases_are_counted_exactly() {
    for (log, by_hand) in [(&SPAM, SPAM_CANDIDATE), (&LENDING, LENDING_CANDIDATE)] {
        check_policy(log, "full.csv.gz", &by_hand);
        let cases = log.cases("full.csv.gz");
        let run = Run::new(log, "full.csv.gz").policy("candidate.toml", by_hand.file);
        let swap = &run.json()["policies"][0]["swap"];
        for (key, to_auto) in [("newly_auto_approved", true), ("newly_escalated", false)] {
            let moved = cases
                .iter()
                .filter(|case| case.escalated == to_auto && (by_hand.route)(case).1 == to_auto);
            let moved: Vec<&Case> = moved.collect();
            let wrong = moved.iter().filter(|case| case.wrong == Some(true)).count();
            assert!(wrong > 0, "{}: {key} is not tried", log.stem);
            assert_eq!(swap[key]["observed"], true);
            assert_eq!(swap[key]["error"]["errors_found"], wrong);
            assert_eq!(
                swap[key]["error"]["estimate"],
                wrong as f64 / moved.len() as f64
            );
        }
    }
}

/// Both logs were routed by one threshold, so a sweep says what a replay must say of a threshold.
#[test]
fn a_threshold_policy_gives_the_numbers_of_a_sweep_as_the_same_text() {
    let thresholds = ["0.5", "0.80", "0.85", "0.93", "0.97", "1"];
    for log in [&SPAM, &LENDING] {
        let segment = log.segments[0].0;
        let file = sample(&format!("{}.selective.csv", log.stem));
        let list = thresholds.join(",");
        let swept = document(
            &file,
            &log.config(),
            &["--thresholds", &list, "--by", segment],
        );
        let replayed = Run::new(log, "selective.csv")
            .with(&thresholds)
            .with(&["--by", segment]);
        let replayed = replayed.json();
        assert_eq!(
            swept["actual"].to_string(),
            without(&replayed["actual"], &["queue", "review_hours"])
        );
        assert_eq!(swept["cells"].to_string(), replayed["cells"].to_string());
        for (place, name) in thresholds.iter().enumerate() {
            let found = policy(&replayed, &format!("threshold {name}"));
            check_same_numbers(&swept["points"][place], found);
            let segments = found["segments"].as_array().unwrap();
            let curves = swept["segments"].as_array().unwrap();
            assert_eq!(segments.len(), curves.len());
            for (curve, segment) in curves.iter().zip(segments) {
                assert_eq!(curve["values"], segment["values"]);
                check_same_numbers(&curve["points"][place], &segment["outcome"]);
            }
        }
    }
}

/// Every key of a point of a sweep but the threshold, as text.
fn check_same_numbers(point: &Value, found: &Value) {
    let keys = point
        .as_object()
        .unwrap()
        .keys()
        .filter(|key| *key != "threshold");
    let keys: Vec<&String> = keys.collect();
    assert!(keys.len() >= 10, "{keys:?}");
    for key in keys {
        assert_eq!(point[key].to_string(), found[key].to_string(), "{key}");
    }
}

fn without(value: &Value, keys: &[&str]) -> String {
    let mut value = value.clone();
    for key in keys {
        value
            .as_object_mut()
            .unwrap()
            .remove(*key)
            .expect("the key is there");
    }
    value.to_string()
}

#[test]
fn a_policy_that_equals_the_history_moves_no_case() {
    let rules =
        "route = 'auto'\n[[rules]]\nname = 'as it was'\nwhen = 'escalated'\nroute = 'escalate'\n";
    for (log, threshold) in [(&SPAM, "0.85"), (&LENDING, "0.93")] {
        let run = Run::new(log, "selective.csv")
            .policy("history.toml", rules)
            .with(&[threshold]);
        let (answer, moved) = run.with(&["--by", log.segments[0].0]).with_moved();
        assert_eq!(moved, []);
        for found in answer["policies"].as_array().unwrap() {
            let parts = [&found["rules"], &found["segments"]];
            let parts = parts.into_iter().flat_map(|list| list.as_array().unwrap());
            for swap in parts.chain([found]).map(|part| &part["swap"]) {
                for key in ["newly_auto_approved", "newly_escalated"] {
                    assert_eq!(swap[key]["cases"], 0);
                    assert_eq!(swap[key]["observed"], false);
                    assert!(swap[key]["error"]["estimate"].is_null());
                }
            }
            for key in answer["actual"].as_object().unwrap().keys() {
                assert_eq!(
                    found[key].to_string(),
                    answer["actual"][key].to_string(),
                    "{key}"
                );
            }
        }
    }
}

#[test]
fn nested_thresholds_move_nested_sets_of_cases() {
    for log in [&SPAM, &LENDING] {
        let thresholds = ["0.55", "0.7", "0.84", "0.9", "0.95", "0.99"];
        let (answer, moved) = Run::new(log, "selective.csv")
            .with(&thresholds)
            .with_moved();
        let ids = |name: &str, to: &str| -> BTreeSet<&str> {
            let name = format!("threshold {name}");
            let own = moved.iter().filter(|m| m.0 == name && m.3 == to);
            own.map(|m| m.1.as_str()).collect()
        };
        for pair in thresholds.windows(2) {
            assert!(
                ids(pair[1], "auto").is_subset(&ids(pair[0], "auto")),
                "{pair:?}"
            );
            assert!(
                ids(pair[0], "escalated").is_subset(&ids(pair[1], "escalated")),
                "{pair:?}"
            );
        }
        assert!(ids("0.55", "auto").len() > ids("0.7", "auto").len());
        assert!(ids("0.9", "escalated").len() < ids("0.99", "escalated").len());
        for name in thresholds {
            let swap = &policy(&answer, &format!("threshold {name}"))["swap"];
            assert_eq!(
                swap["newly_auto_approved"]["cases"],
                ids(name, "auto").len()
            );
            assert_eq!(
                swap["newly_escalated"]["cases"],
                ids(name, "escalated").len()
            );
        }
    }
}

#[test]
fn the_file_of_moved_cases_names_each_with_both_routes_and_its_rule() {
    for (log, by_hand) in [(&SPAM, SPAM_CANDIDATE), (&LENDING, LENDING_CANDIDATE)] {
        let cases = log.cases("selective.csv");
        let run = Run::new(log, "selective.csv")
            .policy("candidate.toml", by_hand.file)
            .with(&["0.6"]);
        let (answer, moved) = run.with_moved();
        let route = |auto: bool| if auto { "auto" } else { "escalated" }.to_owned();
        let mut expected: Vec<Moved> = Vec::new();
        for case in &cases {
            let (rule, auto) = (by_hand.route)(case);
            let mut add = |policy: &str, auto: bool, rule: &str| {
                if auto == case.escalated {
                    let (id, from) = (case.id.clone(), route(!case.escalated));
                    expected.push((policy.to_owned(), id, from, route(auto), rule.to_owned()));
                }
            };
            add("candidate", auto, by_hand.rules[rule]);
            add("threshold 0.6", case.score >= 0.6, "all other cases");
        }
        expected.sort();
        assert!(
            expected == moved,
            "{}: {} rows instead of {}",
            log.stem,
            moved.len(),
            expected.len()
        );
        for rule in policy(&answer, "candidate")["rules"].as_array().unwrap() {
            for (key, to) in [
                ("newly_auto_approved", "auto"),
                ("newly_escalated", "escalated"),
            ] {
                let own = moved
                    .iter()
                    .filter(|m| m.0 == "candidate" && m.4 == rule["name"] && m.3 == to);
                assert_eq!(rule["swap"][key]["cases"], own.count());
            }
        }
    }
}

#[test]
fn against_another_policy_the_moved_cases_are_those_whose_routes_differ() {
    for (log, by_hand) in [(&SPAM, SPAM_CANDIDATE), (&LENDING, LENDING_CANDIDATE)] {
        let cases = log.cases("selective.csv");
        let all: Vec<&Case> = cases.iter().collect();
        let run = Run::new(log, "selective.csv").policy("file.toml", by_hand.file);
        let run = run.with(&["0.6", "0.95", "--against", "candidate"]);
        let (answer, moved) = run.with_moved();
        assert_eq!(answer["against"], "candidate");
        let before = |case: &Case| (by_hand.route)(case).1;
        for threshold in [0.6, 0.95] {
            let name = format!("threshold {threshold}");
            let found = policy(&answer, &name);
            let after = |case: &Case| case.score >= threshold;
            check_swap(&name, &found["swap"], &all, (before, after));
            let ids = moved.iter().filter(|m| m.0 == name).map(|m| m.1.as_str());
            let differ = all.iter().filter(|case| before(case) != after(case));
            let differ: BTreeSet<&str> = differ.map(|case| case.id.as_str()).collect();
            assert_eq!(ids.collect::<BTreeSet<&str>>(), differ);
            // The policies themselves are what they are without a comparison.
            let alone = Run::new(log, "selective.csv")
                .with(&[&threshold.to_string()])
                .json();
            for key in ["auto_error", "escalated", "escaped_errors", "value"] {
                assert_eq!(alone["policies"][0][key], found[key], "{key}");
            }
        }
        let own = &policy(&answer, "candidate")["swap"];
        assert_eq!(own["newly_auto_approved"]["cases"], 0);
        assert_eq!(own["newly_escalated"]["cases"], 0);
    }
}

#[test]
fn swapping_the_two_sides_of_a_comparison_swaps_the_directions() {
    let one = Run::new(&SPAM, "selective.csv")
        .with(&["0.6", "0.95", "--against", "threshold 0.6"])
        .json();
    let other = Run::new(&SPAM, "selective.csv")
        .with(&["0.6", "0.95", "--against", "threshold 0.95"])
        .json();
    let there = &policy(&one, "threshold 0.95")["swap"];
    let back = &policy(&other, "threshold 0.6")["swap"];
    assert!(there["newly_escalated"]["cases"].as_u64() > Some(0));
    assert_eq!(there["newly_escalated"], back["newly_auto_approved"]);
    assert_eq!(there["newly_auto_approved"], back["newly_escalated"]);
}

#[test]
fn pinned_cases_stay_escalated_whatever_a_rule_says() {
    let pinned = |case: &Case| case.segments["grade"] == "C" && case.value > 15_000.0;
    let route = "route = 'auto'\n[[rules]]\nname = 'all C'\nwhen = \"grade = 'C'\"\nroute = 'auto'\n\
                 [[rules]]\nname = 'rest'\nwhen = 'score >= 0'\nthreshold = 0\n";
    let cases = LENDING.cases("selective.csv");
    let all: Vec<&Case> = cases.iter().collect();
    let role = "pinned=\"Grade\" = 'C' AND \"Amount (USD)\" > 15000";
    let run = Run::new(&LENDING, "selective.csv")
        .policy("auto.toml", route)
        .with(&["0.9", "--role", role]);
    let (answer, moved) = run.with_moved();
    let found = policy(&answer, "auto");
    let count = all.iter().filter(|case| pinned(case)).count();
    assert!(count > 100);
    assert_eq!(found["escalated"], count);
    check_swap(
        "auto",
        &found["swap"],
        &all,
        (|case: &Case| !case.escalated, |case: &Case| !pinned(case)),
    );
    // Some were auto-approved in fact: what is pinned is escalated under a policy all the same.
    let newly = found["rules"][0]["swap"]["newly_escalated"]["cases"].as_u64();
    assert!(newly > Some(0));
    check_swap(
        "0.9",
        &policy(&answer, "threshold 0.9")["swap"],
        &all,
        (
            |case: &Case| !case.escalated,
            |case: &Case| case.score >= 0.9 && !pinned(case),
        ),
    );
    let ids: BTreeSet<&str> = all
        .iter()
        .filter(|case| pinned(case))
        .map(|case| case.id.as_str())
        .collect();
    assert!(
        moved
            .iter()
            .all(|m| m.3 == "escalated" || !ids.contains(m.1.as_str()))
    );
}

#[test]
fn other_policies_beside_it_change_nothing_of_what_is_said_of_a_policy() {
    let alone = Run::new(&LENDING, "selective.csv")
        .policy("a.toml", LENDING_CANDIDATE.file)
        .json();
    let many = Run::new(&LENDING, "selective.csv").with(&["0.4", "0.5"]);
    let many = many
        .policy("a.toml", LENDING_CANDIDATE.file)
        .with(&["0.99"])
        .json();
    assert_eq!(
        policy(&alone, "candidate").to_string(),
        policy(&many, "candidate").to_string()
    );
    let names = many["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap());
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "threshold 0.4",
            "threshold 0.5",
            "candidate",
            "threshold 0.99"
        ],
        "as they were given"
    );
}

#[test]
fn without_historical_routes_policies_are_still_compared_with_each_other() {
    let config = std::fs::read_to_string(SPAM.config()).unwrap();
    let lines: Vec<&str> = config
        .lines()
        .filter(|line| !line.starts_with("escalated"))
        .collect();
    let folder = TempDir::new().unwrap();
    let roles = folder.path().join("roles.toml");
    std::fs::write(&roles, lines.join("\n")).unwrap();
    let log = sample("spam_mail.selective.csv").display().to_string();
    let mut run = Run {
        folder,
        words: vec![log, "--config".to_owned(), roles.display().to_string()],
    };
    run = run.with(&["0.6", "0.9"]);
    let alone = run.json();
    assert!(alone["actual"].is_null());
    assert!(policy(&alone, "threshold 0.6")["swap"].is_null());
    let (answer, moved) = run.with(&["--against", "threshold 0.6"]).with_moved();
    let cases = SPAM.cases("selective.csv");
    let between = cases
        .iter()
        .filter(|case| (0.6..0.9).contains(&case.score))
        .count();
    assert_eq!(moved.len(), between);
    assert_eq!(
        policy(&answer, "threshold 0.9")["swap"]["newly_escalated"]["cases"],
        between
    );
}
