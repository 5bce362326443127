//! The findings as text for a terminal of 100 columns.

use crate::measure::Interval;
use crate::text::fit;

use super::figures::{percent, points, thousandths};
use super::findings::{Choosing, Difference, Facts, Findings, Retrieval};
use super::tables;

/// Width of a row's name in columns.
const NAME: usize = 18;
/// Width of a value with its interval in columns.
const VALUE: usize = 16;

/// All findings, as lines.
pub fn lines(f: &Findings) -> Vec<String> {
    let mut out = about(f);
    let mut section = |title: &str, caption: &str, lines: Vec<String>| {
        out.push(String::new());
        out.push(title.to_uppercase());
        out.extend(wrapped(caption, 100));
        out.extend(lines.into_iter().map(|l| l.trim_end().to_string()));
    };
    section("neighbours: genre", &genre_caption(f), genre(f));
    section("neighbours: artist and album", &album_caption(f), album(f));
    if let Some(table) = tables::alike(f) {
        section(table.title, &table.caption, tables::lines(&table, 100));
    }
    section("hubness", &hub_caption(f), hubs(f));
    section("sets, one member left out", &set_caption(f), sets(f));
    section("descriptors predicted from the latent", PROBES, probes(f));
    for table in tables::of(f) {
        section(table.title, &table.caption, tables::lines(&table, 100));
    }
    section("differences", DIFFERENCES, f.differences.iter().flat_map(|d| wrapped(&difference(d), 100)).collect());
    out
}

pub(super) const PROBES: &str = "The latent dimension that correlates most with each (Spearman), and R² of ridge regression from all 32, \
tested on other artists.";
const DIFFERENCES: &str = "Paired: the same queries and the same resampling of artists for both, with 95 % intervals.";

/// A description of the corpus and the rows.
pub(super) fn about(f: &Findings) -> Vec<String> {
    let mut out = corpus(&f.corpus);
    for row in f.retrieval.iter().filter(|r| !r.about.is_empty()) {
        out.extend(wrapped(&format!("row {}: {}", row.row, row.about), 100));
    }
    if !f.dead.is_empty() {
        let dead: Vec<String> = f.dead.iter().map(usize::to_string).collect();
        out.extend(wrapped(&format!("tracks hardly differ in dimension {}", dead.join(", ")), 100));
    }
    out
}

/// A summary of the corpus.
pub(super) fn corpus(c: &Facts) -> Vec<String> {
    let mut out = vec![format!("{}: {} tracks, {} artists, {} albums", c.name, c.tracks, c.artists, c.albums)];
    let genres: Vec<String> = c.genres.iter().take(12).map(|(name, count)| format!("{name} {count}")).collect();
    let more = c.genres.len().saturating_sub(12);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if !genres.is_empty() {
        out.extend(wrapped(&format!("genres: {}{more}", genres.join(", ")), 100));
    }
    for note in &c.notes {
        out.extend(wrapped(note, 100));
    }
    if c.without_artist > 0 {
        out.push(format!("{} tracks have no artist, so the artist filter does not apply to them", c.without_artist));
    }
    if c.repeats > 0 {
        out.push(format!("{} tracks share artist and title with another and never count for each other", c.repeats));
    }
    out
}

/// The caption of genre retrieval.
pub(super) fn genre_caption(f: &Findings) -> String {
    let c = &f.corpus;
    let asked = if c.queries < c.tracks {
        format!("{} of {} tracks, at random, are queries", c.queries, c.tracks)
    } else {
        "Every track is a query".into()
    };
    format!(
        "{asked} for the nearest others; AF (artist filter): none by its own artist. Percent, with the 95 % interval of {} \
         draws of whole artists. Chance: P@10 {} AF, {} without.",
        f.settings.bootstrap,
        share(f.chance.genre),
        share(f.chance.genre_unfiltered)
    )
}

/// The caption of artist and album retrieval.
pub(super) fn album_caption(f: &Findings) -> String {
    format!(
        "The artist's tracks on other albums (chance: R-precision {}), and the query's own album (chance: recall {}). A high \
         album with a low genre means that the encoder hears the production. Percent.",
        share(f.chance.artist),
        share(f.chance.album_recall20)
    )
}

/// The caption of hubness.
pub(super) fn hub_caption(f: &Findings) -> String {
    format!(
        "{} tracks ranked among themselves: how often each is in another's 10 nearest. Skewness above 1.4 is high; max hub is \
         against an even share; anti-hubs are in nobody's list; reach: in anybody's 20 nearest.",
        f.corpus.queries
    )
}

/// The caption of the signatures' table.
pub(super) fn set_caption(f: &Findings) -> String {
    let [albums, artists, playlists] = f.signatures.sets;
    format!(
        "{albums} albums, {artists} artists of several, {playlists} playlists of at least 5 tracks ({} members left out). \
         AUC: the share of the library that lies farther from the others than the member left out; recall: how often it \
         comes among the nearest 20 and 100. The prior is fitted without the set's own albums.",
        f.signatures.folds
    )
}

fn genre(f: &Findings) -> Vec<String> {
    let head = ["P@10 AF", "NDCG@20 AF", "kNN-10 AF", "P@10 unfiltered", "filter takes"];
    let of = |r: &Retrieval| [r.genre_p10, r.genre_ndcg20, r.genre_knn10, r.genre_p10_unfiltered, r.gap];
    table(f, &head, &|r| of(r).to_vec())
}

fn album(f: &Findings) -> Vec<String> {
    let head = ["artist R-prec.", "artist R@20", "album R@20"];
    table(f, &head, &|r| vec![r.artist_rp, r.artist_recall20, r.album_recall20])
}

fn table(f: &Findings, head: &[&str], of: &dyn Fn(&Retrieval) -> Vec<Option<Interval>>) -> Vec<String> {
    let mut out = vec![fit("", NAME) + &head.iter().map(|h| fit(h, VALUE)).collect::<String>()];
    for row in &f.retrieval {
        let values: String = of(row).iter().map(|v| fit(&percent(v.as_ref()), VALUE)).collect();
        out.push(format!("{}{values}", fit(&row.row, NAME - 1) + " "));
    }
    out
}

fn hubs(f: &Findings) -> Vec<String> {
    let mut out = vec![format!(
        "{}{}{:>9}{:>9}{:>11}{:>12}{:>9}",
        fit("", NAME),
        fit("", 28),
        "skewness",
        "max hub",
        "anti-hubs",
        "Robin Hood",
        "reach"
    )];
    out.extend(f.hubness.iter().map(|h| {
        format!(
            "{} {} {:>9.2}{:>9.1}{:>9.1} %{:>12.2}{:>7.1} %",
            fit(&h.row, NAME - 1),
            fit(&h.ranking, 27),
            h.skewness,
            h.max_hub,
            100.0 * h.anti_hubs,
            h.robin_hood,
            100.0 * h.reachable
        )
    }));
    out
}

fn sets(f: &Findings) -> Vec<String> {
    if f.signatures.lines.is_empty() {
        return vec!["nothing to measure: no sets, or no row that forms a latent space".into()];
    }
    let mut out = vec![format!(
        "{}{}{:>7}{:>8}{:>7}{:>6}{:>6}",
        fit("", NAME + 27),
        fit("AUC", 18),
        "albums",
        "artists",
        "lists",
        "R@20",
        "R@100"
    )];
    let auc = |i: &Option<Interval>| i.map_or("–".to_string(), |i| format!("{:.3}", i.mean));
    let whole = |i: &Option<Interval>| i.map_or("–".to_string(), |i| format!("{:.0}", 100.0 * i.mean));
    for line in &f.signatures.lines {
        let [albums, artists, playlists] = &line.auc_of;
        out.push(format!(
            "{} {} {}{:>7}{:>8}{:>7}{:>6}{:>6}",
            fit(&line.row, NAME - 1),
            fit(&line.scorer, 26),
            fit(&thousandths(line.auc.as_ref()), 18),
            auc(albums),
            auc(artists),
            auc(playlists),
            whole(&line.recall20),
            whole(&line.recall100)
        ));
    }
    for line in &f.signatures.lines {
        if let Some(c) = &line.choosing {
            out.extend(wrapped(&choosing(&line.row, &line.scorer, c), 100));
        }
    }
    out
}

/// A sentence about how a signature chooses dimensions.
pub(super) fn choosing(row: &str, scorer: &str, c: &Choosing) -> String {
    let number = |v: Option<f64>| v.map_or("–".to_string(), |v| format!("{v:.2}"));
    let dims = c.dims.map_or("–".to_string(), |d| format!("{d:.1}"));
    format!(
        "{row}, {scorer}: dimensions chosen in {:.0} % of sets, {dims} of them; in {} of random sets; halves agree {} (Jaccard).",
        100.0 * c.chosen,
        share(c.null),
        number(c.stability)
    )
}

fn probes(f: &Findings) -> Vec<String> {
    if f.probes.is_empty() {
        return vec!["nothing to probe: too few tracks have descriptors".into()];
    }
    let head = format!("{}{:>8}{:>11}{:>11}{:>8}", fit("", NAME), "tracks", "dimension", "Spearman", "R²");
    let line = |p: &super::findings::Probe| {
        let r = p.r_squared.map_or("–".to_string(), |r| format!("{r:.2}"));
        format!("{}{:>8}{:>11}{:>11.2}{:>8}", fit(&p.name, NAME), p.tracks, p.dim, p.spearman, r)
    };
    std::iter::once(head).chain(f.probes.iter().map(line)).collect()
}

/// A sentence about a difference.
pub(super) fn difference(d: &Difference) -> String {
    let found = match &d.interval {
        Some(i) => {
            let [low, high] = i.range.unwrap_or([i.mean; 2]);
            format!("{} points [{}, {}]: ", points(i.mean), points(low), points(high))
        }
        None => String::new(),
    };
    format!("{} − {}, {}: {found}{}", d.row, d.against, d.measure, d.verdict.words())
}

fn share(v: Option<f64>) -> String {
    v.map_or("unknown".to_string(), |v| format!("{:.1} %", 100.0 * v))
}

/// Wraps text between words to lines of at most `columns`.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        match out.last_mut() {
            Some(line) if crate::text::width(line) + 1 + crate::text::width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => out.push(word.to_string()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped() {
        assert_eq!(wrapped("aa bb  cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("", 5), Vec::<String>::new());
    }

    #[test]
    fn values_show_what_they_have() {
        let i = Interval { mean: 0.5, range: Some([0.4, 0.625]), values: 9, groups: 3 };
        assert_eq!((percent(Some(&i)).as_str(), percent(None).as_str()), ("50.0 40.0–62.5", "–"));
        assert_eq!(thousandths(Some(&Interval { range: None, ..i })), "0.500");
    }
}
