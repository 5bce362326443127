//! Systems of linear equations with a symmetric positive definite matrix.

/// The Cholesky factor of a symmetric positive definite matrix: A = L·Lᵀ with L lower triangular.
#[derive(Clone, Debug)]
pub struct Cholesky(Vec<Vec<f64>>);

impl Cholesky {
    /// Factors a matrix, of which only the lower triangle is read. `None` if it is not positive definite.
    pub fn of(mut a: Vec<Vec<f64>>) -> Option<Cholesky> {
        for i in 0..a.len() {
            for j in 0..=i {
                let rest = a[i][j] - (0..j).map(|k| a[i][k] * a[j][k]).sum::<f64>();
                if i == j && (rest.is_nan() || rest <= 0.0) {
                    return None;
                }
                a[i][j] = if i == j { rest.sqrt() } else { rest / a[j][j] };
            }
        }
        Some(Cholesky(a))
    }

    /// L⁻¹·b.
    pub fn whiten(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(b.len());
        for (line, b) in self.0.iter().zip(b) {
            let dot: f64 = line.iter().zip(&x).map(|(l, x)| l * x).sum();
            x.push((b - dot) / line[x.len()]);
        }
        x
    }

    /// A⁻¹·b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        self.colour(self.whiten(b))
    }

    /// L⁻ᵀ·b, whose covariance is A⁻¹ where b is white noise.
    pub fn colour(&self, b: Vec<f64>) -> Vec<f64> {
        let mut x = b;
        for i in (0..x.len()).rev() {
            let dot: f64 = (i + 1..x.len()).map(|k| self.0[k][i] * x[k]).sum();
            x[i] = (x[i] - dot) / self.0[i][i];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_solves_solves_the_equations() {
        let mut random = fastrand::Rng::with_seed(1);
        let factor: Vec<Vec<f64>> = (0..6).map(|_| (0..9).map(|_| random.f64() - 0.5).collect()).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let a: Vec<Vec<f64>> = factor.iter().map(|r| factor.iter().map(|c| dot(r, c)).collect()).collect();
        let b: Vec<f64> = (0..6).map(|i| f64::from(i) - 2.0).collect();
        let root = Cholesky::of(a.clone()).unwrap();
        let x = root.solve(&b);
        for (row, b) in a.iter().zip(&b) {
            assert!((dot(row, &x) - b).abs() < 1e-9);
        }
        // bᵀ·A⁻¹·b is the squared length of the whitened vector.
        let white = root.whiten(&b);
        assert!((dot(&white, &white) - dot(&b, &x)).abs() < 1e-9);
        assert_eq!(root.colour(white), x);
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_is_refused() {
        assert!(Cholesky::of(vec![vec![1.0, 0.0], vec![2.0, 1.0]]).is_none());
        assert!(Cholesky::of(vec![vec![f64::NAN]]).is_none());
    }
}
