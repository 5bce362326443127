//! Curves as text: lines of braille dots over a grid, with the values at the left and what is counted below.

use crate::text;

use super::draw::Span;
use super::theme::Role;

/// The smallest plot area that is drawn, in cells.
const LEAST: (usize, usize) = (8, 2);
/// The bit of each dot of a braille character: columns of four, from the top.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// One curve.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// Its points from left to right; those that are not finite are left out.
    pub points: &'a [(f64, f64)],
    /// Its colour.
    pub role: Role,
    /// Drawn with gaps, to be told from another one without colours.
    pub dotted: bool,
}

/// Several curves over the same axes.
pub struct Plot<'a> {
    /// The curves; a later one is drawn over those before.
    pub series: &'a [Series<'a>],
    /// The ends of the horizontal axis.
    pub x: [f64; 2],
    /// Writes a value of the vertical axis.
    pub label: fn(f64) -> String,
}

impl Plot<'_> {
    /// The plot as `rows` lines of `columns` columns, the last of which numbers the horizontal axis. Without room or
    /// points there are no lines.
    pub fn lines(&self, columns: usize, rows: usize) -> Vec<Vec<Span>> {
        let Some([low, high]) = self.bounds() else { return Vec::new() };
        let height = rows.saturating_sub(1);
        // Of a low plot the middle may be an end.
        let middle = high + (low - high) * share(height / 2, height);
        let marks = [(0, high), (height.saturating_sub(1), low), (height / 2, middle)];
        let marks = marks.map(|(row, value)| (row, (self.label)(value)));
        let side = marks.iter().map(|(_, label)| text::width(label)).max().unwrap_or(0) + 1;
        let width = columns.saturating_sub(side + 1);
        if width < LEAST.0 || height < LEAST.1 {
            return Vec::new();
        }
        let mut raster = Raster::new(width, height);
        for (index, series) in self.series.iter().enumerate() {
            let dot = |(x, y): (f64, f64)| {
                let across = (x - self.x[0]) / (self.x[1] - self.x[0]).max(f64::MIN_POSITIVE);
                let down = (high - y) / (high - low);
                (place(across, 2 * width), place(down, 4 * height))
            };
            let dots: Vec<_> = series.points.iter().copied().filter(is_finite).map(dot).collect();
            raster.curve(&dots, index, series.dotted);
        }
        let mut lines: Vec<Vec<Span>> = Vec::with_capacity(rows);
        for row in 0..height {
            let label = marks.iter().find(|(at, _)| *at == row).map_or("", |(_, label)| label.as_str());
            let room = " ".repeat(side - 1 - text::width(label));
            let axis = if label.is_empty() { "│" } else { "┤" };
            let mut line = vec![(format!("{room}{label} "), Role::Dim), (axis.to_string(), Role::Border)];
            line.extend(raster.row(row, !label.is_empty(), self.series));
            lines.push(line);
        }
        let [from, to] = self.x.map(|x| format!("{x:.0}"));
        let gap = width.saturating_sub(from.len() + to.len());
        let numbers = format!("{}{from}{}{to}", " ".repeat(side + 1), " ".repeat(gap));
        lines.push(vec![(text::fit(&numbers, columns), Role::Dim)]);
        lines
    }

    /// The least and the greatest value, with some room; `None` without points.
    fn bounds(&self) -> Option<[f64; 2]> {
        let all = self.series.iter().flat_map(|series| series.points).filter(|p| is_finite(p));
        let ends = all.fold(None, |ends: Option<[f64; 2]>, p| {
            Some(ends.map_or([p.1, p.1], |[low, high]| [low.min(p.1), high.max(p.1)]))
        });
        let [low, high] = ends?;
        let room = ((high - low) * 0.05).max(high.abs().max(low.abs()) * 1e-3).max(1e-3);
        let bounds = [low - room, high + room];
        bounds.iter().all(|bound| bound.is_finite()).then_some(bounds)
    }
}

fn is_finite(point: &(f64, f64)) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// The dot of a share, of so many; shares beyond the ends are at the ends.
fn place(share: f64, dots: usize) -> usize {
    let last = dots.saturating_sub(1);
    ((share.clamp(0.0, 1.0) * last as f64).round() as usize).min(last)
}

/// Dots in cells; each cell has the colour of the curve that was drawn in it last.
struct Raster {
    width: usize,
    cells: Vec<(u8, usize)>,
}

impl Raster {
    fn new(width: usize, height: usize) -> Raster {
        Raster { width, cells: vec![(0, 0); width * height] }
    }

    /// Draws a line through dots, each given as column and row.
    fn curve(&mut self, dots: &[(usize, usize)], series: usize, dotted: bool) {
        if let [only] = dots {
            self.set(*only, series);
        }
        for pair in dots.windows(2) {
            let &[from, to] = pair else { continue };
            let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
            for step in 0..=steps {
                // Every third dot is left out, but for the points.
                if dotted && step % 3 == 2 && step != steps {
                    continue;
                }
                let at = |a: usize, b: usize| (a as f64 + (b as f64 - a as f64) * share(step, steps)).round() as usize;
                self.set((at(from.0, to.0), at(from.1, to.1)), series);
            }
        }
    }

    fn set(&mut self, (x, y): (usize, usize), series: usize) {
        let bit = DOTS.get(x % 2).and_then(|column| column.get(y % 4)).copied().unwrap_or(0);
        if x / 2 < self.width
            && let Some(cell) = self.cells.get_mut(y / 4 * self.width + x / 2)
        {
            *cell = (cell.0 | bit, series);
        }
    }

    /// A row of cells, neighbours of one colour together. Empty ones show the grid: a line where there is a value at the
    /// side, and the quarters.
    fn row(&self, row: usize, lined: bool, series: &[Series]) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let begin = (row * self.width).min(self.cells.len());
        let cells = self.cells.get(begin..(begin + self.width).min(self.cells.len())).unwrap_or_default();
        for (x, &(bits, index)) in cells.iter().enumerate() {
            let quarter = x > 0 && (4 * x / self.width.max(1)) != (4 * (x - 1) / self.width.max(1));
            let (sign, role) = match (bits, lined, quarter) {
                (0, true, _) => ('┈', Role::Border),
                (0, false, true) => ('┊', Role::Border),
                (0, false, false) => (' ', Role::Text),
                (bits, ..) => {
                    let role = series.get(index).map_or(Role::Text, |series| series.role);
                    (char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '), role)
                }
            };
            match spans.last_mut() {
                Some((words, last)) if *last == role => words.push(sign),
                _ => spans.push((sign.to_string(), role)),
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(series: &[Series], x: [f64; 2], columns: usize, rows: usize) -> Vec<String> {
        let plot = Plot { series, x, label: |v| format!("{v:.1}") };
        let text = |line: Vec<Span>| line.into_iter().map(|(words, _)| words).collect::<String>();
        plot.lines(columns, rows).into_iter().map(text).collect()
    }

    fn curve(points: &[(f64, f64)]) -> Series<'_> {
        Series { points, role: Role::Accent, dotted: false }
    }

    #[test]
    fn a_falling_line_goes_from_the_top_left_to_the_bottom_right() {
        let points = [(0.0, 10.0), (8.0, 0.0)];
        let lines = plot(&[curve(&points)], [0.0, 8.0], 15, 4);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[3], "      0       8");
        assert!(lines[0].starts_with("10.5 ┤") && lines[2].starts_with("-0.5 ┤"), "{lines:#?}");
        let dots = |line: &str| line.chars().position(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
        let firsts: Vec<_> = lines[..3].iter().map(|line| dots(line).unwrap()).collect();
        assert!(firsts[0] == 6 && firsts.windows(2).all(|w| w[0] < w[1]), "{lines:#?}");
        assert!(lines[..3].iter().all(|line| text::width(line) == 15), "{lines:#?}");
    }

    #[test]
    fn one_point_is_one_dot_and_gaps_tell_a_dotted_line() {
        let dots = |lines: &[String]| {
            let bits = |c: char| u32::from(c).checked_sub(0x2800).filter(|bits| *bits < 256).map_or(0, u32::count_ones);
            lines.iter().flat_map(|line| line.chars()).map(bits).sum::<u32>()
        };
        assert_eq!(dots(&plot(&[curve(&[(1.0, 2.0)])], [0.0, 2.0], 30, 8)), 1);
        let level = [(0.0, 1.0), (10.0, 1.0)];
        let whole = dots(&plot(&[curve(&level)], [0.0, 10.0], 30, 8));
        let gaps = dots(&plot(&[Series { dotted: true, ..curve(&level) }], [0.0, 10.0], 30, 8));
        assert!(whole > 40 && gaps < whole && gaps > whole / 2, "{whole} {gaps}");
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out() {
        assert!(plot(&[], [0.0, 1.0], 40, 10).is_empty());
        assert!(plot(&[curve(&[(f64::NAN, 1.0), (1.0, f64::INFINITY)])], [0.0, 1.0], 40, 10).is_empty());
        assert!(plot(&[curve(&[(0.0, 1e308), (1.0, -1e308)])], [0.0, 1.0], 40, 10).is_empty());
        let some = [(0.0, 1.0), (f64::NAN, 2.0), (5.0, -3.0), (1e9, 2.0)];
        for columns in 0..40 {
            for rows in 0..12 {
                for x in [[0.0, 5.0], [0.0, 0.0], [3.0, -1.0], [f64::NAN, 1.0]] {
                    let lines = plot(&[curve(&some)], x, columns, rows);
                    assert!(lines.len() <= rows && lines.iter().all(|line| text::width(line) <= columns));
                }
            }
        }
    }
}
