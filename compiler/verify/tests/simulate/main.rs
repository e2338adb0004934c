//! Networks in steps, against numbers worked out by hand. All values are exact in binary.

mod build;
mod faults;
mod links;
mod populations;
mod steps;
