//! The syntax tree of a filter, and its textual form.

use std::fmt;

use super::field::{Field, Kind};
use super::value::Value;

/// A filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All of two or more; without any, everything matches.
    And(Vec<Expr>),
    /// Any of two or more.
    Or(Vec<Expr>),
    /// Negation.
    Not(Box<Expr>),
    /// A named filter and its expression.
    Named(String, Box<Expr>),
    /// A single test.
    Test(Test),
}

/// A single test.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The text occurs in the title, artist, album, a genre or the file name.
    Anywhere(String),
    /// Compares a text field.
    Text(&'static Field, TextOp, String),
    /// A number, time or date is within a span.
    Number(&'static Field, Span),
    /// The field has a value.
    Has(&'static Field),
    /// The track sounds like the one at this path.
    Like(String),
    /// The encoder assigns this tag, or its probability is within the span.
    Word(String, Option<Span>),
}

/// How text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextOp {
    /// Equals the whole text; `*` matches anything.
    Is,
    /// Contains the text.
    Contains,
}

/// A range of values. Each end may be open, and is inclusive or exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    /// The lower end, and whether it is inclusive.
    pub low: Option<(Value, bool)>,
    /// The upper end, and whether it is inclusive.
    pub high: Option<(Value, bool)>,
}

impl Expr {
    /// The filter that matches everything.
    pub const EVERYTHING: Expr = Expr::And(Vec::new());

    /// Whether a test needs `Facts` or `Lookup`.
    pub fn asks_above(&self) -> bool {
        use super::field::Of;
        match self {
            Expr::And(all) | Expr::Or(all) => all.iter().any(Expr::asks_above),
            Expr::Not(inner) | Expr::Named(_, inner) => inner.asks_above(),
            Expr::Test(Test::Like(_) | Test::Word(..)) => true,
            Expr::Test(Test::Number(field, _) | Test::Has(field) | Test::Text(field, ..)) => {
                matches!(field.of, Of::Above(_) | Of::Lyrics)
            }
            Expr::Test(Test::Anywhere(_)) => false,
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::And(all) => list(f, all, " & "),
            Expr::Or(any) => list(f, any, " | "),
            Expr::Not(inner) => {
                write!(f, "!")?;
                inside(f, inner)
            }
            Expr::Named(name, _) => write!(f, "@{name}"),
            Expr::Test(test) => write!(f, "{test}"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[Expr], between: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        inside(f, item)?;
    }
    Ok(())
}

/// Writes an operand; lists are parenthesised.
fn inside(f: &mut fmt::Formatter<'_>, part: &Expr) -> fmt::Result {
    match part {
        Expr::And(_) | Expr::Or(_) => write!(f, "({part})"),
        other => write!(f, "{other}"),
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Anywhere(text) => f.write_str(&quoted(text)),
            Test::Text(field, TextOp::Is, text) => write!(f, "{}={}", field.name, quoted(text)),
            Test::Text(field, TextOp::Contains, text) => write!(f, "{}~{}", field.name, quoted(text)),
            Test::Has(field) => write!(f, "has({})", field.name),
            Test::Like(path) => write!(f, "like({})", quoted(path)),
            Test::Word(word, None) => write!(f, "sounds:{}", quoted(word)),
            Test::Word(word, Some(span)) => within(f, &format!("tag:{}", quoted(word)), span),
            Test::Number(field, span) => within(f, field.name, span),
        }
    }
}

/// Writes a comparison of `name` with a span.
fn within(f: &mut fmt::Formatter<'_>, name: &str, span: &Span) -> fmt::Result {
    match (span.low, span.high) {
        (Some((low, true)), Some((high, true))) if low == high => write!(f, "{name}={low}"),
        (Some((low, true)), Some((high, true))) => write!(f, "{name}={low}..{high}"),
        (Some((low, closed)), None) => write!(f, "{name}>{}{low}", if closed { "=" } else { "" }),
        (None, Some((high, closed))) => write!(f, "{name}<{}{high}", if closed { "=" } else { "" }),
        // The parser produces neither of these.
        (Some((low, _)), Some((high, _))) => write!(f, "{name}>{low} & {name}<{high}"),
        (None, None) => write!(f, "has({name})"),
    }
}

/// Quotes a text, escaping quotes and backslashes with `\`.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Span {
    /// Exactly this value.
    pub fn at(value: Value) -> Span {
        Span { low: Some((value, true)), high: Some((value, true)) }
    }

    /// Lower and upper bound in the field's unit, each with whether it is inclusive. In an equality
    /// or a range with two ends, a whole number stands for everything that rounds to it, as the
    /// field may have finer values (`tempo=120`, `length=3:00`). `now` is Unix seconds.
    pub(super) fn bounds(&self, kind: Kind, now: f64) -> [(f64, bool); 2] {
        let round = |value: Value| match value {
            Value::Plain(n) if matches!(kind, Kind::Number | Kind::Time) && n.fract() == 0.0 => 0.5,
            _ => 0.0,
        };
        let exact = self.low.zip(self.high).is_some();
        let low = self.low.map_or((f64::NEG_INFINITY, true), |(value, closed)| {
            let (from, until) = value.bounds(now);
            let half = if exact { round(value) } else { 0.0 };
            // "After a day" means after its end.
            if closed { (from - half, true) } else { (until, from < until) }
        });
        let high = self.high.map_or((f64::INFINITY, true), |(value, closed)| {
            let (from, until) = value.bounds(now);
            let half = if exact { round(value) } else { 0.0 };
            if !closed { (from, false) } else { (until + half, from == until && half == 0.0) }
        });
        [low, high]
    }
}
