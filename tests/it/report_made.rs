//! Pages of made-up logs: how large they become, and what their sliders take.

use crate::binary::{Desk, in_repository};
use crate::report::sums;

/// A log of made-up cases: the segment of a row, then how many rows there are.
pub(crate) fn made(desk: &Desk, rows: usize, segment: impl Fn(usize) -> String) {
    let mut text = String::from("id,kind,score,human,wrong,p,cost\n");
    let mut state = 1_u64;
    let mut draw = |most: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for row in 0..rows {
        let score = 5000 + draw(5000);
        let human = score < 8000;
        let p = 100 + draw(400);
        let known = human || draw(1000) < p;
        let wrong = if known {
            (draw(12_000) > score).to_string()
        } else {
            String::new()
        };
        let p = if human {
            "1".to_owned()
        } else {
            format!("0.{p:03}")
        };
        let (segment, cost) = (segment(row), draw(100_000));
        text.push_str(&format!(
            "{row},{segment},0.{score},{human},{wrong},{p},{cost}.25\n"
        ));
    }
    desk.put("made.csv", &text);
}

/// The roles of such a log. `more` goes on with label probabilities and costs.
pub(crate) fn made_config(desk: &Desk, more: &str) {
    let roles =
        "[columns]\nid = \"id\"\nscore = \"score\"\nerror = \"wrong\"\nescalated = \"human\"\n";
    desk.put(
        "made.toml",
        format!("{roles}{more}[segments]\nkind = \"kind\"\n"),
    );
}

pub(crate) fn made_page(desk: &Desk, more: &[&str]) -> String {
    let words = [
        "report",
        "made.csv",
        "--config",
        "made.toml",
        "-o",
        "page.html",
    ];
    let answer = desk.run(&[&words, more].concat());
    assert_eq!(answer.code, 0, "{answer:?}");
    desk.text("page.html")
}

#[test]
fn a_page_is_as_small_as_the_documents_say() {
    let document = std::fs::read_to_string(in_repository("docs/report.md")).unwrap();
    for segments in [1, 10, 100] {
        let desk = Desk::new();
        made(&desk, 20_000, |row| format!("segment {}", row % segments));
        made_config(&desk, "");
        let size = made_page(&desk, &[]).len();
        let row = format!("| {segments} |");
        let line = document
            .lines()
            .find(|line| line.starts_with(&row))
            .unwrap();
        let cell = line.split('|').nth(2).unwrap().trim();
        let most: usize = cell.strip_suffix(" KB").unwrap().parse().unwrap();
        assert!(size < most * 1000, "{segments} segments: {size} bytes");
        assert!(
            size + 25_000 > most * 1000,
            "{segments} segments: only {size} bytes"
        );
    }
}

#[test]
fn a_page_stays_small_where_names_are_long_and_sums_are_many() {
    let desk = Desk::new();
    // Each character of a name is six in the embedded sums; each cell has every sum there is.
    made(&desk, 30_000, |row| {
        format!("{}{}", "<".repeat(190), row % 100)
    });
    made_config(
        &desk,
        "label_probability = \"p\"\n[cost]\nerror = \"cost\"\nreview = \"cost / 100\"\n",
    );
    let page = made_page(&desk, &["--by", "kind"]);
    assert!(page.len() < 300_000, "{} bytes", page.len());
    let sums = sums(&page);
    let segments = sums["segments"].as_array().unwrap();
    assert!(segments.len() > 1, "no slider is left");
    let cases: u64 = segments.iter().map(|s| s["cases"].as_u64().unwrap()).sum();
    assert_eq!(cases, 30_000);
}

/// A page of many groupings, policies and checks.
#[test]
fn a_page_stays_small_whatever_is_asked_of_it() {
    let desk = Desk::new();
    let mut log = String::from("id,score,human,wrong");
    let mut segments = String::from("[segments]\n");
    for place in 0..25 {
        log.push_str(&format!(",s{place}"));
        segments.push_str(&format!("s{place} = \"s{place}\"\n"));
    }
    for row in 0..3000 {
        let (score, human) = (0.5 + (row * 37 % 500) as f64 / 1000.0, row * 37 % 500 < 250);
        log.push_str(&format!("\n{row},{score},{human},{}", row % 11 == 0));
        for place in 0..25 {
            log.push_str(&format!(
                ",value {} of a long name",
                (row + place) % (place + 20)
            ));
        }
    }
    desk.put("made.csv", &log);
    let roles =
        "[columns]\nid = \"id\"\nscore = \"score\"\nerror = \"wrong\"\nescalated = \"human\"\n";
    desk.put("made.toml", format!("{roles}{segments}"));
    let check = r#"{"name": "errors", "metric": "auto_error", "verdict": "pass", "labelled": 800,
        "limit": {"max": 0.01}, "rate": {"estimate": 0.125, "low": 0.02, "high": 0.5}}"#;
    let checks = vec![check; 1000].join(",");
    desk.put(
        "gate.json",
        format!("{{\"verdict\": \"pass\", \"checks\": [{checks}]}}"),
    );
    let mut more: Vec<String> = vec!["--gate".to_owned(), "gate.json".to_owned()];
    for place in 0..40 {
        let name = format!("policy{place}.toml");
        let rules: String = (0..12)
            .map(|rule| {
                format!(
                    "[[rules]]\nname = \"the rule {rule}\"\nwhen = \"s{rule} = 'value {rule} of a \
                     long name'\"\nroute = \"escalate\"\n"
                )
            })
            .collect();
        desk.put(
            &name,
            format!(
                "name = \"candidate {place}\"\nthreshold = 0.{}\n{rules}",
                50 + place
            ),
        );
        more.extend(["--policy".to_owned(), name]);
    }
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let page = made_page(&desk, &more);
    assert!(page.len() < 300_000, "{} bytes", page.len());
    assert!(
        page.contains("of 1,000 rows)"),
        "nothing says what is left out"
    );
    assert!(sums(&page)["segments"].as_array().unwrap().len() > 1);
}

/// Rules made of the conditions of a page's sliders take the cases that the page says they have.
#[test]
fn conditions_of_sliders_take_the_cases_of_their_segments() {
    let desk = Desk::new();
    let mut log = String::from("id,score,wrong,flag,number,whole,code,day,note\n");
    for row in 0..600 {
        let pick = |values: &[&'static str]| values[row * 7 % 13 % values.len()];
        log.push_str(&format!(
            "{row},0.{},{},{},{},{},{},{},{}\n",
            500 + row % 500,
            row % 9 == 0,
            pick(&["True", "FALSE", "true", ""]),
            pick(&["1", "1.0", "0.1", "-2", "", "1e3"]),
            row % 3,
            pick(&["01", "1", "it's", "", "True"]),
            pick(&["2016-01-02", "2016-01-03T00:00:00Z", "2016-01-02T00:00:00Z"]),
            pick(&["", "a"]),
        ));
    }
    desk.put("log.csv", &log);
    let config = "[columns]\nid = \"id\"\nscore = \"score\"\nerror = \"wrong\"\n[types]\n\
        day = \"timestamp\"\nwhole = \"integer\"\n[segments]\nalias = \"number\"\ntwice = \"number * 2\"\n\
        inverse = \"1 / whole\"\nbefore = \"CAST(day AS DATE)\"\nmoment = \"COALESCE(day, day)\"\n\
        denied = \"NOT flag\"\ncapital = \"UPPER(code)\"\nsome = \"COALESCE(note, '')\"\n";
    desk.put("gonogo.toml", config);
    // The names of the segments, and how many sliders they come to.
    for (by, sliders) in [
        ("flag", 3),
        ("number", 5),
        ("whole", 3),
        ("code", 5),
        ("day", 2),
        ("alias", 5),
        ("twice", 4),
        ("inverse", 3),
        ("before", 2),
        ("moment", 2),
        ("denied", 3),
        ("capital", 5),
        ("some", 2),
        ("flag,number", 15),
    ] {
        let words = ["report", "log.csv", "--by", by, "-o", "page.html", "-q"];
        assert_eq!(desk.run(&words).code, 0, "{by}");
        let sums = sums(&desk.text("page.html"));
        let segments = sums["segments"].as_array().unwrap();
        let picked: Vec<_> = segments.iter().filter(|s| !s["when"].is_null()).collect();
        assert!(
            picked.len() <= sliders
                && (picked.len() == sliders || by.contains(',') || by == "inverse"),
            "{by}: {segments:#?}"
        );
        let mut policy = String::from("name = \"of the page\"\nthreshold = 0.9\n");
        for (place, segment) in picked.iter().enumerate() {
            let when = serde_json::to_string(&segment["when"]).unwrap();
            policy.push_str(&format!(
                "[[rules]]\nname = \"rule {place}\"\nwhen = {when}\nthreshold = 0.6\n"
            ));
        }
        desk.put("policy.toml", &policy);
        let answer = desk.run(&["replay", "log.csv", "policy.toml", "--format", "json", "-q"]);
        assert_eq!(answer.code, 0, "{by}: {answer:?}\n{policy}");
        let replay: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        let rules = replay["policies"][0]["rules"].as_array().unwrap();
        for (rule, segment) in rules.iter().zip(&picked) {
            assert_eq!(rule["cases"], segment["cases"], "{by}: {}", segment["when"]);
        }
        let cases: u64 = segments.iter().map(|s| s["cases"].as_u64().unwrap()).sum();
        assert_eq!(cases, 600, "{by}");
    }
}

#[test]
fn reviewers_and_ids_are_for_those_who_have_the_log() {
    let desk = Desk::new();
    let mut log = String::from("id,score,wrong,who,kind\n");
    for row in 0..200 {
        log.push_str(&format!("{row},0.{},false,Ada{},a\n", 500 + row, row % 3));
    }
    desk.put("log.csv", &log);
    desk.put(
        "gonogo.toml",
        "[columns]\nid = \"id\"\nscore = \"score\"\nerror = \"wrong\"\nreviewer = \"who\"\n\
         [segments]\nagent = \"who\"\nloud = \"UPPER(who)\"\nkind = \"kind\"\n",
    );
    let report = |more: &[&str]| {
        let words = ["report", "log.csv", "-o", "page.html", "-o", "page.md"];
        desk.run(&[&words[..], more].concat())
    };
    for share in ["team", "public"] {
        let answer = report(&["--share", share]);
        assert_eq!(answer.code, 0, "{answer:?}");
        for text in [desk.text("page.html"), desk.text("page.md"), answer.stdout] {
            assert!(!text.to_lowercase().contains("ada1"), "{share}: {text}");
            assert!(
                text.contains("agent"),
                "{share}: nothing says what is left out"
            );
        }
        for by in ["agent", "who", "loud", "kind,who", "id"] {
            let answer = report(&["--share", share, "--by", by]);
            assert_eq!(answer.code, 2, "{by}: {answer:?}");
        }
    }
    assert_eq!(report(&["--share", "full"]).code, 0);
    assert!(desk.text("page.html").contains("Ada1"));
}
