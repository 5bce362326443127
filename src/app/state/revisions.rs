//! When what the library's list is sorted by has changed.

use crate::library::playlist::sort::{Order, SortKey};

/// How often what songs are sorted by, beside their tags, has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    /// Latents and descriptors.
    pub sound: u64,
    /// The fits.
    pub fits: u64,
    /// The journal.
    pub journal: u64,
}

impl Revisions {
    /// A number that grows whenever something changes that these keys depend on.
    pub fn of(self, keys: &[Order]) -> u64 {
        let has = |wanted: &[SortKey]| keys.iter().any(|(key, _)| wanted.contains(key));
        let parts = [
            (has(&[SortKey::Tempo, SortKey::Energy, SortKey::Brightness]), self.sound),
            (has(&[SortKey::Fit]), self.fits),
            (has(&[SortKey::Plays, SortKey::Rating]), self.journal),
        ];
        parts.iter().filter(|(counts, _)| *counts).map(|(_, revision)| revision).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::playlist::sort::keys;

    #[test]
    fn only_what_is_sorted_by_counts() {
        let now = Revisions { sound: 3, fits: 5, journal: 7 };
        let of = |text: &str| now.of(&keys(text).unwrap());
        assert_eq!([of("title,-year"), of("tempo"), of("fit,energy"), of("-rating,plays")], [0, 3, 8, 7]);
        assert_eq!(now.of(&[]), 0);
    }
}
