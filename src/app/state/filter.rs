//! The filter of the library's list.

use std::sync::Arc;

use crate::ask::error::SearchError;
use crate::ask::find;
use crate::library::filter::Language;
use crate::library::{Catalog, fuzzy};
use crate::notice::Kind;

/// Which songs the library shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The text of the last filter; empty for none.
    pub text: String,
    /// The songs that passed the last valid filter.
    pub shown: Option<Arc<Catalog>>,
    /// The text of the filter that these songs passed; another one may have failed since.
    pub passed: String,
    /// What is wrong with the text.
    pub fault: Option<String>,
    /// Where it found nothing: what a similar filter would find.
    pub hint: Option<String>,
    /// Whether the next hint is to be shown as a notice: once for each filter that was entered, not while it is typed.
    entered: bool,
}

impl Filter {
    /// Sets the filter; an empty one shows all songs. Returns whether its songs have to be searched: an invalid filter
    /// leaves the shown songs as they are and sets the fault.
    pub(in crate::app) fn set(&mut self, text: &str, language: &Language) -> bool {
        let text = text.trim();
        if text.is_empty() {
            *self = Filter::default();
            return false;
        }
        (self.text, self.fault, self.hint) = (text.to_owned(), None, None);
        if fuzzy::typed(text).is_none() && find::typed(text).is_none() {
            self.fault = language.parse(text).err().map(|fault| fault.to_string());
        }
        self.fault.is_none()
    }

    /// Sets the filter as [`Self::set`] does; what there is to say of its result is shown as a notice.
    pub(in crate::app) fn enter(&mut self, text: &str, language: &Language) -> bool {
        let asks = self.set(text, language);
        self.entered = asks;
        asks
    }

    /// Whether there is a valid filter, whose songs have to be searched again when the library changes.
    pub(in crate::app) fn is_set(&self, language: &Language) -> bool {
        let text = &self.text;
        let sought = fuzzy::typed(text).is_some() || find::typed(text).is_some();
        !text.is_empty() && (sought || language.parse(text).is_ok())
    }

    /// Takes a search result, unless the filter has changed since. Returns the fault if it is a new one, or the hint
    /// about a filter that was entered.
    pub(in crate::app) fn found(
        &mut self,
        text: &str,
        found: Result<Arc<Catalog>, SearchError>,
        hint: Option<String>,
    ) -> Option<(Kind, String)> {
        if self.text != text {
            return None;
        }
        let entered = std::mem::take(&mut self.entered);
        self.hint = hint;
        match found {
            Ok(shown) => {
                (self.shown, self.fault) = (Some(shown), None);
                text.clone_into(&mut self.passed);
                self.hint.clone().filter(|_| entered).map(|hint| (Kind::Hint, hint))
            }
            Err(why) => {
                // The filter's input line shows the position of the fault itself.
                let line = why.line();
                let old = self.fault.replace(line.clone());
                (old.as_ref() != Some(&line)).then_some((Kind::Error, line))
            }
        }
    }
}
