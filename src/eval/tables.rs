//! The tables about how neighbours sound and the encoder's words and axes, for both text and HTML.

use super::alike::{ARTISTS, Closeness, HEARD};
use super::figures::{percent, signed, thousandths};
use super::findings::Findings;
use super::retrieval::LIST;

/// A table with an explanatory caption.
pub struct Table {
    /// The title.
    pub title: &'static str,
    /// An explanation of what was measured.
    pub caption: String,
    /// The column headings except the first, which is empty.
    pub head: Vec<&'static str>,
    /// The rows: name and cells.
    pub rows: Vec<(String, Vec<String>)>,
}

/// Whether neighbours sound alike, or why that was not measured.
pub(super) fn alike(f: &Findings) -> Option<Table> {
    let (a, title) = (&f.alike, "neighbours: sound");
    if let Some(why) = &a.missing {
        return Some(Table { title, caption: format!("Not measured: {why}."), head: Vec::new(), rows: Vec::new() });
    }
    let first = a.descriptors.first()?;
    let place = a.descriptors.iter().position(|c| c.name == HEARD).map(|place| place + 1);
    let leads = match place {
        Some(1) => format!("Closest: {HEARD}, as the paper heard (by how much: see the differences)"),
        Some(place) => format!(
            "Closest: {}; {HEARD}, which the paper heard above all, is number {place} of {} (see the differences)",
            first.name,
            a.descriptors.len()
        ),
        None => format!("Closest: {}; {HEARD}, which the paper heard above all, is not known here", first.name),
    };
    let cells = |c: &Closeness| {
        vec![format!("{:.2}", c.near), format!("{:.2}", c.genre), signed(&c.closer), c.closer.values.to_string()]
    };
    let descriptors = a.descriptors.iter().map(|c| (c.name.clone(), cells(c)));
    let rows = a.rows.iter().map(|c| (format!("all: {}", c.name), cells(c)));
    Some(Table {
        title,
        caption: format!(
            "How far a track's {LIST} nearest (AF) are from it in each descriptor, and how far the tracks of its genre by other \
             artists, in standard deviations of the library. Closer: 1 − nearest/genre in percent, with the 95 % interval; 0 is \
             no closer than random tracks of the genre, 100 is equal. All: the mean over the descriptors, by the neighbours of \
             each row. {leads}. {}.",
            asked(f)
        ),
        head: vec!["nearest", "genre", "closer, %", "queries"],
        rows: descriptors.chain(rows).collect(),
    })
}

/// How many queries were used, and why the others were not.
fn asked(f: &Findings) -> String {
    let a = &f.alike;
    let mut out = format!("{} of {} queries are measured", a.queries, f.corpus.queries);
    if a.without_genre > 0 {
        out += &format!("; {} have no genre", a.without_genre);
    }
    if a.without_others > 0 {
        out += &format!(
            "; {} have fewer than {ARTISTS} other artists in their genre or {LIST} tracks by others",
            a.without_others
        );
    }
    out
}

/// Every other table for which there are results.
pub fn of(f: &Findings) -> Vec<Table> {
    [axes(f), tag_head(f), turns(f), seeds(f)].into_iter().flatten().collect()
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".into(), |v| format!("{v:.2}"))
}

fn axes(f: &Findings) -> Option<Table> {
    let axes = f.axes.as_ref()?;
    let named = axes.lines.len();
    Some(Table {
        title: "named dimensions",
        caption: format!(
            "The correlation of each dimension with the concept that it is named after, made of what {} says of {} tracks. {} of \
             {named} follow theirs (0.5 and more), in the mean {}. Share: of all that tells tracks apart.",
            axes.tags,
            axes.tracks,
            axes.follow,
            number(axes.mean)
        ),
        head: vec!["name", "correlation", "share", "from … to"],
        rows: axes
            .lines
            .iter()
            .map(|l| {
                let share = format!("{:.1} %", 100.0 * l.share);
                let ends = format!("{} ↔ {}", l.low, l.high);
                (l.dim.to_string(), vec![l.name.clone(), number(l.correlation), share, ends])
            })
            .collect(),
    })
}

fn tag_head(f: &Findings) -> Option<Table> {
    let head = f.tag_head.as_ref()?;
    Some(Table {
        title: "tags against the teacher",
        caption: format!(
            "A tag is present in a track when it is among the three that {} finds likeliest; tags present in 5 of {} tracks and \
             more. AUC: how often a track with the tag is more likely to have it, by the encoder's own head, than one without. Mean {:.3} \
             over {} tags; probabilities are {:.3} off the teacher's in the mean. The tags that are told worst:",
            head.teacher,
            head.tracks,
            head.auc,
            head.by_tag.len(),
            head.off
        ),
        head: vec!["AUC"],
        rows: head.by_tag.iter().take(5).map(|(tag, auc)| (tag.clone(), vec![format!("{auc:.3}")])).collect(),
    })
}

fn turns(f: &Findings) -> Option<Table> {
    (!f.turns.is_empty()).then(|| Table {
        title: "the same latents on other axes",
        caption: "A turn changes no distance between latents, but normal scores, and so signatures: what the encoder's own axes cost or \
                  bring beside principal ones, random ones and varimax. P@10 by genre, artist filter, percent, by Euclid and by the \
                  signature of one track; AUC of the signature, one member left out."
            .into(),
        head: vec!["P@10 Euclid", "P@10 of one", "AUC"],
        rows: f
            .turns
            .iter()
            .map(|t| (t.turn.clone(), [percent(t.genre_p10.as_ref()), percent(t.genre_p10_of_one.as_ref()), thousandths(t.auc.as_ref())].into()))
            .collect(),
    })
}

fn seeds(f: &Findings) -> Option<Table> {
    let line = |mark: &str, near: &super::findings::Near| {
        let far = if mark.is_empty() { String::new() } else { format!("{:.2}", near.distance) };
        (format!("{mark}{}", near.title), vec![near.genre.clone(), far, near.words.join(", ")])
    };
    (!f.seeds.is_empty()).then(|| Table {
        title: "some tracks and their nearest",
        caption: "By Euclid over all dimensions; two random tracks are about 1.4 apart. With the likeliest tags and the dimensions in \
                  which each lies far out."
            .into(),
        head: vec!["genre", "distance", "words"],
        rows: f
            .seeds
            .iter()
            .flat_map(|s| std::iter::once(line("", &s.track)).chain(s.near.iter().map(|n| line("· ", n))))
            .collect(),
    })
}

/// Formats a table as lines of at most `columns` characters.
pub fn lines(table: &Table, columns: usize) -> Vec<String> {
    if table.rows.is_empty() {
        return Vec::new();
    }
    let wide = |cell: usize| {
        let cells =
            table.rows.iter().filter_map(|(name, cells)| if cell == 0 { Some(name) } else { cells.get(cell - 1) });
        let head = if cell == 0 { "" } else { table.head[cell - 1] };
        cells.map(|c| crate::text::width(c)).chain([crate::text::width(head)]).max().unwrap_or(0).min(MOST) + 2
    };
    let widths: Vec<usize> = (0..=table.head.len()).map(wide).collect();
    let line = |name: &str, cells: &mut dyn Iterator<Item = &str>| {
        let mut out = crate::text::fit(name, widths[0] - 2) + "  ";
        for (cell, wide) in cells.zip(&widths[1..]) {
            out += &(crate::text::fit(cell, wide - 2) + "  ");
        }
        crate::text::fit(out.trim_end(), columns.min(crate::text::width(out.trim_end())))
    };
    let head = line("", &mut table.head.iter().copied());
    let rows = table.rows.iter().map(|(name, cells)| line(name, &mut cells.iter().map(String::as_str)));
    std::iter::once(head).chain(rows).collect()
}

/// Maximum width of a column.
const MOST: usize = 44;
