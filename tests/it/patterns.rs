//! Intervention patterns on small logs whose answers a pencil gives: reviews after the action, with
//! and without a queue, errors that cannot be undone, and the three patterns side by side.

use serde_json::Value;
use tempfile::TempDir;

use crate::in_process::{json, replay, try_replay};
use crate::truth::check_number;

/// Five cases at the same moment and one an hour later, all labelled, three of them wrong: one at
/// once (a payout), one at once (a reply), and the late one (a reply).
const LOG: &str = "\
id,at,score,wrong,human,kind,secs
a,2026-03-02T00:00:00Z,0.9,true,false,payout,
b,2026-03-02T00:00:00Z,0.9,true,false,reply,
c,2026-03-02T00:00:00Z,0.9,false,false,reply,
d,2026-03-02T00:00:00Z,0.9,false,false,reply,
e,2026-03-02T00:00:00Z,0.2,false,true,reply,
f,2026-03-02T01:00:00Z,0.9,true,false,reply,
";

const ROLES: &str =
    "[columns]\nid = 'id'\ntime = 'at'\nscore = 'score'\nerror = 'wrong'\nescalated = 'human'\n";
const COSTS: &str = "[cost]\nerror = 100\nreview = 10\nreviewer_error = 0.2\n";
/// One reviewer who takes ten minutes a case.
const TEAM: &str = "[reviewers]\ncount = 1\nminutes_per_case = 10\n";

/// Everything is acted on and looked at within the window.
fn after(window: &str, share: &str) -> String {
    format!(
        "route = 'auto'\npattern = 'post-action'\nwindow = '{window}'\nreview_share = {share}\n"
    )
}

fn words(folder: &TempDir, config: &str, policy: &str, more: &[&str]) -> Vec<String> {
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let config = put("roles.toml", &format!("{ROLES}{config}"));
    let own = [
        put("log.csv", LOG),
        put("policy.toml", policy),
        "--config".to_owned(),
        config,
    ];
    own.into_iter()
        .chain(more.iter().map(|word| (*word).to_owned()))
        .collect()
}

fn answer(config: &str, policy: &str, more: &[&str]) -> Value {
    json(&replay(&words(
        &TempDir::new().unwrap(),
        config,
        policy,
        more,
    )))
}

/// What reviews after the action come to, and the policy that they belong to.
fn afterwards(config: &str, policy: &str) -> (Value, Value) {
    let answer = answer(config, policy, &[]);
    let policy = answer["policies"][0].clone();
    let patterns = policy["patterns"].as_array().unwrap();
    let own = patterns
        .iter()
        .find(|pattern| pattern["pattern"] == "post-action")
        .unwrap();
    (own["afterwards"].clone(), policy)
}

fn has_warning(answer: &Value, text: &str) -> bool {
    let warnings = answer["warnings"].as_array().unwrap();
    warnings
        .iter()
        .any(|warning| warning.as_str().unwrap().contains(text))
}

#[test]
fn without_reviewers_every_review_is_in_time_and_that_is_said() {
    let (found, policy) = afterwards(COSTS, &after("25m", "0.5"));
    check_number("reviewed", &found["reviewed"], Some(3.0));
    check_number("in window", &found["in_window"], Some(1.0));
    // Half of three errors are looked at.
    check_number(
        "corrected",
        &found["corrected_errors"]["estimate"],
        Some(1.5),
    );
    check_number("harmful", &found["harmful_errors"]["estimate"], Some(1.5));
    let cost = &policy["cost"];
    check_number("errors", &cost["errors"], Some(150.0));
    check_number("reviews", &cost["reviews"], Some(30.0));
    // A fifth of the three cases that are looked at.
    check_number("after review", &cost["reviewer_errors"], Some(60.0));
    check_number("all", &cost["expected"], Some(240.0));
    // The AI has acted on all six cases: three of them were wrong whatever was done about it.
    assert_eq!(policy["escalated"], 0);
    check_number("wrong", &policy["auto_error"]["estimate"], Some(0.5));
    assert!(policy["queue"].is_null());
    let whole = answer(COSTS, &after("25m", "0.5"), &[]);
    let assumed = "every review after the action ends within its window (no [reviewers] are stated";
    assert!(has_warning(&whole, assumed), "{}", whole["warnings"]);
}

#[test]
fn with_a_queue_the_errors_that_are_put_right_are_those_reviewed_in_time() {
    // The five of midnight end after 10, 20, 30, 40 and 50 minutes, the late one after 10.
    let (found, policy) = afterwards(&format!("{COSTS}{TEAM}"), &after("25m", "1"));
    check_number("reviewed", &found["reviewed"], Some(6.0));
    check_number("in window", &found["in_window"], Some(0.5));
    check_number(
        "corrected",
        &found["corrected_errors"]["estimate"],
        Some(3.0 * 0.5),
    );
    check_number(
        "harmful",
        &found["harmful_errors"]["estimate"],
        Some(3.0 * 0.5),
    );
    check_number("errors", &policy["cost"]["errors"], Some(150.0));
    let left = 6.0 * 0.5 * 100.0 * 0.2;
    check_number(
        "all",
        &policy["cost"]["expected"],
        Some(150.0 + 60.0 + left),
    );
    let queue = &policy["queue"];
    assert_eq!((&queue["cases"], &queue["late"]), (&6.into(), &3.into()));
    check_number("longest wait", &queue["wait_max"], Some(2400.0));
    check_number(
        "mean wait",
        &queue["wait_mean"],
        Some((600.0 + 1200.0 + 1800.0 + 2400.0) / 6.0),
    );
    check_number("hours", &queue["review_hours"], Some(1.0));
    check_number("hours", &policy["review_hours"], Some(1.0));
    // A review that ends exactly with the window is in time.
    let (found, _) = afterwards(&format!("{COSTS}{TEAM}"), &after("30m", "1"));
    check_number("in window", &found["in_window"], Some(4.0 / 6.0));
    let whole = answer(&format!("{COSTS}{TEAM}"), &after("25m", "1"), &[]);
    assert!(
        !has_warning(&whole, "every review after the action"),
        "{}",
        whole["warnings"]
    );
}

#[test]
fn a_larger_team_puts_more_right() {
    let team = |count: u32| format!("{COSTS}[reviewers]\ncount = {count}\nminutes_per_case = 10\n");
    let harm: Vec<f64> = [1, 2, 3, 5]
        .map(|count| {
            afterwards(&team(count), &after("15m", "1")).0["harmful_errors"]["estimate"]
                .as_f64()
                .unwrap()
        })
        .to_vec();
    // In time of six: one and the late one, two, three, all five, each with the late one.
    let expected = [2.0, 3.0, 4.0, 6.0].map(|in_time: f64| 3.0 * (1.0 - in_time / 6.0));
    for (found, expected) in harm.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{harm:?}");
    }
}

#[test]
fn of_a_share_every_so_manieth_case_in_the_order_of_arrival_joins_the_queue() {
    // Two of six: the third and the sixth, of which the one of midnight starts at once.
    let (found, policy) = afterwards(&format!("{COSTS}{TEAM}"), &after("5m", "0.3334"));
    assert_eq!(policy["queue"]["cases"], 2);
    check_number("longest wait", &policy["queue"]["wait_max"], Some(0.0));
    check_number("in window", &found["in_window"], Some(0.0));
    check_number("reviewed", &found["reviewed"], Some(6.0 * 0.3334));
    check_number(
        "corrected",
        &found["corrected_errors"]["estimate"],
        Some(0.0),
    );
    // A share of nothing is no review, and no queue.
    let (found, policy) = afterwards(&format!("{COSTS}{TEAM}"), &after("5m", "0"));
    assert!(policy["queue"].is_null() && found["in_window"].is_null());
    check_number("harmful", &found["harmful_errors"]["estimate"], Some(3.0));
    check_number("reviews", &policy["cost"]["reviews"], Some(0.0));
}

/// Shares that no double holds exactly: 0.29 of 100 cases are 29 of them.
#[test]
fn a_share_of_the_cases_is_drawn_to_the_case() {
    let mut log = "id,at,score,wrong,human\n".to_owned();
    for case in 0..100 {
        log.push_str(&format!("{case},2026-03-02T00:00:00Z,0.9,false,false\n"));
    }
    for share in ["0.07", "0.29", "0.57", "0.58", "0.1", "0.3", "0.99"] {
        let folder = TempDir::new().unwrap();
        let words = words(&folder, TEAM, &after("1h", share), &[]);
        std::fs::write(folder.path().join("log.csv"), &log).unwrap();
        let found = &json(&replay(&words))["policies"][0];
        let cases = (share.parse::<f64>().unwrap() * 100.0).round() as u64;
        assert_eq!(found["queue"]["cases"], cases, "{share}");
    }
}

#[test]
fn of_one_moment_cases_with_a_window_come_before_cases_without_a_deadline() {
    // Case e is below the threshold and waits like the others; it has no deadline of its own.
    let policy = "threshold = 0.5\npattern = 'post-action'\nwindow = '25m'\nreview_share = 1\n";
    let (found, policy) = afterwards(&format!("{COSTS}{TEAM}"), policy);
    assert_eq!(policy["escalated"], 1);
    assert_eq!(policy["queue"]["cases"], 6);
    assert_eq!(policy["queue"]["with_deadline"], 5);
    check_number("reviewed", &found["reviewed"], Some(5.0));
    // The four of midnight end after 10 to 40 minutes, before e, and the late one after 10.
    check_number("in window", &found["in_window"], Some(0.6));
    check_number(
        "harmful",
        &found["harmful_errors"]["estimate"],
        Some(3.0 * (1.0 - 0.6)),
    );
    check_number("reviews", &policy["cost"]["reviews"], Some(60.0));
    check_number(
        "after review",
        &policy["cost"]["reviewer_errors"],
        Some(20.0 + 5.0 * 0.6 * 20.0),
    );
}

#[test]
fn by_priority_the_urgent_cases_are_in_time() {
    // Payouts first: of the two rules the one of payouts is all in time.
    let policy = "route = 'auto'\npattern = 'post-action'\nwindow = '15m'\nreview_share = 1\n\
                  [[rules]]\nname = 'payouts'\nwhen = \"kind = 'payout'\"\nroute = 'auto'\n\
                  pattern = 'post-action'\nwindow = '15m'\nreview_share = 1\n";
    let team = format!("{COSTS}{TEAM}priority = \"CASE WHEN kind = 'payout' THEN 1 ELSE 0 END\"\n");
    let (found, answer) = afterwards(&team, policy);
    // In time: the payout, and of the five replies the one that comes alone.
    check_number("in window", &found["in_window"], Some(2.0 / 6.0));
    check_number("payouts", &answer["rules"][0]["cost"]["errors"], Some(0.0));
    check_number(
        "replies",
        &answer["rules"][1]["cost"]["errors"],
        Some(200.0 * (1.0 - 0.2)),
    );
    check_number(
        "harmful",
        &found["harmful_errors"]["estimate"],
        Some(2.0 * 0.8),
    );
    check_number("all", &answer["cost"]["errors"], Some(160.0));
}

#[test]
fn an_error_that_cannot_be_undone_does_harm_in_whatever_window_it_is_found() {
    let costs = format!("{COSTS}irreversible = \"kind = 'payout'\"\n");
    let (found, policy) = afterwards(&costs, &after("24h", "1"));
    check_number(
        "corrected",
        &found["corrected_errors"]["estimate"],
        Some(2.0),
    );
    check_number("harmful", &found["harmful_errors"]["estimate"], Some(1.0));
    check_number("errors", &policy["cost"]["errors"], Some(100.0));
    // What cannot be undone is not decided by a review.
    check_number(
        "after review",
        &policy["cost"]["reviewer_errors"],
        Some(5.0 * 100.0 * 0.2),
    );
    check_number("reviews", &policy["cost"]["reviews"], Some(60.0));
    // Before the action nothing is irreversible yet.
    let before = "route = 'escalate'\npattern = 'pre-action'\n";
    let answer = answer(&costs, before, &[]);
    check_number(
        "errors",
        &answer["policies"][0]["cost"]["errors"],
        Some(0.0),
    );
    check_number(
        "after review",
        &answer["policies"][0]["cost"]["reviewer_errors"],
        Some(120.0),
    );
}

#[test]
fn a_bad_condition_of_irreversible_errors_is_told_as_such() {
    let folder = TempDir::new().unwrap();
    let costs = format!("{COSTS}irreversible = \"knid = 'payout'\"\n");
    let told = try_replay(&words(&folder, &costs, &after("1h", "1"), &[])).expect_err("refused");
    assert!(
        told.contains("[cost] irreversible") && told.contains("did you mean `kind`"),
        "{told}"
    );
}

#[test]
fn pre_action_escalates_every_case_and_leaves_the_errors_of_reviewers() {
    let found = answer(COSTS, "pattern = 'pre-action'\n", &[]);
    let policy = &found["policies"][0];
    assert_eq!(
        (&policy["escalated"], &policy["auto_approved"]),
        (&6.into(), &0.into())
    );
    check_number("rate", &policy["escalation_rate"], Some(1.0));
    check_number("caught", &policy["caught_errors"]["estimate"], Some(1.0));
    check_number(
        "needless",
        &policy["needless_escalations"]["estimate"],
        Some(0.5),
    );
    assert!(policy["auto_error"]["estimate"].is_null());
    let [pattern] = policy["patterns"].as_array().unwrap().as_slice() else {
        panic!("one pattern is in use");
    };
    assert_eq!(pattern["pattern"], "pre-action");
    assert!(pattern["afterwards"].is_null());
    check_number("reviews", &policy["cost"]["reviews"], Some(60.0));
    check_number(
        "all",
        &policy["cost"]["expected"],
        Some(60.0 + 6.0 * 100.0 * 0.2),
    );
}

#[test]
fn the_patterns_of_one_policy_share_its_cases_out() {
    let policy = "threshold = 0.5\n\
                  [[rules]]\nname = 'payouts'\nwhen = \"kind = 'payout'\"\npattern = 'pre-action'\n\
                  [[rules]]\nname = 'late'\nwhen = \"at >= '2026-03-02T00:30:00Z'\"\nroute = 'auto'\n\
                  pattern = 'post-action'\nwindow = '1h'\n";
    let found = answer(COSTS, policy, &[]);
    let patterns = found["policies"][0]["patterns"].as_array().unwrap();
    let told: Vec<(&str, u64, u64)> = patterns
        .iter()
        .map(|p| {
            (
                p["pattern"].as_str().unwrap(),
                p["cases"].as_u64().unwrap(),
                p["escalated"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("pre-action", 1, 1),
            ("post-action", 1, 0),
            ("exception-only", 4, 1)
        ]
    );
    // A review of all and nothing said of its share: no error is left to do harm.
    check_number(
        "harmful",
        &patterns[1]["afterwards"]["harmful_errors"]["estimate"],
        Some(0.0),
    );
    let sum: f64 = patterns
        .iter()
        .map(|p| p["cost"]["reviews"].as_f64().unwrap())
        .sum();
    check_number(
        "reviews",
        &found["policies"][0]["cost"]["reviews"],
        Some(sum),
    );
}

#[test]
fn the_three_patterns_of_one_rule_stand_side_by_side() {
    let policy = "name = 'mine'\nthreshold = 0.5\n\
                  [[rules]]\nname = 'replies'\nwhen = \"kind = 'reply'\"\nthreshold = 0.3\n";
    let found = answer(
        &format!("{COSTS}{TEAM}"),
        policy,
        &[
            "--patterns",
            "replies",
            "--window",
            "25m",
            "--review-share",
            "1",
        ],
    );
    let policies = found["policies"].as_array().unwrap();
    let names: Vec<&str> = policies
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["pre-action", "post-action", "exception-only"]);
    // Of six cases five are replies, four of them above the threshold and two of those wrong; the
    // payout is auto-approved and wrong under all three.
    let cost = |place: usize, key: &str| policies[place]["cost"][key].as_f64().unwrap();
    let escalated: Vec<u64> = policies
        .iter()
        .map(|p| p["escalated"].as_u64().unwrap())
        .collect();
    assert_eq!(escalated, [5, 1, 1]);
    assert!((cost(0, "errors") - 100.0).abs() < 1e-9);
    assert!((cost(0, "reviews") - 50.0).abs() < 1e-9);
    assert!((cost(0, "reviewer_errors") - 100.0).abs() < 1e-9);
    // The three of midnight end after 10, 20 and 30 minutes, before e, and the late one after 10.
    let in_window = policies[1]["patterns"].as_array().unwrap();
    let own = in_window
        .iter()
        .find(|p| p["pattern"] == "post-action")
        .unwrap();
    let share = own["afterwards"]["in_window"].as_f64().unwrap();
    assert!((share - 0.75).abs() < 1e-12, "{share}");
    assert!((cost(1, "errors") - (100.0 + 200.0 * (1.0 - share))).abs() < 1e-9);
    assert!((cost(1, "reviews") - 50.0).abs() < 1e-9);
    assert!((cost(1, "reviewer_errors") - 100.0 * 0.2 * (1.0 + 4.0 * share)).abs() < 1e-9);
    assert!((cost(2, "errors") - 300.0).abs() < 1e-9);
    assert!((cost(2, "reviews") - 10.0).abs() < 1e-9);
    // The other rule is the same under all three.
    for place in 0..3 {
        assert_eq!(policies[place]["rules"][1], policies[0]["rules"][1]);
    }
}

#[test]
fn a_rule_that_says_window_and_share_needs_no_flags_and_one_that_escalates_acts_by_the_rest() {
    let policy = "threshold = 0.5\n\
                  [[rules]]\nname = 'replies'\nwhen = \"kind = 'reply'\"\nthreshold = 0.3\n\
                  pattern = 'post-action'\nwindow = '1h'\nreview_share = '50%'\n\
                  [[rules]]\nname = 'payouts'\nwhen = \"kind = 'payout'\"\npattern = 'pre-action'\n";
    let rule = |found: &Value, policy: usize, rule: usize| {
        found["policies"][policy]["rules"][rule].clone()
    };
    let found = answer(COSTS, policy, &["--patterns", "replies"]);
    assert_eq!(rule(&found, 1, 0)["window_hours"], 1.0);
    assert_eq!(rule(&found, 1, 0)["review_share"], 0.5);
    let found = answer(COSTS, policy, &["--patterns", "replies", "--window", "2h"]);
    assert_eq!(rule(&found, 1, 0)["window_hours"], 2.0);
    assert_eq!(rule(&found, 1, 0)["review_share"], 0.5);
    let found = answer(COSTS, policy, &["--patterns", "payouts", "--window", "2h"]);
    assert_eq!(rule(&found, 2, 1)["threshold"], 0.5);
    assert_eq!(rule(&found, 2, 1)["auto_approved"], 1);
    assert_eq!(rule(&found, 0, 1)["route"], "escalate");
    let found = answer(
        COSTS,
        policy,
        &["--patterns", "all other cases", "--window", "2h"],
    );
    assert_eq!(rule(&found, 1, 2)["pattern"], "post-action");
}

#[test]
fn patterns_that_cannot_be_compared_are_refused() {
    let one = "threshold = 0.5\n[[rules]]\nname = 'replies, short'\nwhen = \"kind = 'reply'\"\nthreshold = 0.3\n";
    let all = "route = 'escalate'\n[[rules]]\nname = 'r'\nwhen = \"kind = 'reply'\"\nroute = 'escalate'\n";
    let long = "replies, short";
    for (policy, more, told) in [
        (
            one,
            &["--patterns", "replies, shrot", "--window", "1h"][..],
            "did you mean \"replies, short\"? the names are \"replies, short\", \"all other cases\"",
        ),
        (one, &["--patterns", long], "says no window"),
        (one, &["--patterns", long, "--window", "soon"], "--window"),
        (
            one,
            &[
                "--patterns",
                long,
                "--window",
                "1h",
                "--review-share",
                "1.5",
            ],
            "is not a share from 0 to 1",
        ),
        (
            one,
            &[
                "--patterns",
                long,
                "--window",
                "1h",
                "--review-share",
                "nan",
            ],
            "is not a share from 0 to 1",
        ),
        (
            one,
            &["0.9", "--patterns", long, "--window", "1h"],
            "one policy, not of 2",
        ),
        (one, &["--window", "1h"], "--patterns"),
        (
            all,
            &["--patterns", "r", "--window", "1h"],
            "escalates every case, and so does what follows it",
        ),
    ] {
        let folder = TempDir::new().unwrap();
        let found = try_replay(&words(&folder, COSTS, policy, more)).expect_err("refused");
        assert!(found.contains(told), "{more:?}: {found}");
    }
}
