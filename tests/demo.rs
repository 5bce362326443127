//! The demo library from end to end: it is composed and scanned, and its styles are distinguished
//! by sound.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::path::Path;

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
    let scanned = home.run(&["scan", &dir.display().to_string()]).code(0);
    assert!(scanned.out.starts_with("32 songs, 32 with a latent"), "{}", scanned.out);
    assert!(scanned.out.contains("0 unusable"), "{}", scanned.out);

    let everything = home.run(&["similar", &first(&dir), "-n", "32"]).code(0);
    let mut pieces: Vec<String> = everything.out.lines().map(str::to_string).collect();
    pieces.push(first(&dir));
    assert_eq!(pieces.len(), 32);
    let mut good = 0;
    let mut same = 0;
    for piece in &pieces {
        let near = home.run(&["similar", piece, "-n", "5"]).code(0);
        let own = near.out.lines().filter(|n| style(n) == style(piece)).count();
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
