//! Decoding texts whose encoding is not declared.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, KOI8_R, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
};

use crate::library::tags::fixture::*;

/// Title, artist and album of a file with these texts in frames declared as "Latin-1".
fn spelled(texts: [&str; 3], encoding: &'static Encoding) -> [String; 3] {
    let bytes = texts.map(|text| {
        let (bytes, _, wrong) = encoding.encode(text);
        assert!(!wrong, "{text} cannot be written in {}", encoding.name());
        [&[0][..], &bytes].concat()
    });
    let frames = [frame(3, "TIT2", &bytes[0]), frame(3, "TPE1", &bytes[1]), frame(3, "TALB", &bytes[2])];
    let (tags, fault) = read("a.mp3", &mp3(3, 0, &frames));
    assert_eq!(fault, None, "{texts:?}");
    [tags.title.as_deref(), tags.artist.as_deref(), tags.album.as_deref()].map(|text| text.unwrap_or_default().into())
}

#[test]
fn western_names_stay_what_they_are() {
    for texts in [
        ["Jóga", "Björk", "Homogenic"],
        ["Svefn-g-englar", "Sigur Rós", "Ágætis byrjun"],
        ["Ace of Spades", "Motörhead", "Ace of Spades"],
        ["Café", "Café", "Café"],
        ["Été français", "Françoise Hardy", "À la crème brûlée"],
        ["Größenwahn", "Die Ärzte", "Süße Grüße"],
        ["Señorita", "Café Tacvba", "Rê"],
        ["Þú ert jörðin", "Ólafur Arnalds", "…and they have escaped"],
        ["São Paulo", "Caetano Veloso", "Coração Vagabundo"],
        ["Smørrebrød", "Mø", "Når måneskin"],
        ["Hyvää yötä", "Värttinä", "Äiti"],
        ["L’été indien", "Joe Dassin", "“Live” – 1975"],
        ["Déjà vu", "Beyoncé", "B’Day"],
        ["Ö", "Ä", "Ü"],
        [
            "Fögur er hlíðin svo að mér hefur hún aldrei jafnfögur sýnst",
            "Þursaflokkurinn",
            "Hljómleikar í Þjóðleikhúsinu",
        ],
        [
            "Je ne regrette rien, même si l’été s’achève déjà",
            "Édith Piaf",
            "À l’Olympia – Intégrale des années passées",
        ],
        ["Não há nada além da solidão, coração", "João Gilberto e Antônio", "Canções de verão à beira-mar"],
        ["Die Bäume blühen schöner, süßer, größer", "Fräulein Müller", "Übermäßig viele Gefühle für Köln"],
        ["Så går en dag än från vår tid", "Håkan Hellström", "Känn ingen sorg för mig Göteborg"],
        ["På låven sitter nissen så ærlig og blåøyd", "Åge Aleksandersen", "Lys og varme på sjøen"],
        ["Él se marchó ayer, ¿quién lo sabrá mañana?", "Los Ángeles Azules", "Corazón, canción, pasión"],
        ["Hyvästi, jää hyvästi, äitini", "Värttinä", "Kesäyön hääyöaie"],
    ] {
        assert_eq!(spelled(texts, WINDOWS_1252), texts);
    }
}

#[test]
fn other_code_pages_are_found_by_what_the_texts_look_like() {
    let cases = [
        (WINDOWS_1251, ["Реакция", "Мелодия северная", "Лучшие песни"]),
        (WINDOWS_1251, ["Кукушка", "Кино", "Чёрный альбом"]),
        (WINDOWS_1251, ["Дорога", "Ансамбль", "Track 01"]),
        (WINDOWS_1251, ["КИНО", "Группа крови", "Live in Москва"]),
        (KOI8_R, ["Группа крови на рукаве", "Виктор Цой и Кино", "Лучшие песни восьмидесятых"]),
        (SHIFT_JIS, ["夜に駆ける", "音楽隊", "新しいアルバム"]),
        (SHIFT_JIS, ["上を向いて歩こう", "坂本九", "Best"]),
        (SHIFT_JIS, ["リンゴ追分", "美空ひばり", "Best"]),
        (GBK, ["月亮代表我的心", "邓丽君", "最好的歌曲"]),
        (BIG5, ["月亮代表我的心", "鄧麗君", "最好的歌曲精選"]),
        // Their middle bytes look like UTF-8.
        (EUC_KR, ["잔소리", "아이유", "단발머리"]),
        (GBK, ["菊花台", "周杰伦", "双截棍"]),
        (EUC_KR, ["봄날은 간다", "김윤아", "유리가면 노래 모음"]),
        (WINDOWS_1253, ["Τα παιδιά του Πειραιά", "Μελίνα Μερκούρη", "Ελληνικά τραγούδια"]),
        (WINDOWS_1250, ["Příliš žluťoučký kůň", "Antonín Dvořák", "Písně a tance české"]),
    ];
    for (encoding, texts) in cases {
        assert_eq!(spelled(texts, encoding), texts, "{}", encoding.name());
    }
}

#[test]
fn utf8_in_latin1_frames_is_utf8_whatever_else_is_there() {
    let frames = [
        frame(3, "TIT2", "\0Señorita Café".as_bytes()),
        frame(3, "TPE1", b"\0Motorhead"),
        frame(3, "TALB", b"\0\xcb\xf3\xf7\xf8\xe8\xe5 \xef\xe5\xf1\xed\xe8"),
    ];
    let tags = read("a.mp3", &mp3(3, 0, &frames)).0;
    assert_eq!((tags.title.as_deref(), tags.album.as_deref()), (Some("Señorita Café"), Some("Лучшие песни")));
}

#[test]
fn a_damaged_letter_of_utf8_leaves_the_others() {
    let mut title = "Ünï Tïtle".as_bytes().to_vec();
    title[7] = b'?';
    let (tags, fault) = read("a.flac", &flac(&[(4, comments(&[&[b"TITLE=", &title[..]].concat()]))]));
    assert_eq!(tags.title.as_deref(), Some("Ünï T?\u{fffd}tle"));
    assert!(fault.is_some_and(|f| f.contains("letters")));
}

#[test]
fn id3v1_and_info_are_looked_at_too() {
    let cyrillic = |text| WINDOWS_1251.encode(text).0.into_owned();
    let v1 = id3v1([&cyrillic("Дорога"), &cyrillic("Ансамбль"), b"", b"1985"], 17);
    let tags = read("a.mp3", &[sound(), v1].concat()).0;
    assert_eq!((tags.title.as_deref(), tags.artist.as_deref()), (Some("Дорога"), Some("Ансамбль")));
    // A title cut in the middle of a letter after thirty bytes.
    let title = "Песня о далёкой Родине".as_bytes();
    let v1 = id3v1([&title[..30], b"", b"", b""], 255);
    assert_eq!(read("a.mp3", &[sound(), v1].concat()).0.title.as_deref(), Some("Песня о далёкой"));
    let latin = info(&[("INAM", b"\xc9t\xe9 fran\xe7ais\0"), ("IART", b"Fran\xe7oise Hardy\0")]);
    let tags = read("a.wav", &wav(&[latin])).0;
    assert_eq!((tags.title.as_deref(), tags.artist.as_deref()), (Some("Été français"), Some("Françoise Hardy")));
    let utf8 = info(&[("INAM", "Été".as_bytes()), ("IART", &cyrillic("Ансамбль"))]);
    let tags = read("a.wav", &wav(&[utf8])).0;
    assert_eq!((tags.title.as_deref(), tags.artist.as_deref()), (Some("Été"), Some("Ансамбль")));
}

#[test]
fn the_users_word_goes_before_what_texts_look_like() {
    let frames = [frame(3, "TIT2", b"\0Dvo\xf8\xe1k"), frame(3, "TPE1", "\0Señor".as_bytes())];
    let bytes = mp3(3, 0, &frames);
    assert_eq!(read("a.mp3", &bytes).0.title.as_deref(), Some("Dvoøák"));
    let tags = read_in("a.mp3", &bytes, Some(WINDOWS_1250)).0;
    assert_eq!((tags.title.as_deref(), tags.artist.as_deref()), (Some("Dvořák"), Some("Señor")));
}
