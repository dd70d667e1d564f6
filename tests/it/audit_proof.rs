//! What a proof rests on: the source of the seed that was named with the freeze, the frozen manifest
//! as it was published, and the worksheets that went out.

use crate::audit_commands::{
    SAID, SEED, audit, check_broken, desk, ends, freeze_and_draw, results, review, sample,
};
use crate::binary::Desk;

/// The result of one check of draw.json.
#[track_caller]
fn result_of(desk: &Desk, options: &str, check: &str) -> String {
    let answer = audit(desk, &format!("verify draw.json --format json {options}"));
    let results = results(&answer);
    let found = results.into_iter().find(|(id, _)| id == check);
    found.unwrap().1
}

// The seed

#[test]
fn a_freeze_that_names_no_round_leaves_a_choice_of_seeds() {
    let desk = desk();
    let freeze =
        "SOURCE_DATE_EPOCH=1767225600 $GONOGO audit sample log.csv --freeze frame.json -n 9";
    let frozen = desk.shell(freeze).done();
    assert!(frozen.stdout.contains("choose among rounds"), "{frozen:?}");
    let draw = format!(
        "SOURCE_DATE_EPOCH=1767230000 $GONOGO audit sample log.csv --frame frame.json -o draw.json \
         --seed quicknet:24808612:{SAID}"
    );
    desk.shell(&draw).done();
    assert_eq!(result_of(&desk, "--log log.csv", "V12"), "SKIPPED");
}

#[test]
fn a_seed_of_another_round_than_the_one_that_was_named_is_refused() {
    let desk = desk();
    let freeze = "SOURCE_DATE_EPOCH=1745000000 $GONOGO audit sample log.csv --freeze frame.json -n 9 \
                  --seed-source drand:5012345";
    ends(&desk.shell(freeze), 0);
    let draw = |seed: &str| {
        let line = format!("sample log.csv --frame frame.json -o draw.json --seed {seed}");
        audit(&desk, &line)
    };
    draw(&format!("drand:5012346:{SAID}")).refused(2, &["drand:5012346", "not from drand:5012345"]);
    draw("a-seed-of-no-beacon-at-all").refused(2, &["drand:5012345"]);
    ends(&draw(&format!("drand:5012345:{SAID}")), 0);
}

#[test]
fn a_manifest_that_was_sealed_with_a_seed_of_another_round_is_broken() {
    let desk = desk();
    freeze_and_draw(&desk, 1_767_230_000);
    let text = desk.text("draw.json");
    let mut forged = gonogo::audit::manifest::Manifest::parse(&text, "draw.json").unwrap();
    let honest = forged.clone();
    let seed = forged.seed.as_mut().unwrap();
    seed.source = "quicknet:24808613".to_owned();
    seed.value = format!("quicknet:24808613:{SAID}").parse().unwrap();
    let again = {
        let desk = Desk::new();
        desk.put("draw.json", forged.seal().unwrap().text().unwrap());
        result_of(&desk, "", "V12")
    };
    assert_eq!(again, "FAIL");
    // Nor does it help to let the manifest name no round.
    let mut forged = honest;
    forged.seed_source = None;
    desk.put("draw.json", forged.seal().unwrap().text().unwrap());
    assert_eq!(result_of(&desk, "", "V12"), "FAIL");
}

#[test]
fn a_secret_in_the_place_of_the_beacon_that_was_named_is_broken() {
    use gonogo::audit::ticket::{Digest, Seed};
    let desk = desk();
    freeze_and_draw(&desk, 1_767_230_000);
    desk.put("secret.txt", "tried-until-the-draw-was-nice");
    let honest = desk.text("draw.json");
    let check = |day: Option<&str>, source: &str, is_frozen: bool| {
        let mut forged = gonogo::audit::manifest::Manifest::parse(&honest, "draw.json").unwrap();
        let secret = "tried-until-the-draw-was-nice";
        let seed = forged.seed.as_mut().unwrap();
        seed.value = Seed::of_day(secret, day.unwrap_or_default());
        source.clone_into(&mut seed.source);
        seed.committed = Some(Digest::of(secret.as_bytes()));
        forged.source.day = day.map(str::to_owned);
        if source != "quicknet:24808612" {
            forged.seed_source = None;
        }
        if !is_frozen {
            forged.frozen = None;
        }
        desk.put("draw.json", forged.seal().unwrap().text().unwrap());
        let found = result_of(&desk, "--secret-file secret.txt", "V12");
        let options = "--secret-file secret.txt --frozen frame.json";
        assert_eq!(result_of(&desk, options, "V12"), "FAIL", "{source}");
        found
    };
    assert_eq!(check(None, "quicknet:24808612", true), "FAIL");
    assert_eq!(check(None, "quicknet:24808612", false), "FAIL");
    assert_eq!(check(Some("2026-09-23"), "daily:2026-09-23", true), "FAIL");
    assert_eq!(check(None, "daily:", true), "FAIL");
    assert_eq!(check(None, "daily:", false), "FAIL");
    assert_eq!(check(Some("2026-09-23"), "dice", false), "FAIL");
    // What remains is a daily seed of which nothing was frozen: it rests on the published digest.
    assert_eq!(check(Some("2026-09-23"), "daily:2026-09-23", false), "PASS");
}

#[test]
fn a_freeze_for_a_round_that_has_spoken_is_refused() {
    let desk = desk();
    // The round speaks at 1767229200.
    let freeze = |second: u64| {
        desk.shell(&format!(
            "SOURCE_DATE_EPOCH={second} $GONOGO audit sample log.csv --freeze frame.json -n 59 \
             --tolerable 10% --seed-source quicknet:24808612"
        ))
    };
    freeze(1_767_229_200).refused(2, &["has spoken already", "still to come"]);
    ends(&freeze(1_767_229_199), 0);
    // A draw before it speaks, or with a round from before the freeze, is warned of.
    let draw = |second: u64, round: u64| {
        let seed = format!("quicknet:{round}:{SAID}");
        desk.shell(&format!(
            "SOURCE_DATE_EPOCH={second} $GONOGO audit sample log.csv --frame frame.json \
             --seed {seed} -o draw.json"
        ))
    };
    let early = draw(1_767_229_199, 24_808_612);
    assert!(early.stdout.contains("has not spoken yet"), "{early:?}");
    let timely = draw(1_767_229_200, 24_808_612);
    ends(&timely, 0);
    assert!(!timely.stdout.contains("spoken"), "{timely:?}");
    let open = "SOURCE_DATE_EPOCH=1767229200 $GONOGO audit sample log.csv --freeze frame.json -n 9";
    ends(&desk.shell(open), 0);
    let late = draw(1_767_229_300, 24_808_612);
    assert!(late.stdout.contains("had spoken before"), "{late:?}");
}

#[test]
fn a_design_that_cannot_be_drawn_is_told_at_the_freeze() {
    let desk = desk();
    let line = "sample log.csv --freeze frame.json --strata region --sizes north=3,east=9";
    audit(&desk, line).refused(2, &["no stratum `east`"]);
}

#[test]
fn what_a_beacon_says_has_one_spelling() {
    let desk = desk();
    let draw = |seed: &str| {
        let line = format!("sample log.csv -n 9 -o draw.json --seed {seed}");
        audit(&desk, &line)
    };
    for seed in [
        format!("drand:5012345:{}", SAID.to_uppercase()),
        format!("drand:5012345:{}", &SAID[1..]),
        format!("drand:05012345:{SAID}"),
        format!("nist:5012345:{SAID}"),
        format!("{SAID} --seed-source drand:5012345"),
    ] {
        let answer = draw(&seed);
        answer.refused(2, &["seed"]);
        assert!(answer.stderr.contains("VALUE"), "{answer:?}");
    }
    ends(&draw(&format!("drand:5012345:{SAID}")), 0);
    ends(&draw(&format!("nist:5012345:{SAID}{SAID}")), 0);
}

// The frozen manifest as it was published

#[test]
fn the_published_frozen_manifest_is_held_against_the_draw() {
    let desk = desk();
    freeze_and_draw(&desk, 1_767_230_000);
    assert_eq!(result_of(&desk, "--frozen frame.json", "V12"), "PASS");
    let other = "SOURCE_DATE_EPOCH=1767225600 $GONOGO audit sample log.csv --freeze other.json -n 59 \
                 --tolerable 9% --seed-source quicknet:24808612";
    desk.shell(other).done();
    let answer = audit(&desk, "verify draw.json --log log.csv --frozen other.json");
    ends(&answer, 1);
    assert!(
        answer.stdout.contains("others: the claim"),
        "{}",
        answer.stdout
    );
    // The same content, frozen at another time.
    let later = "SOURCE_DATE_EPOCH=1767225601 $GONOGO audit sample log.csv --freeze later.json -n 59 \
                 --tolerable 10% --seed-source quicknet:24808612";
    desk.shell(later).done();
    check_broken(&desk, "--log log.csv --frozen later.json", &["V12"]);
    // What a top-up was frozen as is told by the manifest of its first round.
    ends(
        &audit(
            &desk,
            "sample log.csv --top-up draw.json -n 70 -o more.json",
        ),
        0,
    );
    let of_more = |options: &str| {
        let line = format!("verify more.json --log log.csv --format json {options}");
        let results = results(&audit(&desk, &line));
        results.into_iter().find(|(id, _)| id == "V12").unwrap().1
    };
    assert_eq!(of_more("--prior draw.json --frozen frame.json"), "PASS");
    assert_eq!(of_more("--prior draw.json --frozen other.json"), "FAIL");
    assert_eq!(of_more("--frozen frame.json"), "SKIPPED");
    let line = "sample log.csv --top-up more.json -n 80 -o more.json";
    desk.put("second.json", desk.text("more.json"));
    ends(
        &audit(&desk, &line.replace("more.json -n", "second.json -n")),
        0,
    );
    let priors = "--prior second.json --prior draw.json";
    assert_eq!(of_more(&format!("{priors} --frozen frame.json")), "PASS");
    assert_eq!(of_more(&format!("{priors} --frozen later.json")), "FAIL");
    assert_eq!(
        of_more("--prior second.json --frozen frame.json"),
        "SKIPPED"
    );
    // A draw for no frozen manifest is not the one that was published.
    sample(&desk, "-n 59 --tolerable 10%");
    check_broken(&desk, "--log log.csv --frozen frame.json", &["V12"]);
}

// The worksheets

#[test]
fn a_sheet_that_is_not_handed_in_is_not_proven_whole() {
    let desk = desk();
    sample(&desk, "-n 20 --reviewers anna,bert --reserve 2");
    for name in ["anna", "bert"] {
        review(&desk, &format!("sheet_{name}.csv"), &[]);
    }
    let verify = "verify draw.json --log log.csv --worksheet sheet_anna.csv";
    let answer = audit(&desk, verify);
    ends(&answer, 0);
    assert!(answer.stdout.contains("the sheet of bert"), "{answer:?}");
    assert_eq!(
        result_of(&desk, "--log log.csv --worksheet sheet_anna.csv", "V11"),
        "SKIPPED"
    );
    let both = "--worksheet sheet_anna.csv --worksheet sheet_bert.csv";
    assert_eq!(result_of(&desk, both, "V11"), "PASS");
}

/// Changes a manifest, seals it again and asserts which check finds it.
#[track_caller]
fn check_forged(
    desk: &Desk,
    forge: impl Fn(&mut gonogo::audit::manifest::Manifest),
    expected: &str,
) {
    let text = desk.text("draw.json");
    let mut forged = gonogo::audit::manifest::Manifest::parse(&text, "draw.json").unwrap();
    forge(&mut forged);
    desk.put("draw.json", forged.seal().unwrap().text().unwrap());
    assert_eq!(result_of(desk, "--log log.csv", expected), "FAIL");
    desk.put("draw.json", text);
}

#[test]
fn whatever_a_manifest_says_of_its_draw_is_held_against_it() {
    let desk = desk();
    sample(&desk, "-n 20 --show note --reserve 2");
    let other = gonogo::audit::ticket::Digest::of(b"another sheet");
    check_forged(&desk, |one| one.worksheets[0].sha256 = other, "V11");
    check_forged(&desk, |one| one.worksheets[1].rows += 1, "V11");
    check_forged(&desk, |one| one.worksheets[0].name.push('x'), "V11");
    check_forged(&desk, |one| one.pi_formula = "n_h / N_h".to_owned(), "V3");
    check_forged(&desk, |one| one.stream = "select/2".to_owned(), "V3");
    check_forged(&desk, |one| one.anchor = Some(other), "V10");
    check_forged(&desk, |one| one.selected[0].reused = true, "V10");
}

#[test]
fn a_changed_open_cell_changes_the_evaluation_or_nothing_that_it_says() {
    let desk = desk();
    sample(&desk, "-n 2 --tolerable 40%");
    review(&desk, "sheet.csv", &[]);
    audit(&desk, "evaluate draw.json sheet.csv -o honest.json");
    let claims = |file: &str| {
        let mut json: serde_json::Value = serde_json::from_str(&desk.text(file)).unwrap();
        let object = json.as_object_mut().unwrap();
        object.remove("notes");
        json
    };
    let text = desk.text("sheet.csv");
    let start = text.find("correct").unwrap();
    let end = start + text[start..].find('\n').unwrap();
    for place in start..end {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        desk.put("sheet.csv", bytes);
        let options = "--log log.csv --worksheet sheet.csv --result honest.json";
        let answer = audit(&desk, &format!("verify draw.json --format json {options}"));
        if answer.code == 1 {
            continue;
        }
        ends(&answer, 0);
        audit(&desk, "evaluate draw.json sheet.csv -o again.json");
        assert_eq!(claims("again.json"), claims("honest.json"), "byte {place}");
    }
}

#[test]
fn an_evaluation_is_repeated_wherever_its_files_lie() {
    let desk = desk();
    let sheets: Vec<String> = ["north", "south"]
        .iter()
        .map(|region| {
            let line = format!(
                "sample log.csv --seed {SEED} -n 9 --tolerable 40% --where region='{region}' \
                 -o {region}.json --worksheet {region}.csv"
            );
            ends(&audit(&desk, &line), 0);
            review(&desk, &format!("{region}.csv"), &[]);
            format!("{region}.csv")
        })
        .collect();
    let line = format!(
        "evaluate north.json south.json {} -o result.json",
        sheets.join(" ")
    );
    audit(&desk, &line);
    for file in ["north.json", "south.json", "north.csv", "south.csv"] {
        desk.put(&format!("elsewhere/{file}"), desk.text(file));
    }
    let answer = audit(
        &desk,
        "verify elsewhere/north.json --prior elsewhere/south.json --worksheet elsewhere/north.csv \
         --worksheet elsewhere/south.csv --result result.json --format json",
    );
    let v13 = ("V13".to_owned(), "PASS".to_owned());
    assert!(results(&answer).contains(&v13), "{}", answer.stdout);
}

#[test]
fn the_result_of_another_draw_is_none_of_this_one() {
    let desk = desk();
    for name in ["other", "draw"] {
        let line = format!(
            "sample log.csv --seed {name}-{SEED} -n 9 --tolerable 40% -o {name}.json --worksheet {name}.csv"
        );
        ends(&audit(&desk, &line), 0);
        review(&desk, &format!("{name}.csv"), &[]);
        let line = format!("evaluate {name}.json {name}.csv -o {name}_result.json");
        audit(&desk, &line);
    }
    let with = "--prior other.json --worksheet other.csv --worksheet draw.csv";
    let own = format!("{with} --result draw_result.json");
    let other = format!("{with} --result other_result.json");
    assert_eq!(result_of(&desk, &other, "V13"), "FAIL");
    assert_eq!(
        result_of(&desk, &own.replace("--worksheet other.csv ", ""), "V13"),
        "PASS"
    );
}

#[test]
fn a_shown_cell_with_a_new_check_is_found_in_the_log() {
    let desk = desk();
    sample(&desk, "-n 20 --show note --show region");
    review(&desk, "sheet.csv", &[]);
    let sheet = "--worksheet sheet.csv";
    assert_eq!(result_of(&desk, sheet, "V11"), "PASS");
    let answer = audit(&desk, &format!("verify draw.json {sheet}"));
    let rests = "V11 rests on the short checks beside the shown cells";
    assert!(answer.stdout.contains(rests), "{}", answer.stdout);
    // Whoever edits a cell can make its check as gonogo does.
    let text = desk.text("draw.json");
    let manifest = gonogo::audit::manifest::Manifest::parse(&text, "draw.json").unwrap();
    let checks = gonogo::audit::worksheet::Checks::new(&manifest).unwrap();
    let text = desk.text("sheet.csv");
    let line = text.lines().nth(1).unwrap();
    let stated = line.split("\",\"").nth(2).unwrap();
    let parts: Vec<&str> = stated.split('-').collect();
    let forged = format!(
        "{}-{}-{}",
        parts[0],
        checks.cell(parts[0], "note", "a, c"),
        parts[2]
    );
    let edited = line.replace(stated, &forged).replace("a, b", "a, c");
    desk.put("sheet.csv", text.replace(line, &edited));
    assert_eq!(result_of(&desk, sheet, "V11"), "PASS");
    let with_log = format!("--log log.csv {sheet}");
    check_broken(&desk, &with_log, &["V11"]);
    let answer = audit(&desk, &format!("verify draw.json {with_log}"));
    let plain = answer
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        plain.contains("row 2, column `note`: `a, c`, where the log has `a, b`"),
        "{plain}"
    );
    desk.put("sheet.csv", text);
    assert_eq!(result_of(&desk, &with_log, "V11"), "PASS");
}

#[test]
fn a_proof_that_rests_on_an_earlier_audit_says_so() {
    let desk = desk();
    let first = sample(&desk, "-n 30");
    desk.put("first.json", desk.text("draw.json"));
    let digest = first["self_sha256"].as_str().unwrap();
    sample(&desk, "-n 9 --exclude first.json");
    let answer = audit(&desk, "verify draw.json --log log.csv --prior first.json");
    ends(&answer, 0);
    let text = answer
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let rests = format!("V10 rests on the manifest {digest}, whose cases are left out");
    assert!(text.contains(&rests), "{text}");
    assert!(
        text.contains("as far as that audit is proven by itself"),
        "{text}"
    );
    sample(&desk, "-n 9 --reuse first.json");
    let answer = audit(&desk, "verify draw.json --log log.csv --prior first.json");
    assert!(!answer.stdout.contains("V10 rests"), "{}", answer.stdout);
}

#[test]
fn a_log_that_cannot_be_opened_breaks_nothing() {
    let desk = desk();
    sample(&desk, "-n 9 --show note");
    audit(&desk, "verify draw.json --log gone.csv").refused(2, &["gone.csv", "no such file"]);
    // A log that is there and is another is an answer.
    desk.put("log.csv", "id,at\n1,2026-09-23T10:00:00Z\n");
    ends(&audit(&desk, "verify draw.json --log log.csv"), 1);
}

// Copies

#[test]
fn copies_of_a_row_are_an_error_or_one_case() {
    let desk = desk();
    let plain = sample(&desk, "-n 20 --show note");
    let log = desk.text("log.csv");
    let copied: String = log
        .split_inclusive('\n')
        .map(|line| {
            let times = if line.starts_with("0000") { 2 } else { 1 };
            line.repeat(times)
        })
        .collect();
    desk.put("log.csv", &copied);
    let draw = format!("sample log.csv --seed {SEED} -n 20 --show note -o draw.json");
    audit(&desk, &draw).refused(2, &["00000"]);
    let told = audit(&desk, &format!("{draw} --dedup")).stdout;
    assert!(
        told.contains("160 of 250 rows can be drawn, 6 copies of them, 84 escalated"),
        "{told}"
    );
    let joined = sample(&desk, "-n 20 --show note --dedup");
    assert_eq!(joined["selected"], plain["selected"]);
    assert_eq!(
        joined["population"]["frame_digest"],
        plain["population"]["frame_digest"]
    );
    // Of the first ten cases four were escalated.
    assert_eq!(joined["population"]["duplicates"], 6);
    assert_eq!(result_of(&desk, "--log log.csv", "V5"), "PASS");
    assert_eq!(result_of(&desk, "--log log.csv", "V11"), "SKIPPED");
    ends(&audit(&desk, "verify draw.json --log log.csv"), 0);
    // The same id with another route, or with another stratum, is no copy.
    let line = copied
        .lines()
        .find(|line| line.starts_with("00001,"))
        .unwrap();
    desk.put(
        "log.csv",
        format!("{copied}{}\n", line.replace(",auto,", ",human,")),
    );
    audit(&desk, &format!("{draw} --dedup")).refused(2, &["different content", "00001"]);
    desk.put(
        "log.csv",
        format!("{copied}{}\n", line.replace(",south,", ",east,")),
    );
    let stratified = audit(&desk, &format!("{draw} --dedup --strata region"));
    stratified.refused(2, &["different content", "00001"]);
}

#[test]
fn a_drawn_case_that_was_decided_anew_is_named() {
    let desk = desk();
    let manifest = sample(&desk, "-n 20");
    let id = manifest["selected"][3]["case_id"].as_str().unwrap();
    let log: String = desk
        .text("log.csv")
        .split_inclusive('\n')
        .map(|line| {
            if line.starts_with(id) {
                line.replace(",auto,", ",human,")
            } else {
                line.to_owned()
            }
        })
        .collect();
    desk.put("log.csv", log);
    let answer = audit(&desk, "verify draw.json --log log.csv");
    ends(&answer, 1);
    let text = answer
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let expected = format!("1 of the cases drawn are gone or decided anew, such as {id}");
    assert!(text.contains(&expected), "{text}");
}
