//! The demo library from end to end: it is composed and scanned, and its styles are distinguished
//! by sound.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};

use jukebox::ask::protocol::{Reply, Request};
use jukebox::cli::local::Local;
use jukebox::config::Config;
use jukebox::paths::Paths;
use support::Home;

/// The style of a demo piece; two artists play each style.
fn style(path: &str) -> &'static str {
    let artist = Path::new(path).parent().and_then(Path::parent).and_then(Path::file_name).unwrap().to_string_lossy();
    match artist.as_ref() {
        "Betonwerk" | "Vanta Corridor" => "techno",
        "Lo-Bit Lucy" | "Pixel Badger" => "chiptune",
        "Halden Fjord" | "Mira Solane" => "ambient",
        "The Alder Brothers" | "Wren & Hollow" => "folk",
        other => panic!("an artist that nobody knows: {other}"),
    }
}

#[test]
fn the_nearest_of_a_demo_piece_are_of_its_style() {
    let home = Home::new();
    let dir = home.dir.path().join("demo");
    home.run(&["demo", &dir.display().to_string()]).code(0);
    // Another program may have to read it.
    let piece = PathBuf::from(first(&dir));
    std::fs::create_dir(home.dir.path().join("plain")).unwrap();
    std::fs::write(home.dir.path().join("plain/file"), "").unwrap();
    assert_eq!(support::mode(&piece), support::mode(&home.dir.path().join("plain/file")));
    for made in [dir.as_path(), piece.parent().unwrap()] {
        assert_eq!(support::mode(made), support::mode(&home.dir.path().join("plain")), "{}", made.display());
    }
    let scanned = home.run(&["scan", &dir.display().to_string()]).code(0);
    assert!(scanned.out.starts_with("32 songs, 32 with a latent"), "{}", scanned.out);
    assert!(scanned.out.contains("0 unusable"), "{}", scanned.out);

    let everything = home.run(&["similar", &first(&dir), "-n", "32"]).code(0);
    let mut pieces: Vec<String> = everything.out.lines().map(str::to_string).collect();
    pieces.push(first(&dir));
    assert_eq!(pieces.len(), 32);
    // The others are asked for without starting a program for each.
    let Ok(local) = Local::open(&Paths::under(&home.home()), &Config::default()) else { panic!("the store is closed") };
    let answers = local.answers();
    let near = |piece: &str, count: usize| -> Vec<String> {
        match answers.reply(&Request::Similar { path: piece.into(), count }) {
            Reply::Similar(near) => near.iter().map(|one| one.file().display().to_string()).collect(),
            other => panic!("{piece}: {other:?}"),
        }
    };
    assert_eq!(near(&first(&dir), 32), pieces[..31], "as the program says");
    let mut good = 0;
    let mut same = 0;
    for piece in &pieces {
        let own = near(piece, 5).iter().filter(|n| style(n) == style(piece)).count();
        println!("{own} of 5: {piece}");
        good += usize::from(own >= 4);
        same += own;
    }
    println!("{good} of 32 pieces have four of their five nearest in their style; {same} of 160 neighbours");
    assert!(good >= 30 && same >= 145, "{good} of 32 pieces, {same} of 160 neighbours");
}

fn first(dir: &Path) -> String {
    let mut path = dir.canonicalize().unwrap();
    while path.is_dir() {
        path = std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()).min().unwrap();
    }
    path.display().to_string()
}
