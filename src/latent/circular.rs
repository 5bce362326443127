//! Statistics on a circle, for tempo and key (docs/design.md, "Named dimensions"). Angles in radians.
//!
//! An angle's *uniform score* is its mid-rank around the circle (Mardia & Jupp, Directional Statistics, §8.3.4): a library's
//! angles become uniform, as its other dimensions become normal, so that the Rayleigh test is exact for random sets.

use std::f64::consts::{PI, TAU};

/// Number of bins (places) on the circle at which densities are tabulated.
pub const PLACES: usize = 255;
/// The share of a set's density that is uniform over the circle, so that no track is ruled out by its angle alone.
const TAIL: f64 = 0.05;

/// The mean direction of weighted angles and the length of their mean resultant, 0 to 1. Items are (angle, weight,
/// length): the length is 1 for an exact angle and less for one that stands for an arc ([`arc_length`]).
pub fn resultant(angles: impl Iterator<Item = (f64, f64, f64)>) -> (f64, f64) {
    let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
    for (angle, weight, length) in angles {
        x += weight * length * angle.cos();
        y += weight * length * angle.sin();
        total += weight;
    }
    if total <= 0.0 {
        return (0.0, 0.0);
    }
    (y.atan2(x).rem_euclid(TAU), (x.hypot(y) / total).min(1.0))
}

/// Mean resultant length of a uniform density over an arc that covers this share of the circle: sin(πs)/(πs).
pub fn arc_length(share: f64) -> f64 {
    let half = PI * share.clamp(0.0, 1.0);
    if half < 1e-9 { 1.0 } else { half.sin() / half }
}

/// The p-value of Rayleigh's test for a mean resultant of length `r` of `n` angles (`n` may be fractional):
/// exp(√(1 + 4n + 4n²(1 − r²)) − (1 + 2n)) (Zar, Biostatistical Analysis, §27.1). Within 0.02 of the
/// true rate at three angles, conservative for fewer.
pub fn rayleigh(n: f64, r: f64) -> f64 {
    ((1.0 + 4.0 * n + 4.0 * n * n * (1.0 - r * r)).sqrt() - (1.0 + 2.0 * n)).exp().clamp(0.0, 1.0)
}

/// The concentration κ of the von Mises density with mean resultant length `rho` (Best & Fisher 1981), at most 200.
pub fn concentration(rho: f64) -> f64 {
    let r = rho.clamp(0.0, 1.0);
    let kappa = if r < 0.53 {
        2.0 * r + r.powi(3) + 5.0 / 6.0 * r.powi(5)
    } else if r < 0.85 {
        -0.4 + 1.39 * r + 0.43 / (1.0 - r)
    } else {
        1.0 / (r.powi(3) - 4.0 * r * r + 3.0 * r)
    };
    if kappa.is_finite() { kappa.clamp(0.0, 200.0) } else { 200.0 }
}

/// The angle at the middle of a place.
pub fn place_angle(place: usize) -> f64 {
    TAU * (place as f64 + 0.5) / PLACES as f64
}

/// The place that contains an angle.
pub fn place(angle: f64) -> u8 {
    ((angle.rem_euclid(TAU) / TAU * PLACES as f64) as usize).min(PLACES - 1) as u8
}

/// The probability of each place for a set around `centre` with mean resultant `rho`: a von Mises density, of which
/// `TAIL` is spread evenly over the circle.
pub fn density(centre: f64, rho: f64) -> [f64; PLACES] {
    let kappa = concentration(rho);
    let mut p: [f64; PLACES] = std::array::from_fn(|i| (kappa * ((place_angle(i) - centre).cos() - 1.0)).exp());
    let total: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p = (1.0 - TAIL) * *p / total + TAIL / PLACES as f64);
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_average_round_the_circle() {
        let (centre, r) = resultant([(0.1, 1.0, 1.0), (TAU - 0.1, 1.0, 1.0)].into_iter());
        assert!(centre.cos() > 0.999 && (r - 0.1f64.cos()).abs() < 1e-12);
        let (_, r) = resultant([(0.0, 1.0, 1.0), (PI, 1.0, 1.0)].into_iter());
        assert!(r < 1e-12);
        assert_eq!(resultant(std::iter::empty()), (0.0, 0.0));
        // Half the library in one place: the members there agree no better than a half circle does.
        assert!((arc_length(0.5) - 2.0 / PI).abs() < 1e-12);
        assert_eq!((arc_length(0.0), arc_length(1.0) < 1e-9), (1.0, true));
    }

    #[test]
    fn the_concentration_gives_the_resultant_back() {
        for rho in [0.1, 0.3, 0.5, 0.7, 0.9, 0.97] {
            let kappa = concentration(rho);
            let (mut cosine, mut total) = (0.0, 0.0);
            for i in 0..10_000 {
                let angle = TAU * f64::from(i) / 10_000.0;
                let f = (kappa * (angle.cos() - 1.0)).exp();
                cosine += f * angle.cos();
                total += f;
            }
            assert!((cosine / total - rho).abs() < 0.005, "{rho}: {}", cosine / total);
        }
        assert_eq!(concentration(1.0), 200.0);
    }

    #[test]
    fn rayleigh_is_uniform_under_chance() {
        let mut rng = fastrand::Rng::with_seed(1);
        for n in [3, 5, 10, 40] {
            let trials = 4000;
            let mut below = 0;
            for _ in 0..trials {
                let angles: Vec<f64> = (0..n).map(|_| rng.f64() * TAU).collect();
                let (_, r) = resultant(angles.iter().map(|&a| (a, 1.0, 1.0)));
                below += usize::from(rayleigh(f64::from(n), r) < 0.1);
            }
            let rate = below as f64 / f64::from(trials);
            assert!((0.03..0.125).contains(&rate), "n = {n}: {rate}");
        }
        assert!(rayleigh(6.0, 1.0) < 1e-3 && (rayleigh(6.0, 0.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn densities_sum_to_one_and_rule_nothing_out() {
        for (centre, rho) in [(1.0, 0.0), (3.0, 0.6), (6.2, 1.0)] {
            let p = density(centre, rho);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(p.iter().all(|&p| p >= 0.999 * TAIL / PLACES as f64));
        }
        for angle in [0.0, 1.0, 6.2, -0.01, 7.0] {
            let back = place_angle(usize::from(place(angle)));
            assert!((back - angle).cos() > 0.999);
        }
    }
}
