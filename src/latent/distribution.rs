//! The distributions behind normal scores and signatures: Φ⁻¹, the normal density, χ², Benjamini–Hochberg.

use std::f64::consts::{PI, TAU};

/// The standard normal quantile Φ⁻¹(p): Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988), relative
/// error about 1e-16. 0 and 1 give the infinities, anything outside gives NaN.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * horner(&CENTRE_NUM, r) / horner(&CENTRE_DEN, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    // ln of a negative number is NaN, which is the answer for p outside [0, 1].
    let r = (-tail.ln()).sqrt();
    let x = if r <= 5.0 {
        horner(&NEAR_NUM, r - 1.6) / horner(&NEAR_DEN, r - 1.6)
    } else {
        horner(&FAR_NUM, r - 5.0) / horner(&FAR_DEN, r - 5.0)
    };
    x.copysign(q)
}

/// Evaluates a polynomial, highest coefficient first.
fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

const CENTRE_NUM: [f64; 8] = [
    2.509_080_928_730_122_7e3,
    3.343_057_558_358_813e4,
    6.726_577_092_700_87e4,
    4.592_195_393_154_987e4,
    1.373_169_376_550_946e4,
    1.971_590_950_306_551_3e3,
    1.331_416_678_917_843_8e2,
    3.387_132_872_796_366_5,
];
const CENTRE_DEN: [f64; 8] = [
    5.226_495_278_852_854e3,
    2.872_908_573_572_194_3e4,
    3.930_789_580_009_271e4,
    2.121_379_430_158_659_7e4,
    5.394_196_021_424_751e3,
    6.871_870_074_920_579e2,
    4.231_333_070_160_091e1,
    1.0,
];
const NEAR_NUM: [f64; 8] = [
    7.745_450_142_783_414e-4,
    2.272_384_498_926_918_4e-2,
    2.417_807_251_774_506e-1,
    1.270_458_252_452_368_4,
    3.647_848_324_763_204_5,
    5.769_497_221_460_691,
    4.630_337_846_156_546,
    1.423_437_110_749_683_5,
];
const NEAR_DEN: [f64; 8] = [
    1.050_750_071_644_416_9e-9,
    5.475_938_084_995_345e-4,
    1.519_866_656_361_645_7e-2,
    1.481_039_764_274_800_8e-1,
    6.897_673_349_851e-1,
    1.676_384_830_183_803_8,
    2.053_191_626_637_759,
    1.0,
];
const FAR_NUM: [f64; 8] = [
    2.010_334_399_292_288_1e-7,
    2.711_555_568_743_487_6e-5,
    1.242_660_947_388_078_4e-3,
    2.653_218_952_657_612_4e-2,
    2.965_605_718_285_048_7e-1,
    1.784_826_539_917_291_3,
    5.463_784_911_164_114,
    6.657_904_643_501_103,
];
const FAR_DEN: [f64; 8] = [
    2.044_263_103_389_939_7e-15,
    1.421_511_758_316_446e-7,
    1.846_318_317_510_054_8e-5,
    7.868_691_311_456_133e-4,
    1.487_536_129_085_061_5e-2,
    1.369_298_809_227_358e-1,
    5.998_322_065_558_879e-1,
    1.0,
];

/// The standard normal distribution Φ(x), relative error below 1.2e-7 in either tail (Numerical Recipes §6.2, `erfcc`).
pub fn normal_cdf(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * z);
    let tail = 0.5 * t * (-z * z + horner(&TAIL, t)).exp();
    if x < 0.0 { tail } else { 1.0 - tail }
}

const TAIL: [f64; 10] = [
    0.170_872_77,
    -0.822_152_23,
    1.488_515_87,
    -1.135_203_98,
    0.278_868_07,
    -0.186_288_06,
    0.096_784_18,
    0.374_091_96,
    1.000_023_68,
    -1.265_512_23,
];

/// The density of N(0, 1) at `x`.
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / TAU.sqrt()
}

/// The log density that the library itself gives a normal score, with a heavy tail (docs/design.md, "Signature distance"):
/// ln[0.95·N(z; 0, 1) + 0.05·N(z; 0, 9)], the second number a variance.
pub fn log_background(z: f32) -> f32 {
    let half = 0.5 * z * z;
    // 0.95/√2π and 0.05/(3·√2π).
    (0.378_995_17 * (-half).exp() + 0.006_649_038 * (-half / 9.0).exp()).ln()
}

/// The χ² distribution function with `dof` degrees of freedom (fractions allowed): P(dof/2, x/2).
/// NaN unless `dof` > 0; 0 for x ≤ 0.
pub fn chi_squared_cdf(x: f64, dof: f64) -> f64 {
    gamma_p(0.5 * dof, 0.5 * x)
}

/// The regularised lower incomplete gamma function P(a, x): the series below a + 1, Lentz's continued fraction above
/// (Numerical Recipes §6.2).
fn gamma_p(a: f64, x: f64) -> f64 {
    if a.is_nan() || a <= 0.0 || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    if x.is_infinite() {
        return 1.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    // About √a terms suffice by far; the bound keeps absurd input from looping.
    let rounds = 200 + (10.0 * a.sqrt()).min(1e6) as usize;
    if x < a + 1.0 {
        let mut term = 1.0 / a;
        let mut sum = term;
        for n in 1..rounds {
            term *= x / (a + n as f64);
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return (sum * front).clamp(0.0, 1.0);
    }
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..rounds {
        let an = -(n as f64) * (n as f64 - a);
        b += 2.0;
        d = an * d + b;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = b + an / c;
        c = if c.abs() < TINY { TINY } else { c };
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (1.0 - fraction * front).clamp(0.0, 1.0)
}

/// ln Γ(x) for x > 0: Lanczos with g = 7 and nine terms, relative error about 1e-15.
fn ln_gamma(x: f64) -> f64 {
    const LANCZOS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (PI / (PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = LANCZOS.iter().enumerate().skip(1).fold(LANCZOS[0], |sum, (i, c)| sum + c / (x + i as f64));
    0.5 * TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Which of the hypotheses Benjamini and Hochberg (1995) reject at false discovery rate `q`. NaN is never rejected.
pub fn benjamini_hochberg(p_values: &[f64], q: f64) -> Vec<bool> {
    let mut sorted: Vec<f64> = p_values.iter().copied().filter(|p| !p.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len() as f64;
    let cut = sorted.iter().enumerate().rev().find(|&(i, &p)| p <= q * (i as f64 + 1.0) / m).map(|(_, &p)| p);
    p_values.iter().map(|&p| cut.is_some_and(|c| p <= c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_exact() {
        // From mpmath at 30 digits.
        for (p, x) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.9, 1.281_551_565_544_600_4),
            (0.001, -3.090_232_306_167_813_6),
            (1e-10, -6.361_340_902_404_056),
            (1e-20, -9.262_340_089_798_409),
            (0.25, -0.674_489_750_196_081_7),
        ] {
            assert!((normal_quantile(p) - x).abs() < 1e-12, "{p}: {}", normal_quantile(p));
        }
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.5).is_nan() && normal_quantile(-0.5).is_nan());
    }

    #[test]
    fn the_distribution_undoes_the_quantile() {
        for p in [1e-15, 1e-8, 0.001, 0.2, 0.5, 0.77, 0.999] {
            assert!((normal_cdf(normal_quantile(p)) / p - 1.0).abs() < 3e-7, "{p}");
        }
        assert_eq!((normal_cdf(f64::NEG_INFINITY), normal_cdf(f64::INFINITY)), (0.0, 1.0));
    }

    #[test]
    fn chi_squared_agrees_with_tables() {
        // The 5 % and 95 % points of printed tables, and closed forms: dof 2 is 1 − e^(−x/2).
        for (x, dof, p) in [
            (3.841_458_820_694_124, 1.0, 0.95),
            (5.991_464_547_107_98, 2.0, 0.95),
            (18.307_038_053_275_14, 10.0, 0.95),
            (3.940_299_136_119_06, 10.0, 0.05),
            (1.145_476_226_061_77, 5.0, 0.05),
            (124.342_113_404_004, 100.0, 0.95),
            (77.929_465_165_013_2, 100.0, 0.05),
        ] {
            assert!((chi_squared_cdf(x, dof) - p).abs() < 1e-9, "{x} {dof}: {}", chi_squared_cdf(x, dof));
        }
        for i in 1..60 {
            let x = f64::from(i) * 0.3;
            assert!((chi_squared_cdf(x, 2.0) - (1.0 - (-x / 2.0).exp())).abs() < 1e-12);
        }
        assert_eq!(chi_squared_cdf(0.0, 3.0), 0.0);
        assert!(chi_squared_cdf(1.0, 0.0).is_nan());
        assert!((chi_squared_cdf(1e6, 3.5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_background_is_the_mixture_in_logs() {
        for i in -40..=40 {
            let z = f64::from(i) * 0.15;
            let exact = (0.95 * normal_density(z) + 0.05 * normal_density(z / 3.0) / 3.0).ln();
            assert!((f64::from(log_background(z as f32)) - exact).abs() < 1e-5, "{z}");
        }
    }

    #[test]
    fn discoveries_follow_the_step_up_rule() {
        assert_eq!(benjamini_hochberg(&[0.04, 0.9, 0.06, f64::NAN], 0.1), [true, false, true, false]);
        assert_eq!(benjamini_hochberg(&[0.2, 0.9], 0.1), [false, false]);
        assert!(benjamini_hochberg(&[], 0.1).is_empty());
    }
}
