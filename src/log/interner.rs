//! Texts that repeat, stored once and known by a small number. One per column and thread; the
//! numbers differ between threads, so they are turned back into texts before results are merged.

use std::convert::Infallible;
use std::str::Utf8Error;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// The code of a missing value.
pub const MISSING: u32 = u32::MAX;

/// Places of the cache that is asked before the table: a power of two.
const CACHE: usize = 256;

/// Codes 0, 1, 2 ... for distinct texts in order of first appearance.
#[derive(Debug)]
pub struct Interner {
    texts: Vec<Box<str>>,
    table: HashTable<u32>,
    /// The code that was last found for texts of alike ends and length: a guess that is checked.
    cache: Box<[u32; CACHE]>,
}

impl Default for Interner {
    fn default() -> Self {
        Self {
            texts: Vec::new(),
            table: HashTable::new(),
            cache: Box::new([MISSING; CACHE]),
        }
    }
}

impl Interner {
    /// The code of a text.
    pub fn code(&mut self, text: &str) -> u32 {
        self.code_of(text.as_bytes(), |_| Ok::<_, Infallible>(text))
            .unwrap_or_else(|never| match never {})
    }

    /// The code of a text that may not be UTF-8; only a text that was never seen is checked.
    pub(super) fn code_of_bytes(&mut self, bytes: &[u8]) -> Result<u32, Utf8Error> {
        self.code_of(bytes, std::str::from_utf8)
    }

    fn code_of<'a, E>(
        &mut self,
        bytes: &'a [u8],
        text: impl FnOnce(&'a [u8]) -> Result<&'a str, E>,
    ) -> Result<u32, E> {
        let place = cache_place(bytes);
        let guess = self.cache.get(place).copied().unwrap_or(MISSING);
        if let Some(known) = self.texts.get(guess as usize)
            && known.as_bytes() == bytes
        {
            return Ok(guess);
        }
        let hash = xxh3_64(bytes);
        let texts = &self.texts;
        let same = |code: &u32| {
            let known = texts.get(*code as usize);
            known.is_some_and(|known| known.as_bytes() == bytes)
        };
        let code = match self.table.find(hash, same) {
            Some(code) => *code,
            None => self.insert(hash, text(bytes)?),
        };
        if let Some(guess) = self.cache.get_mut(place) {
            *guess = code;
        }
        Ok(code)
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
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// A place by the first and last byte, the middle one and the length: cheap, and enough to tell
/// the few values of a typical column apart.
fn cache_place(bytes: &[u8]) -> usize {
    let byte = |at: usize| usize::from(bytes.get(at).copied().unwrap_or(0));
    let last = byte(bytes.len().wrapping_sub(1));
    (byte(0) + 7 * last + 31 * byte(bytes.len() / 2) + 131 * bytes.len()) % CACHE
}
