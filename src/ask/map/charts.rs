//! Makes charts, keeping from one to the next what takes time in proportion to the library.

use std::collections::HashSet;
use std::sync::Arc;

use crate::ask::error::SearchError;
use crate::ask::known::Known;
use crate::latent::map::{Places, Point};
use crate::library::{Catalog, Song};
use crate::track::TrackId;

use super::chart::{Chart, Charting, Mark, Stand, binned};
use super::colour::{Classes, Colour, UNKNOWN};
use super::landmarks::landmarks;
use super::window::{Area, holds};

/// From how many doublings on the names on the map are those of artists.
const CLOSE: f32 = 4.0;

/// The places of a map with what was found out about them.
#[derive(Debug, Default)]
pub struct Charts {
    places: Arc<Places>,
    /// The catalog in which the songs were looked up.
    catalog: Arc<Catalog>,
    /// The tracks of the map that the library has, …
    tracks: Vec<(TrackId, Point)>,
    /// … and their songs.
    songs: Vec<Arc<Song>>,
    coloured: Option<(Colour, Stand, Classes)>,
    sought: Option<(String, Stand, Result<HashSet<TrackId>, SearchError>)>,
}

impl Charts {
    /// Takes other places.
    pub fn put(&mut self, places: Arc<Places>) {
        *self = Charts { places, ..Charts::default() };
    }

    /// The places.
    pub fn places(&self) -> &Arc<Places> {
        &self.places
    }

    /// Looks the songs up, if the catalog is another one.
    fn look_up(&mut self, catalog: &Arc<Catalog>) {
        if Arc::ptr_eq(&self.catalog, catalog) {
            return;
        }
        let song = |(track, place)| Some(((track, place), catalog.of_track(track)?.clone()));
        (self.tracks, self.songs) = self.places.all().filter_map(song).unzip();
        self.catalog = catalog.clone();
        (self.coloured, self.sought) = (None, None);
    }

    /// What a window shows. `find` finds the songs that pass a filter.
    pub fn chart(
        &mut self,
        wanted: Charting,
        catalog: &Arc<Catalog>,
        known: &Known<'_>,
        find: &dyn Fn(&str) -> Result<Catalog, SearchError>,
    ) -> Chart {
        self.look_up(catalog);
        let (colour, stand) = (wanted.colour, wanted.stand);
        if !self.coloured.as_ref().is_some_and(|(of, at, _)| (*of, *at) == (colour, stand)) {
            self.coloured = Some((colour, stand, Classes::by(colour, &self.songs, known)));
        }
        let text = wanted.sought.as_str();
        if !self.sought.as_ref().is_some_and(|(of, at, _)| (of.as_str(), *at) == (text, stand)) {
            let found =
                if text.is_empty() { Ok(HashSet::new()) } else { find(text).map(|songs| songs.tracks().collect()) };
            self.sought = Some((text.to_string(), stand, found));
        }
        let none = HashSet::new();
        let found = self.sought.as_ref().map(|(.., found)| found);
        let lit = found.and_then(|found| found.as_ref().ok()).unwrap_or(&none);
        let classes = self.coloured.as_ref().map(|(.., classes)| classes);
        let class = |index: usize| classes.and_then(|classes| classes.of.get(index)).copied().unwrap_or(UNKNOWN);
        let tracks = self.tracks.iter().enumerate();
        let tracks = tracks.map(|(i, &(track, place))| (i, track, place, class(i), lit.contains(&track)));
        let (cells, inside) = binned(&wanted.window, tracks);
        let song = |(index, cell): &(usize, [u16; 2])| Some((*cell, &**self.songs.get(*index)?));
        let [low, high] = self.places.bounds();
        let seen = wanted.window.cell()[0] * f32::from(wanted.window.columns);
        let close = seen * CLOSE < high[0] - low[0];
        let landmarks = landmarks(&wanted.window, close, inside.iter().filter_map(song));
        let mark = |&(track, kind)| {
            let [column, row] = wanted.window.cell_of(self.places.of(track)?)?;
            Some(Mark { column, row, kind })
        };
        let marks = wanted.marks.iter().filter_map(mark).collect();
        let found = (!text.is_empty()).then(|| match found {
            Some(Err(why)) => Err(why.clone()),
            _ => Ok(self.tracks.iter().filter(|(track, _)| lit.contains(track)).count()),
        });
        let classes = classes.map(|classes| classes.all.clone()).unwrap_or_default();
        Chart { cells, landmarks, marks, classes, found, wanted }
    }

    /// The songs whose places lie in an area, in the library's order.
    pub fn within(&self, area: &Area, catalog: &Arc<Catalog>) -> Vec<Arc<Song>> {
        let tracks: HashSet<TrackId> =
            self.places.all().filter(|(_, place)| holds(area, *place)).map(|(track, _)| track).collect();
        let mut seen = HashSet::new();
        // Of a track with several files only the first.
        let wanted = |song: &&Arc<Song>| tracks.contains(&song.track) && seen.insert(song.track);
        catalog.songs().iter().filter(wanted).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::map::{Kind, Window};
    use crate::latent::{Fits, Space};
    use crate::library::journal::Tallies;
    use crate::track::Tags;

    fn library() -> (Arc<Catalog>, Arc<Places>) {
        let song = |n: u8| {
            let genres = vec![if n < 10 { "jazz".to_string() } else { "rock".into() }];
            let tags = Tags { title: Some(format!("song {n}").into()), genres: genres.into(), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n:02}.mp3"), TrackId([n; 16])) })
        };
        let place = |n: u8| (TrackId([n; 16]), [if n < 10 { -0.8 } else { 0.8 }, f32::from(n) / 50.0]);
        let places = Places::of_tracks("x".into(), (0..21).map(place).collect());
        (Arc::new(Catalog::new((0..20).map(song).collect())), Arc::new(places))
    }

    #[test]
    fn a_chart_has_cells_classes_names_and_marks() {
        let (catalog, places) = library();
        let (tallies, space, fits) = (Tallies::default(), Space::default(), Fits::default());
        let known = Known { tallies: &tallies, space: &space, fits: &fits };
        let mut charts = Charts::default();
        charts.put(places.clone());
        let window = Window::of(places.bounds(), 40, 10, [0.0, 0.2], 0);
        let marks = vec![(TrackId([3; 16]), Kind::Playing), (TrackId([99; 16]), Kind::Hand)];
        let wanted = Charting { window, sought: "x".into(), marks, ..Charting::default() };
        let songs = catalog.clone();
        let find = move |_: &str| Ok(songs.subset(|_, song| song.track == TrackId([5; 16])));
        let chart = charts.chart(wanted.clone(), &catalog, &known, &find);
        assert_eq!(chart.cells.iter().map(|cell| cell.count).sum::<u32>(), 20, "a track without a song is left out");
        assert_eq!(chart.cells.iter().map(|cell| cell.found).sum::<u32>(), 1);
        let names: Vec<(&str, usize)> = chart.classes[..2].iter().map(|c| (c.name.as_str(), c.count)).collect();
        assert_eq!(names, [("jazz", 10), ("rock", 10)]);
        assert_eq!(chart.classes[usize::from(UNKNOWN)].count, 0);
        let names: Vec<&str> = chart.landmarks.iter().map(|landmark| landmark.name.as_str()).collect();
        assert!(names.contains(&"jazz") && names.contains(&"rock"), "{names:?}");
        assert_eq!((chart.marks.len(), chart.marks[0].kind), (1, Kind::Playing), "only what is on the map");
        assert!(matches!(chart.found, Some(Ok(1))));
        let no = |_: &str| Err(SearchError::NoLyrics);
        let wrong = charts.chart(Charting { sought: "y".into(), ..wanted }, &catalog, &known, &no);
        assert!(matches!(wrong.found, Some(Err(SearchError::NoLyrics))));
    }

    #[test]
    fn an_area_holds_the_songs_in_it_and_nothing_has_no_chart() {
        let (catalog, places) = library();
        let mut charts = Charts::default();
        charts.put(places);
        assert_eq!(charts.within(&[[-1.0, 0.0], [0.0, 0.09]], &catalog).len(), 5);
        assert!(charts.within(&[[0.0; 2]; 2], &catalog).is_empty());
        let (tallies, space, fits) = (Tallies::default(), Space::default(), Fits::default());
        let known = Known { tallies: &tallies, space: &space, fits: &fits };
        let find = |_: &str| Ok(Catalog::default());
        let empty = Charts::default().chart(Charting::default(), &catalog, &known, &find);
        assert!(empty.cells.is_empty() && empty.found.is_none());
    }
}
