//! Exact: some nodes over some cores by integer programming, everything else where it is.
//!
//! With x = 1 where node i lies in core k, y = 1 where core k has a target of net g, and z = 1 where a source and a target of a net
//! lie in one core:
//!
//! ```text
//! least  sum of rate(g) y(g, k) - own(i, g) z(i, g, k)
//! with   sum over k of x(i, k) = 1,  y(g, k) >= x(i, k) for targets i of g,  z(i, g, k) <= x(i, k),  z(i, g, k) <= y(g, k)
//!        neurons, synapses, in-axons and kinds of each core within its limits
//! ```
//!
//! Only what is better than what is known is asked for, so that a model without a solution is a proof.

use crate::graph::Limits;
use crate::level::{Level, Pin};
use crate::state::State;
use good_lp::solvers::microlp::microlp;
use good_lp::{Expression, ProblemVariables, SolverModel, Variable, constraint, variable};
use microlp::{Error, SolveOptions};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes times cores at most: beyond, the tree grows out of hand.
pub const MOST_CHOICES: usize = 96;
/// Cells of nets at most: what the linear programs are made of.
const MOST_CELLS: usize = 600;
/// Traffic by which a better solution must be better, as a share: below is rounding.
const LEAST_GAIN: f64 = 1e-6;

/// What is known in the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Proven {
    /// Cores of the nodes, if others are better than those known.
    pub better: Option<Vec<u32>>,
    /// Traffic that these nodes over these cores could at most save, what is better included, if that was found.
    pub most_saved: Option<f64>,
}

/// The best places for some nodes among some cores, the others staying; `None` if that is too large to be asked.
/// The tree has at most so many branches; a count, so that the result does not depend on the machine.
pub fn solve(
    state: &State<'_>,
    limits: &Limits,
    free: &[usize],
    among: &[u32],
    branches: u64,
) -> Option<Proven> {
    let level = state.level;
    let nets: BTreeSet<u32> = free.iter().flat_map(|node| level.of(*node)).map(|entry| entry.net).collect();
    if free.len() * among.len() > MOST_CHOICES || nets.len() * among.len() > MOST_CELLS {
        return None;
    }
    let model = Model { level, state, limits, free, among, nets: nets.into_iter().collect() };
    Some(model.solve(branches))
}

struct Model<'a> {
    level: &'a Level,
    state: &'a State<'a>,
    limits: &'a Limits,
    free: &'a [usize],
    among: &'a [u32],
    /// Nets of the free nodes.
    nets: Vec<u32>,
}

/// A row of the model: `sum <= most`.
struct Row {
    sum: Expression,
    most: f64,
}

impl Model<'_> {
    fn solve(&self, branches: u64) -> Proven {
        let (problem, objective, rows, equal) = self.written();
        let known = self.cost_now();
        let most = known - LEAST_GAIN * known.max(1e-9);
        let mut model = problem.minimise(objective.clone()).using(microlp);
        for sum in equal {
            model.add_constraint(constraint!(sum == 1.0));
        }
        for Row { sum, most } in rows {
            model.add_constraint(constraint!(sum <= most));
        }
        model.add_constraint(constraint!(objective <= most));
        let mut options = SolveOptions::default();
        options.node_limit = Some(branches);
        let saved = |bound: Option<f64>| bound.map(|bound| (known - bound).max(0.0));
        match model.as_inner().solve_with(options) {
            Err(Error::Infeasible) => Proven { better: None, most_saved: Some(0.0) },
            Err(_) => Proven { better: None, most_saved: None },
            Ok(outcome) => match outcome.solution() {
                None => Proven { better: None, most_saved: saved(outcome.stats().best_bound) },
                Some(solution) => {
                    let values: Vec<f64> = solution.iter().map(|(_, value)| value).collect();
                    let bound = if outcome.is_optimal() {
                        Some(solution.objective())
                    } else {
                        outcome.stats().best_bound
                    };
                    Proven { better: Some(self.read(&values)), most_saved: saved(bound) }
                }
            },
        }
    }

    /// The cores that the first variables say.
    fn read(&self, values: &[f64]) -> Vec<u32> {
        let mut cores = self.state.cores.clone();
        for (i, node) in self.free.iter().enumerate() {
            let of_node = &values[i * self.among.len()..][..self.among.len()];
            let chosen = (0..of_node.len()).max_by(|a, b| of_node[*a].total_cmp(&of_node[*b])).unwrap_or(0);
            cores[*node] = self.among[chosen];
        }
        cores
    }

    /// What the cells of the model cost as things stand.
    fn cost_now(&self) -> f64 {
        let cells = self.nets.iter().flat_map(|net| self.among.iter().map(move |core| (*net, *core)));
        let cost = |(net, core)| {
            let cell = self.state.cell(net, core);
            if cell.targets > 0 { f64::from(self.level.rate[net as usize] - cell.rate) } else { 0.0 }
        };
        cells.map(cost).sum()
    }

    /// Variables, what is to be least, what has a most, and what must be one.
    fn written(&self) -> (ProblemVariables, Expression, Vec<Row>, Vec<Expression>) {
        let (level, width) = (self.level, self.among.len());
        let mut variables = ProblemVariables::new();
        // Cores of a whole network are alike: node i may as well lie in one of the first i + 1.
        let is_whole = self.free.len() == level.len();
        let is_open = |i: usize| !is_whole || i % width <= i / width;
        let choice =
            |i: usize| if is_open(i) { variable().binary() } else { variable().integer().min(0).max(0) };
        let x: Vec<Variable> = (0..self.free.len() * width).map(|i| variables.add(choice(i))).collect();
        let is_free: BTreeMap<usize, usize> =
            self.free.iter().enumerate().map(|(i, node)| (*node, i)).collect();
        let (mut objective, mut rows) = (Expression::default(), Vec::new());
        let at_most = |sum: Expression, most: f64| Row { sum, most };
        let mut axons: Vec<Expression> = vec![Expression::default(); width];
        let mut axons_taken = vec![0u64; width];
        for net in &self.nets {
            let rate = f64::from(level.rate[*net as usize]);
            let count = f64::from(level.axons[*net as usize]);
            let pins = level.pins_of(*net as usize);
            let others = |core: u32| {
                let stays =
                    |pin: &&Pin| self.state.cores[pin.node()] == core && !is_free.contains_key(&pin.node());
                let there = pins.iter().filter(stays);
                (there.clone().any(|p| p.is_target()), there.map(|p| f64::from(p.own)).sum::<f64>())
            };
            for (k, core) in self.among.iter().enumerate() {
                let (is_heard, own) = others(*core);
                let least = if is_heard { 1.0 } else { 0.0 };
                let y = variables.add(variable().min(least).max(1.0));
                objective += (rate - own) * y;
                axons[k] += count * y;
                axons_taken[k] += if self.state.cell(*net, *core).targets > 0 { count as u64 } else { 0 };
                for pin in pins {
                    let Some(i) = is_free.get(&pin.node()) else { continue };
                    let there = x[i * width + k];
                    if pin.is_target() {
                        rows.push(at_most(there - y, 0.0));
                    }
                    if pin.own > 0.0 {
                        let z = variables.add(variable().min(0.0).max(1.0));
                        rows.push(at_most(z - there, 0.0));
                        rows.push(at_most(z - y, 0.0));
                        objective -= f64::from(pin.own) * z;
                    }
                }
            }
        }
        for (k, core) in self.among.iter().enumerate() {
            let load = self.state.loads[*core as usize];
            let inside =
                || self.free.iter().enumerate().filter(|(_, node)| self.state.cores[**node] == *core);
            let freed_neurons: u32 = inside().map(|(_, node)| level.neurons[*node]).sum();
            let freed_synapses: u64 = inside().map(|(_, node)| level.synapses[*node]).sum();
            let sum = |weight: &dyn Fn(usize) -> f64| -> Expression {
                self.free.iter().enumerate().map(|(i, node)| weight(*node) * x[i * width + k]).sum()
            };
            let neurons = f64::from(self.limits.neurons) - f64::from(load.neurons - freed_neurons);
            let synapses = self.limits.synapses as f64 - (load.synapses - freed_synapses) as f64;
            rows.push(at_most(sum(&|node| f64::from(level.neurons[node])), neurons));
            rows.push(at_most(sum(&|node| level.synapses[node] as f64), synapses));
            let most = f64::from(self.limits.axons) - (u64::from(load.axons) - axons_taken[k]) as f64;
            rows.push(at_most(std::mem::take(&mut axons[k]), most));
            self.kinds(&mut variables, &mut rows, &x, k, &is_free);
        }
        let one = |i: usize| -> Expression { (0..width).map(|k| Expression::from(x[i * width + k])).sum() };
        let equal = (0..self.free.len()).map(one).collect();
        (variables, objective, rows, equal)
    }

    /// Distinct kinds of a core, by table.
    fn kinds(
        &self,
        variables: &mut ProblemVariables,
        rows: &mut Vec<Row>,
        x: &[Variable],
        k: usize,
        is_free: &BTreeMap<usize, usize>,
    ) {
        let kinds = &self.level.kinds;
        for (table, most) in kinds.limits.iter().enumerate() {
            let of_table = |node: usize| {
                kinds
                    .of(node)
                    .iter()
                    .copied()
                    .filter(move |kind| kinds.tables[*kind as usize] as usize == table)
            };
            let held: BTreeSet<u32> = (0..self.level.len())
                .filter(|node| self.state.cores[*node] == self.among[k] && !is_free.contains_key(node))
                .flat_map(of_table)
                .collect();
            let mut distinct: BTreeMap<u32, Variable> = BTreeMap::new();
            for (i, node) in self.free.iter().enumerate() {
                for kind in of_table(*node).filter(|kind| !held.contains(kind)) {
                    let w =
                        *distinct.entry(kind).or_insert_with(|| variables.add(variable().min(0.0).max(1.0)));
                    rows.push(Row { sum: x[i * self.among.len() + k] - w, most: 0.0 });
                }
            }
            let sum: Expression = distinct.into_values().map(Expression::from).sum();
            rows.push(Row { sum, most: f64::from(*most) - held.len() as f64 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::kinds::Kinds;
    use crate::random::Random;
    use crate::state::numbered;

    /// Neurons that feed a few others, two kinds of which a core holds one, if asked.
    fn small(n: usize, with_kinds: bool, random: &mut Random) -> Graph {
        let mut fed = |u: usize| (0..n as u32).filter(|v| *v != u as u32 && random.below(3) == 0).collect();
        let targets: Vec<Vec<u32>> = (0..n).map(&mut fed).collect();
        let rates = (0..n).map(|_| 1.0 + random.below(9) as f64).collect();
        let mut graph = Graph::of_lists(&targets, rates);
        if with_kinds {
            let first = (0..=n as u32).collect();
            let kinds = (0..n as u32).map(|node| node % 2).collect();
            graph.kinds = Kinds { limits: vec![1], tables: vec![0, 0], first, kinds };
        }
        graph
    }

    fn fits(graph: &Graph, cores: &[u32], limits: &Limits) -> bool {
        let kind = |node: usize| graph.kinds.of(node).first();
        let apart = |a: usize, b: usize| cores[a] != cores[b] || kind(a) == kind(b);
        let n = graph.len();
        graph.loads(cores).iter().all(|load| load.fits(limits)) && (0..n).all(|a| (0..a).all(|b| apart(a, b)))
    }

    /// Every division of seven neurons over three cores, beside what the solver says.
    #[test]
    fn the_least_of_all_divisions() {
        let mut random = Random::new(11);
        let mut better = 0;
        for round in 0..24 {
            let graph = small(7, round % 2 == 1, &mut random);
            let limits = Limits { neurons: 3, axons: 5 + (round % 3) as u32, synapses: 8 };
            let all = (0..3usize.pow(7))
                .map(|code| (0..7).map(|i| (code / 3usize.pow(i) % 3) as u32).collect::<Vec<_>>());
            let feasible: Vec<Vec<u32>> = all.filter(|cores| fits(&graph, cores, &limits)).collect();
            let Some(start) = feasible.first() else { continue };
            let least = feasible.iter().map(|cores| graph.traffic(cores)).fold(f64::INFINITY, f64::min);
            let level = Level::finest(&graph);
            let start = numbered(start);
            let proven =
                solve(&State::of(&level, &start, 3), &limits, &[0, 1, 2, 3, 4, 5, 6], &[0, 1, 2], 3000)
                    .unwrap();
            let found = proven.better.as_ref().map_or(graph.traffic(&start), |cores| {
                better += 1;
                assert!(fits(&graph, cores, &limits));
                graph.traffic(cores)
            });
            assert!(
                (found - least).abs() < 1e-4 * least.max(1.0),
                "round {round}: {found}, but {least} is possible"
            );
            let bound = graph.traffic(&start) - proven.most_saved.unwrap();
            assert!(
                (bound - least).abs() < 1e-3 * least.max(1.0),
                "round {round}: bound {bound}, least {least}"
            );
        }
        assert!(better > 5, "the start was the best too often to tell anything");
    }

    /// Two neurons of seven over two cores of three, the others staying.
    #[test]
    fn a_window() {
        let mut random = Random::new(5);
        for _ in 0..20 {
            let graph = small(7, false, &mut random);
            let limits = Limits { neurons: 4, axons: 7, synapses: 20 };
            let start = [0, 0, 0, 1, 1, 2, 2];
            if !fits(&graph, &start, &limits) {
                continue;
            }
            let level = Level::finest(&graph);
            let proven = solve(&State::of(&level, &start, 3), &limits, &[1, 5], &[0, 2], 3000).unwrap();
            let mut least = graph.traffic(&start);
            for (a, b) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
                let mut cores = start;
                (cores[1], cores[5]) = (a, b);
                if fits(&graph, &cores, &limits) {
                    least = least.min(graph.traffic(&cores));
                }
            }
            let found = proven.better.map_or(graph.traffic(&start), |cores| graph.traffic(&cores));
            assert!((found - least).abs() < 1e-4 * least.max(1.0));
        }
    }
}
