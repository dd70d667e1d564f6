//! The closed vocabulary of verdicts, and translations into it. Must not know rows or sheets.

use std::collections::BTreeMap;

use crate::audit::error::DrawError;

/// What a reviewer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Correct,
    Incorrect,
    /// The reviewer looked and could not tell.
    CannotDetermine,
    /// The case is none of those that the claim is about.
    NotApplicable,
    /// Nothing was filled in.
    Blank,
}

impl Verdict {
    /// The verdicts that a reviewer can give.
    pub const GIVEN: [Self; 4] = [
        Self::Correct,
        Self::Incorrect,
        Self::CannotDetermine,
        Self::NotApplicable,
    ];

    /// The word in worksheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Incorrect => "incorrect",
            Self::CannotDetermine => "cannot_determine",
            Self::NotApplicable => "not_applicable",
            Self::Blank => "",
        }
    }
}

/// A word in small letters with underscores.
fn folded(word: &str) -> String {
    word.trim().to_lowercase().replace([' ', '-'], "_")
}

/// The closed vocabulary of verdicts, with translations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    translations: BTreeMap<String, Verdict>,
}

impl Words {
    /// Takes translations such as `ok=correct`.
    ///
    /// # Errors
    /// When one is no translation, or leads to a word that is no verdict.
    pub fn new(translations: &[String]) -> Result<Self, DrawError> {
        let mut words = Self::default();
        for text in translations {
            let parts = text.split_once('=');
            let verdict = parts.and_then(|(_, word)| given(&folded(word)));
            let (Some((word, _)), Some(verdict)) = (parts, verdict) else {
                return Err(DrawError::Design {
                    what: format!("`{text}` does not translate a word into a verdict"),
                    hint: Some(format!(
                        "for example --map ok=correct; the verdicts are {}",
                        list()
                    )),
                });
            };
            words.translations.insert(folded(word), verdict);
        }
        Ok(words)
    }

    /// The verdict that a cell holds; `None` for a word that nobody defined.
    pub fn verdict(&self, cell: &str) -> Option<Verdict> {
        let word = folded(cell);
        if word.is_empty() {
            return Some(Verdict::Blank);
        }
        self.translations
            .get(&word)
            .copied()
            .or_else(|| given(&word))
    }
}

fn given(word: &str) -> Option<Verdict> {
    Verdict::GIVEN
        .into_iter()
        .find(|verdict| verdict.key() == word)
}

/// All words, for messages.
pub(super) fn list() -> String {
    Verdict::GIVEN.map(Verdict::key).join(", ")
}
