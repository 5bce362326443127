//! The changes made to tracks: file type, ffmpeg's options and new names of each.

use fastrand::Rng;

/// Title, artist and album, as far as known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    pub title: Option<String>,
    pub artist: Option<String>,
    pub album: Option<String>,
}

/// A kind of change.
pub struct Change {
    pub name: &'static str,
    /// The group for which results are required: "re-encoding", "trim", "rename" …
    pub family: &'static str,
    pub kind: &'static str,
    /// ffmpeg's options, given the track's duration in seconds.
    pub options: fn(f64, &mut Rng) -> Vec<String>,
    /// The new names and the file's name without extension, given the old names.
    pub names: fn(&Names, &mut Rng) -> (Names, String),
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').filter(|w| !w.is_empty()).map(String::from).collect()
}

/// A file name as rippers create it.
fn file(names: &Names) -> String {
    let title = names.title.as_deref().unwrap_or("untitled");
    let artist = names.artist.as_deref().unwrap_or("unknown");
    format!("{artist} - {title}")
}

fn same(names: &Names, _: &mut Rng) -> (Names, String) {
    (names.clone(), file(names))
}

fn tailed(names: &Names, tail: &str) -> (Names, String) {
    let title = names.title.as_ref().map(|t| format!("{t} {tail}"));
    let names = Names { title, ..names.clone() };
    (names.clone(), file(&names))
}

/// Names unrelated to the old ones.
fn others(_: &Names, rng: &mut Rng) -> (Names, String) {
    const WORDS: [&str; 16] = [
        "amber", "harbour", "seven", "glass", "window", "north", "paper", "engine", "velvet", "stone", "winter",
        "signal", "copper", "garden", "slow", "river",
    ];
    let mut word = || WORDS[rng.usize(..WORDS.len())];
    let title = format!("{} {} {}", word(), word(), word());
    let artist = format!("The {} {}", word(), word());
    let names = Names { title: Some(title), artist: Some(artist), album: None };
    (names.clone(), file(&names))
}

const REMASTER: &str = "-af equalizer=f=90:t=q:w=1:g=3,equalizer=f=8000:t=q:w=1:g=3,acompressor=threshold=0.1:ratio=3:makeup=2,alimiter=limit=0.95";

fn cut(begin: f64, end: f64, secs: f64) -> Vec<String> {
    words(&format!("-ss {begin:.2} -t {:.2}", secs - begin - end))
}

/// A random time between 1 and 5 seconds.
fn some(rng: &mut Rng) -> f64 {
    1.0 + 4.0 * rng.f64()
}

/// 60 to 80 % of a track, starting near its beginning.
fn edit(secs: f64, rng: &mut Rng) -> Vec<String> {
    let kept = secs * (0.6 + 0.2 * rng.f64());
    let begin = (secs - kept) * 0.5 * rng.f64();
    words(&format!("-ss {begin:.2} -t {kept:.2} -af afade=t=out:st={:.2}:d=3", kept - 3.0))
}

/// Imitates a live version as far as ffmpeg can: other tempo and pitch, with reverberation.
const LIVE: &str = "-af asetrate=44100*1.03,aresample=44100,atempo=1.02,aecho=0.8:0.7:60|110:0.3|0.2";

/// All changes, each applied to the same number of tracks.
pub const CHANGES: [Change; 19] = [
    Change {
        name: "mp3 of 64 kbit/s",
        family: "re-encoding",
        kind: "mp3",
        options: |_, _| words("-b:a 64k"),
        names: same,
    },
    Change {
        name: "vorbis, 48 kHz",
        family: "re-encoding",
        kind: "ogg",
        options: |_, _| words("-c:a libvorbis -q:a 3 -ar 48000"),
        names: same,
    },
    Change {
        name: "opus of 48 kbit/s",
        family: "re-encoding",
        kind: "opus",
        options: |_, _| words("-b:a 48k"),
        names: same,
    },
    Change {
        name: "flac, 22.05 kHz",
        family: "re-encoding",
        kind: "flac",
        options: |_, _| words("-ar 22050"),
        names: same,
    },
    Change {
        name: "flac, 6 dB quieter",
        family: "re-encoding",
        kind: "flac",
        options: |_, _| words("-af volume=-6dB"),
        names: same,
    },
    Change { name: "copied, other names", family: "copy", kind: "", options: |_, _| words("-c copy"), names: others },
    Change {
        name: "begin cut by 1-5 s",
        family: "trim",
        kind: "flac",
        options: |secs, rng| cut(some(rng), 0.0, secs),
        names: same,
    },
    Change {
        name: "end cut by 1-5 s, faded",
        family: "trim",
        kind: "flac",
        options: |secs, rng| {
            let end = some(rng);
            let mut options = cut(0.0, end, secs);
            options.extend(words(&format!("-af afade=t=out:st={:.2}:d=2", secs - end - 2.0)));
            options
        },
        names: same,
    },
    Change {
        name: "both ends cut by 1-5 s",
        family: "trim",
        kind: "mp3",
        options: |secs, rng| cut(some(rng), some(rng), secs),
        names: same,
    },
    Change {
        name: "no tags, file 'Track 07'",
        family: "rename",
        kind: "mp3",
        options: |_, _| words("-b:a 128k"),
        names: |_, rng| (Names::default(), format!("Track {:02}", rng.u8(1..20))),
    },
    Change {
        name: "other title and artist",
        family: "rename",
        kind: "mp3",
        options: |_, _| words("-b:a 128k"),
        names: others,
    },
    Change {
        name: "no tags, 'Title - Artist'",
        family: "rename",
        kind: "ogg",
        options: |_, _| words("-c:a libvorbis -q:a 4"),
        names: |names, _| {
            let turned = Names { title: names.artist.clone(), artist: names.title.clone(), album: None };
            (Names::default(), file(&turned))
        },
    },
    Change {
        name: "begin cut, other names",
        family: "trim and rename",
        kind: "mp3",
        options: |secs, rng| cut(some(rng), 0.0, secs),
        names: others,
    },
    Change {
        name: "(Remastered 2011)",
        family: "remaster",
        kind: "flac",
        options: |_, _| words(REMASTER),
        names: |names, _| tailed(names, "(Remastered 2011)"),
    },
    Change {
        name: "remastered, other names",
        family: "remaster, unsaid",
        kind: "flac",
        options: |_, _| words(REMASTER),
        names: others,
    },
    Change {
        name: "(Radio Edit), 60-80 %",
        family: "edit",
        kind: "mp3",
        options: edit,
        names: |names, _| tailed(names, "(Radio Edit)"),
    },
    Change { name: "edit, other names", family: "edit, unsaid", kind: "mp3", options: edit, names: others },
    Change {
        name: "(Live at the Forum)",
        family: "other take",
        kind: "mp3",
        options: |_, _| words(LIVE),
        names: |names, _| tailed(names, "(Live at the Forum)"),
    },
    Change {
        name: "live, other names",
        family: "other take, unsaid",
        kind: "mp3",
        options: |_, _| words(LIVE),
        names: others,
    },
];

/// Misleading names for two different tracks of one artist: the kind, and both titles.
pub const TRAPS: [(&str, &str, &str); 6] = [
    ("generic title", "Intro", "Intro"),
    ("generic title", "Untitled", "Untitled"),
    ("parts", "The Long Road, Part 1", "The Long Road, Part 2"),
    ("parts", "Night Music II", "Night Music III"),
    ("movements", "Sonata in D - I. Allegro", "Sonata in D - II. Adagio"),
    ("numbered", "Track 3", "Track 4"),
];
