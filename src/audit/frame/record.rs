//! How cases and units are held while they are sorted: bytes that only this run of gonogo reads.

use std::borrow::Cow;
use std::io;

use super::size::Size;

/// Bytes of a size in a record: whether there is one, and its millionths.
pub(super) const SIZE: usize = 9;

pub(super) fn json(text: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() + 2);
    serde_json::to_writer(&mut bytes, text)?;
    Ok(bytes)
}

/// The text of a JSON text.
pub(super) fn plain(json: &[u8]) -> io::Result<Cow<'_, str>> {
    if json.contains(&b'\\') {
        return Ok(Cow::Owned(serde_json::from_slice(json)?));
    }
    let inner = json
        .get(1..json.len().saturating_sub(1))
        .ok_or_else(broken)?;
    text(inner).map(Cow::Borrowed)
}

fn text(bytes: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| broken())
}

/// A temporary file is read back as it was written, or somebody else has written to it.
fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a temporary file was changed by another program",
    )
}

pub(super) fn push_size(to: &mut Vec<u8>, size: Option<Size>) {
    to.push(u8::from(size.is_some()));
    to.extend(size.map_or(0, Size::micros).to_le_bytes());
}

pub(super) fn push_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend((bytes.len() as u64).to_le_bytes());
    to.extend(bytes);
}

/// What is left to read of the content of a record.
pub(super) struct Content<'a>(pub(super) &'a [u8]);

impl<'a> Content<'a> {
    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn chunk<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(broken)?;
        self.0 = rest;
        Ok(*number)
    }

    pub(super) fn size(&mut self) -> io::Result<Option<Size>> {
        let [is_some] = self.chunk()?;
        let size = Size::from_micros(i64::from_le_bytes(self.chunk()?));
        Ok((is_some == 1).then_some(size))
    }

    pub(super) fn bytes(&mut self) -> io::Result<&'a [u8]> {
        let length = u64::from_le_bytes(self.chunk()?);
        let length = usize::try_from(length).map_err(|_| broken())?;
        let (own, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(own)
    }

    pub(super) fn text(&mut self) -> io::Result<String> {
        text(self.bytes()?).map(str::to_owned)
    }
}
