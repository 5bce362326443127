//! `jukebox model show --layers NAME`: an architecture's table, and for the paper's network what its text, its authors' code
//! and this program differ in (the paper's Figure 2, Tables 2 and 3).

use anyhow::{Result, anyhow};
use jukebox_encoder::{Architecture, Layer, What};

use super::text::table;

/// Number of genres: those of FMA-small.
const GENRES: usize = 8;

/// What differs: the subject, the paper's text, its authors' code, and this program.
const DIFFERENCES: [[&str; 4]; 12] = [
    ["", "the paper's text", "the authors' code", "here"],
    ["input", "mel spectrogram, (N, 1, M, T)", "power, no decibels, 128 × 1280", "--input log4, log or power"],
    ["pools' stride", "1×1 (Table 2)", "the window", "the window: with 1×1 the result is 32 × 58 × 244"],
    ["pools' kind", "max", "mean in this network, max in older ones", "paper: max; paper-avg: mean; --pool"],
    ["conv and pool layers", "7 and 7", "7 and 7, the first pool 1×1", "7 and 6"],
    ["fully connected", "5 in the text, 4 in Table 3", "4, dropout between", "4"],
    ["their labels", "Conv+ReLU (Table 3)", "Linear, ReLU", "dense, ReLU"],
    ["last activation", "ReLU, then softmax", "sigmoid, then cross-entropy", "none; --head sigmoid or relu"],
    ["normalisation", "tried", "in an older network of 64 channels", "off; --norm running or recomputed"],
    ["1-D", "over time only", "kernels 3×1: over frequency", "paper-1d: over time; paper-3x1: probably theirs"],
    ["initial values", "Kaiming", "Kaiming uniform; dense PyTorch's default", "the same with --recipe authors"],
    ["order", "–", "one random order for all epochs", "shuffled; --order fixed"],
];

/// The lines for an architecture.
///
/// # Errors
/// When there is none of that name.
pub fn lines(name: &str) -> Result<Vec<String>> {
    let arch = Architecture::named(name).ok_or_else(|| {
        let all = Architecture::ALL.map(Architecture::name).join(", ");
        anyhow!("--layers {name}: no such architecture; there are {all}")
    })?;
    let input = arch.input();
    let (width, genres) = (arch.width(), if arch.is_tagger() { 0 } else { GENRES });
    let layers = arch.layers(width, [input.bands(), input.steps()], genres).unwrap_or_default();
    let mut out = vec![format!(
        "{name}: width {width}, images of {} bands × {} steps, {genres} genres",
        input.bands(),
        input.steps()
    )];
    out.push(String::new());
    out.extend(table(&rows(&layers), &[1]));
    if matches!(arch, Architecture::Paper | Architecture::PaperAvg) {
        out.push(String::new());
        let cells = |row: &[&str; 4]| row.iter().map(|cell| (*cell).to_string()).collect::<Vec<_>>();
        out.extend(table(&DIFFERENCES.iter().map(cells).collect::<Vec<_>>(), &[1, 2, 3]));
    }
    Ok(out)
}

fn rows(layers: &[Layer]) -> Vec<Vec<String>> {
    let head = ["layer", "", "kernel", "stride", "padding", "result", "parameters", "MACs"];
    let mut rows = vec![head.map(String::from).to_vec()];
    for layer in layers {
        let kind = match layer.what {
            What::Convolution => "conv + ReLU",
            What::MaxPool => "max",
            What::MeanPool => "mean",
            What::Dense => "dense",
        };
        let mut row = vec![layer.name.clone(), kind.to_string()];
        match layer.window {
            Some(window) => row.extend(window.map(|[a, b]| format!("{a}×{b}"))),
            None => row.extend(["", "", ""].map(String::from)),
        }
        let [c, h, w] = layer.shape;
        row.push(if layer.what == What::Dense { c.to_string() } else { format!("{c} × {h} × {w}") });
        row.extend([layer.parameters.to_string(), layer.macs.to_string()]);
        rows.push(row);
    }
    let parameters: usize = layers.iter().map(|l| l.parameters).sum();
    let macs: u64 = layers.iter().map(|l| l.macs).sum();
    let mut last = vec!["all".to_string()];
    last.extend((0..5).map(|_| String::new()));
    last.extend([parameters.to_string(), format!("{:.2} G", macs as f64 / 1e9)]);
    rows.push(last);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_network_is_the_papers() {
        let lines = lines("paper-avg").unwrap();
        let row = |begin: &str| {
            let line = lines.iter().find(|l| l.starts_with(begin)).unwrap_or_else(|| panic!("{begin}: {lines:#?}"));
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row("conv1"), "conv1 conv + ReLU 3×11 2×5 1×5 512 × 64 × 256 17408 276824064");
        assert!(row("conv7").contains("2×4 1×1 0×0 32 × 1 × 5"), "{}", row("conv7"));
        assert_eq!(row("all"), "all 2233032 22.34 G");
        let pools: Vec<&String> = lines.iter().filter(|l| l.starts_with("pool  ")).collect();
        assert!(pools.len() == 6 && pools[5].contains("32 × 1 × 1"), "{pools:?}");
        assert!(lines.iter().any(|l| l.starts_with("last activation") && l.contains("sigmoid, then cross-entropy")));
    }

    #[test]
    fn every_architecture_has_a_table_whose_sum_is_its_cost() {
        for arch in Architecture::ALL {
            let all = lines(arch.name()).unwrap();
            let last = all.iter().find(|l| l.starts_with("all")).unwrap();
            assert!(last.contains(&arch.cost(GENRES).0.to_string()), "{arch}: {last}");
        }
        assert!(lines("vgg").unwrap_err().to_string().contains("paper-avg"));
    }
}
