//! Symbolic evaluation of an architecture: names, shapes, initialisation and cost.

use super::{Conv, Net, Pool};
use crate::parameters::{Fill, Spec};

/// A layer with trained parameters; layers are in the order of evaluation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layer {
    pub name: String,
    /// Index of its first tensor in [`Plan::specs`].
    pub at: usize,
    /// Number of output channels.
    pub channels: usize,
    pub kind: Kind,
    /// Number of values per channel and clip that it normalises; 0 if it is no convolution.
    pub places: usize,
}

/// A row of an architecture's table: a layer with or without parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub name: String,
    /// Kernel, stride and padding as `[bands, steps]`; the window of a pool; `None` for a dense layer.
    pub window: Option<[[usize; 2]; 3]>,
    /// The pool's kind; `None` for other layers.
    pub pool: Option<Pool>,
    /// Channels, bands and steps of the result.
    pub shape: [usize; 3],
    pub parameters: usize,
    /// Multiply-accumulates per clip.
    pub macs: u64,
}

/// The tensors of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Weight, scale, offset; statistics are stored separately.
    Normalised,
    /// Weight, bias.
    Plain,
    /// Factor, offset.
    Scaled,
    /// Input weight and bias, recurrent weight and bias.
    Recurrent,
}

impl Kind {
    /// Number of tensors.
    pub fn tensors(self) -> usize {
        match self {
            Kind::Normalised => 3,
            Kind::Plain | Kind::Scaled => 2,
            Kind::Recurrent => 4,
        }
    }
}

/// See the module documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    normalise: bool,
    pub specs: Vec<Spec>,
    pub layers: Vec<Layer>,
    /// The table of all layers but scales.
    pub rows: Vec<Row>,
    /// Multiply-accumulates per clip.
    pub macs: u64,
}

impl Plan {
    /// An empty plan; `normalise` states whether convolutions are followed by a normalisation.
    pub fn new(normalise: bool) -> Plan {
        Plan { normalise, ..Plan::default() }
    }

    /// Adds the tensors of a dense layer.
    pub fn dense(&mut self, name: &str, from: usize, to: usize, bias: bool) {
        self.specs.push(Spec::new(format!("{name}.weight"), &[from, to], Fill::Normal((1.0 / from as f32).sqrt())));
        if bias {
            self.specs.push(Spec::new(format!("{name}.bias"), &[to], Fill::Zero));
        }
        let macs = (from * to) as u64;
        self.macs += macs;
        let parameters = from * to + if bias { to } else { 0 };
        let (name, shape) = (name.to_owned(), [to, 1, 1]);
        self.rows.push(Row { name, window: None, pool: None, shape, parameters, macs });
    }
}

impl Net for Plan {
    /// Channels, bands, steps.
    type X = [usize; 3];

    fn steps(&self, x: &Self::X) -> usize {
        x[2]
    }

    fn bands(&self, x: &Self::X) -> usize {
        x[1]
    }

    fn scale(&mut self, name: &str, x: Self::X, _: Option<Self::X>) -> Self::X {
        let at = self.specs.len();
        self.specs.push(Spec::new(format!("{name}.factor"), &[x[0]], Fill::One));
        self.specs.push(Spec::new(format!("{name}.offset"), &[x[0]], Fill::Zero));
        self.layers.push(Layer { name: name.to_owned(), at, channels: x[0], kind: Kind::Scaled, places: 0 });
        x
    }

    fn conv(&mut self, name: &str, [c, h, w]: Self::X, conv: Conv, residual: Option<Self::X>, _: bool) -> Self::X {
        let [kh, kw] = conv.kernel;
        let fan_in = c * kh * kw;
        let at = self.specs.len();
        let shape = [conv.out, c, kh, kw];
        let kind = if self.normalise {
            // The scale of a block's last convolution starts at zero, so that each block starts as
            // the identity.
            let gamma = if residual.is_some() { Fill::Zero } else { Fill::One };
            let std = (2.0 / fan_in as f32).sqrt();
            self.specs.push(Spec::new(format!("{name}.weight"), &shape, Fill::Normal(std)));
            self.specs.push(Spec::new(format!("{name}.gamma"), &[conv.out], gamma));
            self.specs.push(Spec::new(format!("{name}.beta"), &[conv.out], Fill::Zero));
            Kind::Normalised
        } else {
            // Kaiming uniform (He et al. 2015) and PyTorch's default bias, as the paper's authors
            // used.
            let bound = (6.0 / fan_in as f32).sqrt();
            self.specs.push(Spec::new(format!("{name}.weight"), &shape, Fill::Uniform(bound)));
            let bound = (1.0 / fan_in as f32).sqrt();
            self.specs.push(Spec::new(format!("{name}.bias"), &[conv.out], Fill::Uniform(bound)));
            Kind::Plain
        };
        let [h, w] = conv.size([h, w]);
        self.layers.push(Layer { name: name.to_owned(), at, channels: conv.out, kind, places: h * w });
        let macs = (fan_in * conv.out * h * w) as u64;
        self.macs += macs;
        let parameters = self.specs[at..].iter().map(Spec::len).sum();
        let window = Some([conv.kernel, conv.stride, conv.padding]);
        let (name, shape) = (name.to_owned(), [conv.out, h, w]);
        self.rows.push(Row { name, window, pool: None, shape, parameters, macs });
        shape
    }

    fn pool(&mut self, [c, h, w]: Self::X, pool: Pool, window: [usize; 2]) -> Self::X {
        let shape = [c, h / window[0], w / window[1]];
        let (name, window) = ("pool".to_owned(), Some([window, window, [0, 0]]));
        self.rows.push(Row { name, window, pool: Some(pool), shape, parameters: 0, macs: 0 });
        shape
    }

    fn recurrent(&mut self, name: &str, [c, _, t]: Self::X, hidden: usize) -> Self::X {
        let at = self.specs.len();
        let bound = Fill::Uniform((1.0 / hidden as f32).sqrt());
        for (part, shape) in [
            ("input.weight", vec![c, 3 * hidden]),
            ("input.bias", vec![3 * hidden]),
            ("hidden.weight", vec![hidden, 3 * hidden]),
            ("hidden.bias", vec![3 * hidden]),
        ] {
            self.specs.push(Spec::new(format!("{name}.{part}"), &shape, bound));
        }
        self.layers.push(Layer { name: name.to_owned(), at, channels: hidden, kind: Kind::Recurrent, places: 0 });
        let macs = (t * 3 * hidden * (c + hidden)) as u64;
        self.macs += macs;
        let parameters = self.specs[at..].iter().map(Spec::len).sum();
        let (name, shape) = (name.to_owned(), [hidden, 1, t]);
        self.rows.push(Row { name, window: None, pool: None, shape, parameters, macs });
        shape
    }

    fn concat(&mut self, a: Self::X, b: Self::X) -> Self::X {
        [a[0] + b[0], a[1], a[2]]
    }

    fn bands_to_channels(&mut self, [c, h, t]: Self::X) -> Self::X {
        [c * h, 1, t]
    }

    fn over_time(&mut self, [c, h, _]: Self::X) -> Self::X {
        [2 * c * h, 1, 1]
    }
}
