//! What neurons are of which a core holds few: entries of a profile table, formats of synapses, core-wide parameters.

/// Tables, and the kinds in them. A core holds at most so many distinct kinds of a table; the limit is never overstepped, at
/// no level and at no time of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kinds {
    /// Distinct kinds of each table that a core holds at most.
    pub limits: Vec<u32>,
    /// Table of each kind.
    pub tables: Vec<u32>,
    /// Kinds of node `x` are `kinds[first[x]..first[x + 1]]`, ascending; nothing here if there are no tables.
    pub first: Vec<u32>,
    /// Kinds.
    pub kinds: Vec<u32>,
}

impl Kinds {
    /// Kinds of a node.
    pub fn of(&self, node: usize) -> &[u32] {
        match self.first.get(node..node + 2) {
            Some([from, to]) => &self.kinds[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// Whether two nodes are of the same kinds.
    #[inline]
    pub(crate) fn are_same(&self, one: usize, other: usize) -> bool {
        self.limits.is_empty() || self.of(one) == self.of(other)
    }

    /// The kinds of some nodes: those of a part, or one for each cluster, where the nodes of each are of the same kinds.
    pub(crate) fn of_nodes(&self, nodes: &[u32]) -> Kinds {
        let mut kinds =
            Kinds { limits: self.limits.clone(), tables: self.tables.clone(), ..Kinds::default() };
        if !self.limits.is_empty() {
            kinds.first.push(0);
            for node in nodes {
                kinds.kinds.extend(self.of(*node as usize));
                kinds.first.push(kinds.kinds.len() as u32);
            }
        }
        kinds
    }
}

/// How many nodes of each kind each core holds.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// `[core][kind]`.
    nodes: Vec<u32>,
    /// `[core][table]`.
    distinct: Vec<u32>,
}

impl Held {
    pub(crate) fn none(kinds: &Kinds, cores: usize) -> Held {
        Held { nodes: vec![0; cores * kinds.tables.len()], distinct: vec![0; cores * kinds.limits.len()] }
    }

    /// Whether a core can take a node in.
    pub(crate) fn admits(&self, kinds: &Kinds, node: usize, core: u32) -> bool {
        let of = kinds.of(node);
        let held = core as usize * kinds.tables.len();
        let new_in = |table: u32| {
            let of_table = of.iter().filter(|kind| kinds.tables[**kind as usize] == table);
            of_table.filter(|kind| self.nodes[held + **kind as usize] == 0).count() as u32
        };
        of.iter().all(|kind| {
            let table = kinds.tables[*kind as usize];
            let distinct = self.distinct[core as usize * kinds.limits.len() + table as usize];
            self.nodes[held + *kind as usize] > 0 || distinct + new_in(table) <= kinds.limits[table as usize]
        })
    }

    pub(crate) fn put(&mut self, kinds: &Kinds, node: usize, core: u32) {
        for kind in kinds.of(node) {
            let nodes = &mut self.nodes[core as usize * kinds.tables.len() + *kind as usize];
            let table = core as usize * kinds.limits.len() + kinds.tables[*kind as usize] as usize;
            self.distinct[table] += u32::from(*nodes == 0);
            *nodes += 1;
        }
    }

    pub(crate) fn take(&mut self, kinds: &Kinds, node: usize, core: u32) {
        for kind in kinds.of(node) {
            let nodes = &mut self.nodes[core as usize * kinds.tables.len() + *kind as usize];
            let table = core as usize * kinds.limits.len() + kinds.tables[*kind as usize] as usize;
            *nodes -= 1;
            self.distinct[table] -= u32::from(*nodes == 0);
        }
    }

    /// Whether a core is within the limits.
    pub(crate) fn fits(&self, kinds: &Kinds, core: u32) -> bool {
        let distinct = &self.distinct[core as usize * kinds.limits.len()..][..kinds.limits.len()];
        distinct.iter().zip(&kinds.limits).all(|(distinct, most)| distinct <= most)
    }
}
