//! Pictures of a training: curves over epochs, a confusion matrix, levels side by side.

use std::fmt::Write;

use super::{RIGHT, SERIES, WIDTH, close, legend, open, text};

/// A named line through points of x and y.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// Its points, x ascending. Non-finite ones are left out.
    pub points: Vec<(f64, f64)>,
}

/// Lines over a common x. `y_label` writes a value of the y axis; `mark` is an x with a dashed line (the best epoch).
pub fn curves(curves: &[Curve], x_name: &str, y_label: &dyn Fn(f64) -> String, mark: Option<f64>) -> String {
    curves_over(&[], curves, x_name, y_label, mark)
}

/// The same over other curves, which are grey and have their names at their ends.
pub fn curves_over(
    behind: &[Curve],
    curves: &[Curve],
    x_name: &str,
    y_label: &dyn Fn(f64) -> String,
    mark: Option<f64>,
) -> String {
    let (height, top, base, left) = (260.0, 40.0, 205.0, 70.0);
    let points = || behind.iter().chain(curves).flat_map(|c| &c.points).filter(|p| p.0.is_finite() && p.1.is_finite());
    let range = |of: fn(&(f64, f64)) -> f64| {
        let (low, high) = points().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        // A single value gets room on both sides.
        if low > high {
            (0.0, 1.0)
        } else if high - low < 1e-12 {
            (low - 0.5 * low.abs().max(1e-3), high + 0.5 * high.abs().max(1e-3))
        } else {
            (low, high)
        }
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.0), range(|p| p.1));
    let x = |v: f64| left + (WIDTH - left - 30.0) * ((v - x0) / (x1 - x0)).clamp(0.0, 1.0);
    let y = |v: f64| base - (base - top) * ((v - y0) / (y1 - y0)).clamp(0.0, 1.0);
    let mut out = open(height);
    legend(&mut out, curves.iter().map(|c| c.name.as_str()));
    for step in 0..=4 {
        let v = y0 + (y1 - y0) * f64::from(step) / 4.0;
        let _ = write!(out, r#"<path class="grid" d="M{left:.1} {:.1}H{:.1}"/>"#, y(v), WIDTH - 30.0);
        text(&mut out, left - 8.0, y(v) + 4.0, "end", "small", &y_label(v));
    }
    for step in 0..=5 {
        let v = x0 + (x1 - x0) * f64::from(step) / 5.0;
        let digits = usize::from(x1 - x0 < 5.0);
        text(&mut out, x(v), base + 18.0, "middle", "small", &format!("{v:.digits$}"));
    }
    text(&mut out, WIDTH / 2.0, base + 40.0, "middle", "small", x_name);
    let coloured = curves.iter().enumerate().map(|(i, curve)| (SERIES[i % SERIES.len()], curve));
    for (class, curve) in behind.iter().map(|curve| ("n", curve)).chain(coloured) {
        let finite: Vec<&(f64, f64)> = curve.points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
        if let [one] = finite[..] {
            let _ = write!(out, r#"<circle class="{class}" cx="{:.1}" cy="{:.1}" r="4"/>"#, x(one.0), y(one.1));
        }
        if finite.len() > 1 {
            let path: Vec<String> = finite.iter().map(|p| format!("{:.1} {:.1}", x(p.0), y(p.1))).collect();
            let _ = write!(out, r#"<path class="line {class}" d="M{}"/>"#, path.join("L"));
        }
    }
    for (curve, end) in behind.iter().filter_map(|curve| Some((curve, curve.points.last()?))) {
        if end.0.is_finite() && end.1.is_finite() {
            text(&mut out, x(end.0), y(end.1) - 6.0, "end", "small", &curve.name);
        }
    }
    if let Some(mark) = mark {
        let _ = write!(out, r#"<path class="chance" d="M{0:.1} {top:.1}V{base:.1}"/>"#, x(mark));
    }
    close(out)
}

/// A confusion matrix as shades: rows are the true classes, columns the predictions. A cell is shaded by its share of
/// its row.
pub fn heat(names: &[String], counts: &[Vec<usize>]) -> String {
    const SIDE: f64 = 34.0;
    let n = names.len().max(1);
    // Many classes: smaller cells without numbers.
    let side = SIDE.min((WIDTH - 240.0) / n as f64);
    let (left, top) = (180.0, 120.0);
    let mut out = open(top + side * n as f64 + 20.0);
    let short = |name: &str| crate::text::fit(name, crate::text::width(name).min(22));
    for (i, name) in names.iter().enumerate() {
        let middle = side * (i as f64 + 0.5);
        text(&mut out, left - 8.0, top + middle + 4.0, "end", "small", &short(name));
        let (x, y) = (left + middle, top - 8.0);
        let _ = write!(out, r#"<g transform="translate({x:.1} {y:.1}) rotate(-45)">"#);
        text(&mut out, 0.0, 0.0, "start", "small", &short(name));
        out.push_str("</g>");
    }
    for (row, counts) in counts.iter().enumerate().take(n) {
        let all: usize = counts.iter().sum();
        for (column, &count) in counts.iter().enumerate().take(n) {
            let share = count as f64 / all.max(1) as f64;
            let class = if row == column { "a" } else { "b" };
            let (x, y) = (left + side * column as f64, top + side * row as f64);
            let _ = write!(
                out,
                r#"<rect class="{class}" fill-opacity="{share:.2}" x="{x:.1}" y="{y:.1}" width="{0:.1}" height="{0:.1}"/>"#,
                side - 1.0
            );
            if count > 0 && side > 22.0 {
                text(&mut out, x + side / 2.0, y + side / 2.0 + 4.0, "middle", "small", &count.to_string());
            }
        }
    }
    close(out)
}

/// A column for each of many values from 0 to 1, with a line at a threshold; values below it have another colour.
pub fn levels(values: &[f64], floor: f64) -> String {
    let (height, top, base, left) = (220.0, 20.0, 180.0, 40.0);
    let slot = (WIDTH - left - RIGHT / 2.0) / values.len().max(1) as f64;
    let y = |v: f64| base - (base - top) * v.clamp(0.0, 1.0);
    let mut out = open(height);
    for step in 0..=4 {
        let v = f64::from(step) / 4.0;
        let _ = write!(out, r#"<path class="grid" d="M{left:.1} {:.1}H{:.1}"/>"#, y(v), WIDTH - RIGHT / 2.0);
        text(&mut out, left - 6.0, y(v) + 4.0, "end", "small", &format!("{v:.2}"));
    }
    for (i, &value) in values.iter().enumerate() {
        let shown = if value.is_finite() { value.abs() } else { 0.0 };
        let class = if value >= floor { "a" } else { "bad" };
        let x = left + slot * i as f64;
        let _ = write!(
            out,
            r#"<rect class="{class}" x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="2"/>"#,
            x + 1.0,
            y(shown),
            (slot - 2.0).max(1.0),
            base - y(shown)
        );
        text(&mut out, x + slot / 2.0, base + 16.0, "middle", "small", &(i + 1).to_string());
    }
    let _ = write!(out, r#"<path class="chance" d="M{left:.1} {:.1}H{:.1}"/>"#, y(floor), WIDTH - RIGHT / 2.0);
    close(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(svg: &str) {
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn curves_leave_out_what_is_no_number() {
        let curve = |name: &str, points: &[(f64, f64)]| Curve { name: name.into(), points: points.to_vec() };
        let label = |v: f64| format!("{v:.1}");
        let svg = curves(
            &[curve("loss", &[(1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0)]), curve("one", &[(2.0, 1.5)])],
            "epoch",
            &label,
            Some(2.0),
        );
        sound(&svg);
        assert_eq!((svg.matches("line a").count(), svg.matches("<circle").count()), (1, 1));
        assert!(svg.contains(r#"class="chance" d="M380"#), "the mark stands half way: {svg}");
        sound(&curves(&[], "epoch", &label, None));
        let over = curves_over(&[curve("theirs", &[(1.0, 1.0), (2.0, 3.0)])], &[], "epoch", &label, None);
        sound(&over);
        assert!(over.contains(">theirs<"), "{over}");
        sound(&curves(&[curve("flat", &[(1.0, 0.0), (2.0, 0.0)])], "epoch", &label, None));
    }

    #[test]
    fn a_table_is_shaded_by_row() {
        let svg = heat(&["A".into(), "B <".into()], &[vec![3, 1], vec![0, 0]]);
        sound(&svg);
        assert!(svg.contains("fill-opacity=\"0.75\"") && svg.contains("B &lt;"));
        assert_eq!(svg.matches("<rect").count(), 4);
        sound(&heat(&[], &[]));
        let many: Vec<String> = (0..100).map(|i| i.to_string()).collect();
        sound(&heat(&many, &vec![vec![1; 100]; 100]));
    }

    #[test]
    fn levels_under_the_floor_stand_out() {
        let svg = levels(&[0.9, 0.5, f64::NAN, -0.2], 0.8);
        sound(&svg);
        assert_eq!((svg.matches("class=\"a\"").count(), svg.matches("class=\"bad\"").count()), (1, 3));
        sound(&levels(&[], 0.8));
    }
}
