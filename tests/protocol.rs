//! docs/protocol.md has every request, reply, event, field and variable of the program, and its examples are ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jukebox::ask::event::Happening;
use jukebox::ask::protocol::{Reply, Request};
use jukebox::ask::report::Status;
use serde_json::Value;
use syn::{Attribute, Fields, Item, Meta};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The part of the page below a heading of the second level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    rest.split("\n## ").next().unwrap_or(rest)
}

/// What stands in the section as code: each word between backquotes.
fn codes(section: &str) -> BTreeSet<&str> {
    section.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

/// The blocks of JSON of a section.
fn blocks(section: &str) -> Vec<&str> {
    section.split("\n```json\n").skip(1).filter_map(|rest| rest.split("\n```\n").next()).collect()
}

/// Whether an attribute is `#[serde(skip)]`.
fn is_skipped(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::List(list) if list.path.is_ident("serde") && list.tokens.to_string() == "skip")
}

/// The variants of an enum, or the one struct of that name, each with its fields, without those that no message has.
fn parts(source: &str, name: &str) -> Vec<(String, Vec<String>)> {
    let file = syn::parse_file(&read(source)).unwrap();
    let named = |fields: &Fields| match fields {
        Fields::Named(named) => {
            let sent = named.named.iter().filter(|field| !field.attrs.iter().any(is_skipped));
            sent.filter_map(|field| Some(field.ident.as_ref()?.to_string())).collect()
        }
        Fields::Unnamed(_) | Fields::Unit => Vec::new(),
    };
    let found = file.items.iter().find_map(|item| match item {
        Item::Enum(one) if one.ident == name => {
            Some(one.variants.iter().map(|v| (v.ident.to_string(), named(&v.fields))).collect())
        }
        Item::Struct(one) if one.ident == name => Some(vec![(name.to_string(), named(&one.fields))]),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{source} has no {name}"))
}

fn assert_all<'a>(wanted: impl IntoIterator<Item = &'a String>, section: &str, what: &str) {
    let codes = codes(section);
    let missing: Vec<_> = wanted.into_iter().filter(|name| !codes.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/protocol.md lacks of {what}: {missing:?}");
}

#[test]
fn the_page_has_every_request_and_reply() {
    let page = read("docs/protocol.md");
    let tables = [section(&page, "The control socket"), section(&page, "Other requests")].concat();
    for name in ["Request", "Reply"] {
        let parts = parts("src/ask/protocol.rs", name);
        assert!(parts.len() > 10);
        assert_all(parts.iter().map(|(variant, _)| variant), &tables, name);
        // Fields are told of in a table or beneath it.
        for (variant, fields) in parts {
            let lacks: Vec<_> = fields.iter().filter(|field| !tables.contains(&format!("`{field}`"))).collect();
            assert!(lacks.is_empty(), "docs/protocol.md lacks of {name}::{variant}: {lacks:?}");
        }
    }
}

#[test]
fn the_page_has_every_event_and_every_field_of_the_status() {
    let page = read("docs/protocol.md");
    let events = section(&page, "Events");
    for (variant, fields) in parts("src/ask/event.rs", "Happening") {
        let row = format!("| `{}` |", variant.to_lowercase());
        let row = events.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("no event {variant}"));
        assert_all(&fields, row, &variant);
    }
    let status = section(&page, "Status");
    for name in ["Status", "Playing", "Coming"] {
        let parts = parts("src/ask/report.rs", name);
        assert_all(parts.iter().flat_map(|(_, fields)| fields), status, name);
    }
}

#[test]
fn the_page_has_every_variable_of_a_hook() {
    let source = read("src/runtime/hooks.rs");
    let set: BTreeSet<String> =
        source.split('"').filter(|text| text.starts_with("JUKEBOX_")).map(str::to_string).collect();
    assert!(set.len() >= 7, "{set:?}");
    assert_all(&set, section(&read("docs/protocol.md"), "Hooks"), "hooks");
}

#[test]
fn the_examples_are_what_the_program_reads_and_writes() {
    let page = read("docs/protocol.md");
    let same = |line: &str, again: Value| assert_eq!(serde_json::from_str::<Value>(line).unwrap(), again, "{line}");
    let [events] = blocks(section(&page, "Events"))[..] else { panic!("one block of events") };
    for line in events.lines() {
        let happening: Happening = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        same(line, serde_json::to_value(happening).unwrap());
    }
    let [status] = blocks(section(&page, "Status"))[..] else { panic!("one status") };
    same(status, serde_json::to_value(serde_json::from_str::<Status>(status).unwrap()).unwrap());
    let [requests, replies] = blocks(section(&page, "The control socket"))[..] else { panic!("requests and replies") };
    assert_eq!(requests.lines().count(), replies.lines().count());
    for line in requests.lines() {
        let request: Request = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        same(line, serde_json::to_value(request).unwrap());
    }
    for line in replies.lines() {
        let reply: Reply = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        same(line, serde_json::to_value(reply).unwrap());
    }
}
