//! A page that has become too large to be mailed loses what is looked up rather than read: rows of
//! tables first, then large charts, then tables and lines. It says what it lost.

use super::number::count;
use super::{Keyed, Page, ReportError, Section};

/// How much of a page is kept.
#[derive(Clone, Copy)]
struct Kept {
    /// Rows of a table.
    rows: usize,
    /// Bytes of a chart.
    chart: usize,
    /// Tables of a section, and as many times ten lines of its text.
    tables: usize,
}

const fn kept(rows: usize, chart: usize, tables: usize) -> Kept {
    Kept {
        rows,
        chart,
        tables,
    }
}

/// From the least loss to the greatest.
const STEPS: [Kept; 12] = [
    kept(200, 80_000, usize::MAX),
    kept(100, 80_000, usize::MAX),
    kept(60, 80_000, usize::MAX),
    kept(40, 80_000, usize::MAX),
    kept(25, 80_000, usize::MAX),
    kept(25, 40_000, usize::MAX),
    kept(15, 40_000, usize::MAX),
    kept(8, 40_000, usize::MAX),
    kept(4, 40_000, usize::MAX),
    kept(4, 20_000, 12),
    kept(4, 20_000, 6),
    kept(4, 20_000, 2),
];

impl Page {
    /// Sheds until the page has at most so many bytes, or nothing is left to shed.
    ///
    /// # Errors
    /// When the template fails.
    pub fn fit(&mut self, most: usize) -> Result<(), ReportError> {
        let whole = self.clone();
        for step in STEPS {
            if self.html()?.len() <= most {
                return Ok(());
            }
            self.sections = whole.sections.clone();
            for section in &mut self.sections {
                section.shed(step);
            }
        }
        Ok(())
    }
}

impl Section {
    fn shed(&mut self, kept: Kept) {
        let lines = self.text.len();
        self.text.truncate(kept.tables.saturating_mul(10));
        if let Some(more) = lines.checked_sub(self.text.len()).filter(|more| *more > 0) {
            self.text
                .push(format!("And {}.", more_of(more, "sentence")));
        }
        let figures = self.figures.len();
        self.figures.retain(|figure| figure.svg.len() <= kept.chart);
        let lost = figures - self.figures.len();
        if lost > 0 {
            self.text.push(format!(
                "{} too large for this page; `--charts DIR` writes every chart to a folder.",
                if lost == 1 {
                    "One chart is"
                } else {
                    "Charts are"
                }
            ));
        }
        let tables = self.tables.len();
        self.tables.truncate(kept.tables);
        if tables > self.tables.len() {
            let more = more_of(tables - self.tables.len(), "table");
            self.text
                .push(format!("{more} are left out of this page for its size."));
        }
        self.tables
            .iter_mut()
            .for_each(|keyed| keyed.shed(kept.rows));
    }
}

fn more_of(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} more {what}{plural}", count(number as u64))
}

impl Keyed {
    fn shed(&mut self, most: usize) {
        let rows = self.table.rows.len();
        if rows <= most {
            return;
        }
        self.table.rows.truncate(most);
        let note = format!(" (the first {most} of {} rows)", count(rows as u64));
        self.table.title.push_str(&note);
        if let Some(folded) = &mut self.folded {
            folded.push_str(&note);
        }
    }
}
