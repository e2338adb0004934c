//! Test only: mistakes that passes make on demand, so that tests can see the checker find them.
//!
//! Without the feature `planted-faults` nothing of this is in the program: [`planted`] is `false`.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Legalise forgets the first synapse of a core.
    SynapseDropped,
    /// Legalise writes the first synapse of a core twice.
    SynapseDoubled,
    /// Legalise gives the first row another type.
    RowTypeChanged,
    /// Legalise gives two copies each other's destinations.
    CopiesSwapped,
    /// Legalise adds a step to the delay of the first packet.
    DelayLengthened,
    /// Emit sends packets to the core beside the one that is meant.
    CoreMissed,
    /// Emit writes a neuron's neighbour's parameters.
    ParametersOfNeighbour,
    /// Emit forgets initial states.
    StartForgotten,
    /// Emit leaves unused slots as zeros.
    IdleForgotten,
    /// Emit forgets the lags of outputs.
    LagForgotten,
    /// Emit sends the first input element to the next in-axon.
    HostAxonMissed,
    /// Emit shows two output neurons in each other's place.
    OutputsSwapped,
    /// Emit uses the first entry of every profile for all.
    ProfileShared,
}

/// All of them.
pub const ALL: [Fault; 13] = [
    Fault::SynapseDropped,
    Fault::SynapseDoubled,
    Fault::RowTypeChanged,
    Fault::CopiesSwapped,
    Fault::DelayLengthened,
    Fault::CoreMissed,
    Fault::ParametersOfNeighbour,
    Fault::StartForgotten,
    Fault::IdleForgotten,
    Fault::LagForgotten,
    Fault::HostAxonMissed,
    Fault::OutputsSwapped,
    Fault::ProfileShared,
];

#[cfg(feature = "planted-faults")]
mod active {
    use super::Fault;
    use std::cell::Cell;

    thread_local! {
        static ACTIVE: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    /// Runs `f` with a mistake made on this thread.
    pub fn with<T>(fault: Fault, f: impl FnOnce() -> T) -> T {
        ACTIVE.set(Some(fault));
        let result = f();
        ACTIVE.set(None);
        result
    }

    pub(super) fn is(fault: Fault) -> bool {
        ACTIVE.get() == Some(fault)
    }
}

#[cfg(feature = "planted-faults")]
pub use active::with;

/// Whether this mistake is to be made.
pub(crate) fn planted(fault: Fault) -> bool {
    #[cfg(feature = "planted-faults")]
    return active::is(fault);
    #[cfg(not(feature = "planted-faults"))]
    {
        let _ = fault;
        false
    }
}
