//! Policy files: what they mean, and that everything wrong with one is told with its place.

use gonogo::error::Explain;
use gonogo::policy::{Pattern, Policy, PolicyError, Routing};

const POLICY: &str = r#"
name = "2026-12 candidate"
threshold = 0.920
pattern = "exception-only"

[[rules]]
name = "regulated decisions"
when = "risk_class = 'regulated'"
route = "escalate"
pattern = "pre-action"

[[rules]]
name = "large refunds"
when = "kind = 'refund' AND amount_usd > 500"
threshold = 0.985

[[rules]]
when = "channel = 'email'"
threshold = 0.60
pattern = "post-action"
window = "4h"
review_share = 0.25
"#;

fn refused(text: &str) -> PolicyError {
    Policy::parse(text, "policy.toml").expect_err("it should be refused")
}

/// The whole message and hint of a refused policy.
fn told(text: &str) -> String {
    let error = refused(text);
    format!("{error}\n{}", error.hint().unwrap_or_default())
}

#[test]
fn a_policy_is_its_rules_in_order_and_what_happens_to_the_rest() {
    let policy = Policy::parse(POLICY, "folder/candidate.toml").unwrap();
    assert_eq!(policy.name, "2026-12 candidate");
    let names: Vec<&str> = policy.rule_names().collect();
    assert_eq!(
        names,
        [
            "regulated decisions",
            "large refunds",
            "rule 3",
            "all other cases"
        ]
    );
    let routings: Vec<String> = policy.treatments().map(|t| t.routing.text()).collect();
    assert_eq!(
        routings,
        [
            "escalate",
            "threshold 0.985",
            "threshold 0.60",
            "threshold 0.920"
        ]
    );
    let [_, _, Some(Pattern::PostAction(after)), _] =
        [0, 1, 2, 3].map(|place| policy.rules.get(place).map(|rule| rule.treatment.pattern))
    else {
        panic!("the third rule is post-action");
    };
    assert_eq!(after.window.hours(), 4.0);
    assert_eq!(after.share, 0.25);
    assert_eq!(policy.findings(), []);
}

#[test]
fn a_threshold_is_taken_as_it_is_written() {
    for (text, value) in [("0.30", 0.3), ("1", 1.0), ("\"0.97\"", 0.97), ("0", 0.0)] {
        let policy = Policy::parse(&format!("threshold = {text}"), "p.toml").unwrap();
        let Routing::Threshold(threshold) = &policy.rest.routing else {
            panic!("a threshold was written");
        };
        assert_eq!(threshold.value(), value);
        assert_eq!(threshold.text(), text.trim_matches('"'));
    }
    assert_eq!(
        Policy::parse("threshold = 0.5", "dir/strict.toml")
            .unwrap()
            .name,
        "strict"
    );
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_column_and_the_closest_known_one() {
    let told = told("threshold = 0.9\n\n[[rules]]\nwhen = \"a = 1\"\n  treshold = 0.8\n");
    assert!(
        told.contains("policy.toml, line 5, column 3: rule 1 has no key `treshold`"),
        "{told}"
    );
    assert!(told.contains("did you mean `threshold`?"), "{told}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_its_places() {
    let error = refused(
        "threshold = 1.2\nroute = \"human\"\n[[rules]]\nroute = \"escalate\"\n[[rules]]\nwhen = 3\n",
    );
    let lines: Vec<u32> = error.findings.iter().map(|f| f.place.line).collect();
    assert!(lines.is_sorted(), "{error}");
    let told = error.to_string();
    for part in [
        "line 1, column 13: `threshold` is 1.2",
        "line 2, column 9: `route` is \"human\"",
        "rule \"rule 1\" has no condition",
        "line 6, column 8: `when` is 3",
        "rule 2 has neither a threshold nor a route",
    ] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}

#[test]
fn contradictions_are_refused_with_what_to_do() {
    for (text, message) in [
        (
            "threshold = 0.9\nroute = \"auto\"",
            "both a threshold and a route",
        ),
        (
            "pattern = \"pre-action\"\nthreshold = 0.9",
            "nothing else has an effect",
        ),
        (
            "pattern = \"pre-action\"\nroute = \"auto\"",
            "nothing else has an effect",
        ),
        (
            "pattern = \"post-action\"\nroute = \"escalate\"\nwindow = \"1h\"",
            "nothing is left to review",
        ),
        (
            "pattern = \"post-action\"\nthreshold = 0.9",
            "has no window",
        ),
        ("threshold = 0.9\nwindow = \"1h\"", "post-action only"),
        ("threshold = 0.9\nreview_share = 0.5", "post-action only"),
        ("name = \"empty\"", "neither a threshold nor a route"),
        (
            "threshold = 0.9\npattern = \"never\"",
            "must be \"pre-action\" or",
        ),
        (
            "pattern = \"post-action\"\nthreshold = 0.9\nwindow = \"soon\"",
            "such as \"4h\"",
        ),
        (
            "pattern = \"post-action\"\nthreshold = 0.9\nwindow = \"1h\"\nreview_share = 2",
            "from 0 to 1",
        ),
        ("threshold = nan", "a decimal from 0 to 1"),
        ("threshold = \"0.8,0.9\"", "a decimal from 0 to 1"),
        ("threshold = 0.9\nrules = 3", "a list of tables"),
        ("threshold = ", "this is not TOML"),
        (
            "threshold = 0.9\n[[rules]]\nname = \"a\"\nwhen = \"x\"\nroute = \"auto\"\n[[rules]]\nname = \"a\"\nwhen = \"y\"\nroute = \"auto\"",
            "a second rule is called \"a\"",
        ),
    ] {
        let told = told(text);
        assert!(told.contains(message), "{text}\n->\n{told}");
        assert!(told.contains("policy.toml, line "), "{told}");
    }
}

#[test]
fn rules_that_can_take_no_case_or_change_nothing_are_doubtful() {
    let policy = Policy::parse(
        "threshold = 0.9\n\
         [[rules]]\nname = \"a\"\nwhen = \"x  = 1\"\nroute = \"auto\"\n\
         [[rules]]\nname = \"b\"\nwhen = \"x = 1\"\nroute = \"escalate\"\n\
         [[rules]]\nname = \"c\"\nwhen = \"y = 2\"\nthreshold = 0.90\n",
        "p.toml",
    );
    let findings = policy.unwrap().findings();
    let told: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "rule \"b\" takes no case: rule \"a\" before it has the same condition",
            "rule \"c\" changes nothing: all other cases are treated alike",
        ]
    );
    assert_eq!(findings[0].place.line, 6);
}

#[test]
fn a_case_is_approved_from_the_threshold_on() {
    let policy = Policy::parse(POLICY, "p.toml").unwrap();
    let approves = |place: usize, score: f64| {
        policy
            .treatments()
            .nth(place)
            .is_some_and(|t| t.approves(score))
    };
    assert!(!approves(0, 1.0), "pre-action approves nothing");
    assert!(approves(1, 0.985) && !approves(1, 0.984_999));
    assert!(approves(2, 0.6) && !approves(2, 0.599_999));
}
