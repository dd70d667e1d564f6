//! Conditions, amounts of money, numbers and texts that a reading is asked for beside the roles.

use std::path::Path;

use gonogo::config::{Mapping, Role};
use gonogo::log::{Batch, Formula, Interner, Log, LogError, Needs, ReadOptions, Sink};
use tempfile::TempDir;

const LOG: &str = "\
id,percent,wrong,amount,kind,note
1,90,no,10,refund,first
2,9.7,yes,20,letter,
3,95,,,refund,third
4,70,no,40,,fourth
";

const CONFIG: &str = r#"
[columns]
id = "id"
score = "percent / 100"
error = "wrong"
value = "COALESCE(amount, 0)"
[segments]
size = "CASE WHEN amount >= 20 THEN 'large' ELSE 'small' END"
"#;

/// What was read, in the order of the rows.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    conditions: Vec<Vec<bool>>,
    money: Vec<Vec<u64>>,
    numbers: Vec<Vec<Option<f64>>>,
    texts: Vec<Vec<Option<String>>>,
}

impl Sink for Seen {
    type Output = Self;

    fn take(&mut self, batch: &Batch) {
        self.conditions = batch.conditions().to_vec();
        let micros =
            |amounts: &Vec<gonogo::rate::Micros>| amounts.iter().map(|m| m.get()).collect();
        self.money = batch.money().iter().map(micros).collect();
        let present = |n: &f64| (!n.is_nan()).then_some(*n);
        let numbers = |numbers: &Vec<f64>| numbers.iter().map(present).collect();
        self.numbers = batch.numbers().iter().map(numbers).collect();
        let rows = 0..batch.rows();
        let all = |texts: &gonogo::log::Texts| {
            rows.clone()
                .map(|row| texts.get(row).map(str::to_owned))
                .collect()
        };
        self.texts = batch.texts().iter().map(all).collect();
    }

    fn finish(&mut self, _segments: &[&Interner]) -> Self {
        std::mem::take(self)
    }
}

/// Reads the log on one thread in one batch.
fn read(needs: Needs) -> Result<Seen, LogError> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("log.csv");
    std::fs::write(&file, LOG).unwrap();
    let options = ReadOptions {
        threads: 1,
        ..ReadOptions::default()
    };
    let log = Log::open(&[file.display().to_string()], &options)?;
    let mapping = Mapping::parse(CONFIG, Path::new("test")).unwrap();
    let needs = Needs {
        required: vec![Role::Score, Role::Error],
        ..needs
    };
    let plan = log.plan(&mapping, &needs)?;
    let (mut outputs, _) = log.read(&plan, &options, Seen::default)?;
    Ok(outputs.remove(0))
}

fn formulas(sources: &[&str]) -> Vec<Formula> {
    sources
        .iter()
        .map(|source| Formula::new("test", source))
        .collect()
}

#[test]
fn a_condition_may_name_columns_roles_and_segments_and_does_not_hold_where_it_is_null() {
    let seen = read(Needs {
        conditions: formulas(&[
            "kind = 'refund' AND amount > 5",
            "size = 'large'",
            "score >= 0.097 AND score < 0.1",
            "value = 0",
            "TRUE",
        ]),
        ..Needs::default()
    });
    let expected = [
        [true, false, false, false],
        [false, true, false, true],
        // 9.7 percent is 0.097 here as it is at a threshold.
        [false, true, false, false],
        [false, false, true, false],
        [true, true, true, true],
    ];
    assert_eq!(seen.unwrap().conditions, expected);
}

#[test]
fn numbers_and_texts_may_be_missing_and_constants_fill_all_rows() {
    let seen = read(Needs {
        money: formulas(&["25", "0.8 * value + 25"]),
        numbers: formulas(&["amount"]),
        texts: formulas(&["id", "note"]),
        ..Needs::default()
    });
    let seen = seen.unwrap();
    assert_eq!(seen.money[0], [25_000_000; 4]);
    assert_eq!(
        seen.money[1],
        [33_000_000, 41_000_000, 25_000_000, 57_000_000]
    );
    assert_eq!(seen.numbers[0], [Some(10.0), Some(20.0), None, Some(40.0)]);
    let texts = |words: [&str; 4]| {
        words
            .map(|w| (!w.is_empty()).then(|| w.to_owned()))
            .to_vec()
    };
    assert_eq!(seen.texts[0], texts(["1", "2", "3", "4"]));
    assert_eq!(seen.texts[1], texts(["first", "", "third", "fourth"]));
}

#[test]
fn an_amount_of_money_that_is_missing_or_negative_is_told_with_its_place() {
    for (source, line, found) in [("amount", 4, "is missing"), ("amount - 15", 2, "-5")] {
        let failed = read(Needs {
            money: vec![Formula::new("[cost] error", source)],
            ..Needs::default()
        });
        let text = failed.unwrap_err().to_string();
        assert!(text.contains(&format!("line {line}")), "{text}");
        assert!(text.contains("[cost] error"), "{text}");
        assert!(text.contains(found), "{text}");
    }
}

#[test]
fn a_name_that_is_neither_column_nor_role_nor_segment_is_refused_with_the_closest() {
    let failed = read(Needs {
        conditions: vec![Formula::new("rule \"large\"", "amuont > 5")],
        ..Needs::default()
    });
    let error = failed.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("rule \"large\"") && text.contains("amuont"),
        "{text}"
    );
    let hint = gonogo::error::Explain::hint(&error).unwrap();
    assert!(hint.contains("`amount`"), "{hint}");
}
