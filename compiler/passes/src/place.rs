//! Place: logical cores onto the chip's sites, row by row.

use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::cores::{Cores, Placed};

/// Gives each core the next site of its type.
pub fn place(cores: Cores, channels: Vec<Vec<u32>>, chip: &Chip) -> Result<Placed> {
    let mut free: Vec<usize> = chip.core_numbers().collect();
    let mut sites = Vec::new();
    for core in &cores.cores {
        let fits = |site: &usize| chip.core_at(*site).is_some_and(|(name, _)| name == core.core_type);
        let Some(position) = free.iter().position(fits) else {
            return Err(Diagnostic::error("SL0801", format!("no site is left for core @{}", core.name))
                .need_have(
                    format!("{} cores", cores.cores.len()),
                    format!("{} cores", chip.core_numbers().count()),
                )
                .field("fabric.levels")
                .into());
        };
        sites.push(free.remove(position) as u32);
    }
    Ok(Placed { cores, sites, channels })
}
