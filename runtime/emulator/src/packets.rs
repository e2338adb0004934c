//! Raw packets in, raw packets out: images that do not say which node a packet belongs to.

use crate::counters::Counters;
use crate::engine::{Engine, HostEvents};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::Image;
use spikeloom_image::spikes::packets::Packets;

/// What a run of raw packets gives.
#[derive(Clone, Debug)]
pub struct PacketResult {
    /// Packets that reached the output node, each with the step of the tick whose scan emitted it.
    pub packets: Packets,
    /// What was counted.
    pub counters: Counters,
    /// What was found wrong and did not stop the run.
    pub warnings: Vec<Diagnostic>,
}

/// Runs an image without host tables for some steps. A packet of step t enters before tick t.
///
/// # Errors
///
/// `SL1001` as [`Engine::new`]; `SL1004` for an image that has host tables.
pub fn run_packets(image: &Image, packets: &Packets, steps: usize) -> Result<PacketResult> {
    if image.host.is_some() {
        return Err(Diagnostic::error(
            "SL1004",
            "this image has host tables and takes spikes of its input nodes",
        )
        .hint("give an npz with an array for each input node")
        .into());
    }
    let mut engine = Engine::new(image)?;
    let mut warnings = engine.warnings().to_vec();
    let mut lost = Vec::new();
    let mut result = Packets::default();
    let mut at = 0;
    for step in 0..steps as i64 {
        let start = at;
        while packets.step.get(at).is_some_and(|s| *s <= step) && at < packets.packet.len() {
            at += 1;
        }
        let entering = &packets.packet[start..at];
        let before = engine.counters().unreachable;
        engine.step(HostEvents::Packets(entering));
        if engine.counters().unreachable > before {
            lost.extend(
                entering
                    .iter()
                    .enumerate()
                    .filter(|(_, p)| !engine.leads_somewhere(**p))
                    .map(|(i, _)| start + i),
            );
        }
        result.packet.extend(engine.output_packets());
        result.step.extend(std::iter::repeat_n(step, engine.output_packets().len()));
    }
    if let Some(first) = lost.first() {
        let message =
            format!("{} packets of the host lead nowhere, the first of them at index {first}", lost.len());
        warnings.push(Diagnostic::warning("SL1002", message));
    }
    if at < packets.packet.len() {
        let message = format!(
            "{} packets lie beyond the {steps} steps of the run and were left out",
            packets.packet.len() - at
        );
        warnings.push(Diagnostic::warning("SL1005", message).hint("run for more steps with --steps"));
    }
    Ok(PacketResult { packets: result, counters: *engine.counters(), warnings })
}
