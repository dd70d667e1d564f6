//! The page as a file: what it may hold and what it must not. What it does in a browser is tried
//! by `tests/browser/run.sh`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::binary::{Answer, Desk, in_repository};

/// Writes a page of sample-data.
fn report(desk: &Desk, more: &[&str]) -> Answer {
    let log = in_repository("sample-data/lending_club.selective.csv");
    let config = in_repository("sample-data/lending_club_costs.toml");
    desk.run(&[&["report", &log, "--config", &config], more].concat())
}

fn page(more: &[&str]) -> String {
    let desk = Desk::new();
    let answer = report(&desk, &[&["-o", "page.html"], more].concat());
    assert_eq!(answer.code, 0, "{answer:?}");
    desk.text("page.html")
}

/// The texts between two marks.
pub(crate) fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    text.split(from)
        .skip(1)
        .map(|rest| rest.split_once(to).unwrap().0)
        .collect()
}

pub(crate) fn sums(page: &str) -> Value {
    let [text] = between(page, "id=\"sums\">", "</script>")[..] else {
        panic!("no sums, or several");
    };
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_page_allows_its_own_script_and_style_and_nothing_else() {
    let page = page(&[]);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"")[0];
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (name, from, to) in [
        ("script", "<script>", "</script>"),
        ("style", "<style>", "</style>"),
    ] {
        let [text] = between(&page, from, to)[..] else {
            panic!("not one {name}");
        };
        let hash = STANDARD.encode(Sha256::digest(text.as_bytes()));
        assert!(
            policy.contains(&format!("{name}-src 'sha256-{hash}'")),
            "{policy}"
        );
    }
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn the_page_asks_nothing_of_any_server() {
    let page = page(&[]).replace("http://www.w3.org/2000/svg", "");
    for word in [
        "http:", "https:", "//cdn", "@import", "url(", "src=", "<link", "<iframe", "fetch(",
    ] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn the_page_holds_no_case() {
    let page = page(&["--share", "full"]);
    let log = std::fs::read_to_string(in_repository("sample-data/lending_club.selective.csv"));
    let log = log.unwrap();
    let mut rows = log.lines();
    let is_id = |name: &str| name.trim_start_matches('\u{feff}') == "Application No";
    assert!(is_id(rows.next().unwrap().split(';').next().unwrap()));
    let long: Vec<&str> = rows.filter_map(|row| row.split(';').next()).collect();
    assert!(long.len() > 1000 && long.iter().all(|id| id.starts_with("LC-")));
    let found: Vec<_> = long.iter().filter(|id| page.contains(**id)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_same_log_gives_the_same_page_whatever_the_threads() {
    let policy = in_repository("sample-data/policy_guard_large_loans.toml");
    let with = |threads| page(&["--policy", &policy, "--threads", threads]);
    assert!(with("1") == with("4"), "pages differ");
}

#[test]
fn sliders_move_by_the_first_grouping_and_their_cases_are_all_cases() {
    let page = page(&["--by", "grade", "--by", "term"]);
    let sums = sums(&page);
    assert_eq!(sums["by"], "grade");
    let segments = sums["segments"].as_array().unwrap();
    let cases: u64 = segments.iter().map(|s| s["cases"].as_u64().unwrap()).sum();
    assert_eq!(cases, 9857);
    assert!(sums["thresholds"].as_array().unwrap().len() <= 101);
    assert_eq!(
        segments[0]["when"].as_str().unwrap().split(' ').next(),
        Some("\"grade\"")
    );
}

#[test]
fn smaller_segments_share_one_slider() {
    let sums = sums(&page(&["--by", "grade", "--top", "2"]));
    let segments = sums["segments"].as_array().unwrap();
    assert_eq!(segments.len(), 3);
    assert!(segments[2]["name"].as_str().unwrap().starts_with("other ("));
    assert!(segments[2]["when"].is_null());
}

#[test]
fn a_page_for_anyone_has_no_sliders_and_no_counts_of_labels() {
    let page = page(&["--share", "public", "--by", "grade"]);
    assert!(!page.contains("id=\"sums\""));
    assert!(!page.contains(">labels<"), "labels are counted");
    // Seven errors were found among those auto-approved.
    assert!(page.contains("? (0 to 6.75 %)"), "no limit is told");
}

#[test]
fn charts_are_written_beside_the_page() {
    let desk = Desk::new();
    let policy = in_repository("sample-data/policy_guard_large_loans.toml");
    let answer = report(
        &desk,
        &[
            "--by", "grade", "--policy", &policy, "--charts", "charts", "-q",
        ],
    );
    assert_eq!(answer.code, 0, "{answer:?}");
    let names = [
        "cost",
        "rates-by-threshold",
        "risk-coverage",
        "scores",
        "segments-error-rate",
        "segments-risk-coverage",
        "swap-set",
        "waits",
    ];
    let files: Vec<String> = names
        .iter()
        .flat_map(|name| ["png", "svg"].map(|ending| format!("charts/{name}.{ending}")))
        .collect();
    assert_eq!(desk.files(), files);
    for svg in files.iter().filter(|file| file.ends_with("svg")) {
        let text = desk.text(svg);
        roxmltree::Document::parse(&text).unwrap();
        assert!(!text.contains("NaN"), "{svg}");
    }
}

#[test]
fn results_of_audits_and_gates_are_shown() {
    let desk = Desk::new();
    desk.put(
        "audit.json",
        r#"{"verdict": "pass", "sentence": "At most 2 % are wrong."}"#,
    );
    desk.put(
        "gate.json",
        r#"{"verdict": "fail", "checks": [{"name": "errors <b>", "verdict": "fail",
            "limit": {"max": 0.01}, "rate": {"estimate": 0.03, "low": 0.02, "high": 0.04}, "labelled": 900}]}"#,
    );
    let more = [
        "--audit",
        "audit.json",
        "--gate",
        "gate.json",
        "-o",
        "page.html",
    ];
    assert_eq!(report(&desk, &more).code, 0);
    let page = desk.text("page.html");
    assert!(page.contains("Audit audit.json: pass. At most 2 % are wrong."));
    assert!(page.contains("Gate gate.json: fail."));
    for text in ["at most 1 %", "3 (2 to 4) %", ">900<"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("errors <b>"));
}

#[test]
fn a_file_without_a_verdict_is_no_result() {
    let desk = Desk::new();
    desk.put("audit.json", "{}");
    let answer = report(&desk, &["--audit", "audit.json", "-o", "page.html"]);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.stderr.contains("no verdict"), "{}", answer.stderr);
    assert_eq!(desk.files(), ["audit.json"]);
}

#[test]
fn only_a_report_is_a_page() {
    let desk = Desk::new();
    let log = in_repository("sample-data/lending_club.selective.csv");
    let config = in_repository("sample-data/lending_club_costs.toml");
    let answer = desk.run(&["sweep", &log, "--config", &config, "-o", "page.html"]);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.stderr.contains("gonogo report"), "{}", answer.stderr);
}

#[test]
fn results_that_gonogo_itself_wrote_are_shown() {
    let desk = Desk::new();
    let sheet = |name: &str| in_repository(&format!("sample-data/audit/{name}"));
    let words = [
        "audit",
        "evaluate",
        &sheet("draw.json"),
        &sheet("sheet.csv"),
        "-o",
        "audit.json",
    ];
    assert_eq!(desk.run(&words).code, 0);
    let (log, config) = (
        in_repository("sample-data/lending_club.selective.csv"),
        in_repository("sample-data/lending_club_gate.toml"),
    );
    assert_eq!(
        desk.run(&["gate", &log, "--config", &config, "-o", "gate.json"])
            .code,
        0
    );
    let more = [
        "--audit",
        "audit.json",
        "--gate",
        "gate.json",
        "-o",
        "page.html",
    ];
    assert_eq!(report(&desk, &more).code, 0);
    let page = desk.text("page.html");
    let told = [
        "Audit audit.json: pass. Drawn by srs: 59 of 7,417 cases were drawn",
        "Gate gate.json: pass.",
        "at most 2 points worse than the baseline",
        "not judged",
    ];
    for text in told {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_manifest_names_policies_by_their_hash() {
    let policy = in_repository("sample-data/policy_guard_large_loans.toml");
    let page = page(&["--policy", &policy, "--policy", "0.95"]);
    let hash = Sha256::digest(std::fs::read(&policy).unwrap());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(page.contains("<dt>policy policy_guard_large_loans.toml</dt>"));
    assert!(page.contains(&format!("SHA-256 {hash}")));
    assert!(page.contains("<dd>threshold 0.95</dd>"));
}

#[test]
fn waits_are_told_without_a_policy_and_so_is_what_is_missing_for_them() {
    assert!(page(&[]).contains("the queue of 5 reviewers, deadline 4d"));
    let desk = Desk::new();
    let log = in_repository("sample-data/spam_mail.selective.csv");
    let config = in_repository("sample-data/spam_mail.toml");
    let words = ["report", &log, "--config", &config, "-o", "page.html"];
    assert_eq!(desk.run(&words).code, 0);
    assert!(
        desk.text("page.html")
            .contains("No queue is simulated: state")
    );
}

#[test]
fn folders_are_told_to_those_who_have_the_log_only() {
    let desk = Desk::new();
    let from = |name: &str| std::fs::read_to_string(in_repository(name)).unwrap();
    std::fs::create_dir(desk.path("secretfolder")).unwrap();
    desk.put(
        "secretfolder/log.csv",
        from("sample-data/lending_club.selective.csv"),
    );
    desk.put(
        "secretfolder/rule.toml",
        from("sample-data/policy_guard_large_loans.toml"),
    );
    let config = in_repository("sample-data/lending_club_costs.toml");
    for (share, told) in [("public", false), ("team", false), ("full", true)] {
        let policy = "secretfolder/rule.toml";
        let words = [
            "report",
            "secretfolder/log.csv",
            "--config",
            &config,
            "--policy",
            policy,
        ];
        let more = ["--share", share, "-o", "page.html"];
        assert_eq!(desk.run(&[&words[..], &more].concat()).code, 0);
        let mut texts = vec![desk.text("page.html")];
        if share != "public" {
            let more = ["--share", share, "-o", "page.json"];
            assert_eq!(desk.run(&[&words[..], &more].concat()).code, 0);
            texts.push(desk.text("page.json"));
        }
        for text in texts {
            assert_eq!(text.contains("secretfolder"), told, "{share}");
        }
    }
}

#[test]
fn data_with_every_count_are_not_for_anyone() {
    let desk = Desk::new();
    let answer = report(&desk, &["--share", "public", "-o", "report.json"]);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.stderr.contains("every count"), "{}", answer.stderr);
    assert_eq!(desk.files(), [""; 0]);
}
