//! One batch as a format hands it over: the columns that are read, the place of each row, and
//! the faults that were met. Knows no roles.

use std::ops::Range;

use super::column::{Column, Field, retain};
use super::expression::Failed;
use super::plan::Input;
use super::reject::{Fault, Why, shown};

/// Columns of one batch in step with each other.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) columns: Vec<Column>,
    names: Vec<String>,
    /// Line of each row within the chunk, from 0.
    pub(super) lines: Vec<u32>,
    pub(super) faults: Vec<Fault>,
    /// Rows of this batch that carry a fault and must not be used.
    unusable: Vec<usize>,
}

impl Raw {
    pub(super) fn new(inputs: &[Input]) -> Self {
        Self {
            columns: inputs.iter().map(|input| Column::new(input.kind)).collect(),
            names: inputs.iter().map(|input| input.column.clone()).collect(),
            lines: Vec::new(),
            faults: Vec::new(),
            unusable: Vec::new(),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Makes room for the next batch.
    pub(super) fn clear(&mut self) {
        self.columns.iter_mut().for_each(Column::clear);
        self.lines.clear();
        self.faults.clear();
        self.unusable.clear();
    }

    /// Adds a field of the row that is being read.
    pub(super) fn push(&mut self, input: usize, line: u32, field: Field<'_>) {
        self.push_at(input, self.rows() as u32, line, field);
    }

    /// Adds a field of the given row, for formats that hand over whole columns.
    pub(super) fn push_at(&mut self, input: usize, row: u32, line: u32, field: Field<'_>) {
        let Some(column) = self.columns.get_mut(input) else {
            return;
        };
        if let Err(why) = column.push(field) {
            self.refuse(row as usize, line, Some(input), Some(&field.shown()), why);
        }
    }

    /// Adds a whole column of text fields, given by their places in `bytes`, for rows that are
    /// ended already.
    pub(super) fn push_column(&mut self, input: usize, bytes: &[u8], spans: &[Range<u32>]) {
        let Some(column) = self.columns.get_mut(input) else {
            return;
        };
        let field = |span: &Range<u32>| {
            let place = span.start as usize..span.end as usize;
            bytes.get(place).unwrap_or_default()
        };
        let mut bad = Vec::new();
        column.push_all(spans.iter().map(field), |row, why| bad.push((row, why)));
        for (row, why) in bad {
            let shown = spans.get(row).map(|span| Field::Bytes(field(span)).shown());
            let line = self.lines.get(row).copied().unwrap_or(0);
            self.refuse(row, line, Some(input), shown.as_deref(), why);
        }
    }

    /// Ends the row that is being read.
    pub(super) fn end_row(&mut self, line: u32) {
        self.lines.push(line);
    }

    /// Drops the row that is being read, for a fault of the whole of it.
    pub(super) fn refuse_line(&mut self, line: u32, value: Option<&str>, why: Why) {
        let rows = self.rows();
        self.columns
            .iter_mut()
            .for_each(|column| column.truncate(rows));
        self.unusable.retain(|row| *row < rows);
        self.faults.push(Fault {
            line,
            column: None,
            value: value.map(shown),
            why,
        });
    }

    /// Marks a row as unusable because of one field.
    pub(super) fn refuse(
        &mut self,
        row: usize,
        line: u32,
        input: Option<usize>,
        value: Option<&str>,
        why: Why,
    ) {
        self.faults.push(Fault {
            line,
            column: input.and_then(|input| self.names.get(input)).cloned(),
            value: value.filter(|value| !value.is_empty()).map(shown),
            why,
        });
        self.unusable.push(row);
    }

    /// Marks a row as unusable because an expression has no result for it.
    pub(super) fn refuse_computed(&mut self, place: &str, failed: &Failed) {
        self.faults.push(Fault {
            line: self.lines.get(failed.row).copied().unwrap_or(0),
            column: Some(place.to_owned()),
            value: Some(shown(&failed.found)),
            why: failed.why,
        });
        self.unusable.push(failed.row);
    }

    /// Takes the unusable rows out of all columns, the given computed ones among them.
    pub(super) fn drop_unusable(&mut self, computed: &mut [Column]) {
        if self.unusable.is_empty() {
            return;
        }
        let mut keep = vec![true; self.rows()];
        for row in self.unusable.drain(..) {
            if let Some(mark) = keep.get_mut(row) {
                *mark = false;
            }
        }
        let columns = self.columns.iter_mut().chain(computed);
        columns.for_each(|column| column.retain(&keep));
        retain(&mut self.lines, &keep);
    }
}
