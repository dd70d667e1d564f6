//! What an evaluation must not be talked into: tries until a claim passes, second looks on anybody's
//! say-so, logs that say nothing.

use gonogo::audit::manifest::Manifest;
use gonogo::audit::ticket::Digest;
use gonogo::audit::worksheet::{Blank, Checks, Words, check, layouts, read};
use serde_json::{Value, json};

use super::audit_commands::{CONFIG, audit, desk, ends, ids, manifest, review, sample, say};
use super::binary::Desk;

fn evaluation(desk: &Desk, files: &str) -> Value {
    let answer = audit(desk, &format!("evaluate {files} --format json"));
    serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr))
}

/// Writes a text into a column of all rows of a worksheet.
fn fill(desk: &Desk, file: &str, title: &str, text: &str) {
    let sheet = desk.text(file);
    let mut lines = sheet.lines();
    let titles = lines.next().unwrap();
    let place = titles
        .split(',')
        .position(|one| one.trim_matches('"') == title);
    let rows = lines.map(|line| {
        let mut cells: Vec<&str> = line.trim_matches('"').split("\",\"").collect();
        cells[place.unwrap()] = text;
        format!("\"{}\"\n", cells.join("\",\""))
    });
    desk.put(file, format!("{titles}\n{}", rows.collect::<String>()));
}

// Tries until the claim passes

#[test]
fn days_that_may_be_topped_up_pass_alone_and_prove_nothing_together() {
    let desk = desk();
    for (day, name) in [("23", "d1"), ("24", "d2")] {
        let line = format!(
            "sample log.csv --day 2026-09-{day} --sequential -n 30 --tolerable 40% \
             --seed the~seed~of~the~day~{day} -o {name}.json --worksheet {name}.csv"
        );
        ends(&audit(&desk, &line), 0);
        review(&desk, &format!("{name}.csv"), &[]);
    }
    for day in ["d1", "d2"] {
        let alone = evaluation(&desk, &format!("{day}.json {day}.csv"));
        assert_eq!(alone["verdict"], "pass");
    }
    let line = "sample log.csv --top-up d2.json -n 40 -o more.json --worksheet more.csv";
    ends(&audit(&desk, line), 0);
    review(&desk, "more.csv", &[]);
    for files in [
        "d1.json d1.csv d2.json d2.csv",
        "d1.json d1.csv more.json d2.csv more.csv",
    ] {
        let together = evaluation(&desk, files);
        assert_eq!(together["verdict"], "inconclusive", "{files}");
        assert!(
            together["notes"].to_string().contains("topped up"),
            "{files}"
        );
        let sentence = together["sentence"].as_str().unwrap();
        assert!(!sentence.contains("95 %"), "{sentence}");
    }
}

#[test]
fn a_failure_is_not_undone_by_one_further_case() {
    let desk = desk();
    sample(&desk, "-n 57 --tolerable 5%");
    let wrong: Vec<(usize, &str)> = (1..=12).map(|row| (row, "incorrect")).collect();
    review(&desk, "sheet.csv", &wrong);
    ends(&audit(&desk, "evaluate draw.json sheet.csv"), 1);
    let line = "sample log.csv --top-up draw.json -n 58 -o more.json --worksheet more.csv";
    ends(&audit(&desk, line), 0);
    review(&desk, "more.csv", &[]);
    ends(&audit(&desk, "evaluate more.json sheet.csv more.csv"), 1);
}

#[test]
fn a_draw_by_the_seed_of_an_earlier_one_is_told() {
    let desk = desk();
    sample(&desk, "-n 30 --tolerable 5%");
    for (option, seed, is_told) in [
        ("--exclude", super::audit_commands::SEED, true),
        ("--reuse", super::audit_commands::SEED, true),
        ("--exclude", "quite~another~seed~of~words", false),
    ] {
        let line = format!("sample log.csv -n 40 {option} draw.json --seed {seed} -o again.json");
        let answer = audit(&desk, &line);
        ends(&answer, 0);
        let told = answer
            .stdout
            .contains("the seed is that of an earlier audit");
        assert_eq!(told, is_told, "{option}: {}", answer.stdout);
    }
}

// Second looks

#[test]
fn a_second_look_is_that_of_somebody_else_and_says_what_it_reversed() {
    let desk = desk();
    sample(&desk, "-n 30 --reviewers anna --tolerable 20%");
    let sheet = "sheet_anna.csv";
    review(&desk, sheet, &[(1, "incorrect"), (2, "incorrect")]);
    let files = format!("draw.json {sheet}");
    audit(&desk, &format!("evaluate {files} --second-sheet again.csv"));
    review(&desk, "again.csv", &[(2, "incorrect")]);
    let with = format!("evaluate {files} again.csv");
    audit(&desk, &with).refused(2, &["again.csv, row ", "`reviewer`", "nobody is named"]);
    fill(&desk, "again.csv", "reviewer", " ANNA");
    audit(&desk, &with).refused(2, &["`ANNA` gave the first verdict"]);
    fill(&desk, "again.csv", "reviewer", "bert");
    audit(&desk, "evaluate draw.json again.csv")
        .refused(2, &["a second look at a case that nobody has judged"]);
    let open = evaluation(&desk, &format!("{files} again.csv"));
    let looks = json!({"cases": 2, "confirmed": 1, "reversed": 1});
    assert_eq!(open["second_looks"], looks);
    let case = open["disputed"][0]["case_id"].as_str().unwrap();
    let settled =
        |word: &str| evaluation(&desk, &format!("{files} again.csv --settle {case}={word}"));
    let reversed = settled("correct");
    assert_eq!(
        (&reversed["errors"], &reversed["second_looks"]),
        (&1.into(), &looks)
    );
    for told in [&reversed["sentence"], &reversed["notes"]] {
        assert!(told.to_string().contains("1 error was reversed"), "{told}");
    }
    let upheld = settled("incorrect");
    assert_eq!(upheld["second_looks"]["reversed"], 0);
    assert!(!upheld["sentence"].to_string().contains("reversed"));
}

#[test]
fn a_second_look_is_due_at_cases_of_the_reserve_too() {
    let desk = desk();
    sample(&desk, "-n 30 --reserve 2 --tolerable 20%");
    review(&desk, "sheet.csv", &[(7, "not_applicable")]);
    review(&desk, "sheet_reserve.csv", &[(1, "incorrect"), (2, "")]);
    let files = "draw.json sheet.csv sheet_reserve.csv";
    let wanted = evaluation(&desk, files)["second_review_wanted"].clone();
    let case = ids(&manifest(&desk, "draw.json"), "reserve")[0].clone();
    assert_eq!(wanted[0]["case_id"], case.as_str());
    audit(&desk, &format!("evaluate {files} --second-sheet again.csv"));
    review(&desk, "again.csv", &[]);
    fill(&desk, "again.csv", "reviewer", "bert");
    let files = format!("{files} again.csv");
    let open = evaluation(&desk, &files);
    assert_eq!(
        (&open["errors"], &open["cannot_determine"]),
        (&0.into(), &1.into())
    );
    let settled = evaluation(&desk, &format!("{files} --settle {case}=incorrect"));
    assert_eq!(
        (&settled["errors"], &settled["cannot_determine"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn no_sheet_is_written_where_no_second_look_is_due() {
    let desk = desk();
    sample(&desk, "-n 30 --tolerable 20%");
    review(&desk, "sheet.csv", &[]);
    let answer = audit(
        &desk,
        "evaluate draw.json sheet.csv --second-sheet again.csv",
    );
    ends(&answer, 0);
    assert!(
        answer.stdout.contains("no second look is due"),
        "{}",
        answer.stdout
    );
    assert!(!desk.files().contains(&"again.csv".to_owned()));
}

// Who decided, and who agrees

#[test]
fn whether_reviewers_decided_themselves_is_unknown_without_a_log_that_names_them() {
    let desk = desk();
    sample(&desk, "-n 30 --tolerable 20%");
    review(&desk, "sheet.csv", &[]);
    let unnamed = evaluation(&desk, "draw.json sheet.csv --log log.csv");
    assert!(unnamed["reviewed_by_deciders"].is_null());
    let notes = unnamed["notes"].to_string();
    assert!(
        notes.contains("could not be checked: the log names no reviewer"),
        "{notes}"
    );
    let unasked = evaluation(&desk, "draw.json sheet.csv");
    assert!(unasked["reviewed_by_deciders"].is_null());
    assert!(
        !unasked["notes"]
            .to_string()
            .contains("could not be checked")
    );
    desk.put(
        "gonogo.toml",
        CONFIG.to_owned() + "reviewer = \"customer\"\n",
    );
    sample(&desk, "-n 30 --tolerable 20%");
    review(&desk, "sheet.csv", &[]);
    let compared = evaluation(&desk, "draw.json sheet.csv --log log.csv -o result.json");
    assert_eq!(compared["reviewed_by_deciders"], json!([]));
    // A log of other cases compares nothing.
    let head: Vec<String> = desk
        .text("log.csv")
        .lines()
        .take(20)
        .map(str::to_owned)
        .collect();
    desk.put("short.csv", head.join("\n") + "\n");
    audit(&desk, "evaluate draw.json sheet.csv --log short.csv")
        .refused(2, &["the log does not hold", "which was drawn"]);
    let line = "verify draw.json --log log.csv --worksheet sheet.csv --result result.json";
    ends(&audit(&desk, line), 0);
}

#[test]
fn reviewers_of_whom_one_could_not_tell_do_not_agree_on_undefined() {
    let desk = desk();
    let drawn = sample(
        &desk,
        "-n 10 --reviewers anna,bert --second 10% --tolerable 90%",
    );
    let cases = drawn["selected"].as_array().unwrap().iter();
    let twice: Vec<&str> = cases
        .filter(|case| case["reviewers"].as_array().unwrap().len() == 2)
        .map(|case| case["case_id"].as_str().unwrap())
        .collect();
    for sheet in ["sheet_anna.csv", "sheet_bert.csv"] {
        review(&desk, sheet, &[]);
    }
    twice
        .iter()
        .for_each(|case| say(&desk, "sheet_bert.csv", case, "cannot_determine"));
    let files = "draw.json sheet_anna.csv sheet_bert.csv";
    assert!(!twice.is_empty() && evaluation(&desk, files)["agreement"].is_null());
    let told = audit(&desk, &format!("evaluate {files}")).stdout;
    assert!(!told.contains("undefined"), "{told}");
}

// Rows

#[test]
fn rows_whose_checks_are_the_same_by_chance_are_told_apart_by_their_ids() {
    let desk = desk();
    sample(&desk, "-n 2 --tolerable 90%");
    let mut manifest = Manifest::parse(&desk.text("draw.json"), "draw.json").unwrap();
    manifest.anchor = Some(Digest::of(b"anchor"));
    // Found by trying: their checks begin with the same 8 digits.
    let alike = ["case-17876", "case-87175"];
    for (case, id) in manifest.selected.iter_mut().zip(alike) {
        id.clone_into(&mut case.case_id);
    }
    let checks = Checks::new(&manifest).unwrap();
    let [layout] = layouts(&manifest).try_into().unwrap();
    assert_eq!(
        checks.row(&layout.name, alike[0]),
        checks.row(&layout.name, alike[1])
    );
    let blank = Blank::new(&layout, &checks, &[], &Default::default()).unwrap();
    let sheet = |text: &str| read(text.as_bytes(), "sheet.csv").unwrap();
    let text = blank.csv().unwrap();
    let returned = check(&[sheet(&text)], &manifest, &Words::default()).unwrap();
    let mut places: Vec<_> = returned.rows.iter().map(|row| row.place).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 2);
    let edited = text.replace(alike[0], "1.79E+04");
    let refused = check(&[sheet(&edited)], &manifest, &Words::default()).unwrap_err();
    assert!(
        refused.to_string().contains("`1.79E+04` instead of"),
        "{refused}"
    );
}
