//! The rows of the library's list: a catalog in groups, with the headings of its albums, or sorted.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::catalog::Catalog;
use super::gathered::Gathered;
use super::grouping::{By, Group, Grouping};
use super::playlist::sort::{self, Facts, Order};
use super::song::Song;

/// Which rows are wanted: of which songs, in which groups and order.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The songs.
    pub catalog: Arc<Catalog>,
    /// What they are grouped by.
    pub by: By,
    /// The order within a group; empty for the catalog's own, in which albums stand together under their headings.
    pub sort: Vec<Order>,
    /// Whether all songs are sorted as one list, without groups.
    pub whole: bool,
    /// Whether the albums of songs that are sorted or ranked are gathered, for [`Rows::gathered`].
    pub gathered: bool,
    /// The music directory, below which folders are named.
    pub root: Option<PathBuf>,
    /// Which state of the facts that songs are sorted by; grows with every change of them.
    pub revision: u64,
}

impl Wanted {
    /// Whether these are the same rows, perhaps sorted by older facts.
    pub fn is_like(&self, other: &Wanted) -> bool {
        let order = |of: &Wanted| (of.by, of.whole, of.gathered);
        Arc::ptr_eq(&self.catalog, &other.catalog)
            && order(self) == order(other)
            && self.sort == other.sort
            && self.root == other.root
    }

    /// Whether the songs stand in the catalog's own order, whose rows are quickly made.
    pub fn is_plain(&self) -> bool {
        !self.gathered && (self.catalog.is_ranked() || (self.by == By::AlbumArtist && self.sort.is_empty()))
    }
}

/// The catalog is compared by its address: another one of the same songs is another one.
impl PartialEq for Wanted {
    fn eq(&self, other: &Wanted) -> bool {
        self.is_like(other) && self.revision == other.revision
    }
}

/// A row of the library's tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading of an album, by its first entry.
    Album(u32),
    /// A song, by its entry.
    Song(u32),
}

/// The library's entries and rows. An entry is a song in a group; in the catalog's own order the entries are its songs.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    wanted: Wanted,
    grouping: Grouping,
    rows: Vec<Row>,
    /// The row of each entry.
    places: Vec<u32>,
    /// The first entry of each album; none where the songs are sorted.
    albums: Vec<u32>,
    gathered: Option<Gathered>,
}

impl Rows {
    /// Builds rows. Takes about 100 ms for 100,000 songs that are grouped anew or sorted.
    pub fn of(wanted: Wanted, facts: &dyn Facts) -> Rows {
        let catalog = wanted.catalog.clone();
        let sorted = !wanted.sort.is_empty() && !catalog.is_ranked();
        let mut grouping = match sorted && wanted.whole {
            true => Grouping { by: wanted.by, ..Grouping::default() },
            false => Grouping::of(&catalog, wanted.by, wanted.root.as_deref()),
        };
        if sorted {
            sort_within(&catalog, &wanted.sort, facts, &mut grouping);
        }
        let len = grouping.order.as_ref().map_or(catalog.len(), Vec::len);
        let song = |entry: usize| catalog.songs().get(grouping.song(entry));
        let (mut rows, mut places, mut albums) = (Vec::with_capacity(len * 9 / 8), Vec::with_capacity(len), Vec::new());
        let headed = !sorted && !catalog.is_ranked();
        let mut groups = grouping.groups.iter().map(|group| group.first as usize).peekable();
        let mut last: Option<&Arc<Song>> = None;
        for entry in 0..len {
            if headed {
                let begins = groups.next_if_eq(&entry).is_some();
                let own = song(entry);
                let goes_on = own.zip(last).is_some_and(|(own, last)| own.shares_album(last));
                if begins || !goes_on {
                    rows.push(Row::Album(entry as u32));
                    albums.push(entry as u32);
                }
                last = own;
            }
            places.push(rows.len() as u32);
            rows.push(Row::Song(entry as u32));
        }
        let gathered = (wanted.gathered && !headed).then(|| Gathered::of((0..len).filter_map(song)));
        Rows { wanted, grouping, rows, places, albums, gathered }
    }

    /// Which rows they are.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// All rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The song of an entry.
    pub fn song(&self, entry: usize) -> Option<&Arc<Song>> {
        self.wanted.catalog.songs().get(self.grouping.song(entry))
    }

    /// The first entry of the file at a path.
    pub fn entry(&self, path: &Path) -> Option<usize> {
        self.grouping.entry(self.wanted.catalog.index_of(path)?)
    }

    /// The entry of the file at a path in the group of this name; without such an entry its first.
    pub fn entry_in(&self, path: &Path, group: Option<&str>) -> Option<usize> {
        let song = self.wanted.catalog.index_of(path)?;
        let named = group.and_then(|name| self.grouping.groups.iter().position(|group| group.name == name));
        let within = named.and_then(|group| self.of_group(group).find(|entry| self.grouping.song(*entry) == song));
        within.or_else(|| self.grouping.entry(song))
    }

    /// The row of an entry, not of its album's heading; 0 if there is no such entry.
    pub fn place(&self, entry: usize) -> usize {
        self.places.get(entry).map_or(0, |r| *r as usize)
    }

    /// The groups; none where the songs are ranked or sorted as a whole.
    pub fn groups(&self) -> &[Group] {
        &self.grouping.groups
    }

    /// The group of an entry.
    pub fn group_of(&self, entry: usize) -> Option<usize> {
        self.grouping.group_of(entry)
    }

    /// The entries of a group.
    pub fn of_group(&self, group: usize) -> Range<usize> {
        let first = |group: usize| self.grouping.groups.get(group).map_or(self.len(), |group| group.first as usize);
        first(group)..first(group + 1)
    }

    /// Whether the songs stand in albums; not where they are ranked or sorted.
    pub fn has_albums(&self) -> bool {
        !self.albums.is_empty()
    }

    /// The albums of songs that do not stand in albums, if they were wanted.
    pub fn gathered(&self) -> Option<&Gathered> {
        self.gathered.as_ref()
    }

    /// The first entries of the albums within these entries.
    pub fn albums_in(&self, entries: &Range<usize>) -> &[u32] {
        let before = |entry: usize| self.albums.partition_point(|album| (*album as usize) < entry);
        &self.albums[before(entries.start)..before(entries.end)]
    }

    /// The entries of an entry's album; all of them where there are no albums.
    pub fn album_of(&self, entry: usize) -> Range<usize> {
        let after = self.albums.partition_point(|album| *album as usize <= entry);
        let first = after.checked_sub(1).and_then(|at| self.albums.get(at)).map_or(0, |album| *album as usize);
        first..self.albums.get(after).map_or(self.len(), |album| *album as usize)
    }

    /// The first entry of the album `step` albums away. Going back from the middle of an album, the first step leads to
    /// that album's first entry. Without albums, as in a ranked list, ten entries stand for one.
    pub fn album(&self, entry: usize, step: isize) -> usize {
        if self.albums.is_empty() {
            return entry.saturating_add_signed(step * 10).min(self.len().saturating_sub(1));
        }
        leap(&self.albums, entry, step)
    }

    /// The first entry of the group `step` groups away, as [`Rows::album`].
    pub fn group(&self, entry: usize, step: isize) -> usize {
        if self.groups().is_empty() {
            return self.album(entry, step);
        }
        let firsts: Vec<u32> = self.groups().iter().map(|group| group.first).collect();
        leap(&firsts, entry, step)
    }

    /// The rows that show these entries: with the headings of their albums, or without where `bare`.
    pub fn rows_of(&self, entries: &Range<usize>, bare: bool) -> Range<usize> {
        if entries.is_empty() {
            return 0..0;
        }
        let first = self.place(entries.start);
        let headed = !bare && first > 0 && matches!(self.rows.get(first - 1), Some(Row::Album(_)));
        first - usize::from(headed)..self.place(entries.end - 1) + 1
    }
}

/// Sorts the entries of each group, or all of them where there are no groups. Equal ones keep the catalog's order.
fn sort_within(catalog: &Catalog, keys: &[Order], facts: &dyn Facts, grouping: &mut Grouping) {
    let songs = catalog.songs();
    let mut sorted: Vec<u32> = (0..songs.len() as u32).collect();
    sorted.sort_by_cached_key(|song| songs.get(*song as usize).map(|song| sort::place(song, keys, facts)));
    if grouping.groups.is_empty() {
        grouping.order = Some(sorted);
        return;
    }
    // A song may stand in several groups; its place in the order is found once.
    let mut ranks = vec![0; sorted.len()];
    (0..).zip(&sorted).for_each(|(rank, song): (u32, &u32)| ranks[*song as usize] = rank);
    let mut order = grouping.order.take().unwrap_or_else(|| (0..songs.len() as u32).collect());
    let mut rest = &mut order[..];
    let ends = grouping.groups.iter().skip(1).map(|group| group.first as usize);
    let mut begun = 0;
    for end in ends {
        let here = end.saturating_sub(begun).min(rest.len());
        let (group, after) = std::mem::take(&mut rest).split_at_mut(here);
        group.sort_unstable_by_key(|song| ranks[*song as usize]);
        (rest, begun) = (after, end);
    }
    rest.sort_unstable_by_key(|song| ranks[*song as usize]);
    grouping.order = Some(order);
}

/// The beginning `step` beginnings away from an entry; going back from between two, the first step leads to the one
/// before.
fn leap(firsts: &[u32], entry: usize, step: isize) -> usize {
    let begun = firsts.partition_point(|first| *first as usize <= entry);
    let this = begun.saturating_sub(1);
    let inside = firsts.get(this).is_some_and(|first| (*first as usize) < entry);
    let step = if step < 0 && inside { step + 1 } else { step };
    let target = this.saturating_add_signed(step).min(firsts.len().saturating_sub(1));
    firsts.get(target).map_or(0, |first| *first as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::playlist::sort::{NoFacts, keys};
    use crate::track::{Tags, TrackId};

    /// Songs by their letters: two artists, each with two albums; `n` is the song's length.
    fn catalog() -> Arc<Catalog> {
        let song = |title: &str, artist: &str, album: &str, genres: &[&str], n: u8| {
            let tags = Tags {
                title: Some(title.into()),
                artist: Some(artist.into()),
                album: Some(album.into()),
                genres: genres.iter().map(|genre| (*genre).into()).collect(),
                track: Some(n.into()),
                ..Tags::default()
            };
            let bare = Song::bare(format!("/m/{artist}/{album}/{title}.mp3"), TrackId([n; 16]));
            Arc::new(Song { tags: tags.into(), secs: n.into(), ..bare })
        };
        Arc::new(Catalog::new(vec![
            song("d", "One", "I", &["Jazz"], 1),
            song("b", "One", "I", &["Jazz", "Soul"], 2),
            song("c", "One", "II", &["Soul"], 3),
            song("a", "Two", "III", &["Jazz"], 4),
        ]))
    }

    fn rows(by: By, sort: &str, whole: bool) -> Rows {
        let sort = if sort.is_empty() { Vec::new() } else { keys(sort).unwrap() };
        Rows::of(Wanted { catalog: catalog(), by, sort, whole, ..Wanted::default() }, &NoFacts)
    }

    /// The groups with the titles of their songs.
    fn shown(rows: &Rows) -> Vec<(String, String)> {
        let titles = |entries: Range<usize>| entries.filter_map(|entry| Some(rows.song(entry)?.title())).collect();
        let groups = rows.groups().iter().enumerate();
        groups.map(|(at, group)| (group.name.clone(), titles(rows.of_group(at)))).collect()
    }

    #[test]
    fn songs_are_sorted_within_their_groups() {
        let is = |name: &str, titles: &str| (name.to_string(), titles.to_string());
        let plain = rows(By::AlbumArtist, "", false);
        assert_eq!((shown(&plain), plain.has_albums()), (vec![is("One", "dbc"), is("Two", "a")], true));
        let sorted = rows(By::AlbumArtist, "title", false);
        assert_eq!((shown(&sorted), sorted.has_albums()), (vec![is("One", "bcd"), is("Two", "a")], false));
        assert_eq!(sorted.rows().len(), 4, "no headings");
        assert_eq!(shown(&rows(By::Genre, "-length", false)), [is("Jazz", "abd"), is("Soul", "cb")]);
        let song = sorted.song(0).unwrap().clone();
        assert_eq!((song.title().as_str(), sorted.entry(&song.path)), ("b", Some(0)));
    }

    #[test]
    fn a_narrow_screen_sorts_all_songs_as_one_list() {
        let rows = rows(By::Genre, "title", true);
        let titles: String = (0..rows.len()).filter_map(|entry| Some(rows.song(entry)?.title())).collect();
        assert_eq!((titles.as_str(), rows.groups().len(), rows.album(0, 1)), ("abcd", 0, 3));
    }

    #[test]
    fn found_songs_stay_ranked_whatever_the_library_is_sorted_by() {
        let found: Arc<Catalog> = catalog().ranked([3, 0]).into();
        let sort = keys("length").unwrap();
        let rows = Rows::of(Wanted { catalog: found, sort, whole: true, ..Wanted::default() }, &NoFacts);
        assert_eq!(rows.song(0).map(|song| song.title()).as_deref(), Some("a"));
        assert!(rows.wanted().is_plain());
    }

    #[test]
    fn albums_are_gathered_where_they_do_not_stand_together() {
        let all = catalog();
        let wanted = |sort: &str, gathered| {
            let sort = if sort.is_empty() { Vec::new() } else { keys(sort).unwrap() };
            Wanted { catalog: all.clone(), sort, whole: true, gathered, ..Wanted::default() }
        };
        let sorted = Rows::of(wanted("title", true), &NoFacts);
        // a (III), b (I), c (II), d (I).
        let albums = sorted.gathered().expect("albums");
        assert_eq!((albums.len(), albums.entries(1), albums.album(3)), (3, &[1, 3][..], 1));
        assert!(!sorted.has_albums() && Rows::of(wanted("title", false), &NoFacts).gathered().is_none());
        assert!(Rows::of(wanted("", true), &NoFacts).gathered().is_none(), "they stand together already");
        assert!(sorted.wanted().is_like(&wanted("title", true)) && !sorted.wanted().is_like(&wanted("title", false)));
        assert!(wanted("", false).is_plain() && !wanted("", true).is_plain());
    }

    #[test]
    fn rows_are_known_by_their_catalog_and_their_order() {
        let wanted = |catalog: &Arc<Catalog>, by, revision| Wanted {
            catalog: catalog.clone(),
            by,
            revision,
            ..Wanted::default()
        };
        let (one, other) = (catalog(), catalog());
        let first = wanted(&one, By::Genre, 1);
        assert!(first == first.clone() && !first.is_like(&wanted(&other, By::Genre, 1)));
        assert!(first != wanted(&one, By::Genre, 2) && first.is_like(&wanted(&one, By::Genre, 2)));
        assert!(!first.is_like(&wanted(&one, By::Year, 1)));
    }
}
