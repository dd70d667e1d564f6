//! The files that a gate writes for CI services: each kept to its published schema, whatever the
//! verdict and whatever the names.

use roxmltree::Document;

use super::gate::{desk, gate, limit, log};

const FILES: [&str; 4] = ["-o", "g.xml", "-o", "g.sarif"];

#[test]
fn junit_and_sarif_keep_to_their_schemas_whatever_the_verdict() {
    let comparison =
        "[[gate]]\nname = 'worse'\nmetric = 'auto_error'\nworse_than_baseline_by = '1pp'\n";
    for (wrong, code) in [(5, 0), (20, 3), (60, 1)] {
        for by in ["", "by = 'kind'\n"] {
            let gates = limit("2%") + by + comparison + by;
            let desk = desk(
                &gates,
                &[("a", 1000, wrong), ("b", 1000, wrong), ("c", 3, 1)],
            );
            // `gate` validates what it has written.
            let plain = gate(&desk, &FILES);
            // Three cases are too few for a segment of their own.
            let thin = i32::from(!by.is_empty() && code == 0) * 3;
            assert_eq!(plain.code, code.max(thin), "{wrong} {by}");
            desk.put("old.csv", log(&[("a", 1000, 5), ("b", 1000, 5)]));
            for more in [["--baseline-log", "old.csv"], ["--sequential", "s.json"]] {
                let answer = gate(&desk, &[&FILES[..], &more].concat());
                assert!([0, 1, 3].contains(&answer.code), "{}", answer.stderr);
            }
        }
    }
}

#[test]
fn the_numbers_of_a_part_are_properties_of_its_suite() {
    let desk = desk(
        &(limit("2%") + "by = 'kind'\n"),
        &[("a", 1000, 60), ("b", 50, 0)],
    );
    assert_eq!(gate(&desk, &FILES).code, 1);
    let text = desk.text("g.xml");
    let junit = Document::parse(&text).unwrap();
    let property = |name: &str| {
        let mut nodes = junit.descendants();
        let node = nodes.find(|node| node.attribute("name") == Some(name));
        node.and_then(|node| node.attribute("value"))
            .unwrap_or_default()
    };
    assert_eq!(property("a: found"), "60");
    assert_eq!(property("b: labelled"), "50");
    assert_eq!(property("b: verdict"), "inconclusive");
}

#[test]
fn parts_that_begin_alike_or_look_alike_have_names_of_their_own() {
    let long = "x".repeat(80);
    let names = [
        format!("{long}1"),
        format!("{long}2"),
        "\u{1b}".to_owned(),
        "\\u{1b}".to_owned(),
        // XML has no place for these, nor for most control characters.
        "\u{fffe}".to_owned(),
        "\u{ffff}".to_owned(),
        "\u{1}\u{85}".to_owned(),
    ];
    let mut kinds: Vec<(&str, u64, u64)> = names.iter().map(|name| (name.as_str(), 9, 1)).collect();
    kinds.push(("(missing)", 9, 1));
    let desk = desk(&(limit("2%") + "by = 'kind'\n"), &kinds);
    let cases = desk.text("log.csv") + "0.9,true,no,\n";
    desk.put("log.csv", cases);
    assert_eq!(gate(&desk, &FILES).code, 3);
    let text = desk.text("g.xml");
    let junit = Document::parse(&text).unwrap();
    let cases = junit
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    let mut shown: Vec<&str> = cases.filter_map(|node| node.attribute("name")).collect();
    assert_eq!(shown.len(), 9);
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown.len(), 9, "{shown:?}");
}
