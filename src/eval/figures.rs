//! Formatting of results.

use crate::measure::Interval;

/// A share in percent with its interval, which is omitted if it has no width.
pub(super) fn percent(i: Option<&Interval>) -> String {
    let whole = |v: f64| if v > 0.9995 { "100".to_string() } else { format!("{:.1}", 100.0 * v) };
    with_range(i, &whole)
}

/// An AUC with its interval.
pub(super) fn thousandths(i: Option<&Interval>) -> String {
    with_range(i, &|v| format!("{v:.3}"))
}

/// A value with its interval, which is omitted if it has no width; "–" for `None`.
fn with_range(i: Option<&Interval>, number: &dyn Fn(f64) -> String) -> String {
    let Some(i) = i else { return "–".into() };
    match i.range {
        Some([low, high]) if low < high => format!("{} {}–{}", number(i.mean), number(low), number(high)),
        _ => number(i.mean),
    }
}

/// A difference in percentage points with its interval, all with signs.
pub(super) fn signed(i: &Interval) -> String {
    match i.range {
        Some([low, high]) => format!("{} [{}, {}]", points(i.mean), points(low), points(high)),
        None => points(i.mean),
    }
}

/// A difference in percentage points; one that would round to zero gets another digit, so that its sign is visible.
pub(super) fn points(v: f64) -> String {
    let v = 100.0 * v;
    let text = if v.abs() < 0.05 { format!("{v:+.2}") } else { format!("{v:+.1}") };
    if text == "-0.00" { "+0.00".into() } else { text }
}
