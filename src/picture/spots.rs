//! A plane with a spot for every thing on it, each with a text that a browser shows under the pointer.

use std::fmt::Write;

use super::{SERIES, WIDTH, close, escape, legend, open};

/// Height of the legend.
const TOP: f64 = 40.0;
/// What stays free at the other edges.
const EDGE: f64 = 16.0;
/// Classes with colours of their own; the others are grey.
const COLOURS: usize = SERIES.len() - 1;

/// A spot.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Its place, from −1 to 1 across and down; what is not finite is in the middle.
    pub at: [f32; 2],
    /// The number of its class.
    pub class: usize,
    /// What it is.
    pub title: String,
}

/// Spots in the colours of their classes, of which the first ones are named in a legend.
pub fn spots(spots: &[Spot], classes: &[&str]) -> String {
    let tallest = spots.iter().map(|spot| spot.at[1].abs()).filter(|y| y.is_finite()).fold(0.1_f32, f32::max);
    let half = WIDTH / 2.0 - EDGE;
    let height = TOP + 2.0 * half * f64::from(tallest) + EDGE;
    let middle = [WIDTH / 2.0, TOP + half * f64::from(tallest)];
    let radius = if spots.len() > 5000 { 1.0 } else { 2.0 };
    let mut out = open(height);
    legend(&mut out, classes.iter().copied().take(COLOURS).filter(|name| !name.is_empty()));
    for Spot { at, class, title } in spots {
        let place = |axis: usize| {
            let value = if at[axis].is_finite() { at[axis].clamp(-1.0, 1.0) } else { 0.0 };
            middle[axis] + half * f64::from(value)
        };
        let class = SERIES[(*class).min(COLOURS)];
        let _ = write!(
            out,
            r#"<circle class="{class}" cx="{:.1}" cy="{:.1}" r="{radius:.1}"><title>{}</title></circle>"#,
            place(0),
            place(1),
            escape(title)
        );
    }
    close(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spot_has_a_place_a_colour_and_a_text_that_is_no_markup() {
        let spot = |x, y, class, title: &str| Spot { at: [x, y], class, title: title.into() };
        let all = [
            spot(-1.0, 0.0, 0, "<script>alert(\"1\")</script> & more"),
            spot(f32::NAN, f32::INFINITY, 1, "b"),
            spot(9.0, 0.5, 99, "</title></svg>"),
        ];
        let svg = spots(&all, &["jazz <x>", "rock"]);
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && svg.matches("</svg>").count() == 1);
        assert_eq!((svg.matches("<circle").count(), svg.matches("<title>").count()), (3, 3));
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;alert(&quot;1&quot;)"));
        assert!(svg.contains("jazz &lt;x&gt;") && !svg.contains("NaN") && !svg.contains("inf\""));
        assert!(svg.contains(r#"class="n""#), "a class without a colour is grey");
        assert!(spots(&[], &[]).ends_with("</svg>"));
    }
}
