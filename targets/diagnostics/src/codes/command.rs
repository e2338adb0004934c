//! Part of the register of codes; see the parent module.

#![allow(unused_imports)]
use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[];
