//! `gonogo policy lint`: findings on the file alone, on its conditions, and before the cases of a
//! log; and the schema of policy files.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::binary::{Desk, GONOGO, in_repository};

const LOG: &str = "\
id,score,model,label,lane,kind,amount
1,0.90,yes,yes,human,refund,10
2,0.85,yes,no,human,letter,20
3,0.95,no,,auto,refund,600
4,0.99,no,,auto,payout,40
5,0.70,no,no,human,payout,50
";

const CONFIG: &str = r#"
[columns]
id = "id"
score = "score"
error = "model <> label"
escalated = "lane = 'human'"
[segments]
size = "CASE WHEN amount >= 100 THEN 'large' ELSE 'small' END"
kind = "UPPER(kind)"
"#;

fn desk(policy: &str) -> Desk {
    let desk = Desk::new();
    desk.put("log.csv", LOG);
    desk.put("gonogo.toml", CONFIG);
    desk.put("policy.toml", policy);
    desk
}

/// The JSON of a check before the log, whatever its exit code.
fn lint(policy: &str) -> (i32, Value) {
    let answer = desk(policy).run(&[
        "policy",
        "lint",
        "policy.toml",
        "log.csv",
        "--format",
        "json",
    ]);
    assert_eq!(answer.stderr, "");
    (answer.code, serde_json::from_str(&answer.stdout).unwrap())
}

/// The findings as `line:column severity message`.
fn told(document: &Value) -> Vec<String> {
    let text = |finding: &Value| {
        let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let (line, column) = (&finding["line"], &finding["column"]);
        format!("{line}:{column} {} {}", word("severity"), word("message"))
    };
    document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect()
}

/// A policy of one rule in lines 2 to 4.
fn with_rule(when: &str) -> String {
    format!("threshold = 0.9\n[[rules]]\nwhen = \"{when}\"\nroute = \"escalate\"\n")
}

#[test]
fn a_sound_policy_has_no_finding_and_its_rules_are_counted() {
    let (code, document) = lint(&with_rule("amount > 100 AND size = 'large'"));
    assert_eq!(
        (code, &document["worst"]),
        (0, &Value::Null),
        "{document:#}"
    );
    let rules = document["rules"].as_array().unwrap();
    let numbers = |rule: &Value| {
        [
            rule["meet"].clone(),
            rule["takes"].clone(),
            rule["changes"].clone(),
        ]
    };
    assert_eq!(numbers(&rules[0]), [1, 1, 1].map(Value::from));
    assert_eq!(
        numbers(&rules[1]),
        [Value::Null, Value::from(4), Value::Null]
    );
}

#[test]
fn a_condition_that_is_no_sql_or_names_what_is_not_there_is_an_error_at_its_place() {
    for (when, message, hint) in [
        ("kind =", "no SQL", ""),
        ("amuont > 5", "no column `amuont`", "did you mean `amount`?"),
        ("SUM(amount) > 5", "one value for each row", ""),
    ] {
        let (code, document) = lint(&with_rule(when));
        let finding = &document["findings"][0];
        assert_eq!(code, 2, "{when}: {document:#}");
        assert_eq!(
            (&finding["line"], &finding["column"]),
            (&3.into(), &8.into()),
            "{when}"
        );
        assert_eq!(finding["severity"], "error");
        let text = finding["message"].as_str().unwrap();
        assert!(text.contains(message), "{when}: {text}");
        assert!(
            finding["hint"].as_str().unwrap_or_default().contains(hint),
            "{document:#}"
        );
    }
}

#[test]
fn sql_is_checked_without_a_log() {
    let desk = desk(&with_rule("kind = = 'refund'"));
    let answer = desk.run(&["policy", "lint", "policy.toml"]);
    assert_eq!(answer.code, 2);
    assert!(
        answer
            .stdout
            .contains("policy.toml:3:8: error: the condition is no SQL"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_text_that_a_column_never_holds_is_told_with_the_closest_that_it_does() {
    let (code, document) = lint(&with_rule("kind IN ('refund', 'lettre')"));
    assert_eq!(code, 0);
    assert_eq!(
        document["findings"][1]["message"],
        "`kind` is never 'lettre' in the log"
    );
    assert_eq!(document["findings"][1]["hint"], "did you mean 'letter'?");
}

#[test]
fn a_name_that_is_a_column_and_a_segment_is_told() {
    let (_, document) = lint(&with_rule("kind = 'refund'"));
    let told = told(&document);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("3:8 warning `kind` is taken as the log's column"),
        "{told:?}"
    );
}

#[test]
fn names_that_are_known_only_after_the_decision_are_told() {
    for (when, late) in [
        ("error", true),
        ("label = 'no'", true),
        ("escalated", true),
        ("lane = 'human'", true),
        // The AI's own answer is known when it decides.
        ("model = 'no'", false),
        ("size = 'large'", false),
        ("score < 0.9", false),
    ] {
        let (_, document) = lint(&with_rule(when));
        let found = told(&document)
            .iter()
            .any(|text| text.contains("after the AI has decided"));
        assert_eq!(found, late, "{when}: {document:#}");
    }
}

#[test]
fn rules_that_take_nothing_or_change_nothing_are_told_with_counts() {
    let (_, document) = lint(
        "threshold = 0.9\n\
         [[rules]]\nname = \"all small\"\nwhen = \"amount < 100\"\nroute = \"escalate\"\n\
         [[rules]]\nname = \"late\"\nwhen = \"amount < 30\"\nroute = \"auto\"\n\
         [[rules]]\nname = \"idle\"\nwhen = \"amount > 500\"\nthreshold = 0.80\n\
         [[rules]]\nname = \"nobody\"\nwhen = \"amount > 5000\"\nroute = \"escalate\"\n",
    );
    let told = told(&document);
    assert_eq!(
        told,
        [
            "6:1 warning rule \"late\" takes no case: all 2 that meet it are taken by rules before it",
            "10:1 warning rule \"idle\" changes nothing on this log: the 1 cases that it takes would \
             be treated alike without it",
            "14:1 warning rule \"nobody\": no case of the log meets the condition",
        ]
    );
}

#[test]
fn a_threshold_between_two_scores_is_told_with_what_it_acts_as() {
    let (_, document) = lint("threshold = 0.925\n");
    assert_eq!(
        told(&document),
        [
            "1:13 warning the threshold 0.925 lies between two scores: the log's scores have at most 2 \
          decimals, so it acts as 0.93"
        ]
    );
    assert_eq!(told(&lint("threshold = 0.920\n").1), Vec::<String>::new());
}

#[test]
fn the_order_of_rows_and_threads_changes_no_finding() {
    let desk = desk(&with_rule("kind IN ('refund', 'lettre')"));
    let mut lines: Vec<&str> = LOG.lines().collect();
    lines[1..].reverse();
    desk.put("log.csv", lines.join("\n"));
    let run = |threads: &str| {
        let arguments = [
            "policy",
            "lint",
            "policy.toml",
            "log.csv",
            "--threads",
            threads,
            "--format",
            "json",
        ];
        desk.run(&arguments).done().stdout
    };
    let straight = lint(&with_rule("kind IN ('refund', 'lettre')")).1;
    assert_eq!(run("1"), run("4"));
    assert_eq!(serde_json::from_str::<Value>(&run("1")).unwrap(), straight);
}

#[test]
fn the_sample_policies_have_nothing_wrong() {
    let log = in_repository("sample-data/lending_club.selective.csv");
    let config = in_repository("sample-data/lending_club_costs.toml");
    for name in ["trust_good_grades", "guard_large_loans", "pay_then_check"] {
        let policy = in_repository(&format!("sample-data/policy_{name}.toml"));
        let answer = Desk::new().run(&["policy", "lint", &policy, &log, "--config", &config]);
        assert!(
            answer.done().stdout.contains("Nothing is wrong with it."),
            "{name}"
        );
    }
}

#[test]
fn a_missing_file_is_refused_and_so_are_two() {
    let desk = desk("threshold = 0.9");
    desk.run(&["policy", "lint", "other.toml"])
        .refused(2, &["other.toml"]);
    desk.run(&["policy", "lint", "policy.toml", "policy.toml"])
        .refused(2, &["one policy file"]);
}

/// The keys that the schema knows for a policy and for a rule.
#[test]
fn the_schema_knows_the_keys_that_the_parser_knows() {
    let answer = Desk::new()
        .command(GONOGO)
        .args(["policy", "schema"])
        .output()
        .unwrap();
    let schema: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let keys = |place: &Value| -> BTreeSet<String> {
        place["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let told = |text: &str| -> BTreeSet<String> {
        let error = gonogo::policy::Policy::parse(text, "p.toml").unwrap_err();
        let finding = error
            .findings
            .iter()
            .find(|f| f.message.contains("has no key"))
            .unwrap();
        let hint = finding.hint.clone().unwrap();
        let list = hint.split("the keys are ").nth(1).unwrap().to_owned();
        list.split(", ").map(str::to_owned).collect()
    };
    assert_eq!(keys(&schema), told("threshold = 0.9\nqqq = 1"));
    let rule = told("threshold = 0.9\n[[rules]]\nwhen = \"a\"\nroute = \"auto\"\nqqq = 1");
    assert_eq!(keys(&schema["$defs"]["rule"]), rule);
    for place in [&schema, &schema["$defs"]["rule"]] {
        assert_eq!(place["additionalProperties"], Value::Bool(false));
    }
}
