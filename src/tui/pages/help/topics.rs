//! The topics of the help: short texts, with what only the running program knows (fields, themes, views) below them.

use crate::app::commands::COMMANDS;
use crate::tui::pane::Shown;

use super::command;
use super::entry::Entry;

/// A topic.
pub struct Topic {
    /// Its name, as in `:help NAME`.
    pub name: &'static str,
    /// The title of its page.
    pub title: &'static str,
    /// What it is about, in a few words.
    pub about: &'static str,
    parts: &'static [Part],
}

/// A part of a topic.
enum Part {
    Text(&'static str),
    Row(&'static str, &'static str),
    Blank,
}

use Part::{Blank, Row, Text};

/// The topics, in the order in which the help lists them.
pub const TOPICS: &[Topic] = &[
    Topic { name: "commands", title: "Help: commands", about: "every command, and how they are typed", parts: COMMAND },
    Topic { name: "keys", title: "Help: keys", about: "how keys are written, bound and changed", parts: KEYS },
    Topic { name: "filter", title: "Help: filters", about: "the language of filters, with all fields", parts: FILTER },
    Topic {
        name: "queue",
        title: "Help: the queue",
        about: "how the queue fills itself, and your part in it",
        parts: QUEUE,
    },
    Topic {
        name: "dimensions",
        title: "Help: dimensions",
        about: "what the numbers of a track are, and how they are named",
        parts: DIMENSIONS,
    },
    Topic { name: "themes", title: "Help: themes", about: "colours: choosing and writing a theme", parts: THEMES },
];

const COMMAND: &[Part] = &[
    Text(
        "A command is typed after : and begins to show what fits at once; tab completes, up and down recall what was \
          typed before, esc leaves. A name may be shortened as long as only one command fits.",
    ),
    Blank,
    Row(":seek +30", "the same commands are bound to keys in [keys] of config.toml"),
    Row("jukebox send seek +30", "and reach the running player from a shell"),
    Row(":help seek", "says how one command is written, its keys and an example"),
];

const KEYS: &[Part] = &[
    Text(
        "Keys are bound in config.toml, a command line to each; what you bind lies over the preset and counts at once.",
    ),
    Blank,
    Row("[ui] preset = \"cmus\"", "the keys to begin with: default, cmus, vim or mpv"),
    Row("[keys] \"ctrl-n\" = \"next\"", "everywhere"),
    Row("[keys.list] \"a\" = \"enqueue\"", "in every list; wins over [keys]"),
    Row("[keys.queue] \"x\" = \"remove\"", "in one view; wins over [keys.list]"),
    Row("\"x\" = \"noop\"", "unbinds a key"),
    Blank,
    Text(
        "A key is a character or a name, with ctrl-, alt- or shift- before it: x, G, space, enter, esc, tab, \
          backspace, delete, insert, left, right, up, down, home, end, pageup, pagedown, f1 to f24, ctrl-d, alt-1, shift-left. A \
          sequence is gg, or ctrl-w q with spaces between the keys.",
    ),
    Text(
        "A digit is a count for what follows, and alone, after half a second, the key of a view; alt with a digit does \
          not wait. A sequence that begins with a digit is typed without a pause.",
    ),
    Text(
        "Of two sequences in the same table one must not be the beginning of the other: the later one counts, and a \
          warning at the start and jukebox doctor name its line.",
    ),
];

const FILTER: &[Part] = &[
    Row("word \"two words\"", "anywhere in title, artist, album, genre and file name"),
    Row("~a beatles", "the short form of cmus: a letter, then a text, a number or a range"),
    Row("genre=jazz", "the long form: = is, != is not, ~ contains; * in a text stands for anything"),
    Row("year>=1990", "< <= = != >= >; ranges are 118-126, 1990.. and ..1990"),
    Row("length>10:00", "times: 10:00, 90s, 5min, 1h"),
    Row("played<-7d", "dates: 2024, 2024-03, 2024-03-01, or how long ago: s min h d w m y"),
    Row("has(genre) missing(genre)", "known, not known"),
    Row("sounds:mellow", "a word of the encoder is said of it"),
    Row("tag:jazz>0.5", "how likely the word is, 0 to 1"),
    Row("like(FILE)", "among the hundred tracks that sound most like it"),
    Row("@name", "a filter of [filters] in config.toml"),
    Row("a & b, a b", "both"),
    Row("a | b, !a, ( )", "either, not, grouping"),
    Row("?bjrk lov", "letters of artist, title and album in their order, the best match first"),
];

const QUEUE: &[Part] = &[
    Text(
        "What you add is marked + and plays first, in your order. Behind it the queue fills itself with tracks that \
          fit (~): near to what your tracks agree on, their signature, and not what was heard lately.",
    ),
    Blank,
    Row(":enqueue, :enqueue-next", "add the selection, or put it right after what plays"),
    Row(":keep", "make an automatic track your own; what follows goes by it too"),
    Row(":not, :not-artist, :less", "this track, this artist, this dimension less"),
    Row(":undo", "take that back"),
    Row(":why", "the reasons for the track under the cursor"),
    Row(":signature 3,calm,tempo", "choose what counts; :signature auto lets the tracks decide"),
    Row(":direction, :journey, :blend", "lead it somewhere: faster, from here to a track, between two sets"),
    Row(":engine", "who proposes: signature, albums, a plugin"),
    Row(":only, :never, :limits", "limits that every automatic track keeps to: genre=jazz & rating>=60"),
    Row(":share jazz 30%", "no more than that of what is picked is of a genre"),
    Row(
        ":rediscover, :mix",
        "what you liked and have not heard for long; the day's mixes of what you hear, as playlists",
    ),
    Row(":length 90m, :until 23:30", "where it ends, and the music with it"),
    Row(":auto off", "do not fill it; :shuffle, :repeat, :continue, :consume order what you added"),
];

const DIMENSIONS: &[Part] = &[
    Text(
        "A track is 32 numbers of the encoder, counted from 1, and 13 measured ones with names, such as tempo, key, \
          brightness and energy. What the numbered ones mean follows from your library.",
    ),
    Blank,
    Row(":signature", "the dimensions that the playlist agrees on, to be used, weighed and left out one by one"),
    Row(":dimension weigh tempo +0.5", "the same as a command; :trial keep keeps it, :trial off gives it up"),
    Row(":signature-of album", "look at the signature of a set; :compare NAME shows another one beside it"),
    Row(":dims", "a table of all of them"),
    Row(":dims 7, :dims calm", "the card of one: what it goes with, the tracks at both of its ends"),
    Row(":name 7 twang", "give it a name of yours, which is understood wherever a number is"),
    Row(":signature 3,7*2", "count only 3, and 7 twice"),
    Row(":signature auto,7*2,-5", "the tracks decide, but 7 counts twice and 5 never"),
    Row(":less tempo", "count one less"),
    Row(":direction calm up", "let the next tracks climb along one"),
];

const THEMES: &[Part] = &[
    Row(":theme NAME", "change the colours until the end; :theme alone lists them"),
    Row("[ui] theme = \"NAME\"", "the theme to begin with, in config.toml; auto is dark or light as the terminal is"),
    Row("themes/NAME.toml", "a theme of your own, in the directory of config.toml"),
    Row("inherits = \"NAME\"", "in it: what it does not say, another theme does"),
    Row("[palette]", "in it: names for colours, as \"#rrggbb\", a number from 0 to 255 or a name such as red"),
    Row("[ui]", "in it: a colour for each role, or { fg, bg, bold, dim, italic, underline, reverse }"),
    Row("NO_COLOR", "in the environment: no colours at all"),
];

/// A topic with what only the running program knows, and with the command of the same name.
pub fn entries(topic: usize, shown: &Shown) -> Vec<Entry> {
    let Some(topic) = TOPICS.get(topic) else { return Vec::new() };
    let part = |part: &Part| match part {
        Text(text) => Entry::Text(text.to_string()),
        Row(left, right) => Entry::row(*left, *right),
        Blank => Entry::Blank,
    };
    let mut entries: Vec<Entry> = topic.parts.iter().map(part).collect();
    let (heading, rows) = known(topic.name, shown);
    if !rows.is_empty() {
        entries.extend([Entry::Blank, Entry::Heading(heading.into())]);
        entries.extend(rows);
    }
    if let Some(command) = COMMANDS.iter().find(|command| command.name == topic.name) {
        entries.push(Entry::Blank);
        entries.extend(command::entries(command, shown));
    }
    entries
}

/// What the running program knows about a topic: a heading, and rows.
fn known(topic: &str, shown: &Shown) -> (&'static str, Vec<Entry>) {
    let model = shown.model;
    match topic {
        "commands" => ("Commands", command::rows(model)),
        "keys" => {
            let table = |id: &str| Entry::row(format!("[keys.{id}]"), format!("the view {id}"));
            ("Views", shown.panes.iter().map(|pane| table(pane.id())).collect())
        }
        "filter" => {
            let fields = model.language.fields().iter().map(|field| {
                let letter = field.letter.map_or(String::new(), |letter| format!("  ~{letter}"));
                Entry::row(format!("{}{letter}", field.name), field.doc)
            });
            let named = model.language.names().map(|name| Entry::row(format!("@{name}"), "a filter of yours"));
            ("Fields", fields.chain(named).collect())
        }
        "themes" => ("Themes", model.themes.iter().map(|name| Entry::row(format!(":theme {name}"), "")).collect()),
        _ => ("", Vec::new()),
    }
}
