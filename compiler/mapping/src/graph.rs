//! The network as it is given: who feeds whom, and how often each neuron fires.

use crate::kinds::Kinds;

/// Neurons, and axons with their targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Targets of axon `a` are `targets[offsets[a]..offsets[a + 1]]`, ascending, none twice.
    pub offsets: Vec<usize>,
    /// Targets.
    pub targets: Vec<u32>,
    /// Spikes per second of each axon.
    pub rates: Vec<f64>,
    /// Neuron of each axon; [`OUTSIDE`] where its spikes come from elsewhere.
    pub sources: Vec<u32>,
    /// Population of each neuron; equal ones stand together.
    pub populations: Vec<u32>,
    /// What each neuron takes of [`Limits::neurons`].
    pub slots: Vec<u32>,
    /// What each neuron takes of [`Limits::synapses`].
    pub synapses: Vec<u64>,
    /// What each neuron is of which a core holds few.
    pub kinds: Kinds,
}

/// The source of an axon that is no neuron of the graph.
pub const OUTSIDE: u32 = u32::MAX;

/// What a core holds at most, kinds apart.
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
    /// A plain graph of one population, by a list of targets for each neuron.
    #[cfg(test)]
    pub(crate) fn of_lists(targets: &[impl AsRef<[u32]>], rates: Vec<f64>) -> Graph {
        let mut offsets = vec![0];
        let mut all = Vec::new();
        for of in targets {
            all.extend_from_slice(of.as_ref());
            offsets.push(all.len());
        }
        Graph::plain(offsets, all, rates, vec![0; targets.len()])
    }

    /// Each neuron with one axon, one slot, and its synapses; `targets` of neuron `u` as those of axon `u`.
    pub fn plain(offsets: Vec<usize>, targets: Vec<u32>, rates: Vec<f64>, populations: Vec<u32>) -> Graph {
        let n = populations.len();
        let mut synapses = vec![0; n];
        // What does not exist is told by whoever reads a file.
        targets.iter().for_each(|target| {
            if let Some(count) = synapses.get_mut(*target as usize) {
                *count += 1;
            }
        });
        let sources = (0..n as u32).collect();
        Graph {
            offsets,
            targets,
            rates,
            sources,
            populations,
            slots: vec![1; n],
            synapses,
            kinds: Kinds::default(),
        }
    }

    /// Number of neurons.
    pub fn len(&self) -> usize {
        self.populations.len()
    }

    /// Whether there is no neuron.
    pub fn is_empty(&self) -> bool {
        self.populations.is_empty()
    }

    /// Targets of an axon.
    pub fn of(&self, axon: usize) -> &[u32] {
        &self.targets[self.offsets[axon]..self.offsets[axon + 1]]
    }

    /// Axons that each neuron hears.
    pub fn fan_in(&self) -> Vec<u32> {
        let mut fan_in = vec![0; self.len()];
        self.targets.iter().for_each(|target| fan_in[*target as usize] += 1);
        fan_in
    }

    /// Packets per second between cores: for each axon its rate times the cores, other than its neuron's, with a target.
    pub fn traffic(&self, cores: &[u32]) -> f64 {
        let mut seen = vec![usize::MAX; cores.iter().max().map_or(0, |most| *most as usize + 1)];
        let mut traffic = 0.0;
        for axon in 0..self.rates.len() {
            let home = cores.get(self.sources[axon] as usize).copied().unwrap_or(OUTSIDE);
            let mut reached = 0u32;
            for target in self.of(axon) {
                let core = cores[*target as usize];
                if core != home && seen[core as usize] != axon {
                    seen[core as usize] = axon;
                    reached += 1;
                }
            }
            traffic += self.rates[axon] * f64::from(reached);
        }
        traffic
    }

    /// Loads of each core: neurons, distinct in-axons, synapses.
    pub fn loads(&self, cores: &[u32]) -> Vec<Load> {
        let count = cores.iter().max().map_or(0, |most| *most as usize + 1);
        let mut loads = vec![Load::default(); count];
        for (neuron, core) in cores.iter().enumerate() {
            loads[*core as usize].neurons += self.slots[neuron];
            loads[*core as usize].synapses += self.synapses[neuron];
        }
        let mut seen = vec![usize::MAX; count];
        for axon in 0..self.rates.len() {
            for target in self.of(axon) {
                let core = cores[*target as usize] as usize;
                if seen[core] != axon {
                    seen[core] = axon;
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
    /// What is over the limits, by resource: neurons, axons, synapses.
    pub fn over(&self, limits: &Limits) -> [u64; 3] {
        [
            self.neurons.saturating_sub(limits.neurons).into(),
            self.axons.saturating_sub(limits.axons).into(),
            self.synapses.saturating_sub(limits.synapses),
        ]
    }

    /// Whether it is within the limits.
    pub fn fits(&self, limits: &Limits) -> bool {
        self.neurons <= limits.neurons && self.axons <= limits.axons && self.synapses <= limits.synapses
    }
}
