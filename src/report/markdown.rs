//! Markdown for a wiki or a pull request.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use super::number::plain_text;
use super::table::cell_text;
use super::{Align, Document, Table};

/// Rows of a report's tables, the most first; the first number that fits is taken.
const ROWS: [usize; 8] = [usize::MAX, 100, 60, 40, 25, 15, 8, FEWEST];
const FEWEST: usize = 4;
const LAST_WORDS: &str = "\nFurther tables are left out here for their size.\n";
/// Letters of a cell, a headline or a sentence of a report.
const MOST_LETTERS: usize = 120;
const MOST_WORDS: usize = 1_500;

/// An answer as Markdown that is to lie in a folder.
pub(super) fn render(document: &Document, folder: &Path) -> String {
    if let Some(most) = document.most_markdown {
        return report(document, folder, most);
    }
    let mut text = head(document);
    for table in &document.tables {
        text.push_str(&rendered(table, &Limits::NONE));
    }
    text.push('\n');
    for sentence in &document.sentences {
        let _ = writeln!(text, "{}", escaped(sentence));
    }
    add_warnings(&mut text, document, usize::MAX);
    text
}

fn head(document: &Document) -> String {
    let mut text = format!("## {}\n\n", escaped(&document.title));
    for line in &document.preface {
        let _ = writeln!(text, "{}  ", escaped(line));
    }
    text
}

/// A report is read, not looked up: the answer comes first, then the pictures, then the tables.
fn report(document: &Document, folder: &Path, most: usize) -> String {
    let mut text = head(document);
    text.push('\n');
    for sentence in &document.sentences {
        let _ = writeln!(text, "{}", escaped(&cut(sentence, MOST_WORDS)));
    }
    add_warnings(&mut text, document, MOST_WORDS);
    for (path, chart) in &document.charts {
        // Pictures of dots are shown everywhere; those of SVG are not.
        if path.extension().is_some_and(|ending| ending == "png") {
            let words = escaped(&cut(chart.title(), MOST_LETTERS));
            let _ = writeln!(text, "\n![{words}]({})", link(path, folder));
        }
    }
    let room = most.saturating_sub(text.len() + LAST_WORDS.len());
    let tables = |rows: usize| -> Vec<String> {
        let limits = Limits {
            rows,
            letters: MOST_LETTERS,
        };
        let tables = document.tables.iter();
        tables.map(|table| rendered(table, &limits)).collect()
    };
    let size = |tables: &[String]| tables.iter().map(String::len).sum::<usize>();
    let fits = ROWS.into_iter().map(tables).find(|all| size(all) <= room);
    if let Some(all) = fits {
        text.push_str(&all.concat());
        return text;
    }
    // So many tables that even a few rows of each are too much: the first ones.
    let mut left = room;
    for table in tables(FEWEST) {
        let Some(rest) = left.checked_sub(table.len()) else {
            break;
        };
        left = rest;
        text.push_str(&table);
    }
    text.push_str(LAST_WORDS);
    text
}

fn add_warnings(text: &mut String, document: &Document, letters: usize) {
    for warning in &document.warnings {
        let _ = writeln!(text, "\n> **Warning:** {}", escaped(&cut(warning, letters)));
    }
}

/// How much of a table is told.
struct Limits {
    rows: usize,
    letters: usize,
}

impl Limits {
    const NONE: Self = Self {
        rows: usize::MAX,
        letters: usize::MAX,
    };
}

fn rendered(table: &Table, limits: &Limits) -> String {
    let mut text = String::from("\n");
    let words = |text: &str| escaped(&cut(text, limits.letters));
    if !table.title.is_empty() {
        let _ = writeln!(text, "**{}**\n", words(&table.title));
    }
    let titles = table.columns.iter().map(|column| words(&column.title));
    let _ = writeln!(text, "| {} |", titles.collect::<Vec<_>>().join(" | "));
    let rules = table.columns.iter().map(|column| match column.align {
        Align::Left => ":--",
        Align::Right => "--:",
    });
    let _ = writeln!(text, "|{}|", rules.collect::<Vec<_>>().join("|"));
    for row in table.rows.iter().take(limits.rows) {
        let cells = row.cells.iter().map(|cell| {
            let cell = words(&cell_text(cell));
            if row.marked && !cell.is_empty() {
                format!("**{cell}**")
            } else {
                cell
            }
        });
        let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    let more = table.rows.len().saturating_sub(limits.rows);
    if more > 0 {
        let _ = writeln!(text, "\nAnd {more} more rows.");
    }
    text
}

/// The text, or its beginning with an ellipsis.
fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// The way from a folder to a file, as a link.
fn link(path: &Path, folder: &Path) -> String {
    let (path, folder) = (whole(path), whole(folder));
    let (to, from) = (parts(&path), parts(&folder));
    let shared = to
        .iter()
        .zip(&from)
        .take_while(|(to, from)| to == from)
        .count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    let down = to.iter().skip(shared);
    let steps = up.chain(down.map(|part| encoded(part)));
    steps.collect::<Vec<_>>().join("/")
}

/// A path from its root on, where the working folder is known.
fn whole(path: &Path) -> PathBuf {
    let here = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::path::absolute(here).unwrap_or_else(|_| here.to_owned())
}

/// The folders of a path and its file; what goes up undoes what went down.
fn parts(path: &Path) -> Vec<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Prefix(prefix) => {
                parts.push(prefix.as_os_str().to_string_lossy().into_owned());
            }
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
        }
    }
    parts
}

/// A name as a part of a link: every byte but letters, digits and `-._~` as its number (RFC 3986).
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// A mark that shows nothing, and parts what would otherwise be one word to a forge.
const PART: &str = "<!-- -->";

/// Text without meaning to Markdown or HTML. Neither is it an address that becomes a link, nor a
/// name that notifies somebody.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for character in plain_text(text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => {
                safe.push('\\');
                safe.push(character);
            }
            '#' => {
                safe.push_str("\\#");
                safe.push_str(PART);
            }
            '@' => {
                safe.push('@');
                safe.push_str(PART);
            }
            '/' if safe.ends_with(":/") => {
                safe.push_str(PART);
                safe.push('/');
            }
            '.' if safe.to_ascii_lowercase().ends_with("www") => safe.push_str("\\."),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{cut, escaped, link};

    #[test]
    fn names_neither_notify_nor_lead_anywhere() {
        assert_eq!(escaped("@team"), "@<!-- -->team");
        assert_eq!(escaped("see #12"), "see \\#<!-- -->12");
        assert_eq!(escaped("https://a.example"), "https:/<!-- -->/a.example");
        assert_eq!(escaped("WWW.a.example"), "WWW\\.a.example");
        assert_eq!(escaped("9:00, 1/2, a.b"), "9:00, 1/2, a.b");
    }

    #[test]
    fn links_lead_from_the_folder_of_the_text_to_the_picture() {
        let way = |path: &str, folder: &str| link(Path::new(path), Path::new(folder));
        assert_eq!(way("charts/cost.png", ""), "charts/cost.png");
        assert_eq!(way("charts/cost.png", "."), "charts/cost.png");
        assert_eq!(way("./charts/cost.png", "wiki"), "../charts/cost.png");
        assert_eq!(way("wiki/charts/cost.png", "wiki"), "charts/cost.png");
        assert_eq!(
            way("/a/b/../charts/cost.png", "/a/wiki/deep"),
            "../../charts/cost.png"
        );
        assert_eq!(
            way("my charts (new)/ü].png", "."),
            "my%20charts%20%28new%29/%C3%BC%5D.png"
        );
    }

    #[test]
    fn long_words_are_cut_between_letters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äöü…");
    }
}
