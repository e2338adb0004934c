//! The constant current into each population: what stateless nodes give when no spike comes.
//!
//! A stateless node's constant is its stage applied to the sum of the constants that feed it, plus its bias; so a
//! bias counts once however many populations feed its node, and once for each way that leads on from there.

use super::graph::Graph;
use super::shapes::{Sizes, count};
use super::stages::Step;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{Stage, Values, Window};

/// Most multiplications that carry constants through stages.
const MAX_WORK: u64 = 1 << 33;
/// Numbers that constants may hold even where the file is small.
const NUMBERS: u64 = 1 << 22;

type Fault = Box<Diagnostic>;

/// The constant of each population, nothing where it is zero.
pub(super) fn constants(
    graph: &Graph,
    steps: &[Step],
    sizes: &[Sizes],
    file: &str,
    file_size: usize,
) -> Result<Vec<Option<Values>>, Fault> {
    let counts = sizes.iter().map(|sizes| sizes.given.as_deref().and_then(count).unwrap_or(0)).collect();
    // How often the constant of a node is still asked for.
    let asks = |i: &usize| graph.nodes[*i].kind.is_stateless() || graph.is_target(*i);
    let asked = graph.next.iter().map(|next| next.iter().filter(|i| asks(i)).count()).collect();
    let given = vec![None; steps.len()];
    let (work_left, numbers_left) = (MAX_WORK, NUMBERS + file_size as u64 / 4);
    let mut carry = Carry { graph, counts, asked, given, work_left, numbers_left, file };
    let targets = (0..steps.len()).filter(|i| graph.is_target(*i));
    for i in graph.order.iter().copied().chain(targets) {
        let sum = carry.sum(i)?;
        let through = match (&steps[i].stage, sum) {
            (Some(stage), Some(constant)) => carry.through(stage, constant, i)?,
            (_, sum) => sum,
        };
        let given = match &steps[i].bias {
            Some((bias, per)) => carry.add(through, i, |at| bias.get(at / per), is_uniform(bias))?,
            None => through,
        };
        carry.check(&given, i)?;
        carry.given[i] = given;
    }
    Ok(carry.given)
}

fn is_uniform(values: &Values) -> bool {
    matches!(values, Values::Uniform(_))
}

struct Carry<'a> {
    graph: &'a Graph,
    /// Elements that each node gives.
    counts: Vec<usize>,
    asked: Vec<usize>,
    given: Vec<Option<Values>>,
    work_left: u64,
    numbers_left: u64,
    file: &'a str,
}

impl Carry<'_> {
    /// The sum of what feeds a node.
    fn sum(&mut self, i: usize) -> Result<Option<Values>, Fault> {
        let graph = self.graph;
        let mut sum = None;
        for before in graph.before[i].iter().copied().filter(|i| graph.nodes[*i].kind.is_stateless()) {
            self.asked[before] -= 1;
            let last = self.asked[before] == 0;
            let constant = if last { self.given[before].take() } else { self.given[before].clone() };
            let Some(constant) = constant else { continue };
            if let (false, Values::Each(each)) = (last, &constant) {
                self.hold(each.len(), i)?;
            }
            sum = match sum {
                None => Some(constant),
                Some(_) => self.add(sum, before, |at| constant.get(at), is_uniform(&constant))?,
            };
        }
        Ok(sum)
    }

    /// Adds what `more` says of each element that node `i` gives.
    fn add(
        &mut self,
        sum: Option<Values>,
        i: usize,
        more: impl Fn(usize) -> f64,
        is_uniform: bool,
    ) -> Result<Option<Values>, Fault> {
        let count = self.counts[i];
        let mut each = match sum {
            None | Some(Values::Uniform(_)) if is_uniform => {
                let sum = sum.map_or(0.0, |sum| sum.get(0));
                return Ok(Some(Values::Uniform(sum + more(0))));
            }
            Some(Values::Each(each)) => each,
            uniform => {
                self.hold(count, i)?;
                vec![uniform.map_or(0.0, |sum| sum.get(0)); count]
            }
        };
        each.iter_mut().enumerate().for_each(|(at, value)| *value += more(at));
        Ok(Some(Values::Each(each)))
    }

    /// What a stage makes of a constant.
    fn through(&mut self, stage: &Stage, constant: Values, i: usize) -> Result<Option<Values>, Fault> {
        if matches!(stage, Stage::Delay { .. }) {
            return Ok(Some(constant)); // It was there before the first step.
        }
        let (inputs, outputs) = (stage.inputs(), stage.outputs());
        let not_zero = (0..inputs).filter(|at| constant.get(*at) != 0.0);
        let work = cost(stage).saturating_mul(not_zero.clone().count() as u64);
        self.work_left = self.work_left.checked_sub(work).ok_or_else(|| {
            let fault = self.too_much(i, "take too many multiplications");
            Box::new(fault.need_have(format!("at most {MAX_WORK} for all nodes"), work))
        })?;
        self.hold(outputs, i)?;
        let mut out = vec![0.0; outputs];
        for at in not_zero {
            let value = constant.get(at);
            stage.for_each_of(at, |output, factor| out[output] += factor * value);
        }
        Ok(Some(Values::compact(out)).filter(|constant| *constant != Values::Uniform(0.0)))
    }

    /// Asks for room for so many numbers.
    fn hold(&mut self, numbers: usize, i: usize) -> Result<(), Fault> {
        let left = self.numbers_left;
        self.numbers_left = left.checked_sub(numbers as u64).ok_or_else(|| {
            let fault = self.too_much(i, "take too many numbers");
            Box::new(fault.need_have(format!("at most {left} more"), numbers))
        })?;
        Ok(())
    }

    fn too_much(&self, i: usize, what: &str) -> Diagnostic {
        let node = &self.graph.nodes[i];
        let message = format!("the biases on the way into `{}` {what}", node.name);
        Diagnostic::error("SL0431", message).at_node(self.file, &node.location)
    }

    fn check(&self, given: &Option<Values>, i: usize) -> Result<(), Fault> {
        let node = &self.graph.nodes[i];
        let bad = match given {
            Some(Values::Uniform(value)) => (!value.is_finite()).then_some((0, *value)),
            Some(Values::Each(each)) => each.iter().position(|v| !v.is_finite()).map(|at| (at, each[at])),
            None => None,
        };
        let Some((at, value)) = bad else { return Ok(()) };
        let message = format!("the biases on the way into `{}` add up to {value} at [{at}]", node.name);
        Err(Box::new(Diagnostic::error("SL0409", message).at_node(self.file, &node.location)))
    }
}

/// Most steps that it takes to follow one element through a stage.
fn cost(stage: &Stage) -> u64 {
    // Looking for the windows of an element tries every tap of an axis.
    let look = |window: &Window| {
        let seen = (window.dilation[0] * (window.kernel[0] - 1)) / window.stride[0] + 1;
        window.kernel[0].saturating_add(seen.min(window.output[0]).saturating_mul(window.kernel[1])) as u64
    };
    match stage {
        Stage::Dense { outputs, .. } | Stage::Sparse { outputs, .. } => *outputs as u64,
        Stage::Scale { .. } | Stage::Delay { .. } => 1,
        Stage::Convolution(c) => look(&c.window).saturating_mul((c.channels_out / c.groups) as u64),
        Stage::Pool(pool) => look(&pool.window),
    }
}
