//! The findings as one HTML page without scripts or external resources, for light and dark mode.

use std::fmt::Write;

use crate::measure::Interval;
use crate::picture::{self, Bar, escape};

use super::findings::{Findings, Retrieval, Settings, Verdict};
use super::hubs::BINS;
use super::tables::Table;
use super::{figures, tables, text};

const STYLE: &str = include_str!("report.css");

/// Renders the page.
pub fn html(f: &Findings) -> String {
    let mut out = String::from("<h1>jukebox eval</h1>");
    for line in text::about(f) {
        let _ = write!(out, "<p class=\"about\">{}</p>", escape(&line));
    }
    verdicts(&mut out, f);
    neighbours(&mut out, f);
    tables::alike(f).into_iter().for_each(|t| tabled(&mut out, t));
    hubs(&mut out, f);
    sets(&mut out, f);
    probes(&mut out, f);
    tables::of(f).into_iter().for_each(|t| tabled(&mut out, t));
    page(&format!("jukebox eval: {}", f.corpus.name), &out, &f.settings)
}

/// Wraps a body in a page with this title.
pub(super) fn page(title: &str, body: &str, settings: &Settings) -> String {
    let mut out = String::from("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    let _ = write!(out, "<title>{}</title><style>{STYLE}</style></head><body><main>{body}", escape(title));
    let _ = write!(
        out,
        "<footer>Seed {}, {} bootstrap rounds over artists. Definitions: <code>jukebox eval --help</code> and the source's \
         <code>eval/</code> and <code>measure/</code>.</footer></main></body></html>",
        settings.seed, settings.bootstrap
    );
    out
}

fn verdicts(out: &mut String, f: &Findings) {
    out.push_str("<h2>Verdicts</h2><ul class=\"verdicts\">");
    for d in &f.differences {
        let class = match d.verdict {
            Verdict::Above => "above",
            Verdict::Below => "below",
            Verdict::NotToldApart | Verdict::NotMeasured => "open",
        };
        let _ = write!(out, "<li class=\"{class}\">{}</li>", escape(&text::difference(d)));
    }
    out.push_str("</ul>");
}

fn neighbours(out: &mut String, f: &Findings) {
    let bar = |r: &Retrieval| {
        let i = r.genre_p10?;
        Some(Bar { name: r.row.clone(), value: i.mean, range: i.range, main: r.row == "current encoder" })
    };
    let bars: Vec<Bar> = f.retrieval.iter().filter_map(bar).collect();
    section(out, "Neighbours: genre", &text::genre_caption(f));
    if !bars.is_empty() {
        figure(out, &picture::bars(&bars, f.chance.genre), "Genre precision at 10, artist filter; dashed: chance.");
    }
    let percent = |i: Option<Interval>| figures::percent(i.as_ref());
    let genre = |r: &Retrieval| {
        [r.genre_p10, r.genre_ndcg20, r.genre_knn10, r.genre_p10_unfiltered, r.gap].map(percent).to_vec()
    };
    let head = ["", "P@10 AF", "NDCG@20 AF", "kNN-10 AF", "P@10 unfiltered", "filter takes"];
    table(out, &head, f.retrieval.iter().map(|r| (r.row.clone(), genre(r))));
    section(out, "Neighbours: artist and album", &text::album_caption(f));
    let album = |r: &Retrieval| [r.artist_rp, r.artist_recall20, r.album_recall20].map(percent).to_vec();
    let head = ["", "artist R-precision", "artist R@20", "album R@20"];
    table(out, &head, f.retrieval.iter().map(|r| (r.row.clone(), album(r))));
    let d = &f.distances;
    if let Some(auc) = d.auc {
        let series = [("one genre".to_string(), d.within.as_slice()), ("two genres".to_string(), d.between.as_slice())];
        let caption = format!(
            "The current encoder's distances between tracks of different artists. A pair of one genre is nearer than a pair \
             of two with probability {auc:.3}."
        );
        figure(out, &picture::overlaid(&d.edges, &series, "distance (random tracks: about √2)"), &caption);
    }
}

fn hubs(out: &mut String, f: &Findings) {
    section(out, "Hubness", &text::hub_caption(f));
    let mut labels = vec!["0".to_string()];
    labels.extend(BINS.windows(2).map(|b| format!("{}–{}", b[0] + 1, b[1])));
    labels.push(format!("over {}", BINS[BINS.len() - 1]));
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let shares = |h: &super::findings::Hubs| h.occurrence.iter().map(|&c| c as f64 / h.tracks.max(1) as f64).collect();
    let own = f.hubness.iter().filter(|h| h.row == "current encoder");
    let series: Vec<(String, Vec<f64>)> = own.map(|h| (h.ranking.clone(), shares(h))).collect();
    if !series.is_empty() {
        let caption =
            "Number of lists of ten nearest neighbours that a track is in, current encoder: percent of tracks.";
        figure(out, &picture::columns(&labels, &series), caption);
    }
    let cells = |h: &super::findings::Hubs| {
        let percent = |v: f64| format!("{:.1} %", 100.0 * v);
        vec![
            h.ranking.clone(),
            format!("{:.2}", h.skewness),
            format!("{:.1}", h.max_hub),
            percent(h.anti_hubs),
            format!("{:.2}", h.robin_hood),
            percent(h.reachable),
        ]
    };
    let head = ["", "ranked by", "skewness", "max hub", "anti-hubs", "Robin Hood", "reach@20"];
    table(out, &head, f.hubness.iter().map(|h| (h.row.clone(), cells(h))));
}

fn sets(out: &mut String, f: &Findings) {
    section(out, "Sets, one member left out", &text::set_caption(f));
    if f.signatures.lines.is_empty() {
        out.push_str("<p>Nothing to measure: no sets, or no row that forms a latent space.</p>");
        return;
    }
    let own = f.signatures.lines.iter().filter(|l| l.row == "current encoder").take(3);
    let series: Vec<(String, Vec<(f64, f64)>)> =
        own.map(|l| (l.scorer.clone(), l.by_size.iter().map(|&(n, auc)| (n as f64, auc)).collect())).collect();
    if !series.is_empty() {
        let caption = "Leave-one-out AUC of each set by its size, current encoder; lines: means of neighbouring sizes.";
        figure(out, &picture::scatter(&series, "members"), caption);
    }
    let head = ["", "scorer", "AUC", "albums", "artists", "playlists", "R@20", "R@100"];
    let auc = |i: &Option<Interval>| figures::thousandths(i.as_ref());
    let percent = |i: &Option<Interval>| figures::percent(i.as_ref());
    let cells = |l: &super::findings::Scored| {
        let [albums, artists, playlists] = &l.auc_of;
        let mut cells = vec![l.scorer.clone(), auc(&l.auc), auc(albums), auc(artists), auc(playlists)];
        cells.extend([percent(&l.recall20), percent(&l.recall100)]);
        cells
    };
    table(out, &head, f.signatures.lines.iter().map(|l| (l.row.clone(), cells(l))));
    for l in &f.signatures.lines {
        if let Some(c) = &l.choosing {
            let _ = write!(out, "<p>{}</p>", escape(&text::choosing(&l.row, &l.scorer, c)));
        }
    }
}

fn probes(out: &mut String, f: &Findings) {
    section(out, "Descriptors predicted from the latent", text::PROBES);
    if f.probes.is_empty() {
        out.push_str("<p>Nothing to probe: too few tracks have descriptors.</p>");
        return;
    }
    let cells = |p: &super::findings::Probe| {
        let r = p.r_squared.map_or("–".to_string(), |r| format!("{r:.2}"));
        vec![p.tracks.to_string(), p.dim.to_string(), format!("{:.2}", p.spearman), r]
    };
    let head = ["", "tracks", "dimension", "Spearman", "R²"];
    table(out, &head, f.probes.iter().map(|p| (p.name.clone(), cells(p))));
}

/// A section with its table, if that has rows.
fn tabled(out: &mut String, t: Table) {
    section(out, &capital(t.title), &t.caption);
    if !t.rows.is_empty() {
        let head: Vec<&str> = std::iter::once("").chain(t.head).collect();
        table(out, &head, t.rows.into_iter());
    }
}

/// The text with its first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn section(out: &mut String, title: &str, caption: &str) {
    let _ = write!(out, "<h2>{}</h2><p class=\"caption\">{}</p>", escape(title), escape(caption));
}

pub(super) fn figure(out: &mut String, svg: &str, caption: &str) {
    let _ = write!(out, "<figure>{svg}<figcaption>{}</figcaption></figure>", escape(caption));
}

pub(super) fn table(out: &mut String, head: &[&str], rows: impl Iterator<Item = (String, Vec<String>)>) {
    out.push_str("<div class=\"wide\"><table><thead><tr>");
    for h in head {
        let _ = write!(out, "<th>{}</th>", escape(h));
    }
    out.push_str("</tr></thead><tbody>");
    for (name, cells) in rows {
        let class = if name == "current encoder" || name == "player" { " class=\"main\"" } else { "" };
        let _ = write!(out, "<tr{class}><th>{}</th>", escape(&name));
        for cell in cells {
            // A value, then its interval in small type.
            match cell.split_once(' ').filter(|(_, rest)| rest.contains('–') || rest.starts_with('[')) {
                Some((value, interval)) => {
                    let _ = write!(out, "<td>{} <small>{}</small></td>", escape(value), escape(interval));
                }
                None => {
                    let _ = write!(out, "<td>{}</td>", escape(&cell));
                }
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
}
