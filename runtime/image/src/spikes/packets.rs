//! Raw host packets, for an image that does not say which node a packet belongs to.

use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};

use super::npz::{Archive, Array, Data, Dtype};

/// Host packets in order, each with its step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packets {
    /// The packets' bits.
    pub packet: Vec<u64>,
    /// The step of each: never negative, never less than the one before.
    pub step: Vec<i64>,
}

const NAMES: [&str; 2] = ["packet", "step"];

impl Packets {
    /// Reads the arrays `packet` and `step` of an npz file; `file` is the name for messages.
    ///
    /// Any integer dtype will do whose values are in range.
    ///
    /// # Errors
    ///
    /// `SL0501` to `SL0508` as [`super::read_inputs`]; `SL0513` for arrays that are no lists of integers in
    /// range or differ in length; `SL0514` for steps that are negative or go back.
    pub fn read(bytes: &[u8], file: &str) -> Result<Packets> {
        let mut archive = Archive::open(bytes, file)?;
        let (places, mut faults) = super::find(&archive, file, &NAMES);
        for (name, header) in &archive.members {
            if NAMES.contains(&name.as_str()) {
                let dtype = header.dtype;
                if matches!(dtype, Dtype::Bool | Dtype::F32 | Dtype::F64) {
                    let hint = format!(
                        "convert it: `.astype(np.{})`",
                        if name == "step" { "int64" } else { "uint64" }
                    );
                    faults.push(
                        ill_formed(file, name, "it has no integers", "an integer dtype", dtype).hint(hint),
                    );
                }
                if header.shape.len() != 1 {
                    let have = format!("{:?}", header.shape);
                    faults.push(
                        ill_formed(file, name, "it is no list", "one axis", have)
                            .hint("flatten it: `.ravel()`"),
                    );
                }
            }
        }
        let ([Some(packet), Some(step)], true) = (places.as_slice(), faults.is_empty()) else {
            return Err(Diagnostics(faults));
        };
        let (packet, step) = (archive.load(*packet)?.data, archive.load(*step)?.data);
        if packet.len() != step.len() {
            let need = format!("{} steps, one for each packet", packet.len());
            let fault = ill_formed(file, "step", "it is not as long as \"packet\"", need, step.len());
            return Err(fault.hint("give each packet its step").into());
        }
        let packets =
            Packets { packet: convert(packet, file, "packet")?, step: convert(step, file, "step")? };
        packets.check_order(file)?;
        Ok(packets)
    }

    /// The arrays `packet` (uint64) and `step` (int64), ready for [`super::npz::write_npz`].
    pub fn to_arrays(&self) -> Vec<Array> {
        let array = |name: &str, data: Data| Array { name: name.into(), shape: vec![data.len()], data };
        vec![array("packet", Data::U64(self.packet.clone())), array("step", Data::I64(self.step.clone()))]
    }

    fn check_order(&self, file: &str) -> Result<()> {
        let mut least = 0;
        for (index, &step) in self.step.iter().enumerate() {
            if step < least {
                let message = if step < 0 { "a step is negative" } else { "the steps are not in order" };
                let error = Diagnostic::error("SL0514", message).at_node(file, format!("step[{index}]"));
                let error = error.need_have(format!("{least} or more"), step);
                let hint =
                    "sort both: `o = np.argsort(step, kind='stable'); packet, step = packet[o], step[o]`";
                return Err(error.hint(hint).into());
            }
            least = step;
        }
        Ok(())
    }
}

fn ill_formed(
    file: &str,
    name: &str,
    why: &str,
    need: impl std::fmt::Display,
    have: impl std::fmt::Display,
) -> Diagnostic {
    let error = Diagnostic::error("SL0513", format!("array {name:?} is ill-formed: {why}"));
    error.at_node(file, name).need_have(need, have)
}

/// Converts without loss, or says which element cannot be.
fn convert<T>(data: Data, file: &str, name: &str) -> Result<Vec<T>>
where
    T: TryFrom<u8> + TryFrom<u16> + TryFrom<u32> + TryFrom<u64> + TryFrom<i8> + TryFrom<i16> + TryFrom<i32>,
    T: TryFrom<i64>,
{
    fn each<S: Copy + std::fmt::Display, T: TryFrom<S>>(
        elements: &[S],
    ) -> std::result::Result<Vec<T>, (usize, String)> {
        let convert =
            |(index, &element): (usize, &S)| T::try_from(element).map_err(|_| (index, element.to_string()));
        elements.iter().enumerate().map(convert).collect()
    }
    let converted = match &data {
        Data::U8(elements) => each(elements),
        Data::U16(elements) => each(elements),
        Data::U32(elements) => each(elements),
        Data::U64(elements) => each(elements),
        Data::I8(elements) => each(elements),
        Data::I16(elements) => each(elements),
        Data::I32(elements) => each(elements),
        Data::I64(elements) => each(elements),
        // Refused from the header already.
        Data::Bool(_) | Data::F32(_) | Data::F64(_) => Err((0, data.dtype().to_string())),
    };
    converted.map_err(|(index, have)| {
        let need = format!("values of {}", if name == "step" { "int64" } else { "uint64" });
        let fault =
            ill_formed(file, name, "a value is out of range", need, format!("{have} at index {index}"));
        fault.hint("packets are unsigned, steps count from 0").into()
    })
}

#[cfg(test)]
mod tests {
    use super::super::npz::write_npz;
    use super::*;

    fn npz(packet: Data, step: Data) -> Vec<u8> {
        let array = |name: &str, data: Data| Array { name: name.into(), shape: vec![data.len()], data };
        write_npz(&[array("step", step), array("packet", packet)]).unwrap()
    }

    fn codes(bytes: &[u8]) -> Vec<&'static str> {
        Packets::read(bytes, "p.npz").expect_err("a fault").0.iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn packets_come_back() {
        let packets = Packets { packet: vec![u64::MAX, 0, 7], step: vec![0, 0, i64::MAX] };
        assert_eq!(Packets::read(&write_npz(&packets.to_arrays()).unwrap(), "p").unwrap(), packets);
        let none = Packets::default();
        assert_eq!(Packets::read(&write_npz(&none.to_arrays()).unwrap(), "p").unwrap(), none);
    }

    #[test]
    fn other_integers_are_converted_where_nothing_is_lost() {
        let read = Packets::read(&npz(Data::I32(vec![5, 6]), Data::U8(vec![1, 1])), "p").unwrap();
        assert_eq!(read, Packets { packet: vec![5, 6], step: vec![1, 1] });
        assert_eq!(codes(&npz(Data::I8(vec![5, -6]), Data::U8(vec![1, 1]))), ["SL0513"]);
        assert_eq!(codes(&npz(Data::U8(vec![5]), Data::U64(vec![1 << 63]))), ["SL0513"]);
    }

    #[test]
    fn faults_have_their_codes() {
        assert_eq!(codes(&npz(Data::F64(vec![5.0]), Data::Bool(vec![true]))), ["SL0513", "SL0513"]);
        assert_eq!(codes(&npz(Data::U64(vec![5, 6]), Data::I64(vec![1]))), ["SL0513"]);
        assert_eq!(codes(&npz(Data::U64(vec![5]), Data::I64(vec![-1]))), ["SL0514"]);
        let back = Packets::read(&npz(Data::U64(vec![5; 3]), Data::I64(vec![1, 3, 2])), "p").unwrap_err();
        assert!(back.0[0].code == "SL0514" && back.0[0].place.to_string() == "p step[2]", "{back}");
        let flat = |name: &str| Array { name: name.into(), shape: vec![1, 1], data: Data::U64(vec![1]) };
        assert_eq!(codes(&write_npz(&[flat("packet"), flat("step")]).unwrap()), ["SL0513", "SL0513"]);
        assert_eq!(codes(&write_npz(&[flat("pocket")]).unwrap()), ["SL0507", "SL0507", "SL0508"]);
    }
}
