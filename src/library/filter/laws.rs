//! Properties of every filter: its textual form parses to the same filter, Boolean algebra holds,
//! nothing panics, and every error points into the text.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::library::Song;
use crate::track::{Tags, TrackId};

static ABOVE: [Field; 2] = [
    Field { name: "plays", aliases: &[], letter: Some('X'), kind: Kind::Number, of: Of::Above(0), doc: "" },
    Field { name: "loudness", aliases: &[], letter: None, kind: Kind::Signed, of: Of::Above(1), doc: "" },
];

/// 2024-03-02, 12:00 UTC.
const NOW: f64 = 1_709_380_800.0;

struct Known;

impl Facts for Known {
    fn number(&self, song: &Song, field: u16) -> Option<f64> {
        let n = f64::from(song.track.0[1]);
        match field {
            0 => Some(n % 4.0),
            2 => Some(n / 60.0),
            3 => Some(f64::from(u8::from(n >= 50.0))),
            _ => (!(n as u32).is_multiple_of(3)).then_some(-n),
        }
    }
}

fn language() -> Language {
    let named = [("calm", "genre=ambient | ~d>10:00"), ("loop", "@pool"), ("pool", "!@loop"), ("bad", "year=x")];
    Language::new(&ABOVE, named.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<BTreeMap<_, _>>())
}

fn songs() -> Vec<Song> {
    let artists = ["The Beatles", "Björk", "Sigur Rós", "坂本龍一", "AC/DC", ""];
    let titles = ["Help!", "Jóga", "So What", "青い鳥", "Back in Black"];
    let genres: [&[&str]; 4] = [&["Rock"], &["Ambient", "Electronic"], &[], &["Jazz"]];
    (0..60u8)
        .map(|n| {
            let i = usize::from(n);
            let tags = Tags {
                title: Some(titles[i % 5].into()),
                artist: Some(artists[i % 6]).filter(|name| !name.is_empty()).map(Into::into),
                album: (n % 7 != 0).then(|| format!("Album {}", n / 10).into()),
                genres: genres[i % 4].iter().map(|g| (*g).to_owned()).collect(),
                year: (n % 5 != 0).then_some(1955 + i32::from(n)),
                track: Some(u32::from(n % 10) + 1),
                ..Tags::default()
            };
            let mut id = [0; 16];
            id[1] = n;
            let bare = Song::bare(format!("/music/{n:02}.flac"), TrackId(id));
            let added = NOW as u64 - u64::from(n) * 86_400;
            Song { tags: tags.into(), secs: f64::from(n) * 30.0, added, ..bare }
        })
        .collect()
}

/// Finds every path but those of nowhere, and every encoder tag but one: the probability grows with the song's number,
/// and the last ten songs have the tag assigned.
struct Words;

impl Lookup for Words {
    type Error = &'static str;

    fn like(&self, path: &str) -> Result<HashSet<TrackId>, &'static str> {
        if path.contains("nowhere") {
            return Err("nowhere is not known");
        }
        Ok(songs().iter().filter(|s| s.track.0[1] < 7).map(|s| s.track).collect())
    }

    fn word(&self, word: &str) -> Result<[u16; 2], &'static str> {
        if word == "zither" { Err("no tag 'zither'") } else { Ok([2, 3]) }
    }

    fn lyrics(&self, _: &dyn Fn(&str) -> bool) -> Result<HashSet<TrackId>, &'static str> {
        Err("no lyrics are known")
    }
}

/// The numbers of the matching songs.
fn passing(expr: &Expr) -> Vec<u8> {
    let matcher = Matcher::new(expr, NOW, &Words).unwrap();
    let all = songs();
    let pass = all.iter().filter(|s| matcher.matches(s, &Folded::of(s), &Known));
    pass.map(|s| s.track.0[1]).collect()
}

#[track_caller]
fn finds(text: &str, wanted: impl Fn(&Song) -> bool) {
    let expr = language().parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let expected: Vec<u8> = songs().iter().filter(|s| wanted(s)).map(|s| s.track.0[1]).collect();
    assert_eq!(passing(&expr), expected, "{text} is {expr}");
    assert!(!expected.is_empty() && expected.len() < 60, "{text} tells nothing apart");
}

#[test]
fn the_short_form_is_that_of_cmus() {
    let artist = |s: &Song| s.artist() == "The Beatles";
    let year = |s: &Song| s.tags.year.unwrap_or(0);
    finds("~a beatles", artist);
    finds("~a the beatles", artist);
    finds("~a beatles (!~y1960-1965 | ~d>10:00)", |s| {
        artist(s) && (!(1960..=1965).contains(&year(s)) || s.secs > 600.0)
    });
    finds("~a beatles !~y1960-1980", |s| artist(s) && !(1960..=1980).contains(&year(s)));
    finds("~a AC/DC|~t jo", |s| s.artist() == "AC/DC" || s.title() == "Jóga");
    finds("~y -1965", |s| s.tags.year.is_some_and(|y| y <= 1965));
    finds("~y1990-", |s| year(s) >= 1990);
    finds("~X>=2", |s| s.track.0[1] % 4 >= 2);
    finds("~t help!", |s| s.title() == "Help!");
}

#[test]
fn the_long_form_names_its_fields() {
    finds("genre=jazz", |s| *s.tags.genres == ["Jazz"]);
    finds("genre=electronic & plays=1", |s| s.tags.genres.len() == 2 && s.track.0[1] % 4 == 1);
    finds("artist=\"the beatles\"", |s| s.artist() == "The Beatles");
    finds("artist=the*les", |s| s.artist() == "The Beatles");
    finds("artist!=*e*", |s| !s.artist().contains('e'));
    finds("title~\"o wh\"", |s| s.title() == "So What");
    finds("artist~坂本", |s| s.artist() == "坂本龍一");
    finds("ros", |s| s.artist() == "Sigur Rós");
    finds("back album", |s| s.title() == "Back in Black" && !s.album().is_empty());
    finds("length = 3:00", |s| s.secs == 180.0);
    finds("year 1960..1970", |s| s.tags.year.is_some_and(|y| (1960..=1970).contains(&y)));
    finds("added>-7d", |s| s.track.0[1] < 7);
    finds("added=2024-02", |s| (2..=30).contains(&s.track.0[1]));
    finds("added<2024-02-01", |s| s.track.0[1] > 30);
    finds("loudness=-20..-10", |s| (10..=20).contains(&s.track.0[1]) && s.track.0[1] % 3 != 0);
    finds("missing(loudness) has(year)", |s| s.track.0[1] % 3 == 0 && s.tags.year.is_some());
    finds("has(genre) !has(album)", |s| !s.tags.genres.is_empty() && s.album().is_empty());
    finds("tag:jazz>0.5", |s| s.track.0[1] > 30);
    finds("tag:hip-hop<=0.1 | tag:\"female voice\">=0.9", |s| s.track.0[1] <= 6 || s.track.0[1] >= 54);
    finds("tag:jazz=0.1..0.5 !sounds:jazz", |s| (6..=30).contains(&s.track.0[1]));
    finds("Sounds:jazz year>=1990", |s| s.track.0[1] >= 50 && s.tags.year.is_some_and(|y| y >= 1990));
    finds("tag:jazz", |s| s.track.0[1] >= 50);
    finds("like(/music/01.flac)", |s| s.track.0[1] < 7);
    finds("@calm", |s| s.tags.genres.iter().any(|g| g == "Ambient") || s.secs > 600.0);
    finds("file~/music/1", |s| (10..20).contains(&s.track.0[1]));
}

#[test]
fn faults_say_what_and_where() {
    for (text, message, at) in [
        ("artits=x", "no field 'artits'; did you mean artist? (at character 1)", "artits"),
        ("~a x & (~g y", "this parenthesis is not closed (at character 8)", "("),
        ("jazz )", "unmatched ')' (at character 6)", ")"),
        ("year=late", "year wants a number like 80, or a range like 118-126 (at character 6)", "late"),
        ("year=1990-1960", "this range goes backwards (at character 6)", "1990-1960"),
        ("year~19", "year is a number: =, !=, <, <=, >, >= (at character 5)", "~"),
        ("artist<5", "artist is a text: = is, != is not, ~ contains (at character 7)", "<"),
        ("a | ", "something is missing here (at character 5)", ""),
        ("a | | b", "a test is missing before this (at character 5)", "|"),
        ("\"never ends", "these quotes are not closed (at character 1)", "\""),
        ("坂本 @late", "there is no filter named 'late'; there are: bad, calm, loop, pool (at character 4)", "@late"),
        ("@clam", "there is no filter named 'clam'; did you mean calm? (at character 1)", "@clam"),
        ("@loop", "in @loop: in @pool: @loop is a part of itself (at character 1)", "@loop"),
        ("@bad", "in @bad: year wants a number like 80, or a range like 118-126 (at character 1)", "@bad"),
        ("has(gnre)", "no field 'gnre'; did you mean genre? (at character 5)", "gnre"),
    ] {
        let fault = language().parse(text).unwrap_err();
        assert_eq!(fault.to_string(), message, "{text}");
        assert_eq!(&text[fault.start..fault.end], at, "{text}");
    }
    let fault = language().parse("坂本 @late").unwrap_err();
    assert_eq!(fault.pointed(), ["坂本 @late", "     ^^^^^"], "wide letters take two columns");
    for (text, says) in [("tag:", "is missing"), ("tag:jazz>5", "from 0 to 1"), ("tag:jazz>x", "a probability wants")] {
        let why = language().parse(text).unwrap_err().message;
        assert!(why.contains(says), "{text}: {why}");
    }
    let unknown = Matcher::new(&language().parse("sounds:zither").unwrap(), NOW, &Words);
    assert_eq!(unknown.unwrap_err(), "no tag 'zither'");
    assert!(Matcher::new(&language().parse("like(nowhere)").unwrap(), NOW, &Words).is_err());
    assert!(language().parse(&"(".repeat(100)).unwrap_err().message.contains("parentheses are nested too deeply"));
    assert!(language().parse(&"x".repeat(5000)).unwrap_err().message.contains("longer than 4096 bytes"));
}

#[test]
fn a_range_goes_backwards_only_where_it_does_so_on_every_day() {
    finds("added=2024-02-20..-5d", |s| (5..=11).contains(&s.track.0[1]));
    finds("added=-5d..2024-03-01", |s| (1..=5).contains(&s.track.0[1]));
    for fine in ["added=-30d..-7d", "added=2024-06..2024", "added=2024..2024-06", "added=2024..2024", "plays=3-3"] {
        assert!(language().parse(fine).is_ok(), "{fine}");
    }
    for text in ["added=-7d..-30d", "added=2024..2023", "added=2024-03-02..2024-03-01", "added=2024-02..2024-01"] {
        assert_eq!(language().parse(text).unwrap_err().message, "this range goes backwards", "{text}");
    }
}

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Signed => (-2000i32..2000).prop_map(|n| Value::Plain(f64::from(n) / 4.0)).boxed(),
        Kind::Date => prop_oneof![
            (0u32..10_000_000).prop_map(|n| Value::Ago(f64::from(n))),
            (1970i16..2100).prop_map(|y| Value::Date(y, None, None)),
            (1970i16..2100, 1i8..=12).prop_map(|(y, m)| Value::Date(y, Some(m), None)),
            (1970i16..2100, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| Value::Date(y, Some(m), Some(d))),
        ]
        .boxed(),
        _ => (0u32..8000).prop_map(|n| Value::Plain(f64::from(n) / 4.0)).boxed(),
    }
}

fn span(kind: Kind) -> impl Strategy<Value = Span> {
    let one = |low: bool| {
        (value(kind), any::<bool>()).prop_map(move |(v, closed)| match low {
            true => Span { low: Some((v, closed)), high: None },
            false => Span { low: None, high: Some((v, closed)) },
        })
    };
    let both = (value(kind), value(kind)).prop_map(|(a, b)| {
        let (a, b) = if a.is_after(b) { (b, a) } else { (a, b) };
        Span { low: Some((a, true)), high: Some((b, true)) }
    });
    prop_oneof![one(true), one(false), both, value(kind).prop_map(Span::at)]
}

fn test() -> impl Strategy<Value = Expr> {
    let fields = language().fields().to_vec();
    let word = prop_oneof!["[a-zA-Zéß坂本 \"\\\\*()&|!~@=<>-]{1,8}".prop_filter("blank", |t| !t.trim().is_empty())];
    let text =
        (prop::sample::select(fields.clone()), any::<bool>(), word.clone()).prop_filter_map("text", |(f, is, w)| {
            let op = if is { TextOp::Is } else { TextOp::Contains };
            (f.kind == Kind::Text).then_some(Expr::Test(Test::Text(f, op, w)))
        });
    let numbers: Vec<&'static Field> = fields.iter().copied().filter(|f| f.kind != Kind::Text).collect();
    let number = prop::sample::select(numbers)
        .prop_flat_map(|f| span(f.kind).prop_map(move |span| Expr::Test(Test::Number(f, span))));
    prop_oneof![
        word.clone().prop_map(|w| Expr::Test(Test::Anywhere(w))),
        text,
        number,
        prop::sample::select(fields).prop_map(|f| Expr::Test(Test::Has(f))),
        word.prop_map(|w| Expr::Test(Test::Like(w))),
        Just(language().parse("@calm").unwrap()),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    test().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|e| Expr::Not(Box::new(e))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(expr in expr()) {
        let text = expr.to_string();
        prop_assert_eq!(language().parse(&text).map_err(|e| format!("{text}: {e}")), Ok(expr));
    }

    #[test]
    fn nothing_panics_and_faults_point_into_the_text(text in "\\PC{0,40}|[~!&|()@\"=<>a-z0-9.:\\- ]{0,30}") {
        match language().parse(&text) {
            Ok(expr) => {
                passing(&expr);
            }
            Err(fault) => {
                prop_assert!(fault.start <= fault.end && fault.end <= text.len());
                prop_assert!(text.is_char_boundary(fault.start) && text.is_char_boundary(fault.end));
                let [shown, marks] = fault.pointed();
                prop_assert!(marks.trim_start().chars().all(|c| c == '^') && !marks.is_empty() && shown.lines().count() <= 1);
            }
        }
    }

    #[test]
    fn the_laws_of_logic_hold(a in expr(), b in expr()) {
        let not = |e: &Expr| Expr::Not(Box::new(e.clone()));
        let both = Expr::And(vec![a.clone(), b.clone()]);
        let either = Expr::Or(vec![a.clone(), b.clone()]);
        prop_assert_eq!(passing(&not(&both)), passing(&Expr::Or(vec![not(&a), not(&b)])), "De Morgan");
        prop_assert_eq!(passing(&not(&either)), passing(&Expr::And(vec![not(&a), not(&b)])), "De Morgan");
        prop_assert_eq!(passing(&not(&not(&a))), passing(&a));
        let absorbed = Expr::Or(vec![a.clone(), both]);
        prop_assert_eq!(passing(&absorbed), passing(&a), "absorption");
    }
}
