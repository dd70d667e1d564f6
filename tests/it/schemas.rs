//! Files for CI services against the schemas that are published for them (tests/golden/schemas):
//! JUnit XML by a validator of XML Schema, SARIF by Python's validator of JSON Schema.

use std::io::Write as _;
use std::process::{Command, Stdio};

use uppsala::XsdValidator;

use super::binary::in_repository;

/// Prints what is wrong with the document on its standard input; ends with 3 without a validator.
const SARIF_SCRIPT: &str = "\
import json, sys
try:
    from jsonschema import Draft7Validator
except ImportError:
    sys.exit(3)
schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
for error in Draft7Validator(schema).iter_errors(json.load(sys.stdin)):
    print(error.json_path, error.message[:300])
";

/// What is wrong with a text as JUnit XML, by the schema of Jenkins.
fn faults_of_junit(text: &str) -> Vec<String> {
    let schema = include_str!("../golden/schemas/junit-10.xsd");
    let schema = uppsala::parse(schema).unwrap();
    let validator = XsdValidator::from_schema(&schema).unwrap();
    let faults = match uppsala::parse(text) {
        Ok(document) => validator.validate(&document),
        Err(error) => return vec![error.to_string()],
    };
    faults.iter().map(ToString::to_string).collect()
}

/// What is wrong with a text as SARIF 2.1.0. `None` where Python or its validator is missing,
/// which is let pass outside of CI only.
fn faults_of_sarif(text: &str) -> Option<String> {
    let schema = in_repository("tests/golden/schemas/sarif-2.1.0.json");
    let child = Command::new("python3")
        .args(["-c", SARIF_SCRIPT, &schema])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = child.map(|mut child| {
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).ok();
        drop(stdin);
        child.wait_with_output().unwrap()
    });
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) if output.status.code() != Some(3) => {
            Some(String::from_utf8_lossy(&output.stderr).into_owned())
        }
        Ok(_) | Err(_) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "python3 lacks the module jsonschema, which .ci/run installs"
            );
            tell("skipped: SARIF is not validated, for python3 lacks the module jsonschema");
            None
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "who runs the tests must learn what they left out"
)]
fn tell(text: &str) {
    eprintln!("{text}");
}

/// Asserts that a JUnit file keeps to its schema.
#[track_caller]
pub(crate) fn is_junit(text: &str) {
    assert_eq!(faults_of_junit(text), Vec::<String>::new(), "{text}");
}

/// Asserts that a SARIF file keeps to its schema.
#[track_caller]
pub(crate) fn is_sarif(text: &str) {
    if let Some(faults) = faults_of_sarif(text) {
        assert_eq!(faults, "", "{text}");
    }
}

#[test]
fn the_validator_of_junit_refuses_what_the_schema_does_not_allow() {
    let suite = |attributes: &str, inside: &str| {
        format!(
            "<testsuites><testsuite name='a' {attributes}>\
             <testcase name='b' classname='a'>{inside}</testcase></testsuite></testsuites>"
        )
    };
    let counts = "tests='1' failures='0' errors='0' skipped='1'";
    is_junit(&suite(counts, "<skipped message='c'/>"));
    for text in [
        suite("tests='1' failures='0'", "<skipped/>"),
        suite(&format!("{counts} colour='red'"), "<skipped/>"),
        suite(counts, "<properties/>"),
        suite(counts, "<maybe/>"),
        "<testsuites skipped='1'/>".to_owned(),
        "<testsuites>".to_owned(),
    ] {
        assert!(!faults_of_junit(&text).is_empty(), "{text}");
    }
}

#[test]
fn the_validator_of_sarif_refuses_what_the_schema_does_not_allow() {
    let sarif = |version: &str, level: &str, line: u32, more: &str| {
        format!(
            r#"{{"version": "{version}", "runs": [{{"tool": {{"driver": {{"name": "a"}}}}, "results": [{{
            "level": "{level}", "message": {{"text": "b"}}, "locations": [{{"physicalLocation": {{
            "artifactLocation": {{"uri": "c"}}, "region": {{"startLine": {line}}}}}}}]{more}}}]}}]}}"#
        )
    };
    is_sarif(&sarif("2.1.0", "error", 1, ""));
    for text in [
        sarif("2.1", "error", 1, ""),
        sarif("2.1.0", "fatal", 1, ""),
        sarif("2.1.0", "error", 0, ""),
        sarif("2.1.0", "error", 1, r#", "colour": "red""#),
        r#"{"version": "2.1.0", "runs": [{"results": []}]}"#.to_owned(),
    ] {
        let faults = faults_of_sarif(&text);
        assert!(faults.is_none_or(|faults| !faults.is_empty()), "{text}");
    }
}
