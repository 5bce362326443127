//! The parser of filters. Errors point at the faulty part of the text.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::field::{Field, Kind, LIBRARY};
use super::tree::{Expr, Span, Test, TextOp};
use super::value::{Value, example};
use crate::text;

/// Maximum length of a filter in bytes.
const LONGEST: usize = 4096;
/// Maximum nesting depth of parentheses, negations and named filters.
const DEEPEST: usize = 64;

/// The vocabulary of filters: fields and named filters.
#[derive(Clone, Debug, Default)]
pub struct Language {
    fields: Vec<&'static Field>,
    named: BTreeMap<String, String>,
}

impl Language {
    /// The library's fields, the further fields `above`, and named filters, which are parsed when
    /// used.
    pub fn new(above: &'static [Field], named: BTreeMap<String, String>) -> Language {
        Language { fields: LIBRARY.iter().chain(above).collect(), named }
    }

    /// All fields.
    pub fn fields(&self) -> &[&'static Field] {
        &self.fields
    }

    /// The names of the named filters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// Parses a filter; an empty one matches everything.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(&self, text: &str) -> Result<Expr, Fault> {
        self.parse_within(text, &mut Vec::new())
    }

    /// `within`: the named filters that contain this one, to detect cycles.
    fn parse_within(&self, text: &str, within: &mut Vec<String>) -> Result<Expr, Fault> {
        let mut parser = Parser { language: self, text, at: 0, depth: 0, within };
        if text.len() > LONGEST {
            return Err(parser.fault(0, 0, format!("the filter is longer than {LONGEST} bytes")));
        }
        parser.space();
        if parser.rest().is_empty() {
            return Ok(Expr::EVERYTHING);
        }
        let expr = parser.any()?;
        match parser.rest().chars().next() {
            None => Ok(expr),
            Some(c) => Err(parser.fault(parser.at, parser.at + c.len_utf8(), format!("unmatched '{c}'"))),
        }
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        let name = name.to_ascii_lowercase();
        self.fields.iter().copied().find(|f| f.name == name || f.aliases.contains(&name.as_str()))
    }

    /// An error message about an unknown field, with the most similar name.
    fn no_field(&self, name: &str) -> String {
        let names = self.fields.iter().flat_map(|f| std::iter::once(&f.name).chain(f.aliases));
        let near = names.map(|n| (text::edits(&name.to_ascii_lowercase(), n), *n)).min();
        match near {
            Some((off, near)) if off <= 2 => format!("no field '{name}'; did you mean {near}?"),
            _ => {
                let all: Vec<&str> = self.fields.iter().map(|f| f.name).collect();
                format!("no field '{name}'; the fields are: {}", all.join(", "))
            }
        }
    }
}

struct Parser<'a> {
    language: &'a Language,
    text: &'a str,
    at: usize,
    depth: usize,
    within: &'a mut Vec<String>,
}

/// Whether a character ends a word.
fn ends(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '&' | '|')
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Consumes white space and, if it follows, a token.
    fn eat(&mut self, sign: &str) -> bool {
        self.space();
        let comes = self.rest().starts_with(sign);
        self.at += if comes { sign.len() } else { 0 };
        comes
    }

    fn fault(&self, start: usize, end: usize, message: impl Into<String>) -> Fault {
        Fault { message: message.into(), text: self.text.to_owned(), start, end }
    }

    fn here(&self, message: impl Into<String>) -> Fault {
        let end = self.rest().chars().next().map_or(self.at, |c| self.at + c.len_utf8());
        self.fault(self.at, end, message)
    }

    fn any(&mut self) -> Result<Expr, Fault> {
        let mut parts = vec![self.all()?];
        while self.eat("|") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn all(&mut self) -> Result<Expr, Fault> {
        let mut parts = vec![self.one()?];
        loop {
            let and = self.eat("&");
            if !and && (self.rest().is_empty() || self.rest().starts_with(['|', ')'])) {
                break;
            }
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn one(&mut self) -> Result<Expr, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.here("parentheses are nested too deeply"));
        }
        self.space();
        let start = self.at;
        let expr = if self.eat("!") {
            Expr::Not(Box::new(self.one()?))
        } else if self.eat("(") {
            let inner = self.any()?;
            if !self.eat(")") {
                return Err(self.fault(start, start + 1, "this parenthesis is not closed"));
            }
            inner
        } else if self.eat("~") {
            self.short(start)?
        } else if self.eat("@") {
            self.named(start)?
        } else {
            self.long_or_word()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// Parses the rest of a short form after the `~`, such as `a beatles`.
    fn short(&mut self, start: usize) -> Result<Expr, Fault> {
        let letter = self.rest().chars().next();
        let field = self.language.fields.iter().copied().find(|f| f.letter.is_some() && f.letter == letter);
        let Some(field) = field else {
            let known: Vec<String> =
                self.language.fields.iter().filter_map(|f| f.letter.map(|l| format!("~{l} {}", f.name))).collect();
            let end = self.at + letter.map_or(0, char::len_utf8);
            return Err(self.fault(start, end, format!("there are: {}", known.join(", "))));
        };
        self.at += letter.map_or(0, char::len_utf8);
        self.space();
        if field.kind != Kind::Text {
            let op = self.operator(true).unwrap_or("=");
            return self.number(field, op);
        }
        if self.rest().starts_with('"') {
            return Ok(Expr::Test(Test::Text(field, TextOp::Contains, self.value(field)?)));
        }
        // As in cmus, a text may contain spaces; it extends to the next operator.
        let mut end = self.text.len();
        let mut before = ' ';
        for (i, c) in self.rest().char_indices() {
            if matches!(c, '&' | '|' | '(' | ')') || before.is_whitespace() && matches!(c, '~' | '!' | '@') {
                end = self.at + i;
                break;
            }
            before = c;
        }
        let text = self.text[self.at..end].trim_end();
        if text.is_empty() {
            return Err(self.here(format!("~{} wants a text", letter.unwrap_or(' '))));
        }
        self.at += text.len();
        Ok(Expr::Test(Test::Text(field, TextOp::Contains, text.to_owned())))
    }

    /// Parses the name after an `@`.
    fn named(&mut self, start: usize) -> Result<Expr, Fault> {
        let name = self.word();
        let Some(text) = self.language.named.get(name) else {
            let known: Vec<&str> = self.language.names().collect();
            let there = if known.is_empty() {
                "config.toml has none in [filters]".to_owned()
            } else {
                text::instead(name, &known)
            };
            return Err(self.fault(start, self.at, format!("there is no filter named '{name}'; {there}")));
        };
        if self.within.iter().any(|n| n == name) || self.within.len() >= DEEPEST {
            return Err(self.fault(start, self.at, format!("@{name} is a part of itself")));
        }
        self.within.push(name.to_owned());
        let inner = self.language.parse_within(text, self.within);
        self.within.pop();
        match inner {
            Ok(inner) => Ok(Expr::Named(name.to_owned(), Box::new(inner))),
            Err(why) => Err(self.fault(start, self.at, format!("in @{name}: {}", why.message))),
        }
    }

    fn word(&mut self) -> &'a str {
        let length = self.rest().find(ends).unwrap_or(self.rest().len());
        let word = &self.rest()[..length];
        self.at += length;
        word
    }

    /// Parses an operator, if there is one. `~` counts only without a space before it; with one, it
    /// starts a short form.
    fn operator(&mut self, spaced: bool) -> Option<&'static str> {
        let place = self.at;
        if spaced {
            self.space();
        }
        let found = ["!=", "<=", ">=", "=", "<", ">"].into_iter().find(|op| self.rest().starts_with(op));
        let found = found.or_else(|| (self.at == place && self.rest().starts_with('~')).then_some("~"));
        self.at = found.map_or(place, |op| self.at + op.len());
        found
    }

    fn long_or_word(&mut self) -> Result<Expr, Fault> {
        let start = self.at;
        if self.rest().starts_with('"') {
            return Ok(Expr::Test(Test::Anywhere(self.quoted()?)));
        }
        let letters = self.rest().find(|c: char| !c.is_ascii_alphabetic() && c != '_').unwrap_or(self.rest().len());
        let name = &self.rest()[..letters];
        if !name.is_empty() {
            self.at += letters;
            if ["tag", "sounds"].contains(&name.to_ascii_lowercase().as_str()) && self.rest().starts_with(':') {
                self.at += 1;
                return self.sound();
            }
            if self.rest().starts_with('(')
                && let Some(check) = self.check(name)?
            {
                return Ok(check);
            }
            if let Some(op) = self.operator(self.language.field(name).is_some()) {
                let Some(field) = self.language.field(name) else {
                    return Err(self.fault(start, start + letters, self.language.no_field(name)));
                };
                return self.compare(field, op);
            }
            if let Some(test) = self.bare_number(name) {
                return Ok(test);
            }
            self.at = start;
        }
        let word = self.word();
        if word.is_empty() {
            let what =
                if self.rest().is_empty() { "something is missing here" } else { "a test is missing before this" };
            return Err(self.here(what));
        }
        Ok(Expr::Test(Test::Anywhere(word.to_owned())))
    }

    /// Parses `tempo 118-126`: a numeric field and a number or range, without an operator.
    fn bare_number(&mut self, name: &str) -> Option<Expr> {
        let field = self.language.field(name).filter(|f| f.kind != Kind::Text)?;
        let place = self.at;
        self.space();
        let digits = self.rest().starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
        let test = (self.at > place && digits).then(|| self.number(field, "=").ok()).flatten();
        if test.is_none() {
            self.at = place;
        }
        test
    }

    /// Parses `has(field)`, `missing(field)` or `like(path)`; `None` if the name is none of these.
    fn check(&mut self, name: &str) -> Result<Option<Expr>, Fault> {
        if !["has", "missing", "like"].contains(&name) {
            return Ok(None);
        }
        let open = self.at;
        self.at += 1;
        self.space();
        let place = self.at;
        let inside = if self.rest().starts_with('"') {
            self.quoted()?
        } else {
            let end = self.rest().find(')').unwrap_or(self.rest().len());
            let inside = self.rest()[..end].trim_end();
            self.at += inside.len();
            inside.to_owned()
        };
        if !self.eat(")") {
            return Err(self.fault(open, open + 1, "this parenthesis is not closed"));
        }
        if inside.is_empty() {
            let wants = if name == "like" { "the path of a track" } else { "a field" };
            return Err(self.fault(open, open + 1, format!("{name} wants {wants}")));
        }
        if name == "like" {
            return Ok(Some(Expr::Test(Test::Like(inside))));
        }
        let Some(field) = self.language.field(&inside) else {
            return Err(self.fault(place, place + inside.len(), self.language.no_field(&inside)));
        };
        let has = Expr::Test(Test::Has(field));
        Ok(Some(if name == "has" { has } else { Expr::Not(Box::new(has)) }))
    }

    /// Parses what follows `tag:` or `sounds:`, such as `jazz`, `"female voice"` or `jazz>0.5`.
    fn sound(&mut self) -> Result<Expr, Fault> {
        let start = self.at;
        let word = if self.rest().starts_with('"') {
            self.quoted()?
        } else {
            let stops = |c: char| ends(c) || matches!(c, '<' | '>' | '=' | '!' | '~');
            let word = &self.rest()[..self.rest().find(stops).unwrap_or(self.rest().len())];
            self.at += word.len();
            word.to_owned()
        };
        if word.is_empty() {
            return Err(self.fault(start, start, "a word of the encoder is missing: sounds:mellow, tag:jazz>0.5"));
        }
        let Some(op) = self.operator(false) else { return Ok(Expr::Test(Test::Word(word, None))) };
        if op == "~" {
            return Err(self.fault(self.at - 1, self.at, "a tag is a number: =, !=, <, <=, >, >="));
        }
        let from = self.at;
        let span = self.span(op, Kind::Signed, "a probability")?;
        let within = |end: Option<(Value, bool)>| {
            end.is_none_or(|(v, _)| matches!(v, Value::Plain(n) if (0.0..=1.0).contains(&n)))
        };
        if !within(span.low) || !within(span.high) {
            return Err(self.fault(from, self.at, "how likely a tag is goes from 0 to 1: tag:jazz>0.5"));
        }
        let test = Expr::Test(Test::Word(word, Some(span)));
        Ok(if op == "!=" { Expr::Not(Box::new(test)) } else { test })
    }

    fn compare(&mut self, field: &'static Field, op: &'static str) -> Result<Expr, Fault> {
        let sign = self.at - op.len();
        if field.kind != Kind::Text {
            if op == "~" {
                return Err(self.fault(sign, self.at, format!("{} is a number: =, !=, <, <=, >, >=", field.name)));
            }
            return self.number(field, op);
        }
        let how = match op {
            "~" => TextOp::Contains,
            "=" | "!=" => TextOp::Is,
            _ => {
                return Err(self.fault(
                    sign,
                    self.at,
                    format!("{} is a text: = is, != is not, ~ contains", field.name),
                ));
            }
        };
        self.space();
        let test = Expr::Test(Test::Text(field, how, self.value(field)?));
        Ok(if op == "!=" { Expr::Not(Box::new(test)) } else { test })
    }

    /// Parses a quoted text or a single word.
    fn value(&mut self, field: &Field) -> Result<String, Fault> {
        let start = self.at;
        let value = if self.rest().starts_with('"') { self.quoted()? } else { self.word().to_owned() };
        if value.is_empty() {
            let fix =
                format!("{} wants {}; missing({}) finds what has none", field.name, example(field.kind), field.name);
            return Err(self.fault(start, self.at.max(start), fix));
        }
        Ok(value)
    }

    fn quoted(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let (mut out, mut escaped) = (String::new(), false);
        for (i, c) in self.rest().char_indices().skip(1) {
            match c {
                '"' | '\\' if escaped => out.push(c),
                '\\' => {
                    escaped = true;
                    continue;
                }
                '"' => {
                    self.at += i + 1;
                    if out.trim().is_empty() {
                        return Err(self.fault(start, self.at, "these quotes are empty"));
                    }
                    return Ok(out);
                }
                c if escaped => out.extend(['\\', c]),
                c => out.push(c),
            }
            escaped = false;
        }
        Err(self.fault(start, start + 1, "these quotes are not closed"))
    }

    fn number(&mut self, field: &'static Field, op: &str) -> Result<Expr, Fault> {
        let test = Expr::Test(Test::Number(field, self.span(op, field.kind, field.name)?));
        Ok(if op == "!=" { Expr::Not(Box::new(test)) } else { test })
    }

    /// Parses the operand of `op`: a value or a range. `what` names it in error messages.
    fn span(&mut self, op: &str, kind: Kind, what: &str) -> Result<Span, Fault> {
        self.space();
        let start = self.at;
        let word = self.word();
        let wants = |p: &Self| p.fault(start, p.at, format!("{what} wants {}", example(kind)));
        let value = || Value::parse(word, kind);
        let span = match op {
            "<" => value().map(|v| Span { low: None, high: Some((v, false)) }),
            "<=" => value().map(|v| Span { low: None, high: Some((v, true)) }),
            ">" => value().map(|v| Span { low: Some((v, false)), high: None }),
            ">=" => value().map(|v| Span { low: Some((v, true)), high: None }),
            _ => span(word, kind),
        };
        let span = span.ok_or_else(|| wants(self))?;
        if let (Some((low, _)), Some((high, _))) = (span.low, span.high)
            && low.is_after(high)
        {
            return Err(self.fault(start, self.at, "this range goes backwards"));
        }
        Ok(span)
    }
}

/// Parses a value or a range; either end of a range may be open.
fn span(word: &str, kind: Kind) -> Option<Span> {
    let end = |word: &str| match word {
        "" => Some(None),
        word => Value::parse(word, kind).map(|v| Some((v, true))),
    };
    let between = |low: &str, high: &str| {
        let span = Span { low: end(low)?, high: end(high)? };
        (span.low.is_some() || span.high.is_some()).then_some(span)
    };
    if let Some((low, high)) = word.split_once("..") {
        return between(low, high);
    }
    if let Some(value) = Value::parse(word, kind) {
        return Some(Span::at(value));
    }
    word.match_indices('-').find_map(|(i, _)| between(&word[..i], &word[i + 1..]))
}
