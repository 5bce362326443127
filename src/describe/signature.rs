//! A signature in lines of text.

use crate::latent::{DIMS, DimReport, SignatureReport};

/// Cells of a bar; each is a quarter of a standard deviation of the library, from −3 to 3.
pub const BAR: usize = 25;

/// What a signature is, in one line: members, dimensions, confidence.
pub fn summary(report: &SignatureReport) -> String {
    if report.members == 0 {
        return "nothing of the playlist is analysed yet".into();
    }
    let mut parts = vec![match report.members {
        1 => "1 track".to_string(),
        n => format!("{n} tracks"),
    }];
    // Worth a word only when one artist would outvote the others.
    if report.members as f64 - report.effective > 0.5 {
        parts[0] += &format!(" (that count as {:.1})", report.effective);
    }
    parts.push(match (report.soft, report.dims.len()) {
        (true, _) => "all dimensions, softly".into(),
        (false, 1) => "1 dimension".into(),
        (false, n) => format!("{n} dimensions"),
    });
    if let Some(confidence) = report.confidence {
        parts.push(format!("confidence {confidence:.2} ({})", trust(confidence)));
    }
    parts.join(" · ")
}

/// What a leave-one-out AUC means to a listener; 0.5 is chance.
pub fn trust(confidence: f64) -> &'static str {
    match confidence {
        c if c >= 0.9 => "very sure",
        c if c >= 0.8 => "sure",
        c if c >= 0.65 => "fair",
        _ => "a guess",
    }
}

/// Where a dimension's members lie within the library, in [`BAR`] columns: `│` is the library's middle, `●` the members'
/// centre, `━` one predictive standard deviation on either side.
pub fn bar(dim: &DimReport) -> String {
    let half = (BAR / 2) as f32;
    let cell = |z: f32| {
        let at = (if z.is_finite() { z } else { 0.0 } * 4.0 + half).round();
        at.clamp(0.0, (BAR - 1) as f32) as usize
    };
    let (low, centre, high) = (cell(dim.mean - dim.spread), cell(dim.mean), cell(dim.mean + dim.spread));
    (0..BAR)
        .map(|i| match i {
            i if i == centre => '●',
            i if (low..=high).contains(&i) => '━',
            i if i == BAR / 2 => '│',
            _ => '·',
        })
        .collect()
}

/// One line for a dimension: number, bar, centre ± spread, and the p-value of the agreement where there was a test.
pub fn line(dim: &DimReport) -> String {
    let p = match dim.p_value {
        p if p >= 1.0 || !p.is_finite() => String::new(),
        p if p < 0.001 => "  p < 0.001".into(),
        p => format!("  p = {p:.3}"),
    };
    format!("{:>2}  {}  {:+.1} ± {:.1}{p}", dim.dim, bar(dim), dim.mean, dim.spread)
}

/// The whole signature: the summary, then the dimensions, the most telling first; of all 32 only the first `most`.
pub fn lines(report: &SignatureReport, most: usize) -> Vec<String> {
    let mut out = vec![summary(report)];
    out.extend(report.dims.iter().take(most.min(DIMS)).map(line));
    let left = report.dims.len().saturating_sub(most.min(DIMS));
    if left > 0 {
        out.push(format!("and {left} more"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width;

    fn dim(dim: u8, mean: f32, spread: f32, p_value: f32) -> DimReport {
        DimReport { dim, mean, spread, info: 1.0, p_value, ..DimReport::default() }
    }

    #[test]
    fn a_signature_reads_well() {
        let mut report = SignatureReport {
            members: 12,
            effective: 11.8,
            soft: false,
            confidence: Some(0.87),
            dims: vec![dim(3, 1.0, 0.5, 0.0004), dim(12, -0.5, 0.25, 0.02)],
        };
        assert_eq!(
            lines(&report, 8),
            [
                "12 tracks · 2 dimensions · confidence 0.87 (sure)",
                " 3  ············│·━━●━━······  +1.0 ± 0.5  p < 0.001",
                "12  ·········━●━│············  -0.5 ± 0.2  p = 0.020",
            ]
        );
        report.effective = 3.6;
        report.soft = true;
        report.confidence = None;
        assert_eq!(lines(&report, 1)[0], "12 tracks (that count as 3.6) · all dimensions, softly");
        assert_eq!(lines(&report, 1)[2], "and 1 more");
        assert_eq!(lines(&SignatureReport::default(), 8), ["nothing of the playlist is analysed yet"]);
    }

    #[test]
    fn bars_are_always_one_width() {
        for (mean, spread) in [(0.0, 1.0), (9.0, 0.1), (-9.0, 9.0), (f32::NAN, f32::INFINITY), (3.0, 0.0)] {
            let text = bar(&dim(1, mean, spread, 1.0));
            assert_eq!((width(&text), text.matches('●').count()), (BAR, 1), "{text}");
        }
        assert!(!line(&dim(1, 0.0, 1.0, 1.0)).contains('p'));
    }
}
