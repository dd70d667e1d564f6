//! `gonogo replay` asked badly: policies, names and files that are wrong in all the ways that were
//! thought of. Each is refused with what to do, and nothing is written.

use serde_json::Value;

use crate::binary::{Answer, Desk, commands_in, in_repository};

const LOG: &str = "\
id,score,wrong,human,kind,amount
-7,0.2,true,true,refund,10
=1+1,0.6,false,true,refund,20
003,0.9,false,false,letter,30
\"d,4\",0.95,,false,letter,40
";
const ROLES: &str = "[columns]\nid = 'id'\nscore = 'score'\nerror = 'wrong'\nescalated = 'human'\n";
const POLICY: &str = "name = 'candidate'\nthreshold = 0.5\n\
                      [[rules]]\nname = 'letters'\nwhen = \"kind = 'letter'\"\nroute = 'escalate'\n";

/// A desk with a log, its roles and a policy.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("log.csv", LOG);
    desk.put("gonogo.toml", ROLES);
    desk.put("candidate.toml", POLICY);
    desk
}

fn replay(desk: &Desk, more: &[&str]) -> Answer {
    desk.run(&[&["replay", "log.csv"], more].concat())
}

/// Replays what must be refused, and asserts that all files are as they were.
#[track_caller]
fn refused(desk: &Desk, more: &[&str], words: &[&str]) {
    let before: Vec<(String, String)> = desk
        .files()
        .into_iter()
        .map(|name| (desk.text(&name), name))
        .collect();
    replay(desk, more).refused(2, words);
    let after: Vec<(String, String)> = desk
        .files()
        .into_iter()
        .map(|name| (desk.text(&name), name))
        .collect();
    assert_eq!(before, after, "{more:?} wrote a file");
}

#[test]
fn without_a_policy_it_is_told_that_the_words_can_only_be_logs() {
    let desk = desk();
    let hint = "a policy is a .toml file, or a bare threshold such as 0.92";
    refused(
        &desk,
        &[],
        &["no policy is given: \"log.csv\" can only be a log", hint],
    );
    refused(
        &desk,
        &["1.5"],
        &["\"log.csv\", \"1.5\" can only be a log", hint],
    );
    refused(&desk, &["90%"], &["\"90%\"", hint]);
    refused(&desk, &["candidate.csv"], &["\"candidate.csv\"", hint]);
    desk.run(&["replay", "candidate.toml", "0.9"])
        .refused(2, &["no log is given", "name the log first"]);
}

#[test]
fn a_policy_file_that_is_not_there_or_no_policy_is_told_by_its_name() {
    let desk = desk();
    refused(
        &desk,
        &["candidat.toml"],
        &["candidat.toml: No such file", "a policy is a .toml file"],
    );
    // The roles of a log are no policy.
    refused(
        &desk,
        &["gonogo.toml"],
        &["gonogo.toml, line 1, column 2: the policy has no key `columns`"],
    );
    desk.put("binary.toml", b"\xff\xfe\x00");
    replay(&desk, &["binary.toml"]).refused(2, &["binary.toml: "]);
    desk.put("folder.toml/inner", "");
    replay(&desk, &["folder.toml"]).refused(2, &["folder.toml: "]);
}

#[test]
fn a_file_of_cases_with_the_ending_of_policies_is_told_to_be_no_policy() {
    let desk = desk();
    desk.put("log.toml", LOG);
    desk.run(&["replay", "log.toml", "0.9"])
        .refused(2, &["no log is given"]);
    refused(
        &desk,
        &["log.toml"],
        &["log.toml, line 1", "this is not TOML"],
    );
}

#[test]
fn policies_may_stand_before_the_log_and_a_threshold_may_be_written_in_any_way() {
    let desk = desk();
    let answer = desk.run(&[
        "replay",
        "0.50",
        "candidate.toml",
        "log.csv",
        "1",
        "0",
        "--format",
        "json",
    ]);
    let answer = answer.done().json();
    let names: Vec<&Value> = answer["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["name"])
        .collect();
    assert_eq!(
        names,
        ["threshold 0.50", "candidate", "threshold 1", "threshold 0"]
    );
    // A log on standard input is one like any other.
    let arguments = [
        "replay",
        "-",
        "0.50",
        "candidate.toml",
        "1",
        "0",
        "--format",
        "json",
    ];
    let piped = desk.run_with(&arguments, LOG.as_bytes()).done().json();
    assert_eq!(piped["policies"], answer["policies"]);
}

#[test]
fn names_that_reports_could_not_tell_apart_are_refused() {
    let desk = desk();
    refused(
        &desk,
        &["0.9", "0.9"],
        &[
            "two policies are called \"threshold 0.9\"",
            "give each a `name`",
        ],
    );
    desk.put("other.toml", POLICY);
    refused(
        &desk,
        &["candidate.toml", "other.toml"],
        &["two policies are called \"candidate\""],
    );
    desk.put("actual.toml", "threshold = 0.9");
    refused(
        &desk,
        &["actual.toml"],
        &[
            "a policy is called \"actual\"",
            "what really happened",
            "another `name`",
        ],
    );
    desk.put("rest.toml", "threshold = 0.9\n[[rules]]\nname = 'all other cases'\nwhen = 'score > 0.5'\nroute = 'auto'\n");
    refused(
        &desk,
        &["rest.toml"],
        &["rest.toml, line 2", "\"all other cases\"", "another name"],
    );
}

#[test]
fn more_policies_than_reports_can_hold_are_refused() {
    let desk = desk();
    let thresholds: Vec<String> = (1..=65).map(|t| format!("0.{t:02}")).collect();
    let words: Vec<&str> = thresholds.iter().map(String::as_str).collect();
    refused(&desk, &words, &["65 policies are more than 64"]);
    replay(&desk, &words[..64]).done();
}

#[test]
fn an_unknown_policy_to_compare_with_is_told_with_the_closest_one() {
    let desk = desk();
    refused(
        &desk,
        &["candidate.toml", "0.9", "--against", "candidat"],
        &[
            "no policy is called \"candidat\"",
            "did you mean \"candidate\"?",
            "the names are \"candidate\", \"threshold 0.9\"",
        ],
    );
    // A name that is like none of them: no guess.
    refused(
        &desk,
        &["0.9", "--against", "xyz"],
        &["the names are \"threshold 0.9\""],
    );
}

#[test]
fn a_policy_to_compare_with_may_be_called_as_on_the_command_line() {
    let desk = desk();
    for word in ["0.9", "threshold 0.9"] {
        let answer = replay(
            &desk,
            &[
                "0.9",
                "candidate.toml",
                "--against",
                word,
                "--format",
                "json",
            ],
        );
        assert_eq!(answer.done().json()["against"], "threshold 0.9");
    }
    let answer = replay(
        &desk,
        &[
            "0.9",
            "candidate.toml",
            "--against",
            "candidate.toml",
            "--format",
            "json",
        ],
    );
    assert_eq!(answer.done().json()["against"], "candidate");
}

#[test]
fn a_condition_that_is_no_sql_is_told_with_its_policy_and_rule() {
    let desk = desk();
    for (condition, message) in [
        ("kind = ", "unable to parse"),
        ("knid = 'letter'", "did you mean `kind`?"),
        ("kind = 'letter' AND", "unable to parse"),
        ("sum(amount) > 3", "no sums, counts, windows"),
        ("kind = (SELECT 1)", "kind = (SELECT 1)"),
    ] {
        desk.put("bad.toml", format!("name = 'new one'\nthreshold = 0.5\n[[rules]]\nname = 'my rule'\nwhen = \"{condition}\"\nroute = 'auto'\n"));
        refused(
            &desk,
            &["0.9", "bad.toml"],
            &["policy \"new one\", rule \"my rule\"", message],
        );
    }
}

#[test]
fn a_condition_that_is_neither_true_nor_false_is_told_with_its_policy_and_rule() {
    let desk = desk();
    for condition in ["kind", "amount", "amount * 2", "upper(kind)"] {
        desk.put("bad.toml", format!("name = 'new one'\nthreshold = 0.5\n[[rules]]\nname = 'my rule'\nwhen = '{condition}'\nroute = 'auto'\n"));
        refused(
            &desk,
            &["bad.toml"],
            &["policy \"new one\", rule \"my rule\""],
        );
    }
}

#[test]
fn a_condition_that_is_null_does_not_hold() {
    let desk = desk();
    desk.put("null.toml", "name = 'n'\nroute = 'auto'\n[[rules]]\nname = 'r'\nwhen = 'NOT wrong'\nroute = 'escalate'\n");
    let answer = replay(&desk, &["null.toml", "--format", "json"]).done();
    assert_eq!(answer.json()["policies"][0]["rules"][0]["cases"], 2);
    assert!(
        answer
            .stdout
            .contains("known only after the AI has decided")
    );
}

#[test]
fn moved_cases_are_not_written_over_anything_that_is_read_or_written() {
    let desk = desk();
    let overwrites = "would be written over what is read or written otherwise";
    for file in ["log.csv", "./log.csv", "candidate.toml", "gonogo.toml"] {
        refused(
            &desk,
            &["candidate.toml", "--swap-out", file],
            &[file, overwrites],
        );
    }
    refused(
        &desk,
        &["0.9", "--swap-out", "out.csv", "-o", "out.csv"],
        &[overwrites],
    );
    refused(
        &desk,
        &[
            "0.9",
            "--swap-out",
            "out.csv",
            "--skip-bad-rows",
            "--rejects",
            "out.csv",
        ],
        &[overwrites],
    );
    refused(
        &desk,
        &[
            "candidate.toml",
            "--skip-bad-rows",
            "--rejects",
            "candidate.toml",
        ],
        &[overwrites],
    );
    let gone = replay(&desk, &["0.9", "--swap-out", "nowhere/out.csv"]);
    assert_eq!(gone.code, 74, "{}", gone.stderr);
    assert!(gone.stderr.contains("nowhere/out.csv"), "{}", gone.stderr);
}

#[test]
fn moved_cases_need_ids_and_something_to_move_from() {
    let desk = desk();
    desk.put("gonogo.toml", ROLES.replace("id = 'id'\n", ""));
    refused(
        &desk,
        &["0.9", "--swap-out", "out.csv"],
        &["the role `id` is not mapped", "id = \"case_id\""],
    );
    desk.put("gonogo.toml", ROLES.replace("escalated = 'human'\n", ""));
    refused(
        &desk,
        &["0.9", "--swap-out", "out.csv"],
        &["the role `escalated` is not mapped"],
    );
    replay(
        &desk,
        &["0.9", "0.5", "--against", "0.5", "--swap-out", "out.csv"],
    )
    .done();
    assert_eq!(desk.text("out.csv").lines().count(), 2);
}

#[test]
fn the_ids_of_moved_cases_are_written_as_the_log_writes_them() {
    let desk = desk();
    desk.put("all.toml", "name = 'all, \"yes\"'\nroute = 'auto'\n[[rules]]\nname = 'low, very'\nwhen = 'score < 0.5'\nroute = 'auto'\n");
    replay(&desk, &["all.toml", "1", "--swap-out", "out.csv"]).done();
    // What a spreadsheet would run is defused; a number with a sign is none of that.
    assert_eq!(
        desk.text("out.csv"),
        "policy,id,from,to,rule\n\
         \"all, \"\"yes\"\"\",-7,escalated,auto,\"low, very\"\n\
         \"all, \"\"yes\"\"\",'=1+1,escalated,auto,all other cases\n\
         threshold 1,003,auto,escalated,all other cases\n\
         threshold 1,\"d,4\",auto,escalated,all other cases\n"
    );
}

#[test]
fn roles_that_a_replay_needs_are_asked_for() {
    let desk = desk();
    desk.put("gonogo.toml", ROLES.replace("error = 'wrong'\n", ""));
    refused(
        &desk,
        &["0.9"],
        &["the role `error` is not mapped", "error = "],
    );
    desk.put("gonogo.toml", ROLES.replace("score = 'score'\n", ""));
    refused(&desk, &["0.9"], &["the role `score` is not mapped"]);
    // A policy without a threshold needs no score.
    desk.put(
        "routes.toml",
        "route = 'auto'\n[[rules]]\nwhen = \"kind = 'letter'\"\nroute = 'escalate'\n",
    );
    let answer = replay(&desk, &["routes.toml", "--format", "json"])
        .done()
        .json();
    assert_eq!(answer["policies"][0]["escalated"], 2);
    refused(
        &desk,
        &["routes.toml", "0.9"],
        &["the role `score` is not mapped"],
    );
    refused(
        &desk,
        &["routes.toml", "--by", "knid"],
        &["there is no segment `knid`", "did you mean `kind`?"],
    );
    refused(&desk, &["routes.toml", "--level", "95"], &["--level: 95"]);
}

#[test]
fn a_log_without_labels_or_cases_is_nothing_to_judge() {
    let desk = desk();
    desk.put(
        "log.csv",
        LOG.replace("true,true", ",true")
            .replace("false,true", ",true")
            .replace("false,false", ",false"),
    );
    replay(&desk, &["0.9"]).refused(4, &["none of 4 carries a label"]);
    desk.put("log.csv", LOG.lines().next().unwrap());
    replay(&desk, &["0.9"]).refused(4, &["0 cases"]);
}

#[test]
fn hostile_names_command_neither_a_terminal_nor_a_spreadsheet_nor_a_page() {
    let desk = desk();
    let name = r#"\u001b[31mred\u202e <b>|x|</b>\n=cmd"#;
    desk.put(
        "hostile.toml",
        format!("name = \"{name}\"\nthreshold = 0.5\n[[rules]]\nname = \"=HYPERLINK(\\\"{name}\\\")\"\nwhen = \"wrong AND kind = 'letter'\"\nthreshold = 0.9\n"),
    );
    let words = [
        "hostile.toml",
        "0.7",
        "-o",
        "a.csv",
        "-o",
        "a.md",
        "-o",
        "a.json",
        "--swap-out",
        "moved.csv",
    ];
    let answer = replay(&desk, &words).done();
    for text in [&answer.stdout, &answer.stderr] {
        assert_eq!(commands_in(text), "", "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }
    assert!(answer.stdout.contains("red"));
    for file in ["a.csv", "moved.csv", "a.md", "a.json"] {
        let text = desk.text(file);
        assert_eq!(commands_in(&text), "", "{file}: {text}");
        assert!(!text.contains('\u{202e}'), "{file}: {text}");
    }
    let markdown = desk.text("a.md");
    assert!(
        !markdown.contains("<b>") && !markdown.contains("|x|"),
        "{markdown}"
    );
    let rows: Vec<Vec<String>> = csv::Reader::from_reader(desk.text("a.csv").as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert!(
        rows.iter().flatten().all(|cell| !cell.starts_with('=')),
        "{rows:?}"
    );
    // In JSON the names are what they are.
    let json: Value = serde_json::from_str(&desk.text("a.json")).unwrap();
    assert_eq!(
        json["policies"][0]["name"],
        "\u{1b}[31mred\u{202e} <b>|x|</b>\n=cmd"
    );
    let bad = replay(&desk, &["hostile.toml", "--against", "red"]);
    bad.refused(2, &["no policy is called \"red\""]);
}

#[test]
fn names_with_commas_and_quotes_stay_one_field_of_a_row() {
    let desk = desk();
    desk.put("names.toml", "name = 'a, \"b\"'\nthreshold = 0.5\n[[rules]]\nname = 'c, \"d\"'\nwhen = \"kind = 'letter'\"\nroute = 'auto'\n");
    let answer = replay(&desk, &["names.toml", "--by", "kind", "--format", "csv"]).done();
    let mut reader = csv::Reader::from_reader(answer.stdout.as_bytes());
    let titles = reader.headers().unwrap().clone();
    assert_eq!(
        titles.iter().take(4).collect::<Vec<_>>(),
        ["policy", "rule", "segment", "value"]
    );
    let keys: Vec<[String; 4]> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            [0, 1, 2, 3].map(|place| row[place].to_owned())
        })
        .collect();
    let name = "a, \"b\"";
    let expected = [
        ["actual", "", "", ""],
        [name, "", "", ""],
        [name, "c, \"d\"", "", ""],
        [name, "all other cases", "", ""],
        [name, "", "kind", "letter"],
        [name, "", "kind", "refund"],
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_segment_without_a_value_is_told_apart_from_one_that_is_empty_text_in_json() {
    let desk = desk();
    desk.put("log.csv", LOG.replace("letter", ""));
    let answer = replay(&desk, &["0.9", "--by", "kind", "--format", "json"])
        .done()
        .json();
    let segments = answer["policies"][0]["segments"].as_array().unwrap();
    assert_eq!(segments[0]["values"], serde_json::json!([null]));
    assert!(segments[0]["value"].is_null());
    assert_eq!(segments[1]["value"], "refund");
}

#[test]
fn every_row_of_the_table_of_full_precision_says_what_the_json_says() {
    let desk = desk();
    let log = in_repository("sample-data/lending_club.selective.csv");
    let config = in_repository("sample-data/lending_club.toml");
    let words = [
        "replay", &log, "0.9", "0.95", "--config", &config, "--by", "grade", "-o", "a.csv", "-o",
        "a.json",
    ];
    desk.run(&words).done();
    let json: Value = serde_json::from_str(&desk.text("a.json")).unwrap();
    let text = desk.text("a.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let mut checked = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let field =
            |title: &str| row[titles.iter().position(|known| known == title).unwrap()].to_owned();
        let whole = match field("policy").as_str() {
            "actual" => &json["actual"],
            name => json["policies"]
                .as_array()
                .unwrap()
                .iter()
                .find(|p| p["name"] == name)
                .unwrap(),
        };
        let list = |key: &str, with: &str, is: &str| {
            whole[key]
                .as_array()
                .unwrap()
                .iter()
                .find(|part| part[with] == is)
                .unwrap()
                .clone()
        };
        let (part, swap) = match (field("rule").as_str(), field("value").as_str()) {
            ("", "") => (whole.clone(), whole["swap"].clone()),
            (rule, "") => {
                let rule = list("rules", "name", rule);
                (rule.clone(), rule["swap"].clone())
            }
            (_, value) => {
                let segment = list("segments", "value", value);
                (segment["outcome"].clone(), segment["swap"].clone())
            }
        };
        let pairs = [
            ("escalated", &part["escalated"]),
            ("auto_error", &part["auto_error"]["estimate"]),
            ("auto_error_high", &part["auto_error"]["high"]),
            ("auto_error_bound_high", &part["auto_error"]["bounds"][1]),
            ("escaped_errors", &part["escaped_errors"]["estimate"]),
            ("caught_errors_low", &part["caught_errors"]["low"]),
            ("money_in_error", &part["value"]["in_error"]),
            ("newly_auto_approved", &swap["newly_auto_approved"]["cases"]),
            (
                "newly_escalated_errors_found",
                &swap["newly_escalated"]["error"]["errors_found"],
            ),
        ];
        for (title, value) in pairs {
            let found: Option<f64> = field(title).parse().ok();
            let same = match (found, value.as_f64()) {
                // The reader of JSON is exact to the last bit but one.
                (Some(found), Some(value)) => (found - value).abs() <= 1e-15 * value.abs(),
                (found, value) => found == value,
            };
            assert!(same, "{title} of {row:?} is not {value}");
        }
        checked += 1;
    }
    assert_eq!(checked, 1 + 2 * (1 + 1 + 7));
}

/// A reader of JSON keeps one of two values under the same key, and does not tell.
#[test]
fn no_object_of_the_json_holds_a_key_twice() {
    let desk = desk();
    desk.put(
        "gonogo.toml",
        format!("{ROLES}value = 'amount'\n[cost]\nerror = 1\nreview = 1\n"),
    );
    let words = ["candidate.toml", "0.9", "--by", "kind", "--format", "json"];
    let text = replay(&desk, &words).done().stdout;
    let parsed: Value = serde_json::from_str(&text).unwrap();
    let again = serde_json::to_string_pretty(&parsed).unwrap();
    assert_eq!(text.trim_end().lines().count(), again.lines().count());
}

/// A hundred cases, each with a label probability of its own. Of the ten that a threshold of 0.5
/// escalates all are labelled, and the three wrong ones are those that were least likely to be.
#[test]
fn moved_cases_that_are_all_labelled_are_counted_whatever_chance_their_labels_had() {
    let desk = desk();
    let mut log = "id,score,wrong,human,p,amount\n".to_owned();
    for case in 0..100 {
        let (score, label) = match case {
            0..3 => ("0.4", "true"),
            3..10 => ("0.4", "false"),
            _ if case % 2 == 0 => ("0.9", "false"),
            _ => ("0.9", ""),
        };
        log.push_str(&format!(
            "{case},{score},{label},false,0.{},10\n",
            101 + case
        ));
    }
    desk.put("log.csv", log);
    let roles = "label_probability = 'p'\nvalue = 'amount'\n";
    desk.put("gonogo.toml", format!("{ROLES}{roles}"));
    let answer = replay(&desk, &["0.5", "--format", "json"]).done().json();
    assert_eq!(answer["cells"][0]["basis"], "varying");
    let moved = &answer["policies"][0]["swap"]["newly_escalated"];
    assert_eq!(
        (&moved["cases"], &moved["observed"]),
        (&10.into(), &true.into())
    );
    assert_eq!(moved["error"]["estimate"], 0.3);
    assert_eq!(moved["error"]["evidence"]["observed"], 1.0);
    assert_eq!(moved["value"]["in_error"], 30.0);
    let table = replay(&desk, &["0.5"]).done().stdout;
    assert!(
        table.contains("all labelled, 3 of them wrong (30 %, counted and not estimated)"),
        "{table}"
    );
}
