//! A worksheet as it goes out: CSV in which everything is quoted and nothing is a formula, or a
//! workbook in which everything is text and only the columns to fill in are open.

use std::collections::BTreeMap;

use super::fault::SheetError;
use super::{Checks, FROZEN, Layout, OPEN, RESERVE, SECOND, defused, plain, xlsx};
use crate::audit::manifest::Sheet;
use crate::audit::ticket::Digest;

/// A worksheet with nothing filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blank {
    name: String,
    round: u64,
    titles: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Blank {
    /// A sheet that shows, beside each id, the values of some columns.
    ///
    /// # Errors
    /// When a shown column has the name of one of the worksheet's own.
    pub fn new(
        layout: &Layout,
        checks: &Checks,
        show: &[String],
        values: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self, SheetError> {
        let own = |name: &&String| {
            let name = name.to_lowercase();
            FROZEN.iter().chain(&OPEN).any(|own| *own == name)
        };
        if let Some(name) = show.iter().find(own) {
            return Err(SheetError::OwnColumn { name: name.clone() });
        }
        let titles = FROZEN.iter().copied().map(str::to_owned);
        let titles = titles.chain(show.iter().cloned());
        let titles = titles.chain(OPEN.iter().copied().map(str::to_owned));
        let rows = layout.case_ids.iter().zip(1_u64..).map(|(id, number)| {
            let shown = values.get(id).cloned().unwrap_or_default();
            row(checks, layout, show, (number, id, shown))
        });
        Ok(Self {
            name: layout.name.clone(),
            round: layout.round,
            titles: titles.collect(),
            rows: rows.collect(),
        })
    }

    /// The reviewer, or `reserve`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The round in which its cases were drawn.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// CSV: UTF-8, line feeds, everything quoted.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub fn csv(&self) -> Result<String, SheetError> {
        let failed = |reason: String| SheetError::Unwritable { reason };
        let mut writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .from_writer(Vec::new());
        let rows = std::iter::once(&self.titles).chain(&self.rows);
        for row in rows {
            let cells = row.iter().map(|cell| defused(cell));
            writer
                .write_record(cells)
                .map_err(|error| failed(error.to_string()))?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| failed(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
    }

    /// An Excel workbook.
    ///
    /// # Errors
    /// When a cell is longer than a workbook can hold.
    pub fn xlsx(&self) -> Result<Vec<u8>, SheetError> {
        xlsx::write(&self.titles, &self.rows)
    }

    /// The line of the manifest on this sheet.
    ///
    /// # Errors
    /// When the CSV cannot be rendered.
    pub fn record(&self) -> Result<Sheet, SheetError> {
        Ok(Sheet {
            name: self.name.clone(),
            round: self.round,
            rows: self.rows.len() as u64,
            sha256: Digest::of(self.csv()?.as_bytes()),
        })
    }
}

fn row(
    checks: &Checks,
    layout: &Layout,
    show: &[String],
    (number, id, shown): (u64, &String, Vec<String>),
) -> Vec<String> {
    let mut check = checks.row(&layout.name, id);
    let key = check.clone();
    let shown: Vec<String> = shown.iter().map(|value| plain(value)).collect();
    for (column, value) in show.iter().zip(&shown) {
        check.push('-');
        check.push_str(&checks.cell(&key, column, value));
    }
    let mut cells = vec![number.to_string(), id.clone(), check];
    cells.extend(shown);
    cells.resize(FROZEN.len() + show.len(), String::new());
    cells.extend(OPEN.iter().map(|title| match *title {
        "reviewer" if ![RESERVE, SECOND].contains(&layout.name.as_str()) => layout.name.clone(),
        _ => String::new(),
    }));
    cells
}
