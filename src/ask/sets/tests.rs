use super::*;
use crate::app::fixture;
use crate::ask::protocol::{Reply, Request};
use crate::latent::{DIMS, Index, Latent, Reference, Searcher, Space};
use crate::library::Catalog;
use crate::library::signatures::Signatures;

/// Forty songs, ten to an album; each album has a place of its own in dimensions 1 to 4.
fn answers(dir: &Path) -> Answers {
    let catalog = fixture::catalog(40);
    let mut rng = fastrand::Rng::with_seed(3);
    let mut noise = move || (0..6).map(|_| rng.f32() - 0.5).sum::<f32>();
    let latents: Vec<(TrackId, Latent)> = catalog
        .songs()
        .iter()
        .enumerate()
        .map(|(i, song)| {
            let place = [-2.5, -0.5, 1.0, 2.5][i / 10];
            (song.track, std::array::from_fn(|d| if d < 4 { place + 0.2 * noise() } else { noise() }))
        })
        .collect();
    let reference =
        Reference { quantiles: (0..50).map(|i| [(i as f32 - 24.5) / 24.5; DIMS]).collect(), ..Reference::default() };
    let space = Space::build("test".into(), Arc::new(reference), latents);
    Answers::new(catalog, Arc::new(space), Signatures::in_dir(dir.join("signatures")))
}

fn side(label: &str, set: Set) -> Side {
    Side { label: label.into(), set, choice: None }
}

fn album(answers: &Answers, n: usize) -> Side {
    let songs = &answers.catalog.songs()[10 * n..10 * n + 10];
    side("album", Set::Tracks(songs.iter().map(|s| s.track).collect()))
}

#[test]
fn files_directories_and_albums_are_sets() {
    let dir = tempfile::tempdir().unwrap();
    let a = answers(dir.path());
    let song = a.catalog.songs()[12].clone();
    let files = |paths: Vec<PathBuf>, albums| a.signature(&side("files", Set::Files { paths, albums }));
    assert_eq!(files(vec![song.path.to_path_buf()], false).unwrap().report.members, 1);
    assert_eq!(files(vec![song.path.to_path_buf()], true).unwrap().report.members, 10);
    assert_eq!(files(vec![song.path.parent().unwrap().into()], false).unwrap().report.members, 10);
    let card = files(vec![song.path.to_path_buf(), "/gone.mp3".into()], false).unwrap();
    assert_eq!((card.report.members, card.missing), (1, 1));
    assert!(matches!(files(vec!["/gone.mp3".into()], false), Err(SetError::NotInLibrary)));
    let artist = song.artist().to_uppercase();
    assert_eq!(a.signature(&side("artist", Set::Artist(artist))).unwrap().report.members, 30);
    let nameless = Side { choice: Some("tempo".into()), ..album(&a, 0) };
    assert!(a.signature(&nameless).unwrap_err().to_string().contains("nothing is known of these tracks in tempo"));
}

#[test]
fn an_index_finds_the_same_similar_tracks_until_the_latents_change() {
    let dir = tempfile::tempdir().unwrap();
    let exact = answers(dir.path());
    let index = Arc::new(Index::build(&exact.space, 1).unwrap());
    let searcher = |space: &Arc<Space>| Arc::new(Searcher::with(space.clone(), Some(index.clone())));
    let mut indexed = exact.clone();
    indexed.search_with(searcher(&exact.space));
    assert!(indexed.searcher.as_ref().is_some_and(|searcher| searcher.indexed()));
    for song in exact.catalog.songs().iter().step_by(7) {
        let files = |answers: &Answers| -> Vec<PathBuf> {
            answers.similar(&song.path, 5).unwrap().iter().map(|near| near.file()).collect()
        };
        assert_eq!(files(&indexed), files(&exact));
    }
    assert!(indexed.index_words().is_ok());
    let other = Arc::new((*exact.space).clone());
    let mut changed = indexed.with_space(other);
    assert!(changed.searcher.is_none());
    changed.search_with(searcher(&exact.space));
    assert!(changed.searcher.is_none(), "one of the former latents comes too late");
    assert_eq!(changed.index_words().unwrap(), "exact scan of 40 tracks; from 200000 on there is an index");
}

#[test]
fn a_saved_signature_is_the_same_again() {
    let dir = tempfile::tempdir().unwrap();
    let a = answers(dir.path());
    let asked = Side { choice: Some("1,3*2".into()), ..album(&a, 1) };
    assert_eq!(a.save("x", &asked).unwrap(), 10);
    assert!(a.save("x", &asked).unwrap_err().to_string().contains("already"));
    let saved = a.signature(&side("x", Set::Saved("x".into()))).unwrap();
    assert_eq!(saved, a.signature(&asked).unwrap());
    assert_eq!(saved.report.choice, "1,3*2");
    assert!(a.signature(&side("y", Set::Saved("y".into()))).unwrap_err().to_string().contains("there are: x"));
    // A member whose sound changed is found again by its path.
    let mut songs = a.catalog.songs().to_vec();
    let mut song = (*songs[10]).clone();
    song.track = TrackId([99; 16]);
    songs[10] = Arc::new(song);
    let changed = a.with_catalog(Arc::new(Catalog::new(songs)));
    let (tracks, _, missing) = changed.saved("x").unwrap();
    assert!(tracks.contains(&TrackId([99; 16])) && tracks.len() == 10 && missing == 0);
}

#[test]
fn near_sets_are_nearer_than_far_ones() {
    let dir = tempfile::tempdir().unwrap();
    let a = answers(dir.path());
    let distance = |x: &Side, y: &Side| a.compare(x, y).unwrap().distance;
    let (low, mid, high) = (album(&a, 0), album(&a, 1), album(&a, 3));
    assert!(distance(&low, &low) < 1e-6);
    assert!(distance(&low, &mid) < distance(&low, &high));
    assert!((distance(&low, &high) - distance(&high, &low)).abs() < 1e-6);
    let c = a.compare(&low, &high).unwrap();
    assert!(c.dims.iter().take(4).all(|d| d.a.dim <= 4 && d.a.mean < d.b.mean), "{:?}", c.dims);
    assert!(c.dims.is_sorted_by(|x, y| x.distance >= y.distance));
    let library = a.compare(&low, &side("library", Set::Library)).unwrap();
    assert_eq!((library.members_a, library.members_b), (10, 40));
    assert!(library.distance > 0.05 && library.distance < distance(&low, &high), "{}", library.distance);
    let twice = side("library", Set::Library);
    assert!(a.compare(&twice, &twice).is_err());
}

#[test]
fn the_library_is_measured_by_the_reference() {
    let dir = tempfile::tempdir().unwrap();
    let a = answers(dir.path());
    let card = a.signature(&side("library", Set::Library)).unwrap();
    assert!(card.library && card.report.members == 40 && card.report.dims.len() == DIMS);
    // The albums lie far out in the first four.
    assert!(card.report.dims.iter().take(4).all(|d| d.dim <= 4 && d.spread > 1.1), "{:?}", &card.report.dims[..4]);
}

#[test]
fn every_question_has_its_answer_and_cards_are_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let a = answers(dir.path());
    let path = a.catalog.songs()[0].path.to_path_buf();
    assert!(matches!(a.reply(&Request::Similar { path, count: 5 }), Reply::Similar(n) if n.len() == 5));
    assert!(matches!(a.reply(&Request::Signature(album(&a, 0))), Reply::Signature(_)));
    assert!(matches!(a.reply(&Request::Compare(album(&a, 0), album(&a, 1))), Reply::Comparison(_)));
    assert!(matches!(a.reply(&Request::Save { name: "../x".into(), side: album(&a, 0) }), Reply::Error(_)));
    assert!(matches!(a.reply(&Request::Status), Reply::Error(_)));
    let Reply::Cards(cards) = a.reply(&Request::Cards) else { panic!("no cards") };
    assert!(Arc::ptr_eq(&cards, &a.cards()) && cards.cards.len() == 45);
    let other = a.clone().with_catalog(a.catalog.clone());
    assert!(!Arc::ptr_eq(&cards, &other.cards()), "they speak of genres and titles");
    // What crosses the socket comes out as it went in.
    let text = serde_json::to_string(&Reply::Cards(cards.clone())).unwrap();
    assert!(matches!(serde_json::from_str(&text), Ok(Reply::Cards(read)) if *read == *cards));
}
