//! Walks of real directories, and comparisons of made-up ones.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn touch(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"x").unwrap();
}

/// The files found below a directory, relative to it and sorted.
fn found(root: &Path, follow: bool) -> (Vec<PathBuf>, WalkReport) {
    let mut files = Vec::new();
    let report = walk(root, follow, &mut |path, stat| {
        assert_eq!(stat, Stat::of(&fs::metadata(&path).unwrap()));
        files.push(path.strip_prefix(root).unwrap().to_owned());
    });
    files.sort();
    (files, report)
}

fn paths(list: &[&str]) -> Vec<PathBuf> {
    list.iter().map(PathBuf::from).collect()
}

#[test]
fn audio_files_are_found_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join(".music");
    for file in
        ["a/b/one.mp3", "a/two.FLAC", "a/cover.jpg", ".trash/gone.mp3", "a/._one.mp3", "notes", "three.ogg", "a/o.WV"]
    {
        touch(&root.join(file));
    }
    fs::create_dir(root.join("folder.mp3")).unwrap();
    touch(&root.join("folder.mp3/four.wav"));
    touch(&root.join(OsStr::from_bytes(b"\xff\xe9.mp3")));
    assert!(std::process::Command::new("mkfifo").arg(root.join("pipe.mp3")).status().unwrap().success());
    let (files, report) = found(&root, false);
    let mut expected = paths(&["a/b/one.mp3", "a/two.FLAC", "folder.mp3/four.wav", "three.ogg"]);
    expected.push(PathBuf::from(OsStr::from_bytes(b"\xff\xe9.mp3")));
    expected.sort();
    assert_eq!(files, expected);
    let unsupported = vec![root.join("a/o.WV")];
    assert_eq!(report, WalkReport { dirs: 4, unsupported, ..WalkReport::default() });
}

#[test]
fn links_are_followed_only_when_asked_and_never_in_circles() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("music");
    touch(&root.join("a/one.mp3"));
    touch(&dir.path().join("elsewhere/two.mp3"));
    symlink("..", root.join("a/up")).unwrap();
    symlink(dir.path().join("elsewhere"), root.join("b")).unwrap();
    symlink(dir.path().join("elsewhere"), root.join("c")).unwrap();
    symlink("a/one.mp3", root.join("link.mp3")).unwrap();
    symlink("nowhere", root.join("dangling.mp3")).unwrap();
    assert_eq!(found(&root, false).0, paths(&["a/one.mp3"]));
    assert_eq!(stat(&root.join("link.mp3"), false).unwrap(), None);
    assert!(stat(&root.join("link.mp3"), true).unwrap().is_some_and(|s| s.size == 1));
    assert_eq!(stat(&root.join("a/one.mp3/x"), true).unwrap(), None);
    assert_eq!(stat(&root.join("a"), true).unwrap(), None);
    let (files, report) = found(&root, true);
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(files.contains(&"link.mp3".into()) && report.errors.is_empty());
    // The root itself may be a link.
    symlink(&root, dir.path().join("link")).unwrap();
    assert_eq!(found(&dir.path().join("link"), false).0, paths(&["a/one.mp3"]));
}

#[test]
fn what_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    touch(&dir.path().join("a/one.mp3"));
    touch(&dir.path().join("secret/two.mp3"));
    let secret = dir.path().join("secret");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let (files, report) = found(dir.path(), false);
    // As root there is no error, since root may read everything.
    if fs::read_dir(&secret).is_err() {
        assert_eq!(files, paths(&["a/one.mp3"]));
        assert_eq!(report.errors.len(), 1);
        assert_eq!(report.errors[0].0, secret);
    }
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(walk(&dir.path().join("no"), false, &mut |_, _| {}).root_missing);
    touch(&dir.path().join("text"));
    assert_eq!(walk(&dir.path().join("text"), false, &mut |_, _| {}).errors.len(), 1);
    assert_eq!(found(&dir.path().join("a/one.mp3"), false).0, paths(&[""]));
}

fn nth(n: u64) -> Stat {
    Stat { dev: 7, ino: n, size: 100 + n, mtime_ns: 5, ctime_ns: 6 }
}

fn name(n: u64) -> PathBuf {
    format!("/m/album{}/{n:03}.mp3", n / 10).into()
}

fn known(range: std::ops::Range<u64>) -> HashMap<PathBuf, Known> {
    range.map(|n| (name(n), Known { stat: nth(n), gone: false })).collect()
}

fn on_disk(range: std::ops::Range<u64>) -> HashMap<PathBuf, Stat> {
    range.map(|n| (name(n), nth(n))).collect()
}

fn compared(known: &HashMap<PathBuf, Known>, found: &HashMap<PathBuf, Stat>) -> Changes {
    compared_by(known, found, &WalkReport::default(), false)
}

fn compared_by(
    known: &HashMap<PathBuf, Known>,
    found: &HashMap<PathBuf, Stat>,
    walk: &WalkReport,
    confirmed: bool,
) -> Changes {
    let mut found: Vec<_> = found.iter().map(|(path, stat)| (path.clone(), *stat)).collect();
    found.sort_by(|a, b| order(&a.0, &b.0));
    let all = known.iter().map(|(path, k)| (path.as_path(), *k));
    compare(|path| known.get(path).copied(), all, &found, walk, confirmed)
}

#[test]
fn what_lies_below_is_told_by_bytes() {
    for (path, root, under) in [
        ("/m/a.mp3", "/m", true),
        ("/m", "/m", true),
        ("/music/a.mp3", "/m", false),
        ("/m/a.mp3", "/", true),
        ("/", "/", true),
        ("/a", "/m/a", false),
    ] {
        assert_eq!(is_under(Path::new(path), Path::new(root)), under, "{path} {root}");
        assert_eq!(Path::new(path).starts_with(root), under, "{path} {root}");
    }
}

#[test]
fn every_kind_of_change_is_told() {
    let mut known = known(0..40);
    let mut disk = on_disk(1..42);
    disk.get_mut(&name(5)).unwrap().mtime_ns += 1;
    disk.get_mut(&name(6)).unwrap().ctime_ns += 1;
    disk.get_mut(&name(7)).unwrap().ino += 1000;
    disk.get_mut(&name(8)).unwrap().dev += 1;
    known.get_mut(&name(9)).unwrap().gone = true;
    known.insert(name(50), Known { stat: nth(50), gone: true });
    // A reappeared file that has changed must not offset a missing one.
    known.insert(name(41), Known { stat: nth(51), gone: true });
    let changes = compared(&known, &disk);
    assert_eq!(changes.fresh, [(name(40), nth(40))]);
    assert_eq!(changes.changed.iter().map(|c| &c.0).collect::<Vec<_>>(), [&name(5), &name(6), &name(7), &name(41)]);
    assert_eq!((changes.vanished, changes.back), (vec![name(0)], vec![(name(9), nth(9))]));
    assert_eq!((changes.unchanged, changes.suspicious), (35, None));
}

#[test]
fn an_unmounted_disk_is_no_deletion() {
    let known = known(0..40);
    for found in [HashMap::new(), on_disk(0..19), on_disk(100..110)] {
        let changes = compared(&known, &found);
        assert!(changes.vanished.is_empty() && changes.suspicious.is_some(), "{changes:?}");
        assert_eq!(compared_by(&known, &found, &WalkReport::default(), true).vanished.len(), 40 - changes.unchanged);
    }
    let missing = WalkReport { root_missing: true, ..WalkReport::default() };
    assert!(compared_by(&known, &HashMap::new(), &missing, false).suspicious.unwrap().contains("is missing"));
    // Another disk with the same names: most files are there, but missing ones do not count as
    // vanished.
    let other: HashMap<_, _> = on_disk(0..30).into_iter().map(|(p, s)| (p, Stat { dev: 8, ..s })).collect();
    assert!(compared(&known, &other).suspicious.unwrap().contains("another disk"));
    // On the same disk, if not more than half are missing, it is a deletion.
    assert_eq!(compared(&known, &on_disk(0..20)).vanished.len(), 20);
    // In a tiny library, a few missing files are no suspicion even if only one is left.
    assert_eq!(compared(&self::known(0..5), &on_disk(0..1)).vanished.len(), 4);
}

#[test]
fn renaming_everything_is_not_suspicious() {
    let moved: HashMap<PathBuf, Stat> =
        (0..40).map(|n| (PathBuf::from(format!("/m/new/{n}.mp3")), Stat { ctime_ns: 99, ..nth(n) })).collect();
    let changes = compared(&known(0..40), &moved);
    assert_eq!((changes.vanished.len(), changes.fresh.len(), changes.suspicious), (40, 40, None));
}

#[test]
fn files_below_an_unreadable_directory_are_not_gone() {
    let report = WalkReport { errors: vec![("/m/album1".into(), "denied".into())], ..WalkReport::default() };
    let mut disk = on_disk(0..40);
    disk.retain(|path, _| !path.starts_with("/m/album1") && *path != name(3));
    let changes = compared_by(&known(0..40), &disk, &report, false);
    assert_eq!((changes.vanished, changes.suspicious), (vec![name(3)], None));
}

#[test]
fn a_cue_sheet_gives_its_pieces_in_place_of_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let listed = || {
        let mut files = Vec::new();
        let report = walk(root, false, &mut |path, found| {
            assert_eq!(stat(&path, false).unwrap(), Some(found), "{path:?}");
            files.push(path.strip_prefix(root).unwrap().to_owned());
        });
        files.sort();
        (files, report)
    };
    let sheet = |file: &str, second: &str| {
        format!("FILE \"{file}\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 {second}\n")
    };
    for file in ["a/album.flac", "a/extra.flac", "b/disc/one.wav", "c/1.mp3", "c/2.mp3", "d/whole.ape"] {
        touch(&root.join(file));
    }
    fs::write(root.join("a/album.cue"), sheet("album.wav", "03:00:00")).unwrap();
    // A second sheet for the same file; one for a file in a subdirectory; one of an album that was
    // split into files; one for an unsupported file.
    fs::write(root.join("a/mended.cue"), sheet("album.flac", "03:01:00")).unwrap();
    fs::write(root.join("b/b.cue"), sheet("disc\\one.wav", "03:00:00")).unwrap();
    fs::write(root.join("c/c.cue"), sheet("image.wav", "03:00:00")).unwrap();
    fs::write(root.join("d/d.cue"), sheet("whole.ape", "03:00:00")).unwrap();
    let (files, report) = listed();
    let expected = [
        "a/album.cue/track0001",
        "a/album.cue/track0002",
        "a/extra.flac",
        "b/b.cue/track0001",
        "b/b.cue/track0002",
        "c/1.mp3",
        "c/2.mp3",
    ];
    assert_eq!(files, paths(&expected));
    let mut sheeted = report.sheeted.clone();
    sheeted.sort();
    let apart: HashMap<_, _> = [("a/album.flac", "a/album.cue"), ("b/disc/one.wav", "b/b.cue")]
        .map(|(f, s)| (root.join(f), root.join(s)))
        .into();
    assert_eq!(report.apart, apart);
    assert_eq!(sheeted, ["a", "b", "c", "d"].map(|d| root.join(d)));
    assert!(matches!(&report.faults[..], [(path, why)] if path.ends_with("d/d.cue") && why.contains("whole.ape")));
    assert_eq!(report.errors, []);
    // An invalid sheet: its file is a single track.
    fs::write(root.join("b/b.cue"), sheet("disc/one.wav", "three minutes")).unwrap();
    fs::remove_file(root.join("a/album.cue")).unwrap();
    let (files, report) = listed();
    assert_eq!(files[..3], paths(&["a/extra.flac", "a/mended.cue/track0001", "a/mended.cue/track0002"]));
    assert_eq!(files[3], Path::new("b/disc/one.wav"));
    assert_eq!(report.faults.len(), 2);
    assert_eq!(stat(&root.join("b/b.cue/track0002"), false).unwrap(), None);
    assert_eq!(stat(&root.join("a/album.cue/track0002"), false).unwrap(), None);
}

#[test]
fn a_sheet_follows_links_only_when_they_are_followed() {
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = dir.path();
    let text = |file: &str| {
        format!("FILE \"{file}\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:01:00\n")
    };
    touch(&outside.path().join("far.wav"));
    fs::create_dir(root.join("sub")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("far.wav"), root.join("near.wav")).unwrap();
    std::os::unix::fs::symlink(outside.path(), root.join("sub/way")).unwrap();
    fs::write(root.join("a.cue"), text("near.wav")).unwrap();
    fs::write(root.join("sub/b.cue"), text("way/far.wav")).unwrap();
    fs::write(outside.path().join("c.cue"), text("far.wav")).unwrap();
    let walked = |links: bool| {
        let mut files = Vec::new();
        let report = walk(root, links, &mut |path, _| files.push(path));
        (files.len(), report.faults)
    };
    let (none, faults) = walked(false);
    assert_eq!(none, 0);
    let told = |(_, why): &(PathBuf, String)| why.contains("is a link, and library.follow_links is off");
    assert!(faults.len() == 2 && faults.iter().all(told), "{faults:?}");
    assert!(walked(true).0 >= 2);
    for piece in ["a.cue/track0001", "sub/b.cue/track0002"].map(|name| root.join(name)) {
        assert!(stat(&piece, true).unwrap().is_some() && stat(&piece, false).unwrap().is_none(), "{piece:?}");
        assert!(Looks::new(false).stat(&piece).unwrap().is_none());
    }
    // A regular file that matches takes precedence over a link.
    touch(&root.join("near.flac"));
    assert_eq!(walked(false).0, 2);
    assert_eq!(cue::locate(&root.join("a.cue/track0001")).unwrap().unwrap().file, root.join("near.flac"));
    // The sheet itself is a link.
    std::os::unix::fs::symlink(outside.path().join("c.cue"), root.join("c.cue")).unwrap();
    assert!(stat(&root.join("c.cue/track0001"), false).unwrap().is_none());
}

#[test]
fn files_with_sheets_inside_are_handed_out_as_their_pieces() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.mp3");
    let sheet = "FILE \"x\" MP3\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:00:40\n";
    let body = format!("\0CUESHEET\0{sheet}");
    let size = (body.len() as u32).to_be_bytes();
    let tag = body.len() as u32 + 10;
    let seven = [21, 14, 7, 0].map(|bits| (tag >> bits) as u8 & 0x7f);
    let bytes = [&b"ID3\x03\0\0"[..], &seven, b"TXXX", &size, &[0, 0], body.as_bytes(), &[0; 64]].concat();
    fs::write(&file, bytes).unwrap();
    let walked = |inside: &[&Path]| {
        let inside: HashSet<PathBuf> = inside.iter().map(|path| path.to_path_buf()).collect();
        let mut files = Vec::new();
        let report = walk_over(dir.path(), false, &inside, &mut |path, stat| files.push((path, stat)));
        files.sort_by(|a, b| order(&a.0, &b.0));
        (files, report.apart)
    };
    let own = Stat::of(&fs::metadata(&file).unwrap());
    assert_eq!(walked(&[]), (vec![(file.clone(), own)], HashMap::new()), "nobody has read it");
    let pieces = [1, 2].map(|n| (cue::name(&file, n), own));
    assert_eq!(walked(&[&file]), (pieces.to_vec(), [(file.clone(), file.clone())].into()));
    // A sheet beside the file takes precedence over the embedded one.
    fs::write(dir.path().join("a.cue"), sheet.replace("\"x\"", "\"a.mp3\"")).unwrap();
    assert_eq!(walked(&[&file]).0[1].0, dir.path().join("a.cue/track0002"));
    fs::remove_file(dir.path().join("a.cue")).unwrap();
    fs::write(&file, b"no sheet any more").unwrap();
    assert_eq!(walked(&[&file]).0[0].0, file);
}

#[test]
fn files_traded_for_pieces_are_not_missing() {
    let file =
        |n: u64| (PathBuf::from(format!("/m/{n}/a.flac")), Stat { ino: n, size: 10, mtime_ns: 1, ..Stat::default() });
    let pieces = |n: u64| {
        (1..=3).map(move |t| {
            (
                PathBuf::from(format!("/m/{n}/a.cue/track000{t}")),
                Stat { ino: n, size: 12, mtime_ns: 2, ..Stat::default() },
            )
        })
    };
    let whole: Vec<_> = (1..=20).map(file).collect();
    let mut parts: Vec<_> = (1..=20).flat_map(pieces).collect();
    parts.sort_by(|a, b| order(&a.0, &b.0));
    for (before, after) in [(&whole, &parts), (&parts, &whole)] {
        let known: HashMap<PathBuf, Known> =
            before.iter().map(|(p, s)| (p.clone(), Known { stat: *s, gone: false })).collect();
        let all = known.iter().map(|(p, k)| (p.as_path(), *k));
        let mut after = after.clone();
        after.sort_by(|a, b| order(&a.0, &b.0));
        let changes = compare(|p| known.get(p).copied(), all.clone(), &after, &WalkReport::default(), false);
        assert_eq!((changes.suspicious, changes.vanished.len()), (None, before.len()));
        // If the inodes are missing too, it may be a disk.
        let other: Vec<_> = after.iter().take(2).cloned().collect();
        let changes = compare(|p| known.get(p).copied(), all, &other, &WalkReport::default(), false);
        assert!(changes.suspicious.is_some());
    }
}

#[test]
fn a_sheet_is_looked_at_once_for_all_its_pieces() {
    let dir = tempfile::tempdir().unwrap();
    touch(&dir.path().join("a.wav"));
    let sheet = dir.path().join("a.cue");
    fs::write(&sheet, "FILE \"a.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:01:00\n")
        .unwrap();
    let mut looks = Looks::new(false);
    for n in 1..=3 {
        let piece = cue::name(&sheet, n);
        assert_eq!(looks.stat(&piece).unwrap(), stat(&piece, false).unwrap());
        assert_eq!(looks.stat(&piece).unwrap().is_some(), n < 3);
    }
    fs::remove_file(&sheet).unwrap();
    assert!(looks.stat(&cue::name(&sheet, 1)).unwrap().is_none());
    assert_eq!(looks.stat(&dir.path().join("a.wav")).unwrap(), stat(&dir.path().join("a.wav"), false).unwrap());
}
