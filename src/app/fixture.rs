//! A small library for tests.

use std::sync::Arc;

use crate::library::{Catalog, Song};
use crate::track::{Tags, TrackId};

use super::state::model::Model;

/// A song of `artist`'s `album`; `n` makes its track.
pub fn song(n: u16, artist: &str, album: &str, title: &str) -> Arc<Song> {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&n.to_le_bytes());
    let tags = Tags {
        title: Some(title.into()),
        artist: Some(artist.into()),
        album: Some(album.into()),
        year: Some(1990 + i32::from(n % 30)),
        track: Some(u32::from(n % 10) + 1),
        ..Tags::default()
    };
    let bare = Song::bare(format!("/music/{artist}/{album}/{n:03} {title}.flac"), TrackId(id));
    Arc::new(Song { tags: tags.into(), secs: 200.0 + f64::from(n), codec: "flac".into(), rate: 44_100, ..bare })
}

/// `n` songs, ten to an album, three albums to an artist; some names are Japanese.
pub fn catalog(n: u16) -> Arc<Catalog> {
    let artists = ["Nina Simone", "Miles Davis", "坂本龍一", "Björk", "Sigur Rós", "Fela Kuti"];
    let albums = ["First Light", "夜の音楽", "Long Way Home"];
    let titles = ["Sea Line", "Wild Is the Wind", "青い鳥", "So What", "Army of Me", "Hoppípolla"];
    let songs = (0..n).map(|i| {
        let (album, artist) = (usize::from(i / 10), usize::from(i / 30));
        song(i, artists[artist % artists.len()], albums[album % albums.len()], titles[usize::from(i) % titles.len()])
    });
    let mut songs: Vec<_> = songs.collect();
    for song in &mut songs {
        // One year an album.
        if let Some(song) = Arc::get_mut(song) {
            song.tags = Tags { year: Some(1970), ..Tags::from(&song.tags) }.into();
        }
    }
    Arc::new(Catalog::new(songs))
}

/// Artists, their album and its titles: wide, narrow and joined letters, from left and from right, too long and empty.
static WORLD: [(&str, &str, [&str; 4]); 16] = [
    ("坂本龍一", "夜の音楽", ["戦場のメリークリスマス", "青い鳥", "東風", "あ"]),
    ("방탄소년단", "화양연화", ["봄날", "고엽", "이사", "잡아줘"]),
    ("ｻｶﾅｸｼｮﾝ", "ﾊﾞｯﾊ", ["ﾎﾟｯﾌﾟｽ", "ｶﾞｷﾞｸﾞ", "ﾐｭｰｼﾞｯｸ", "ﾊﾟ"]),
    ("فيروز", "سلامتك يا بيروت", ["نسم علينا الهوا", "لا إله", "كيفك إنت", "والليل"]),
    ("אסתר עופרים", "שירים לאל", ["שִׁיר", "לילה טוב", "אין מקום", "א"]),
    (
        "Sigur Ro\u{301}s",
        "A\u{301}gætis byrjun",
        ["Sve\u{301}fn-g-englar", "Hoppi\u{301}polla", "Z\u{310}\u{321}a\u{335}l", "()"],
    ),
    ("हरिप्रसाद", "क्षणिक", ["नमस्ते दुनिया", "शान्ति", "राग यमन", "ॐ"]),
    ("ไทย", "เพลงรัก", ["ความรัก", "น้ำตา", "คิดถึง", "ก็"]),
    (
        "👩\u{200d}🎤 The Joiners",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        ["❤\u{fe0f} love", "🏳\u{fe0f}\u{200d}🌈", "🇯🇵🇮🇸", "☀\u{fe0f}"],
    ),
    ("Ünïcödé Ångström", "Æther ſtraße", ["ﬁﬂ ligature", "½ ™ ①", "a\u{200b}b\u{202e}c", "x\ty"]),
    (LONG, LONG, [LONG, LONG_WIDE, LONG_JOINED, LONG]),
    ("", "", ["", " ", "\u{3164}", "\u{301}"]),
    ("Nina Simone", "Wild Is the Wind", ["I Love Your Lovin' Ways", "Four Women", "Lilac Wine", "Why Keep On"]),
    ("Miles Davis", "Kind of Blue", ["So What", "Freddie Freeloader", "Blue in Green", "All Blues"]),
    ("Björk", "Vespertine", ["Hidden Place", "Cocoon", "It's Not Up to You", "Undo"]),
    ("AC/DC", "../../etc", ["C:\\ | > < & ; $(x)", "%s %n {}", "<enter>", "-rf"]),
];
const LONG: &str = "The Very Long and Winding Name of an Orchestra, a Choir, Four Soloists, Their Conductor and the Hall in \
    Which They Recorded It on a Rainy Evening in Late November, Remastered";
const LONG_WIDE: &str =
    "寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末食う寝る処に住む処藪ら柑子の藪柑子パイポパイポ";
const LONG_JOINED: &str =
    "👩\u{200d}🎤👨\u{200d}🎤👩\u{200d}🎤👨\u{200d}🎤👩\u{200d}🎤👨\u{200d}🎤 سلام سلام سلام سلام سلام سلام سلام سلام";

/// A library whose names are hard to draw; its tags are made safe as those that are read from files.
pub fn world() -> Arc<Catalog> {
    let safe = |text: &str| Some(crate::text::sanitize(text)).filter(|text| !text.is_empty());
    let numbered = WORLD.iter().flat_map(|one| one.2.iter().map(move |title| (one, title))).enumerate();
    let songs = numbered.map(|(n, (&(artist, album, _), title))| {
        let mut song = Song::clone(&song(n as u16, "x", "x", "x"));
        let path = format!("/music/{:02}/{n:03} – 歌.flac", n / 4);
        let mut tags = Tags::from(&song.tags);
        tags.title = safe(title).map(Into::into);
        (tags.artist, tags.album) = (safe(artist).map(Into::into), safe(album).map(Into::into));
        tags.year = Some(1970 + n as i32 / 4);
        tags.genres = ["演歌".into(), "طرب".into()].into();
        song.tags = tags.into();
        song.path = std::path::Path::new(&path).into();
        // From nothing to more than ten hours.
        song.secs = [0.0, 61.0, 200.0, 40_000.0][n % 4];
        Arc::new(song)
    });
    Arc::new(Catalog::new(songs.collect()))
}

/// A session over a library of `n` songs.
pub fn model(n: u16) -> Model {
    of(catalog(n))
}

/// A session over a library.
pub fn of(catalog: Arc<Catalog>) -> Model {
    Model {
        catalog,
        engines: vec!["signature".into(), "radio".into()],
        themes: vec!["gruvbox-dark".into(), "mono".into(), "terminal".into()],
        music: Some("/music".into()),
        play: super::state::playback::Playback::at_volume(80),
        language: Arc::new(crate::ask::fields::language(&Default::default())),
        order: super::state::order::Order::with_seed(1),
        opened: true,
        ..Model::default()
    }
}
