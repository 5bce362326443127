//! A filter compiled for matching many songs.

use std::collections::{HashMap, HashSet};

use memchr::memmem::Finder;
use thiserror::Error;

use super::field::{Field, Kind, Of};
use super::fold::{Folded, PART, fold};
use super::tree::{Expr, Span, Test, TextOp};
use crate::library::Song;
use crate::track::TrackId;

/// Values of songs that the library itself does not know, such as plays or tempo.
pub trait Facts {
    /// The value of a field that is [`Of::Above`], by its index; `None` if unknown.
    fn number(&self, song: &Song, field: u16) -> Option<f64>;
}

/// Look-ups made once, when a filter is compiled.
pub trait Lookup {
    /// Why something was not found.
    type Error;

    /// The tracks that sound like the one at a path.
    ///
    /// # Errors
    /// There is no such track.
    fn like(&self, path: &str) -> Result<HashSet<TrackId>, Self::Error>;

    /// Two field indices for [`Facts::number`]: the probability of an encoder's tag, and whether
    /// the tag is assigned (1 or 0).
    ///
    /// # Errors
    /// The encoder has no such tag.
    fn word(&self, word: &str) -> Result<[u16; 2], Self::Error>;

    /// The tracks whose lyrics `holds` accepts. It is given their folded lines, separated by [`PART`].
    ///
    /// # Errors
    /// The lyrics cannot be read, or none are known here.
    fn lyrics(&self, holds: &dyn Fn(&str) -> bool) -> Result<HashSet<TrackId>, Self::Error>;
}

/// Nothing can be looked up, where filters ask for tags only.
#[derive(Clone, Copy, Debug)]
pub struct NoLookup;

/// A filter asks for more than tags where nothing can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("only tags are searched here")]
pub struct TagsOnly;

impl Lookup for NoLookup {
    type Error = TagsOnly;

    fn like(&self, _: &str) -> Result<HashSet<TrackId>, TagsOnly> {
        Err(TagsOnly)
    }

    fn word(&self, _: &str) -> Result<[u16; 2], TagsOnly> {
        Err(TagsOnly)
    }

    fn lyrics(&self, _: &dyn Fn(&str) -> bool) -> Result<HashSet<TrackId>, TagsOnly> {
        Err(TagsOnly)
    }
}

/// Facts of which all are unknown.
#[derive(Clone, Copy, Debug)]
pub struct NoFacts;

impl Facts for NoFacts {
    fn number(&self, _: &Song, _: u16) -> Option<f64> {
        None
    }
}

/// A compiled filter.
#[derive(Clone, Debug)]
pub struct Matcher(Node);

#[derive(Clone, Debug)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Anywhere(Needle),
    Folded(usize, TextOp, Needle),
    Path(TextOp, Needle),
    Within(Of, [(f64, bool); 2]),
    Has(&'static Field),
    OneOf(HashSet<TrackId>),
}

/// A folded text to search for, and its parts between stars.
#[derive(Clone, Debug)]
struct Needle {
    finder: Finder<'static>,
    pieces: Vec<String>,
}

impl std::fmt::Debug for Of {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Of::Folded(n) => write!(f, "Folded({n})"),
            Of::Path => write!(f, "Path"),
            Of::Lyrics => write!(f, "Lyrics"),
            Of::Song(_) => write!(f, "Song"),
            Of::Above(n) => write!(f, "Above({n})"),
        }
    }
}

/// Matches everything.
impl Default for Matcher {
    fn default() -> Matcher {
        Matcher(Node::And(Vec::new()))
    }
}

impl Matcher {
    /// Compiles a filter. `now` is Unix seconds.
    ///
    /// # Errors
    /// The errors of `lookup`.
    pub fn new<E>(expr: &Expr, now: f64, lookup: &dyn Lookup<Error = E>) -> Result<Matcher, E> {
        let mut found = HashMap::new();
        node(expr, now, lookup, &mut found).map(Matcher)
    }

    /// Whether a song matches.
    pub fn matches(&self, song: &Song, folded: &Folded, facts: &dyn Facts) -> bool {
        holds(&self.0, song, folded, facts)
    }
}

type Found = HashMap<String, HashSet<TrackId>>;

fn node<E>(expr: &Expr, now: f64, lookup: &dyn Lookup<Error = E>, found: &mut Found) -> Result<Node, E> {
    let mut list = |parts: &[Expr]| parts.iter().map(|p| node(p, now, lookup, found)).collect::<Result<Vec<_>, _>>();
    Ok(match expr {
        Expr::And(all) => Node::And(list(all)?),
        Expr::Or(any) => Node::Or(list(any)?),
        Expr::Not(inner) => Node::Not(Box::new(node(inner, now, lookup, found)?)),
        Expr::Named(_, inner) => node(inner, now, lookup, found)?,
        Expr::Test(test) => match test {
            Test::Anywhere(text) => Node::Anywhere(Needle::new(text)),
            Test::Text(field, op, text) => match field.of {
                Of::Folded(n) => Node::Folded(n, *op, Needle::new(text)),
                Of::Lyrics => {
                    let needle = Needle::new(text);
                    Node::OneOf(lookup.lyrics(&|lyrics| self::text(lyrics, *op, &needle))?)
                }
                _ => Node::Path(*op, Needle::new(text)),
            },
            Test::Number(field, span) => within(field, span, now),
            Test::Has(Field { of: Of::Lyrics, .. }) => Node::OneOf(lookup.lyrics(&|_| true)?),
            Test::Has(field) => Node::Has(field),
            Test::Like(path) => {
                if !found.contains_key(path) {
                    found.insert(path.clone(), lookup.like(path)?);
                }
                Node::OneOf(found.get(path).cloned().unwrap_or_default())
            }
            Test::Word(word, span) => {
                let [likely, said] = lookup.word(word)?;
                match span {
                    Some(span) => Node::Within(Of::Above(likely), span.bounds(Kind::Signed, now)),
                    None => Node::Within(Of::Above(said), [(0.5, true), (f64::INFINITY, true)]),
                }
            }
        },
    })
}

fn within(field: &Field, span: &Span, now: f64) -> Node {
    let kind = match field.of {
        // Values from `Facts` may be fractions with a narrow range: widening by 0.5 could match all
        // of them.
        Of::Above(_) if field.kind == Kind::Number && !whole(span) => Kind::Signed,
        _ => field.kind,
    };
    Node::Within(field.of, span.bounds(kind, now))
}

/// Whether both ends (where present) are whole numbers above 1, which stand for what rounds to
/// them.
fn whole(span: &Span) -> bool {
    let large = |end: Option<(super::Value, bool)>| {
        end.is_none_or(|(v, _)| matches!(v, super::Value::Plain(n) if n.fract() == 0.0 && n > 1.0))
    };
    large(span.low) && large(span.high)
}

fn holds(node: &Node, song: &Song, folded: &Folded, facts: &dyn Facts) -> bool {
    match node {
        Node::And(all) => all.iter().all(|n| holds(n, song, folded, facts)),
        Node::Or(any) => any.iter().any(|n| holds(n, song, folded, facts)),
        Node::Not(inner) => !holds(inner, song, folded, facts),
        Node::Anywhere(needle) => needle.within(folded.all()),
        Node::Folded(n, op, needle) => text(folded.field(*n), *op, needle),
        Node::Path(op, needle) => text(&fold(&song.path.to_string_lossy()), *op, needle),
        Node::Within(of, [(low, closed_low), (high, closed_high)]) => number(*of, song, facts).is_some_and(|v| {
            (if *closed_low { v >= *low } else { v > *low }) && (if *closed_high { v <= *high } else { v < *high })
        }),
        Node::Has(field) => match field.of {
            Of::Folded(0) | Of::Path => true,
            Of::Folded(n) => !folded.field(n).is_empty(),
            of => number(of, song, facts).is_some(),
        },
        Node::OneOf(tracks) => tracks.contains(&song.track),
    }
}

fn number(of: Of, song: &Song, facts: &dyn Facts) -> Option<f64> {
    match of {
        Of::Song(number) => number(song),
        Of::Above(field) => facts.number(song, field),
        Of::Folded(_) | Of::Path | Of::Lyrics => None,
    }
    .filter(|v| v.is_finite())
}

fn text(text: &str, op: TextOp, needle: &Needle) -> bool {
    match op {
        TextOp::Contains => needle.within(text),
        TextOp::Is => text.split(PART).any(|part| needle.is(part)),
    }
}

impl Needle {
    fn new(text: &str) -> Needle {
        let folded = fold(text);
        let finder = Finder::new(folded.as_bytes()).into_owned();
        Needle { finder, pieces: folded.split('*').map(str::to_owned).collect() }
    }

    fn within(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }

    /// Whether the whole text matches; a star matches anything.
    fn is(&self, text: &str) -> bool {
        let [first, middle @ .., last] = &self.pieces[..] else {
            return self.pieces.first().is_some_and(|p| p == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in middle {
            match rest.find(piece.as_str()) {
                Some(i) => rest = &rest[i + piece.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}
