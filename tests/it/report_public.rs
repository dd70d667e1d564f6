//! What a page for anyone keeps to itself: nobody can reckon a count from 1 to 9 from one row of it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::binary::Desk;
use crate::report::between;
use crate::report_made::{made, made_config, made_page};

/// The text of a piece of a page, without its tags.
fn plain(html: &str) -> String {
    let parts = html.split('<').enumerate();
    let texts = parts.map(|(place, part)| match place {
        0 => part,
        _ => part.split_once('>').map_or("", |(_, text)| text),
    });
    texts.collect::<String>().trim().to_owned()
}

/// A row of a table: the cells by the headings of their columns. The first is its name.
struct Told {
    name: String,
    cells: Vec<(String, String)>,
}

impl Told {
    fn cell(&self, heading: &str) -> Option<&str> {
        let mut cells = self.cells.iter();
        let cell = cells.find(|(known, _)| known == heading)?;
        Some(&cell.1)
    }

    fn count(&self, heading: &str) -> Option<i64> {
        self.cell(heading)?.replace(',', "").parse().ok()
    }

    /// The first number of a cell as a share.
    fn share(&self, heading: &str) -> Option<f64> {
        let number = self.cell(heading)?.split([' ', '%']).next()?;
        Some(number.parse::<f64>().ok()? / 100.0)
    }
}

fn rows(page: &str) -> Vec<Told> {
    let mut rows = Vec::new();
    for table in between(page, "<table", "</table>") {
        let (head, body) = table.split_once("</thead>").unwrap();
        let heads: Vec<String> = head
            .split("<th ")
            .skip(1)
            .map(|h| plain(&format!("<{h}")))
            .collect();
        for row in between(body, "<tr", "</tr>") {
            let cells = row.split("<t").skip(1);
            let texts: Vec<String> = cells.map(|cell| plain(&format!("<t{cell}"))).collect();
            rows.push(Told {
                name: texts.first().cloned().unwrap_or_default(),
                cells: heads.iter().cloned().zip(texts).collect(),
            });
        }
    }
    rows
}

/// Every outcome of a document that a row can be about, by the name of the row.
fn outcomes(json: &Value) -> Vec<(String, &Value)> {
    let sweep = &json["sweep"];
    let list = |value: &'_ Value| value.as_array().cloned().unwrap_or_default();
    let mut all = vec![("actual".to_owned(), &sweep["actual"])];
    for (place, point) in list(&sweep["points"]).iter().enumerate() {
        all.push((point["threshold"].to_string(), &sweep["points"][place]));
    }
    for (place, segment) in list(&sweep["segments"]).iter().enumerate() {
        let name = segment["value"].as_str().unwrap_or("(missing)");
        all.push((name.to_owned(), &sweep["segments"][place]["actual"]));
    }
    for (place, policy) in list(&json["replay"]["policies"]).iter().enumerate() {
        let name = policy["name"].as_str().unwrap();
        all.push((name.to_owned(), &json["replay"]["policies"][place]));
    }
    all
}

/// What a reader of a page can find out of small counts, who may even know how many labels there
/// are.
fn small_counts(page: &str, json: &Value) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let small = |count: i64| (1..10).contains(&count);
    let total = json["sweep"]["points"][0]["cases"].as_i64().unwrap();
    let outcomes = outcomes(json);
    for row in rows(page) {
        for label in [
            "labels",
            "labelled",
            "labelled only",
            "evidence",
            "errors found",
        ] {
            if row.cell(label).is_some_and(|text| text != "–") {
                found.insert("labels");
            }
        }
        let cases = row.count("cases").unwrap_or(total);
        let Some(escalated) = row.count("escalated") else {
            continue;
        };
        if small(cases) || small(escalated) {
            found.insert("a count");
        }
        if small(cases - escalated) {
            found.insert("cases less escalated");
        }
        let name = row
            .name
            .trim_end_matches([' ', '<'])
            .trim_end_matches("&lt;")
            .trim();
        let same = |known: &str| {
            known == name || known.parse::<f64>().is_ok_and(|k| name.parse() == Ok(k))
        };
        let about = outcomes
            .iter()
            .filter(|(known, value)| same(known) && value["cases"] == cases);
        for (_, outcome) in about {
            let error = &outcome["auto_error"];
            let labelled = error["labelled"].as_i64().unwrap();
            if small(labelled) {
                found.insert("few labels");
            }
            let Some(rate) = row.share("auto-approved error rate") else {
                continue;
            };
            let errors = (rate * labelled as f64).round() as i64;
            let is_rate = (errors as f64 / labelled as f64 - rate).abs() < 0.01 * rate;
            if small(errors) && is_rate && error["method"] == "clopper-pearson" {
                found.insert("rate times labels");
            }
            if small(error["errors_found"].as_i64().unwrap()) {
                found.insert("few errors");
            }
        }
    }
    found
}

#[test]
fn a_page_for_anyone_gives_no_small_count_away() {
    let desk = Desk::new();
    // Segments of 3, 7, 60 and 400 cases, and of all others.
    made(&desk, 4000, |row| {
        let kind = match row {
            0..3 => "tiny",
            3..10 => "small",
            10..70 => "middle",
            70..470 => "\"\"quoted\"\" 3 of",
            _ => "large",
        };
        if kind.contains(' ') {
            format!("\"{kind}\"")
        } else {
            kind.to_owned()
        }
    });
    made_config(&desk, "");
    desk.put(
        "policy.toml",
        "name = \"few move\"\nthreshold = 0.8\n[[rules]]\nname = \"tiny ones\"\n\
         when = \"kind IN ('tiny', 'small')\"\nroute = \"escalate\"\n",
    );
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
    let team = made_page(&desk, &[&more[..], &["-o", "team.json"]].concat());
    let json: Value = serde_json::from_str(&desk.text("team.json")).unwrap();
    // The test can fail: on a page for colleagues all of it is found.
    let all = small_counts(&team, &json);
    for way in [
        "labels",
        "a count",
        "cases less escalated",
        "few labels",
        "rate times labels",
        "few errors",
    ] {
        assert!(all.contains(way), "{way}: {all:?}");
    }
    let told = [
        "3 of 58 judged",
        "12.5 (2 to 50) %",
        "id=\"sums\"",
        "tiny</th>",
    ];
    for text in told {
        assert!(team.contains(text), "{text}");
    }
    // A number of labels in a sentence.
    let counts_labels = |text: &str| {
        let mut ends = text.match_indices(" label").map(|(at, _)| &text[..at]);
        ends.any(|before| before.ends_with(|c: char| c.is_ascii_digit()))
    };
    assert!(counts_labels(&team));
    let page = made_page(
        &desk,
        &[&more[..], &["--share", "public", "-o", "page.md"]].concat(),
    );
    assert_eq!(small_counts(&page, &json), BTreeSet::new());
    assert!(
        rows(&page).len() > 10 && page.contains("large</th>"),
        "nothing is told"
    );
    let body = page.split_once("<section").unwrap().1;
    for (name, text) in [("page", body), ("Markdown", &desk.text("page.md"))] {
        for text_told in told {
            assert!(!text.contains(text_told), "{name}: {text_told}");
        }
        assert!(!counts_labels(text), "{name}");
        assert!(text.contains("In fact "), "{name}");
    }
    // Sentences tell rates and no counts.
    let answer = between(&page, "<section id=\"answer\"", "</section>")[0];
    for sentence in between(answer, "<p class=\"answer\">", "</p>") {
        for word in ["label", "fewer", "more", " cases,"] {
            assert!(!sentence.contains(word), "{sentence}");
        }
    }
}
