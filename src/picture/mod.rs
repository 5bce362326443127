//! Pictures as SVG, and as pixels ([`Raster`]). Colours are classes: a page that contains pictures defines them for light and dark in its style sheet; a
//! picture in a file of its own ([`standalone`]) carries them itself.

mod course;
mod drawn;
mod pairs;
mod panel;
mod raster;
mod sixel;
mod spots;

use std::fmt::Write;

pub use course::{Curve, curves, curves_over, heat, levels};
pub use drawn::{Drawn, Form};
pub use pairs::{Pair, Words, pairs};
pub use panel::{Panel, base64, panels, png, shades};
pub use raster::Raster;
pub use sixel::sixels;
pub use spots::{Spot, spots};

/// Width of a picture, in its own units.
const WIDTH: f64 = 720.0;
/// Left margin for names.
const LEFT: f64 = 190.0;
const RIGHT: f64 = 110.0;

/// A bar with the ends of its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Its value, 0 to 1.
    pub value: f64,
    /// The interval.
    pub range: Option<[f64; 2]>,
    /// Whether it is the subject of the picture.
    pub main: bool,
}

/// Horizontal bars of shares, with a line at chance level.
pub fn bars(bars: &[Bar], chance: Option<f64>) -> String {
    let height = 34.0 * bars.len() as f64 + 34.0;
    let top = bars.iter().map(|b| b.range.map_or(b.value, |r| r[1])).chain(chance).fold(0.1, f64::max);
    let most = (top * 10.0).ceil() / 10.0;
    let x = |v: f64| LEFT + (WIDTH - LEFT - RIGHT) * (v / most).clamp(0.0, 1.0);
    let mut out = open(height);
    axis(&mut out, &x, most, height - 26.0, &|v| format!("{:.0} %", 100.0 * v));
    for (i, bar) in bars.iter().enumerate() {
        let y = 34.0 * i as f64 + 6.0;
        let class = if bar.main { "a" } else { "n" };
        text(&mut out, LEFT - 10.0, y + 15.0, "end", if bar.main { "strong" } else { "" }, &bar.name);
        let _ = write!(
            out,
            r#"<rect class="{class}" x="{LEFT:.1}" y="{:.1}" width="{:.1}" height="20" rx="3"/>"#,
            y,
            x(bar.value) - LEFT
        );
        if let Some([low, high]) = bar.range {
            let middle = y + 10.0;
            let _ = write!(
                out,
                r#"<path class="whisker" d="M{0:.1} {2:.1}H{1:.1}M{0:.1} {3:.1}v10M{1:.1} {3:.1}v10"/>"#,
                x(low),
                x(high),
                middle,
                middle - 5.0
            );
        }
        let end = x(bar.range.map_or(bar.value, |r| r[1].max(bar.value)));
        text(&mut out, end + 8.0, y + 15.0, "start", "", &format!("{:.1} %", 100.0 * bar.value));
    }
    if let Some(chance) = chance {
        let _ = write!(out, r#"<path class="chance" d="M{0:.1} 0V{1:.1}"/>"#, x(chance), height - 26.0);
    }
    close(out)
}

/// Groups of columns: for each label a share of each series.
pub fn columns(labels: &[&str], series: &[(String, Vec<f64>)]) -> String {
    let (height, base) = (260.0, 210.0);
    let most = series.iter().flat_map(|(_, v)| v).copied().fold(0.05, f64::max);
    let slot = (WIDTH - 60.0) / labels.len().max(1) as f64;
    let wide = slot * 0.8 / series.len().max(1) as f64;
    let mut out = open(height);
    legend(&mut out, series.iter().map(|(name, _)| name.as_str()));
    let _ = write!(out, r#"<path class="axis" d="M40 {base:.1}H{:.1}"/>"#, WIDTH - 20.0);
    for (i, label) in labels.iter().enumerate() {
        let left = 40.0 + slot * i as f64 + slot * 0.1;
        text(&mut out, left + slot * 0.4, base + 18.0, "middle", "", label);
        for (s, (_, values)) in series.iter().enumerate() {
            let value = values.get(i).copied().unwrap_or(0.0);
            let tall = (base - 60.0) * value / most;
            let x = left + wide * s as f64;
            let _ = write!(
                out,
                r#"<rect class="{}" x="{:.1}" y="{:.1}" width="{:.1}" height="{tall:.1}" rx="2"/>"#,
                SERIES[s % SERIES.len()],
                x + 1.0,
                base - tall,
                wide - 2.0
            );
            let percent = 100.0 * value;
            let shown = if percent > 0.0 && percent < 1.0 { "<1".into() } else { format!("{percent:.0}") };
            text(&mut out, x + wide / 2.0, base - tall - 4.0, "middle", "small", &shown);
        }
    }
    close(out)
}

/// Points of several series over an x and a y from 0.4 to 1, with a line through each series' means by bin.
pub fn scatter(series: &[(String, Vec<(f64, f64)>)], x_name: &str) -> String {
    let (height, base, lowest) = (300.0, 250.0, 0.4);
    let largest = series.iter().flat_map(|(_, p)| p).map(|p| p.0).fold(6.0, f64::max);
    // Sizes spread over orders of magnitude: the axis is logarithmic.
    let x = |v: f64| 50.0 + (WIDTH - 80.0) * ((v.max(5.0) / 5.0).ln() / (largest / 5.0).ln()).clamp(0.0, 1.0);
    let y = |v: f64| 50.0 + (base - 50.0) * (1.0 - (v.clamp(lowest, 1.0) - lowest) / (1.0 - lowest));
    let mut out = open(height);
    legend(&mut out, series.iter().map(|(name, _)| name.as_str()));
    for tenth in 4..=10 {
        let v = f64::from(tenth) / 10.0;
        let class = if tenth == 5 { "chance" } else { "grid" };
        let _ = write!(out, r#"<path class="{class}" d="M50 {:.1}H{:.1}"/>"#, y(v), WIDTH - 30.0);
        text(&mut out, 44.0, y(v) + 4.0, "end", "small", &format!("{v:.1}"));
    }
    for mark in [5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0, 200.0, 500.0].into_iter().filter(|m| *m <= largest) {
        text(&mut out, x(mark), base + 18.0, "middle", "small", &format!("{mark:.0}"));
    }
    text(&mut out, WIDTH / 2.0, base + 38.0, "middle", "small", x_name);
    for (s, (_, points)) in series.iter().enumerate() {
        let class = SERIES[s % SERIES.len()];
        for &(size, value) in points {
            let _ = write!(out, r#"<circle class="{class} faint" cx="{:.1}" cy="{:.1}" r="3.5"/>"#, x(size), y(value));
        }
        let mut sorted = points.clone();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let bin = (sorted.len() / 6).max(3);
        let mean =
            |chunk: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| chunk.iter().map(of).sum::<f64>() / chunk.len() as f64;
        let path: Vec<String> = sorted
            .chunks(bin)
            .filter(|c| 2 * c.len() >= bin)
            .map(|c| format!("{:.1} {:.1}", x(mean(c, |p| p.0)), y(mean(c, |p| p.1))))
            .collect();
        if path.len() > 1 {
            let _ = write!(out, r#"<path class="line {class}" d="M{}"/>"#, path.join("L"));
        }
    }
    close(out)
}

/// Two histograms on common bins, one over the other.
pub fn overlaid(edges: &[f64], series: &[(String, &[f64])], x_name: &str) -> String {
    let (height, base) = (260.0, 205.0);
    let (Some(&first), Some(&last)) = (edges.first(), edges.last()) else { return String::new() };
    let most = series.iter().flat_map(|(_, v)| v.iter()).copied().fold(1e-9, f64::max);
    let x = |v: f64| 40.0 + (WIDTH - 60.0) * (v - first) / (last - first).max(1e-9);
    let y = |v: f64| base - (base - 46.0) * v / most;
    let mut out = open(height);
    legend(&mut out, series.iter().map(|(name, _)| name.as_str()));
    for (s, (_, values)) in series.iter().enumerate() {
        let mut path = format!("M{:.1} {base:.1}", x(first));
        for (i, &v) in values.iter().enumerate() {
            let (Some(&from), Some(&to)) = (edges.get(i), edges.get(i + 1)) else { break };
            let _ = write!(path, "L{:.1} {:.1}L{:.1} {:.1}", x(from), y(v), x(to), y(v));
        }
        let _ =
            write!(out, r#"<path class="{} area" d="{path}L{:.1} {base:.1}Z"/>"#, SERIES[s % SERIES.len()], x(last));
    }
    let _ = write!(out, r#"<path class="axis" d="M40 {base:.1}H{:.1}"/>"#, WIDTH - 20.0);
    for step in 0..=5 {
        let v = first + (last - first) * f64::from(step) / 5.0;
        text(&mut out, x(v), base + 18.0, "middle", "small", &format!("{v:.1}"));
    }
    text(&mut out, WIDTH / 2.0, base + 38.0, "middle", "small", x_name);
    close(out)
}

const SERIES: [&str; 6] = ["a", "b", "c", "d", "e", "n"];

fn open(height: f64) -> String {
    format!(r#"<svg viewBox="0 0 {WIDTH:.0} {height:.0}" role="img">"#)
}

fn close(mut out: String) -> String {
    out.push_str("</svg>");
    out
}

fn axis(out: &mut String, x: &dyn Fn(f64) -> f64, most: f64, base: f64, label: &dyn Fn(f64) -> String) {
    let step = if most > 0.5 { 0.2 } else { 0.1 };
    let mut v = 0.0;
    while v <= most + 1e-9 {
        let _ = write!(out, r#"<path class="grid" d="M{0:.1} 0V{base:.1}"/>"#, x(v));
        text(out, x(v), base + 18.0, "middle", "small", &label(v));
        v += step;
    }
}

fn legend<'a>(out: &mut String, names: impl Iterator<Item = &'a str>) {
    let mut x = 50.0;
    for (s, name) in names.enumerate() {
        let _ = write!(
            out,
            r#"<rect class="{}" x="{x:.1}" y="8" width="12" height="12" rx="2"/>"#,
            SERIES[s % SERIES.len()]
        );
        text(out, x + 18.0, 18.5, "start", "small", name);
        x += 44.0 + 7.2 * crate::text::width(name) as f64;
    }
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, class: &str, words: &str) {
    let words = escape(words);
    let _ = write!(out, r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{words}</text>"#);
}

/// A picture as a file of its own, with a background.
pub fn standalone(svg: &str) -> String {
    const STYLE: &str = include_str!("standalone.css");
    let Some((head, body)) = svg.split_once('>') else { return String::new() };
    let ground = "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>";
    format!("{head} xmlns=\"http://www.w3.org/2000/svg\"><style>{STYLE}</style>{ground}{body}\n")
}

/// Text that is safe inside HTML and SVG.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every element is closed, and no number is a nonsense.
    fn sound(svg: &str) {
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn pictures_hold_what_they_show() {
        let bar = |name: &str, main| Bar { name: name.into(), value: 0.5, range: Some([0.25, 0.75]), main };
        let svg = bars(&[bar("a <b>", true), bar("c", false)], Some(0.25));
        sound(&svg);
        assert!(svg.contains("a &lt;b&gt;") && svg.contains("50.0 %") && svg.matches("whisker").count() == 2);
        let svg = columns(&["0", "1–2"], &[("x".into(), vec![0.5, 0.001]), ("y".into(), vec![0.2])]);
        sound(&svg);
        assert!(svg.contains("&lt;1") && svg.matches("<rect").count() == 2 + 4);
        let points: Vec<(f64, f64)> = (5..30).map(|n| (f64::from(n), 0.7)).collect();
        let svg = scatter(&[("x".into(), points)], "members");
        sound(&svg);
        assert!(svg.matches("<circle").count() == 25 && svg.contains("line a"));
        let svg = overlaid(&[0.0, 1.0, 2.0], &[("in".into(), &[0.9, 0.1]), ("out".into(), &[0.4, 0.6])], "distance");
        sound(&svg);
        assert_eq!(svg.matches("area").count(), 2);
    }

    #[test]
    fn a_file_carries_its_colours() {
        let file = standalone(&bars(&[], None));
        assert!(file.starts_with("<svg viewBox=") && file.ends_with("</svg>\n"));
        assert!(file.contains("xmlns=") && file.contains("--fg") && file.matches("<svg").count() == 1);
        assert_eq!(standalone(""), "");
    }

    #[test]
    fn nothing_makes_no_nonsense() {
        sound(&bars(&[], None));
        sound(&columns(&[], &[]));
        sound(&scatter(&[("x".into(), Vec::new())], "x"));
        assert_eq!(overlaid(&[], &[], "x"), "");
    }
}
