//! The filter of the library's list.

use std::sync::Arc;

use crate::ask::find;
use crate::library::filter::Language;
use crate::library::{Catalog, fuzzy};

/// Which songs the library shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The filter as it was asked for last; empty for none.
    pub text: String,
    /// The songs that passed the last filter that could be understood.
    pub shown: Option<Arc<Catalog>>,
    /// What is wrong with it.
    pub fault: Option<String>,
}

impl Filter {
    /// Takes another filter; an empty one shows all. Whether the songs that pass have to be looked for: a filter that
    /// cannot be understood changes nothing but the fault.
    pub(in crate::app) fn set(&mut self, text: &str, language: &Language) -> bool {
        let text = text.trim();
        if text.is_empty() {
            *self = Filter::default();
            return false;
        }
        (self.text, self.fault) = (text.to_owned(), None);
        if fuzzy::typed(text).is_none() && find::typed(text).is_none() {
            self.fault = language.parse(text).err().map(|fault| fault.to_string());
        }
        self.fault.is_none()
    }

    /// Whether there is a filter that can be understood: its songs have to be looked for again when the library changes.
    pub(in crate::app) fn is_set(&self, language: &Language) -> bool {
        let text = &self.text;
        let sought = fuzzy::typed(text).is_some() || find::typed(text).is_some();
        !text.is_empty() && (sought || language.parse(text).is_ok())
    }

    /// Takes an answer, unless the filter is another by now. What is wrong, when that is news.
    pub(in crate::app) fn found(&mut self, text: &str, found: Result<Arc<Catalog>, String>) -> Option<String> {
        if self.text != text {
            return None;
        }
        match found {
            Ok(shown) => {
                (self.shown, self.fault) = (Some(shown), None);
                None
            }
            Err(why) => {
                // The place of the fault is shown where the filter is typed.
                let first = why.lines().next().unwrap_or_default().to_owned();
                let old = self.fault.replace(first.clone());
                (old.as_ref() != Some(&first)).then_some(first)
            }
        }
    }
}
