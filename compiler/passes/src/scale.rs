//! A scale from the network's units to the chip's.

/// Chip units for one unit of the network. Where values lie on a grid, they are first divided by its quantum, so
/// that a multiple of the quantum becomes the integer that it is: a factor `q / quantum` would be rounded itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    steps: f64,
    quantum: f64,
}

impl Scale {
    /// `quantum` of the network becomes `steps` of the chip.
    pub fn of_grid(steps: f64, quantum: f64) -> Scale {
        Scale { steps, quantum }
    }

    /// One unit of the network becomes `factor` of the chip.
    pub fn of_factor(factor: f64) -> Scale {
        Scale { steps: factor, quantum: 1.0 }
    }

    /// This scale times 2^`k`.
    pub fn doubled(self, k: u32) -> Scale {
        Scale { steps: self.steps * 2f64.powi(k as i32), quantum: self.quantum }
    }

    /// This scale times a factor.
    pub fn times(self, factor: f64) -> Scale {
        Scale { steps: self.steps * factor, quantum: self.quantum }
    }

    /// A value in the chip's units.
    pub fn apply(self, value: f64) -> f64 {
        value / self.quantum * self.steps
    }

    /// Chip units for one unit of the network.
    pub fn factor(self) -> f64 {
        self.steps / self.quantum
    }
}
