//! A list of texts in the room of a pointer.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A list of texts that never changes. A clone shares it; an empty one has no memory of its own.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct List(Option<Arc<Vec<String>>>);

impl List {
    /// Whether two lists are one in memory.
    pub fn is_same(&self, other: &List) -> bool {
        match (&self.0, &other.0) {
            (Some(own), Some(others)) => Arc::ptr_eq(own, others),
            (own, others) => own.is_none() && others.is_none(),
        }
    }

    /// Whether somebody else has this list too.
    pub(super) fn is_shared(&self) -> bool {
        self.0.as_ref().is_some_and(|list| Arc::strong_count(list) > 1)
    }
}

impl Deref for List {
    type Target = [String];

    fn deref(&self) -> &[String] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl From<Vec<String>> for List {
    fn from(mut texts: Vec<String>) -> List {
        texts.shrink_to_fit();
        List((!texts.is_empty()).then(|| Arc::new(texts)))
    }
}

impl<const N: usize> From<[String; N]> for List {
    fn from(texts: [String; N]) -> List {
        Vec::from(texts).into()
    }
}

impl FromIterator<String> for List {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> List {
        texts.into_iter().collect::<Vec<String>>().into()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for List {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<List, D::Error> {
        Vec::deserialize(from).map(List::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_stored_as_a_vector_of_texts() {
        for texts in [vec![], vec!["Dub".to_string()], vec!["Jazz".into(), "Folk".into()]] {
            let list = List::from(texts.clone());
            assert_eq!((&list[..], list.is_empty()), (&texts[..], texts.is_empty()));
            let bytes = postcard::to_stdvec(&list).unwrap();
            assert_eq!(bytes, postcard::to_stdvec(&texts).unwrap());
            assert_eq!(postcard::from_bytes::<List>(&bytes).unwrap(), list);
            assert!(list.is_same(&list.clone()) && list == texts.iter().cloned().collect());
        }
        assert!(!List::from(["Dub".into()]).is_same(&["Dub".into()].into()));
        assert_eq!(size_of::<List>(), size_of::<usize>());
    }
}
