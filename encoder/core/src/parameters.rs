//! Trained parameters on the host, with names, shapes and seeded initialisation.

use crate::recipe::Init;

/// The initial values of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fill {
    Zero,
    One,
    /// Normal with this standard deviation.
    Normal(f32),
    /// Uniform between minus this and this.
    Uniform(f32),
}

/// Name, shape and initialisation of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spec {
    pub name: String,
    pub shape: Vec<usize>,
    pub fill: Fill,
}

impl Spec {
    pub fn new(name: String, shape: &[usize], fill: Fill) -> Spec {
        Spec { name, shape: shape.to_vec(), fill }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Values for a list of [`Spec`]s, in the same order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameters {
    pub values: Vec<Vec<f32>>,
}

impl Parameters {
    /// Initial values for a seed.
    pub fn random(specs: &[Spec], seed: u64) -> Parameters {
        let mut rng = fastrand::Rng::with_seed(seed);
        let values = specs
            .iter()
            .map(|spec| match spec.fill {
                Fill::Zero => vec![0.0; spec.len()],
                Fill::One => vec![1.0; spec.len()],
                Fill::Normal(std) => (0..spec.len()).map(|_| std * normal(&mut rng)).collect(),
                Fill::Uniform(bound) => (0..spec.len()).map(|_| bound * (2.0 * rng.f32() - 1.0)).collect(),
            })
            .collect();
        Parameters { values }
    }

    /// All zeros.
    pub fn zeros(specs: &[Spec]) -> Parameters {
        Parameters { values: specs.iter().map(|s| vec![0.0; s.len()]).collect() }
    }
}

/// The initial values that the recipe asks for.
pub(crate) fn filled(mut specs: Vec<Spec>, init: Init) -> Vec<Spec> {
    if init == Init::Normal {
        return specs;
    }
    let mut bound = 0.0;
    for spec in &mut specs {
        let weight = spec.name.ends_with(".weight");
        match (&spec.shape[..], spec.fill) {
            ([_, c, h, w], Fill::Normal(_)) if weight => spec.fill = Fill::Uniform((6.0 / (c * h * w) as f32).sqrt()),
            ([from, _], Fill::Normal(_)) if weight => {
                bound = (1.0 / *from as f32).sqrt();
                spec.fill = Fill::Uniform(bound);
            }
            // Of a dense layer: it follows its weight. The biases of convolutions are uniform already.
            (_, Fill::Zero) if spec.name.ends_with(".bias") => spec.fill = Fill::Uniform(bound),
            _ => {}
        }
    }
    specs
}

/// A standard normal sample (Box–Muller).
pub(crate) fn normal(rng: &mut fastrand::Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    (radius * (std::f64::consts::TAU * rng.f64()).cos()) as f32
}
