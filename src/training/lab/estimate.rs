//! An estimate with its standard error, and the interval that follows from both.

/// An estimate with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom of the standard error; infinite where it is that of a share of so many clips.
    pub freedom: f64,
    /// Number of runs, or of pairs of arms, that it is the mean of.
    pub n: usize,
}

impl Estimate {
    /// A mean of `n`, with the variances that add up to that of its error and the degrees of freedom of each, which give those
    /// of the sum (Satterthwaite 1946).
    pub fn with(value: f64, variances: [(f64, f64); 2], n: usize) -> Estimate {
        let sum: f64 = variances.iter().map(|(variance, _)| variance).sum();
        let parts: f64 = variances.iter().map(|(variance, freedom)| variance.powi(2) / freedom).sum();
        let freedom = if parts > 0.0 { sum.powi(2) / parts } else { f64::INFINITY };
        Estimate { value, error: sum.sqrt(), freedom, n }
    }

    /// The mean of values, with the error that their differences tell; `None` of fewer than two.
    pub fn of(values: &[f64]) -> Option<Estimate> {
        let n = values.len();
        let freedom = n.checked_sub(1).filter(|freedom| *freedom > 0)? as f64;
        let value = values.iter().sum::<f64>() / n as f64;
        let variance = values.iter().map(|x| (x - value).powi(2)).sum::<f64>() / freedom;
        Some(Estimate { value, error: (variance / n as f64).sqrt(), freedom, n })
    }

    /// The difference of two independent estimates. Arms that are compared share one pooled variance between seeds, so that
    /// their degrees of freedom do not add up.
    pub fn minus(self, other: Estimate) -> Estimate {
        Estimate {
            value: self.value - other.value,
            error: self.error.hypot(other.error),
            freedom: self.freedom.min(other.freedom),
            n: self.n.min(other.n),
        }
    }

    /// The mean of independent estimates, times a factor; `None` without any.
    pub fn mean(all: &[Estimate], factor: f64) -> Option<Estimate> {
        let n = all.len();
        let scale = factor / n.max(1) as f64;
        let value = scale * all.iter().map(|e| e.value).sum::<f64>();
        let error = scale * all.iter().map(|e| e.error.powi(2)).sum::<f64>().sqrt();
        let freedom = all.iter().map(|e| e.freedom).fold(f64::INFINITY, f64::min);
        (n > 0).then_some(Estimate { value, error, freedom, n })
    }

    /// In points, such as `−12.3 ± 1.7`.
    pub fn points(self) -> String {
        format!("{:+.1} ± {:.1}", 100.0 * self.value, 100.0 * self.error).replace('-', "−")
    }

    /// In percent, such as `45.9 ± 1.7`.
    pub fn percent(self) -> String {
        format!("{:.1} ± {:.1}", 100.0 * self.value, 100.0 * self.error)
    }

    /// As a number, such as `0.713 ± 0.012`.
    pub fn number(self) -> String {
        format!("{:.3} ± {:.3}", self.value, self.error).replace('-', "−")
    }

    /// Half of its 95 % interval.
    pub fn half(self) -> f64 {
        quantile(self.freedom) * self.error
    }

    /// On which side of 0 its 95 % interval lies: −1, 1, or 0 if it has 0 in it.
    pub fn sign(self) -> i8 {
        match self.value.abs() > self.half() {
            true if self.value > 0.0 => 1,
            true => -1,
            false => 0,
        }
    }
}

/// The 97.5 % quantiles of Student's t with 1 to 9 degrees of freedom.
const FEW: [f64; 9] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
/// That of the normal distribution.
pub const NORMAL: f64 = 1.959_964;

/// The 97.5 % quantile of Student's t. Below ten degrees of freedom fractions are cut off; above, it is the beginning of its
/// series in 1/freedom (Abramowitz and Stegun 26.7.5), within 0.003.
fn quantile(freedom: f64) -> f64 {
    match FEW.get(freedom.max(1.0) as usize - 1) {
        Some(quantile) => *quantile,
        None => NORMAL + 2.372 / freedom + 2.823 / freedom.powi(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_degrees_of_freedom_make_wide_intervals() {
        for (freedom, exact) in
            [(1.0, 12.706), (3.9, 3.182), (6.0, 2.447), (12.0, 2.179), (30.0, 2.042), (f64::INFINITY, 1.960)]
        {
            assert!((quantile(freedom) - exact).abs() < 0.003, "{freedom}: {}", quantile(freedom));
        }
        let at = |freedom: f64| Estimate { value: -0.062, error: 0.027, freedom, n: 1 };
        // 2.3 standard errors.
        assert_eq!((at(6.0).sign(), at(f64::INFINITY).sign()), (0, -1));
        let difference = at(6.0).minus(at(f64::INFINITY));
        assert_eq!((difference.value, difference.freedom), (0.0, 6.0));
        let mean = Estimate::mean(&[at(6.0), at(3.0)], 1.0).unwrap();
        assert!(mean.freedom == 3.0 && mean.n == 2 && (mean.error - 0.027 / 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(Estimate::mean(&[], 1.0), None);
    }

    #[test]
    fn values_tell_their_error() {
        let six = Estimate::of(&[0.461558, 0.503843, 0.949943, 0.449945, 0.451048, 0.45205]).unwrap();
        assert_eq!((six.number().as_str(), six.freedom, six.n), ("0.545 ± 0.081", 5.0, 6));
        assert_eq!((Estimate::of(&[0.5]), Estimate::of(&[])), (None, None));
    }

    #[test]
    fn a_variance_that_is_known_adds_degrees_of_freedom() {
        let both = |known: f64| Estimate::with(0.5, [(0.0003, 12.0), (known, f64::INFINITY)], 2);
        assert_eq!((both(0.0).freedom.round(), both(0.0003).freedom.round()), (12.0, 48.0));
        assert!((both(0.0001).error - 0.02).abs() < 1e-12);
        let none = Estimate::with(0.5, [(0.0, 3.0), (0.0, f64::INFINITY)], 2);
        assert_eq!((none.error, none.freedom, none.sign()), (0.0, f64::INFINITY, 1));
    }
}
