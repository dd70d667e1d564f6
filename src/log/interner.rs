//! Texts that repeat, stored once and known by a small number. One per column and thread; the
//! numbers differ between threads, so they are turned back into texts before results are merged.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// The code of a missing value.
pub const MISSING: u32 = u32::MAX;

/// Codes 0, 1, 2 ... for distinct texts in order of first appearance.
#[derive(Debug, Default)]
pub struct Interner {
    texts: Vec<Box<str>>,
    table: HashTable<u32>,
    /// The text seen last: logs are often sorted, and neighbours alike.
    last: Option<u32>,
}

impl Interner {
    /// The code of a text.
    pub fn code(&mut self, text: &str) -> u32 {
        if let Some(last) = self.last
            && self.text(last) == text
        {
            return last;
        }
        let hash = xxh3_64(text.as_bytes());
        let texts = &self.texts;
        let same = |code: &u32| {
            texts
                .get(*code as usize)
                .is_some_and(|other| **other == *text)
        };
        let code = match self.table.find(hash, same) {
            Some(code) => *code,
            None => self.insert(hash, text),
        };
        self.last = Some(code);
        code
    }

    fn insert(&mut self, hash: u64, text: &str) -> u32 {
        let code = self.texts.len() as u32;
        self.texts.push(text.into());
        let texts = &self.texts;
        let rehash = |code: &u32| {
            texts
                .get(*code as usize)
                .map_or(0, |text| xxh3_64(text.as_bytes()))
        };
        self.table.insert_unique(hash, code, rehash);
        code
    }

    /// The text of a code; empty for a code that was never given out.
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code as usize).map_or("", |text| text)
    }

    /// How many distinct texts there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether no text was seen.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
