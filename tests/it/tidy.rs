//! Order in the house: module documents, the direction of imports, the one user of polars, names of
//! files in documents, and nothing left lying about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gonogo::error::ExitCode;

/// The layers in the order in which imports may go down: each may use those before it.
const LAYERS: [&str; 13] = [
    "error", "rate", "config", "log", "policy", "tally", "estimate", "queue", "audit", "chart",
    "report", "command", "cli",
];
/// The longest file of the sources, in lines.
const MOST_LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder, sorted; none where there is no folder.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn name(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The lines of a source with their numbers, without comments and without its own tests.
fn code(source: &str) -> Vec<(usize, String)> {
    let lines = source.lines().enumerate();
    lines
        .take_while(|(_, line)| line.trim() != "mod tests {")
        .map(|(number, line)| (number + 1, without_comment(line)))
        .collect()
}

/// A line up to a comment; two slashes behind a colon or in a text are none that matter here.
fn without_comment(line: &str) -> String {
    let is_comment = |at: &usize| {
        !line[..*at].ends_with(':') && line[..*at].matches('"').count().is_multiple_of(2)
    };
    let end = line.match_indices("//").map(|(at, _)| at).find(is_comment);
    line[..end.unwrap_or(line.len())].to_owned()
}

/// Asserts that a list of faults is empty, and shows it otherwise.
#[track_caller]
fn check_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut faults = Vec::new();
    for folder in ["src", "tests/it", "benches"] {
        for file in rust_files(folder) {
            let source = text(&file);
            if !source.starts_with("//! ") {
                faults.push(format!("{}: does not begin with `//! `", name(&file)));
            }
        }
    }
    check_none(&faults);
}

/// The layer that a file of src belongs to; `None` for main.rs and lib.rs, which may use all.
fn layer(file: &Path) -> Option<usize> {
    let inside = file.strip_prefix(root().join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    if ["main", "lib"].contains(&module) {
        return None;
    }
    let place = LAYERS.iter().position(|layer| *layer == module);
    Some(place.unwrap_or_else(|| panic!("src/{module} is in no layer")))
}

/// The modules of the crate that a text names as `crate::NAME`, also in a list in braces.
fn modules_named(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut names = BTreeSet::new();
    for (at, prefix) in text.match_indices("crate::") {
        let before = text[..at].chars().last();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split('}').next().unwrap_or(list);
                names.extend(list.split(',').map(|part| word(part.trim())));
            }
            None => {
                names.insert(word(rest));
            }
        }
    }
    names
}

#[test]
fn imports_go_only_down_the_layers() {
    let mut faults = Vec::new();
    for file in rust_files("src") {
        let Some(own) = layer(&file) else { continue };
        // A list of imports may run over lines.
        let whole: String = code(&text(&file))
            .into_iter()
            .map(|(_, line)| line + "\n")
            .collect();
        for module in modules_named(&whole) {
            match LAYERS.iter().position(|layer| *layer == module) {
                Some(place) if place <= own => {}
                Some(_) => faults.push(format!("{} uses crate::{module}", name(&file))),
                None => faults.push(format!("{}: crate::{module} is in no layer", name(&file))),
            }
        }
    }
    check_none(&faults);
}

#[test]
fn the_modules_are_declared_in_reading_order() {
    let library = text(&root().join("src/lib.rs"));
    let declared: Vec<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(declared, LAYERS);
}

#[test]
fn polars_is_named_in_one_place() {
    let mut faults = Vec::new();
    for file in rust_files("src") {
        if name(&file).starts_with("src/log/expression") {
            continue;
        }
        for (number, line) in code(&text(&file)) {
            if line.to_lowercase().contains("polars") {
                faults.push(format!("{}, line {number}: {line}", name(&file)));
            }
        }
    }
    check_none(&faults);
}

#[test]
fn nothing_is_left_to_do_and_no_trace_of_debugging_is_left() {
    // Put together, so that this file does not find itself.
    let words = [
        ["todo", "!("],
        ["dbg", "!("],
        ["FIX", "ME"],
        ["unimplemented", "!("],
        ["XX", "X"],
    ];
    let words = words.map(|parts| parts.concat());
    let mut faults = Vec::new();
    for file in ["src", "tests", "benches"].into_iter().flat_map(rust_files) {
        for (number, line) in text(&file).lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                faults.push(format!("{}, line {}: {line}", name(&file), number + 1));
            }
        }
    }
    check_none(&faults);
}

#[test]
fn no_source_is_too_long_to_read() {
    let mut faults = Vec::new();
    for file in rust_files("src") {
        let lines = text(&file).lines().count();
        if lines > MOST_LINES {
            faults.push(format!("{}: {lines} lines", name(&file)));
        }
    }
    check_none(&faults);
}

#[test]
fn only_the_command_line_prints() {
    let mut faults = Vec::new();
    for file in rust_files("src") {
        if name(&file).starts_with("src/cli") {
            continue;
        }
        for (number, line) in code(&text(&file)) {
            let prints = ["println!", "eprintln!", "print!(", "stdout()", "stderr()"];
            if prints.iter().any(|print| line.contains(print)) {
                faults.push(format!("{}, line {number}: {line}", name(&file)));
            }
        }
    }
    check_none(&faults);
}

/// The documents for people.
fn documents() -> Vec<PathBuf> {
    let mut files = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    for folder in ["docs", "sample-data"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "md") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Words that look like paths of this repository: in code spans, in blocks and as link targets.
fn paths_named(document: &str) -> BTreeSet<String> {
    let separators = |c: char| c.is_whitespace() || "`()[]<>,;'\"|".contains(c);
    let begins = [
        "src/",
        "docs/",
        "sample-data/",
        "tests/",
        "benches/",
        ".ci/",
    ];
    let words = document
        .split(separators)
        .map(|word| word.trim_end_matches(['.', ':', '!']));
    let paths = words.filter(|word| begins.iter().any(|begin| word.starts_with(begin)));
    // What a reader is to fill in, and whole groups of files, are no single paths.
    paths
        .filter(|path| !path.contains(['*', '$', '{']) && !path.contains("NAME"))
        .map(|path| path.split('#').next().unwrap_or(path).to_owned())
        .collect()
}

#[test]
fn files_that_the_documents_name_exist() {
    let mut faults = Vec::new();
    for document in documents() {
        for path in paths_named(&text(&document)) {
            if !root().join(&path).exists() {
                faults.push(format!("{}: there is no {path}", name(&document)));
            }
        }
    }
    check_none(&faults);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for document in documents() {
        let folder = document.parent().unwrap();
        let text = text(&document);
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            if !folder.join(target).exists() {
                faults.push(format!("{}: there is no {target}", name(&document)));
            }
        }
    }
    check_none(&faults);
}

#[test]
fn no_document_holds_a_placeholder() {
    let mut faults = Vec::new();
    for document in documents() {
        for (number, line) in text(&document).lines().enumerate() {
            let shouts = |word: &str| {
                word.len() > 6
                    && word.contains('-')
                    && word.chars().all(|c| c.is_ascii_uppercase() || c == '-')
            };
            if line.trim() == line && shouts(line) {
                faults.push(format!("{}, line {}: {line}", name(&document), number + 1));
            }
        }
    }
    check_none(&faults);
}

#[test]
fn the_documents_name_every_exit_code() {
    // An exhaustive list: a new variant must be added to the match, and so to the documents.
    let all = [
        ExitCode::Done,
        ExitCode::Breached,
        ExitCode::Input,
        ExitCode::Inconclusive,
        ExitCode::NothingToJudge,
        ExitCode::Internal,
        ExitCode::Output,
        ExitCode::Interrupted,
    ];
    let document = text(&root().join("docs/exit-codes.md"));
    let mut numbers = BTreeSet::new();
    for code in all {
        match code {
            ExitCode::Done
            | ExitCode::Breached
            | ExitCode::Input
            | ExitCode::Inconclusive
            | ExitCode::NothingToJudge
            | ExitCode::Internal
            | ExitCode::Output
            | ExitCode::Interrupted => numbers.insert(code.number()),
        };
    }
    let named: BTreeSet<u8> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |")?.0.parse().ok())
        .collect();
    assert_eq!(named, numbers);
}

#[test]
fn every_command_has_a_page() {
    let commands = [
        "init",
        "check",
        "sweep",
        "replay",
        "report",
        "tune",
        "audit",
        "audit-plan",
    ];
    let faults: Vec<String> = commands
        .iter()
        .map(|command| format!("docs/{command}.md"))
        .filter(|page| !root().join(page).exists())
        .collect();
    check_none(&faults);
}

#[test]
fn every_module_of_the_log_is_in_the_code_map() {
    let map = text(&root().join("docs/architecture.md"));
    let inside = ["mod", "error", "progress", "reject", "instant"];
    let mut faults = Vec::new();
    for file in rust_files("src/log") {
        let module = file.file_stem().unwrap().to_str().unwrap();
        if !inside.contains(&module) && !map.contains(&format!("{module}.rs`")) {
            faults.push(format!("docs/architecture.md does not name {module}.rs"));
        }
    }
    check_none(&faults);
}
