//! The page: one HTML file that can be mailed, opens offline and asks nothing of any server.
//!
//! Text is escaped by the template; the data for the script are JSON without a character that
//! could end the element they stand in. The page's own policy allows this very script and style,
//! by their hashes, and nothing else. Must not know commands, nor compute anything.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::number::plain_text;
use super::table::cell_text;
use super::{Align, ReportError, Table};

const STYLE: &str = include_str!("page/page.css");
/// One script in four parts, each of which builds on those before it.
const SCRIPT: &str = concat!(
    include_str!("page/formulas.js"),
    include_str!("page/chart.js"),
    include_str!("page/panel.js"),
    include_str!("page/tables.js"),
);

/// Longest text of a cell or a name, in characters.
const MOST_CHARACTERS: usize = 60;
/// Longest sentence, in characters.
const MOST_LINE: usize = 1200;

/// A page, before it is HTML.
#[derive(Clone, Debug)]
pub struct Page {
    pub title: String,
    /// What the answer rests on.
    pub preface: Vec<String>,
    /// The answer, in a few sentences.
    pub answer: Vec<String>,
    /// The figures that decide, beside the answer.
    pub glance: Option<Keyed>,
    pub warnings: Vec<String>,
    pub sections: Vec<Section>,
    /// The sums that the what-if panel computes from, as JSON text.
    pub sums: Option<String>,
    /// What the page was made from: names and values.
    pub manifest: Vec<(String, String)>,
}

/// A part of the page with a heading of its own.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// What links lead to it by.
    pub id: &'static str,
    pub title: String,
    pub text: Vec<String>,
    pub figures: Vec<Figure>,
    pub tables: Vec<Keyed>,
    /// Items of a list, at the end.
    pub notes: Vec<String>,
}

/// A chart with the sentence that says how to read it.
#[derive(Clone, Debug)]
pub struct Figure {
    pub svg: String,
    pub caption: String,
}

/// A table whose figures say where in the JSON document they stand.
#[derive(Clone, Debug)]
pub struct Keyed {
    pub table: Table,
    /// For each column its key in the JSON; empty where it is none.
    pub keys: Vec<&'static str>,
    /// For each row the JSON pointer of the object that it shows; empty where there is none.
    pub of: Vec<String>,
    /// Whether readers may sort it.
    pub sorts: bool,
    /// What is said in place of the table until a reader unfolds it.
    pub folded: Option<String>,
}

impl Keyed {
    /// A table without a tie to the JSON.
    pub fn plain(table: Table) -> Self {
        Self {
            keys: Vec::new(),
            of: Vec::new(),
            sorts: false,
            folded: None,
            table,
        }
    }

    /// Keeps the columns that are marked.
    pub fn keep(&mut self, kept: &[bool]) {
        keep(&mut self.keys, kept);
        keep(&mut self.table.columns, kept);
        for row in &mut self.table.rows {
            keep(&mut row.cells, kept);
        }
    }

    fn columns(&self) -> Vec<Heading<'_>> {
        let keys = self.keys.iter().copied().chain(std::iter::repeat(""));
        let columns = self.table.columns.iter().zip(keys);
        columns
            .map(|(column, key)| Heading {
                title: &column.title,
                class: class(column.align),
                rank: column.rank,
                key,
            })
            .collect()
    }

    fn rows(&self) -> Vec<Line<'_>> {
        let of = self.of.iter().map(String::as_str);
        let rows = self.table.rows.iter().zip(of.chain(std::iter::repeat("")));
        rows.map(|(row, of)| Line {
            of,
            marked: row.marked,
            cells: row
                .cells
                .iter()
                .zip(&self.table.columns)
                .map(|(cell, column)| Field {
                    class: class(column.align),
                    text: cut(&cell_text(cell), MOST_CHARACTERS),
                })
                .collect(),
        })
        .collect()
    }
}

fn keep<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut marks = kept.iter();
    items.retain(|_| marks.next().copied().unwrap_or(false));
}

struct Heading<'a> {
    title: &'a str,
    class: &'static str,
    rank: u8,
    key: &'static str,
}

struct Line<'a> {
    of: &'a str,
    marked: bool,
    cells: Vec<Field>,
}

struct Field {
    class: &'static str,
    text: String,
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Left => "l",
        Align::Right => "r",
    }
}

/// A text without characters that turn or hide, cut to a length that does no harm to a page.
fn cut(text: &str, most: usize) -> String {
    let plain = plain_text(text);
    if plain.chars().count() <= most {
        return plain;
    }
    let mut cut: String = plain.chars().take(most - 1).collect();
    cut.push('…');
    cut
}

/// An SVG without what the page's own style says, and without the line ends of its texts.
fn plain_svg(svg: &str) -> String {
    let mut plain = svg.to_owned();
    for said in [
        " xmlns=\"http://www.w3.org/2000/svg\"",
        " opacity=\"1\"",
        " text-anchor=\"start\"",
    ] {
        plain = plain.replace(said, "");
    }
    let mut parts = plain.split(" font-family=\"");
    let mut without: String = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        without.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    without
        .replace("<polyline fill=\"none\"", "<polyline")
        .replace(" \"/>", "\"/>")
        .replace(">\n", ">")
        .replace("\n</", "</")
}

/// Filters of the template.
mod filters {
    use std::fmt::Display;

    /// Text in which nothing turns the direction of writing or hides, cut where it is far too long.
    #[askama::filter_fn]
    pub(super) fn plain(text: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(super::cut(&text.to_string(), super::MOST_LINE))
    }

    /// An SVG as it stands in a page.
    #[askama::filter_fn]
    pub(super) fn svg(text: &str, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(super::plain_svg(text))
    }
}

#[derive(Template)]
#[template(path = "page.html", config = "src/report/page/askama.toml")]
struct Markup<'a> {
    page: &'a Page,
    style: &'static str,
    script: &'static str,
    policy: String,
    sums: Option<String>,
}

impl Page {
    /// The page as HTML.
    ///
    /// # Errors
    /// When the template fails.
    pub fn html(&self) -> Result<String, ReportError> {
        let markup = Markup {
            page: self,
            style: STYLE,
            script: SCRIPT,
            policy: format!(
                "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; \
                 base-uri 'none'; form-action 'none'",
                hash(SCRIPT),
                hash(STYLE)
            ),
            sums: self.sums.as_deref().map(embedded),
        };
        markup.render().map_err(|error| ReportError::Render {
            format: "page",
            reason: error.to_string(),
        })
    }
}

/// The hash that a Content-Security-Policy names an inline text by.
fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// JSON as it stands in a page: it cannot end the element that it stands in. All of these
/// characters stand in strings only.
pub fn embedded(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_no_harm_to_the_page() {
        let name = format!(
            "</script><script>alert(1)</script>\u{202e}{}",
            "x".repeat(10_000)
        );
        let page = Page {
            title: name.clone(),
            preface: vec![name.clone()],
            answer: vec![],
            glance: None,
            warnings: vec![],
            sections: vec![],
            sums: Some(format!("{{\"name\":\"{name}\"}}")),
            manifest: vec![(name.clone(), name)],
        };
        let html = page.html().unwrap();
        assert_eq!(html.matches("<script").count(), 2, "data and script");
        assert_eq!(html.matches("</script>").count(), 2);
        assert!(!html.contains("<script>alert"));
    }

    #[test]
    fn the_page_names_its_own_script_and_style() {
        // From `printf '' | openssl dgst -sha256 -binary | base64`.
        assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
