//! What holds of every network that comes in, whatever its file was.

use spikeloom_ir::network::{Network, NeuronModel, Population, PopulationKind, Stage, Values};

/// Connections whose unfolding takes more steps than this are only looked at from outside.
const FEW: usize = 1 << 16;

/// Panics unless sizes fit everywhere.
pub(crate) fn check(network: &Network) {
    for population in &network.populations {
        assert!(!population.is_empty(), "{} is empty", population.name);
        values(&population.bias, population);
        if let PopulationKind::Neurons(model) = &population.kind {
            model.fields().iter().for_each(|(_, each)| values(each, population));
        }
    }
    assert!(network.populations.windows(2).all(|p| p[0].name < p[1].name), "names out of order");
    for connection in &network.connections {
        let ends = [connection.source, connection.target].map(|id| &network.populations[id.index()]);
        assert_ne!(ends[1].kind, PopulationKind::Input, "a connection leads to an input");
        let mut size = ends[0].len();
        for stage in &connection.stages {
            assert_eq!(stage.inputs(), size, "{:?}", connection.path);
            size = stage.outputs();
            check_stage(stage);
        }
        assert_eq!(size, ends[1].len(), "{:?}", connection.path);
    }
    for output in &network.outputs {
        let shown = &network.populations[output.population.index()];
        assert_ne!(shown.kind, PopulationKind::Input, "an output shows an input");
        let sums = shown.kind == PopulationKind::Neurons(NeuronModel::Sum);
        assert_eq!(sums, shown.name == output.name, "{}", output.name);
    }
}

fn values(values: &Values, population: &Population) {
    match values {
        Values::Uniform(value) => assert!(value.is_finite(), "{}", population.name),
        Values::Each(each) => {
            assert_eq!(each.len(), population.len(), "{}", population.name);
            assert!(each.iter().all(|value| value.is_finite()), "{}", population.name);
        }
    }
}

fn check_stage(stage: &Stage) {
    match stage {
        Stage::Dense { outputs, inputs, weights } => assert_eq!(weights.len(), outputs * inputs),
        Stage::Convolution(c) => {
            assert_eq!((c.channels_in % c.groups, c.channels_out % c.groups), (0, 0));
            let [height, width] = c.window.kernel;
            assert_eq!(c.weights.len(), c.channels_out * (c.channels_in / c.groups) * height * width);
        }
        Stage::Scale { size, factors: Values::Each(each) }
        | Stage::Delay { size, seconds: Values::Each(each) } => assert_eq!(each.len(), *size),
        _ => {}
    }
    let taps = match stage {
        Stage::Convolution(c) => c.channels_out * (c.window.kernel[0] + c.window.kernel[1]),
        Stage::Pool(pool) => pool.window.kernel[0] + pool.window.kernel[1],
        _ => stage.outputs(),
    };
    if stage.inputs().saturating_mul(taps) > FEW {
        return;
    }
    for i in 0..stage.inputs() {
        let mut last = None;
        stage.for_each_of(i, |output, _| {
            assert!(
                output < stage.outputs() && last < Some(output),
                "input {i} feeds {output} after {last:?}"
            );
            last = Some(output);
        });
    }
}
