//! Host packets: their bits, and where they lead.

use crate::encode::destination_field;
use crate::memory::{Destination, StoredAddress};
use spikeloom_chip::Chip;
use spikeloom_chip::layout::Layout;
use spikeloom_chip::schema::{Address, Entry, Holds};

/// The bits of a host packet, or the name of the field that can't hold its value.
pub fn pack(layout: &Layout, destination: &Destination) -> Result<u64, String> {
    let mut row = [0u64; 1];
    for field in &layout.fields {
        let value = destination_field(destination, &field.holds);
        if !field.fits(value) {
            return Err(field.name.clone());
        }
        field.write(&mut row, 0, value);
    }
    Ok(row[0])
}

/// The destination that a host packet names.
pub fn unpack(layout: &Layout, packet: u64) -> Destination {
    let row = [packet];
    let read = |holds: &Holds| layout.find(holds).map(|field| field.read(&row, 0));
    let address =
        match (read(&Holds::DestinationCore), read(&Holds::DestinationX), read(&Holds::DestinationY)) {
            (Some(core), _, _) => StoredAddress::Core(core as u32),
            (None, x, y) => StoredAddress::Offset { x: x.unwrap_or(0), y: y.unwrap_or(0) },
        };
    Destination {
        address,
        axon: read(&Holds::DestinationAxon).unwrap_or(0) as u32,
        delay: read(&Holds::PacketDelay).unwrap_or(0) as u32,
    }
}

/// The site that a destination means, seen from the node at `(x, y)`; `None` if there is no such place.
pub fn resolve(chip: &Chip, from: (u32, u32), address: StoredAddress) -> Option<usize> {
    match address {
        StoredAddress::Core(core) => ((core as usize) < chip.sites.len()).then_some(core as usize),
        StoredAddress::Offset { x, y } => {
            let (x, y) = (i64::from(from.0) + x, i64::from(from.1) + y);
            let inside = (0..i64::from(chip.mesh.0)).contains(&x) && (0..i64::from(chip.mesh.1)).contains(&y);
            inside.then(|| chip.site_number(x as u32, y as u32, 0))
        }
    }
}

/// The node at which host packets enter.
pub fn entry(chip: &Chip) -> (u32, u32) {
    match chip.description.io.host_in.entry {
        Entry::Node { x, y } => (x, y),
        Entry::AnyCore => (0, 0),
    }
}

/// The stored address that leads from a node to a site, in the chip's way of naming destinations.
pub fn address(chip: &Chip, from: (u32, u32), to: usize, how: Address) -> StoredAddress {
    let site = &chip.sites[to];
    match how {
        Address::Core => StoredAddress::Core(to as u32),
        Address::Relative { .. } => StoredAddress::Offset {
            x: i64::from(site.x) - i64::from(from.0),
            y: i64::from(site.y) - i64::from(from.1),
        },
    }
}
