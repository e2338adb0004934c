//! The network as it is given: who feeds whom, and how often each neuron fires.

/// Neurons with their targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Targets of neuron `u` are `targets[offsets[u]..offsets[u + 1]]`, ascending, none twice, none itself.
    pub offsets: Vec<usize>,
    /// Targets.
    pub targets: Vec<u32>,
    /// Spikes per second of each neuron.
    pub rates: Vec<f64>,
    /// Population of each neuron; equal ones stand together.
    pub populations: Vec<u32>,
}

/// What a core holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Neurons.
    pub neurons: u32,
    /// Distinct axons that come in, those of its own neurons included.
    pub axons: u32,
    /// Synapses.
    pub synapses: u64,
}

impl Limits {
    /// The same, each larger by a share.
    pub fn widened(&self, share: f64) -> Limits {
        let wide = |value: f64| value + value * share.max(0.0);
        Limits {
            neurons: wide(f64::from(self.neurons)) as u32,
            axons: wide(f64::from(self.axons)) as u32,
            synapses: wide(self.synapses as f64) as u64,
        }
    }
}

impl Graph {
    /// Number of neurons.
    pub fn len(&self) -> usize {
        self.rates.len()
    }

    /// Whether there is no neuron.
    pub fn is_empty(&self) -> bool {
        self.rates.is_empty()
    }

    /// Targets of a neuron.
    pub fn of(&self, neuron: usize) -> &[u32] {
        &self.targets[self.offsets[neuron]..self.offsets[neuron + 1]]
    }

    /// Synapses onto each neuron.
    pub fn fan_in(&self) -> Vec<u32> {
        let mut fan_in = vec![0; self.len()];
        self.targets.iter().for_each(|target| fan_in[*target as usize] += 1);
        fan_in
    }

    /// Packets per second between cores: for each neuron its rate times the cores other than its own with a target of it.
    pub fn traffic(&self, cores: &[u32]) -> f64 {
        let mut seen = vec![usize::MAX; cores.iter().max().map_or(0, |most| *most as usize + 1)];
        let mut traffic = 0.0;
        for neuron in 0..self.len() {
            let mut reached = 0u32;
            for target in self.of(neuron) {
                let core = cores[*target as usize] as usize;
                if core != cores[neuron] as usize && seen[core] != neuron {
                    seen[core] = neuron;
                    reached += 1;
                }
            }
            traffic += self.rates[neuron] * f64::from(reached);
        }
        traffic
    }

    /// Loads of each core: neurons, distinct in-axons, synapses.
    pub fn loads(&self, cores: &[u32]) -> Vec<Load> {
        let count = cores.iter().max().map_or(0, |most| *most as usize + 1);
        let mut loads = vec![Load::default(); count];
        let mut seen = vec![usize::MAX; count];
        for neuron in 0..self.len() {
            loads[cores[neuron] as usize].neurons += 1;
            for target in self.of(neuron) {
                let core = cores[*target as usize] as usize;
                loads[core].synapses += 1;
                if seen[core] != neuron {
                    seen[core] = neuron;
                    loads[core].axons += 1;
                }
            }
        }
        loads
    }
}

/// What a core holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Neurons.
    pub neurons: u32,
    /// Distinct axons that come in.
    pub axons: u32,
    /// Synapses.
    pub synapses: u64,
}

impl Load {
    /// Whether it is within the limits.
    pub fn fits(&self, limits: &Limits) -> bool {
        self.neurons <= limits.neurons && self.axons <= limits.axons && self.synapses <= limits.synapses
    }
}
