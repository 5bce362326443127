//! Evaluates signatures on simulated libraries: `make signature-check` (or `cargo run --example signature_check`).
//!
//! Prints the retrieval of held-out members by the signature distance and by others, detection of planted outliers, and
//! how often a random set passes as one that agrees. Exits with code 1 if a figure is out of bounds.

use std::process::ExitCode;

use jukebox::latent::simulation::{DISTANCES, Kind, null_rate, outliers, retrieval};

/// AUC at n = 1, 2, 3, 5, 10 of the plain distance of the original design: neither the distance in use nor the one over
/// the dimensions chosen by test may be worse.
const SIZES: [usize; 5] = [1, 2, 3, 5, 10];
const EXPECTED: [f64; 5] = [0.66, 0.73, 0.80, 0.87, 0.94];
const TOLERANCE: f64 = 0.03;
const SETS: usize = 500;
const TRIALS: usize = 1000;

fn main() -> ExitCode {
    let mut good = true;
    println!("Held-out members found: library of 3,000, 32 dimensions, sets that agree in 4 at variance 0.15,");
    println!("20 held out, {SETS} sets a row. AUC (precision at 20).\n");
    println!("  n  {}   expected", DISTANCES.map(|d| format!("{d:>20}")).join(""));
    for (found, expected) in retrieval(1, &SIZES, 3000, SETS).iter().zip(EXPECTED) {
        let cells: Vec<String> =
            found.auc.iter().zip(found.precision).map(|(a, p)| format!("{:>20}", format!("{a:.3} ({p:.2})"))).collect();
        let within = found.auc[..2].iter().all(|auc| *auc >= expected - TOLERANCE);
        good &= within;
        println!(
            "{:>3}  {}   {expected:.2} {}",
            found.n,
            cells.concat(),
            if within { "ok" } else { "LEFT ITS BOUNDS" }
        );
    }

    println!("\nPlanted outliers: 20 tracks 40 standard deviations out in 6 dimensions, 200 sets each.\n");
    for n in [1, 2, 3] {
        let (worst, first) = outliers(2, n, 200);
        let within = worst <= 1 && !first;
        good &= within;
        println!("  n = {n}: at most {worst} in the top 20, {} first", if first { "once" } else { "never" });
    }

    println!(
        "\nRandom sets: share in which three or more dimensions pass the test (mean number that do), {TRIALS} sets each.\n"
    );
    println!("  {:<11} {:<10} {:>14} {:>14} {:>14} {:>14}", "library", "named", "n = 3", "n = 5", "n = 10", "n = 20");
    for kind in [Kind::Normal, Kind::Skewed, Kind::Clustered] {
        for named in [false, true] {
            let cells: Vec<(f64, f64)> = [3, 5, 10, 20].iter().map(|&n| null_rate(3, kind, n, TRIALS, named)).collect();
            good &= cells.iter().all(|c| c.0 <= 0.05);
            let text: Vec<String> =
                cells.iter().map(|(three, mean)| format!("{:>6.1} % ({mean:.2})", 100.0 * three)).collect();
            println!(
                "  {:<11} {:<10} {}",
                format!("{kind:?}").to_lowercase(),
                if named { "13 beside" } else { "none" },
                text.join(" ")
            );
        }
    }
    if good {
        println!("\nEvery figure is within its bounds (AUC at most {TOLERANCE} below, random sets ≤ 5 %).");
        ExitCode::SUCCESS
    } else {
        println!("\nA figure left its bounds.");
        ExitCode::FAILURE
    }
}
