//! Pages of made-up logs: how large they become, and what a page for anyone keeps to itself.

use crate::binary::{Desk, in_repository};
use crate::report::{between, sums};

/// A log of made-up cases: the segment of a row, then how many rows there are.
fn made(desk: &Desk, rows: usize, segment: impl Fn(usize) -> String) {
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
fn made_config(desk: &Desk, more: &str) {
    let roles =
        "[columns]\nid = \"id\"\nscore = \"score\"\nerror = \"wrong\"\nescalated = \"human\"\n";
    desk.put(
        "made.toml",
        format!("{roles}{more}[segments]\nkind = \"kind\"\n"),
    );
}

fn made_page(desk: &Desk, more: &[&str]) -> String {
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

/// What stands between the tags of a page, without style, script and manifest.
fn visible(page: &str) -> String {
    let (body, _) = page.split_once("<section id=\"manifest\"").unwrap();
    let (_, body) = body.split_once("</style>").unwrap();
    body.split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| format!("{text}\n"))
        .collect()
}

/// The numbers from 1 to 9 that stand alone, with what stands around them: neither percentages nor
/// parts of something longer.
fn small_numbers(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let joined = |c: char| c.is_alphanumeric() || ".,:-_".contains(c);
    let stands_alone = |place: usize| {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        let after: String = letters.iter().skip(place + 1).take(12).collect();
        let goes_on = |c: char| c.is_alphanumeric() || ":-_%".contains(c);
        let decimals = after.trim_start_matches(['.', ',']);
        before.is_none_or(|c| !joined(*c))
            && !after.starts_with(goes_on)
            && (decimals == after || !decimals.starts_with(|c: char| c.is_ascii_digit()))
            && ![" %", " to ", " (", " reviewers", " would be"]
                .iter()
                .any(|more| after.starts_with(more))
    };
    let places = letters.iter().enumerate();
    let digits = places.filter(|(_, letter)| ('1'..='9').contains(letter));
    digits
        .filter(|(place, _)| stands_alone(*place))
        .map(|(place, _)| {
            let around = letters.iter().skip(place.saturating_sub(25));
            around.take(50).collect()
        })
        .collect()
}

#[test]
fn small_counts_are_found_by_the_test_itself() {
    assert_eq!(
        small_numbers("12 of 3 cases\n1.5 %, 2 %, 0.3, 2016-01-02\n7\n").len(),
        2
    );
}

#[test]
fn a_page_for_anyone_tells_no_count_under_ten_anywhere() {
    let desk = Desk::new();
    // Segments of 3, 7, 60 and of all other cases.
    made(&desk, 4000, |row| {
        let kind = match row % 4000 {
            0..3 => "tiny",
            3..10 => "small",
            10..70 => "middle",
            _ => "large",
        };
        kind.to_owned()
    });
    made_config(&desk, "");
    let policy = "name = \"few move\"\nthreshold = 0.8\n[[rules]]\nname = \"tiny ones\"\n\
                  when = \"kind IN ('tiny', 'small')\"\nroute = \"escalate\"\n";
    desk.put("policy.toml", policy);
    desk.put(
        "audit.json",
        r#"{"verdict": "pass", "errors": 3, "judged": 58}"#,
    );
    desk.put(
        "gate.json",
        r#"{"verdict": "fail", "checks": [{"name": "errors", "verdict": "fail", "labelled": 8,
            "limit": {"max": 0.01}, "rate": {"estimate": 0.125, "low": 0.02, "high": 0.5}}]}"#,
    );
    let more = [
        "--policy",
        "policy.toml",
        "--audit",
        "audit.json",
        "--gate",
        "gate.json",
    ];
    let told = visible(&made_page(&desk, &more));
    assert!(
        !small_numbers(&told).is_empty(),
        "the log has no small count"
    );
    for text in ["3 of 58 judged", "12.5 (2 to 50) %"] {
        assert!(told.contains(text), "{text}");
    }
    let public = [&more[..], &["--share", "public"]].concat();
    let page = made_page(&desk, &public);
    let hidden = visible(&page);
    // The marks of axes are plain numbers too: those of charts are looked at by themselves.
    let charts: String = between(&page, "<svg", "</svg>").concat();
    let axes: Vec<&str> = between(&charts, "<text", "</text>");
    let found = small_numbers(&hidden);
    let found: Vec<_> = found.iter().filter(|text| !is_axis(text, &axes)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(hidden.contains("under 10"));
    for text in ["3 of 58 judged", "12.5 (2 to 50) %", "id=\"sums\""] {
        assert!(!page.contains(text), "{text}");
    }
    let markdown = [
        &[
            "report",
            "made.csv",
            "--config",
            "made.toml",
            "--format",
            "md",
        ],
        &public[..],
    ];
    let answer = desk.run(&markdown.concat());
    assert_eq!(answer.code, 0, "{answer:?}");
    let found = small_numbers(&answer.stdout);
    assert!(found.is_empty(), "{found:?}");
}

/// Whether a text is the mark of an axis and nothing else.
fn is_axis(text: &str, axes: &[&str]) -> bool {
    let mark = text
        .trim()
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 1);
    mark.is_some_and(|mark| axes.iter().any(|axis| axis.ends_with(&format!(">{mark}"))))
}
