//! A report as Markdown: its links, its order and its size.

use std::fmt::Write as _;

use crate::binary::{Answer, Desk, in_repository};

const ROLES: &str = "[columns]\nid = 'id'\nscore = 'score'\nerror = 'wrong'\n\
                     escalated = 'human'\n[segments]\nkind = 'kind'\nplace = 'place'\n";

/// A log of so many segments of two kinds, all labelled.
fn log(segments: usize, name: impl Fn(usize) -> String) -> String {
    let mut text = "id,score,wrong,human,kind,place\n".to_owned();
    for case in 0..segments * 12 {
        let (segment, score) = (case % segments, (case * 37 % 100) as f64 / 100.0);
        let wrong = case * 13 % 100 > 95;
        let human = score < 0.5;
        let (name, place) = (name(segment), segment * 7 % segments);
        writeln!(text, "{case},{score},{wrong},{human},{name},place {place}").unwrap();
    }
    text
}

fn report(desk: &Desk, more: &[&str]) -> Answer {
    desk.run(&[&["report", "log.csv", "--config", "gonogo.toml"], more].concat())
}

fn desk(log: &str) -> Desk {
    let desk = Desk::new();
    desk.put("log.csv", log);
    desk.put("gonogo.toml", ROLES);
    desk
}

/// The targets of the pictures.
fn links(markdown: &str) -> Vec<String> {
    let lines = markdown.lines().filter(|line| line.starts_with("!["));
    lines
        .map(|line| {
            line.rsplit_once("](")
                .unwrap()
                .1
                .trim_end_matches(')')
                .to_owned()
        })
        .collect()
}

#[test]
fn pictures_are_linked_from_where_the_text_lies() {
    let desk = Desk::new();
    let log = in_repository("sample-data/lending_club.selective.csv");
    let config = in_repository("sample-data/lending_club_costs.toml");
    std::fs::create_dir(desk.path("wiki")).unwrap();
    let answer = desk.run(&[
        "report",
        &log,
        "--config",
        &config,
        "--policy",
        "0.9",
        "--charts",
        "my charts",
        "-o",
        "wiki/report.md",
        "--format",
        "md",
    ]);
    let printed = links(&answer.done().stdout);
    let linked = links(&desk.text("wiki/report.md"));
    assert!(linked.len() >= 6, "{linked:?}");
    assert_eq!(printed.len(), linked.len());
    for (printed, linked) in printed.iter().zip(&linked) {
        assert_eq!(&format!("../{printed}"), linked);
        let file = desk.path(&printed.replace("%20", " "));
        assert!(file.is_file(), "{}", file.display());
    }
}

#[test]
fn a_report_begins_with_its_answer() {
    let desk = desk(&log(3, |segment| format!("kind {segment}")));
    let text = report(&desk, &["--format", "md", "--charts", "charts"])
        .done()
        .stdout;
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    let (answer, picture, table) = (at("In fact "), at("!["), at("| threshold |"));
    assert!(answer < picture && picture < table, "{text}");
    assert!(
        text.contains(
            "![Escalation rate against auto-approved error rate](charts/risk-coverage.png)"
        )
    );
}

#[test]
fn without_a_folder_for_charts_nothing_is_linked() {
    let desk = desk(&log(3, |segment| format!("kind {segment}")));
    let text = report(&desk, &["--format", "md"]).done().stdout;
    assert!(!text.contains("!["), "{text}");
}

#[test]
fn few_segments_are_told_whole_and_many_are_counted() {
    let few = desk(&log(10, |segment| format!("kind {segment}")));
    let text = report(&few, &["--format", "md"]).done().stdout;
    assert!(
        text.contains("| kind 9 |") && !text.contains("more rows"),
        "{text}"
    );
    for (name, places) in [("plain", 100), ("<|>", 100), ("endless", 150)] {
        let segment = |segment: usize| match name {
            "endless" => format!("{segment}{}", "<".repeat(500)),
            name => format!("{name} {segment}"),
        };
        let many = desk(&log(places, segment));
        let policies = ["--policy", "0.6", "--policy", "0.7", "--policy", "0.8"];
        let more = [&["--format", "md", "--top", "1000"][..], &policies];
        let text = report(&many, &more.concat()).done().stdout;
        assert!(text.len() <= 60_000, "{name}: {} bytes", text.len());
        assert!(text.contains(" more rows."), "{name}");
        assert!(
            text.contains("**by kind**") && text.contains("**by place**"),
            "{name}"
        );
    }
}
