//! Workbooks of Excel, written and read. Every cell goes out as text, so that no id loses a digit.

use std::io::Cursor;

use calamine::{Data, Reader as _};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError,
};

use super::fault::SheetError;
use super::verdict::Verdict;
use super::{FROZEN, OPEN};

/// Width of a column in characters.
const WIDTH: f64 = 18.0;
/// Rows that are open below the last one: none.
const FIRST: u32 = 1;

/// Writes a workbook of one sheet.
pub(super) fn write(titles: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, SheetError> {
    workbook(titles, rows).map_err(|error| SheetError::Unwritable {
        reason: error.to_string(),
    })
}

fn workbook(titles: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The one time that is the same on every machine and in every run.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    sheet.set_name("worksheet")?;
    sheet.set_freeze_panes(1, 2)?;
    sheet.protect();
    let bold = Format::new().set_bold();
    let text = Format::new().set_num_format("@").set_text_wrap();
    let open = text.clone().set_unlocked();
    for (column, title) in (0_u16..).zip(titles) {
        sheet.set_column_width(column, WIDTH)?;
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    let first_open = titles.len().saturating_sub(OPEN.len());
    for (line, cells) in (FIRST..).zip(rows) {
        for ((column, place), cell) in (0_u16..).zip(0..).zip(cells) {
            let format = if place >= first_open { &open } else { &text };
            sheet.write_string_with_format(line, column, cell, format)?;
        }
    }
    offer_verdicts(sheet, first_open, rows.len())?;
    workbook.save_to_buffer()
}

/// Offers the words of the verdict as a list.
fn offer_verdicts(sheet: &mut Worksheet, column: usize, rows: usize) -> Result<(), XlsxError> {
    let words = Verdict::GIVEN.map(Verdict::key);
    let list = DataValidation::new().allow_list_strings(&words)?;
    let column = u16::try_from(column).unwrap_or(FROZEN.len() as u16);
    let last = u32::try_from(rows).unwrap_or(u32::MAX).max(FIRST);
    sheet.add_data_validation(FIRST, column, last, column, &list)?;
    Ok(())
}

/// The cells of the first sheet of a workbook, as text, from its first row on.
pub(super) fn read(bytes: &[u8], file: &str) -> Result<Vec<Vec<String>>, SheetError> {
    let bad = |error: calamine::XlsxError| SheetError::NotASheet {
        file: file.to_owned(),
        what: format!("the workbook cannot be read: {error}"),
    };
    let mut workbook: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(bytes)).map_err(bad)?;
    let Some(range) = workbook.worksheet_range_at(0) else {
        return Err(SheetError::NotASheet {
            file: file.to_owned(),
            what: "the workbook has no sheet".to_owned(),
        });
    };
    let range = range.map_err(bad)?;
    let (top, left) = range.start().unwrap_or((0, 0));
    let above = std::iter::repeat_n(Vec::new(), top as usize);
    let rows = range.rows().map(|row| {
        let before = std::iter::repeat_n(String::new(), left as usize);
        before.chain(row.iter().map(text)).collect()
    });
    Ok(above.chain(rows).collect())
}

/// A cell as text; a number as Excel would show it in full.
fn text(cell: &Data) -> String {
    match cell {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
        }
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}
