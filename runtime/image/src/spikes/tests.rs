use super::npz::{read_npz, write_npz};
use super::*;

fn node(name: &str, shape: &[usize]) -> ExpectedNode {
    ExpectedNode { name: name.into(), shape: shape.into() }
}

fn zeros(name: &str, shape: &[usize]) -> Array {
    Array { name: name.into(), shape: shape.into(), data: Data::U8(vec![0; shape.iter().product()]) }
}

fn faults(arrays: &[Array], expected: &[ExpectedNode]) -> Vec<Diagnostic> {
    let bytes = write_npz(arrays).unwrap();
    read_inputs(&bytes, "s.npz", expected).expect_err("a fault").0
}

fn codes(arrays: &[Array], expected: &[ExpectedNode]) -> Vec<&'static str> {
    faults(arrays, expected).iter().map(|fault| fault.code).collect()
}

#[test]
fn inputs_come_in_the_order_of_the_nodes_with_and_without_samples() {
    let expected = [node("b", &[2]), node("a", &[])];
    let a = Array { name: "a".into(), shape: vec![3], data: Data::Bool(vec![true, false, true]) };
    let b = Array { name: "b".into(), shape: vec![3, 2], data: Data::U32(vec![0, 1, 2, 3, 4, 70_000]) };
    let trains = read_inputs(&write_npz(&[a.clone(), b.clone()]).unwrap(), "s", &expected).unwrap();
    assert_eq!((trains.samples, trains.steps, trains.batched), (1, 3, false));
    assert_eq!(trains.nodes[0].counts, [0, 1, 2, 3, 4, 70_000]);
    assert_eq!(trains.nodes[1], NodeTrain { name: "a".into(), shape: vec![], counts: vec![1, 0, 1] });

    let batched = [a, b].map(|array| Array { shape: [vec![1], array.shape].concat(), ..array });
    let trains = read_inputs(&write_npz(&batched).unwrap(), "s", &expected).unwrap();
    assert_eq!((trains.samples, trains.steps, trains.batched), (1, 3, true));
    assert_eq!(trains.to_arrays()[1].shape, [1, 3]);
}

#[test]
fn names_must_be_those_of_the_nodes() {
    let expected = [node("in", &[2]), node("aux", &[1])];
    let both = faults(&[zeros("input", &[4, 2]), zeros("aux", &[4, 1])], &expected);
    let (missing, unknown) = (&both[0], &both[1]);
    assert_eq!((missing.code, unknown.code, both.len()), ("SL0507", "SL0508", 2));
    assert_eq!(missing.have.as_deref(), Some("\"input\", \"aux\""));
    assert_eq!(missing.hint.as_deref(), Some("rename array \"input\" to \"in\""));
    assert_eq!(codes(&[], &expected), ["SL0507", "SL0507"]);
    assert_eq!(codes(&[zeros("in", &[4, 2])], &[]), ["SL0508"]);
    let none = read_inputs(&write_npz(&[]).unwrap(), "s", &[]).unwrap();
    assert_eq!((none.samples, none.steps, none.nodes.len()), (1, 0, 0));
}

#[test]
fn shapes_must_be_those_of_the_nodes() {
    let expected = [node("in", &[1, 2, 3])];
    for shape in [&[4, 3, 2, 1][..], &[4], &[], &[1, 2, 3], &[5, 1, 4, 1, 2, 3], &[4, 1, 2, 4]] {
        assert_eq!(codes(&[zeros("in", shape)], &expected), ["SL0510"], "{shape:?}");
    }
    let fault = faults(&[zeros("in", &[4, 6])], &expected).remove(0);
    assert_eq!(fault.need.as_deref(), Some("[steps, 1, 2, 3] or [samples, steps, 1, 2, 3]"));
    assert_eq!(fault.have.as_deref(), Some("[4, 6]"));
    assert!(fault.hint.unwrap().contains("`.reshape(4, 1, 2, 3)`"));
    let fault = faults(&[zeros("in", &[5, 4, 6])], &expected).remove(0);
    assert!(fault.hint.unwrap().contains("`.reshape(5, 4, 1, 2, 3)`"));
}

#[test]
fn dtypes_must_be_those_of_counts() {
    for data in [
        Data::I8(vec![1]),
        Data::I64(vec![1]),
        Data::U64(vec![1]),
        Data::F32(vec![1.0]),
        Data::F64(vec![1.0]),
    ] {
        let array = Array { name: "in".into(), shape: vec![1, 1], data };
        let fault = faults(&[array], &[node("in", &[1])]).remove(0);
        assert!(fault.code == "SL0509" && fault.hint.unwrap().contains(".astype(np.uint8)"));
    }
}

#[test]
fn arrays_must_agree_and_not_be_empty() {
    let expected = [node("a", &[2]), node("b", &[2])];
    for (a, b) in [(&[3, 2][..], &[4, 2][..]), (&[1, 3, 2], &[3, 2]), (&[2, 3, 2], &[1, 3, 2])] {
        assert_eq!(codes(&[zeros("a", a), zeros("b", b)], &expected), ["SL0511"], "{a:?} {b:?}");
    }
    assert_eq!(codes(&[zeros("a", &[0, 2]), zeros("b", &[0, 2])], &expected), ["SL0512", "SL0512"]);
    assert_eq!(codes(&[zeros("a", &[0, 3, 2])], &expected[..1]), ["SL0512"]);
}

#[test]
fn all_faults_come_at_once() {
    let float = Array { name: "f".into(), shape: vec![4, 9], data: Data::F64(vec![0.0; 36]) };
    let expected = [node("f", &[2]), node("g", &[1]), node("h", &[1]), node("i", &[1])];
    let arrays = [float, zeros("g", &[4, 1]), zeros("h", &[5, 1]), zeros("y", &[1])];
    assert_eq!(codes(&arrays, &expected), ["SL0507", "SL0508", "SL0509", "SL0510", "SL0511"]);
}

#[test]
fn every_truncation_of_spikes_is_refused() {
    let bytes = write_npz(&[zeros("in", &[3, 2])]).unwrap();
    assert!(read_inputs(&bytes, "s", &[node("in", &[2])]).is_ok());
    for length in 0..bytes.len() {
        assert!(read_inputs(&bytes[..length], "s", &[node("in", &[2])]).is_err());
    }
}

#[test]
fn outputs_are_as_narrow_as_their_counts_allow() {
    for (most, dtype) in
        [(0, "uint8"), (255, "uint8"), (256, "uint16"), (65_535, "uint16"), (65_536, "uint32")]
    {
        let array = output_array("o", &[2], &[0, most], 1, 1, false);
        assert_eq!((array.data.dtype().name(), array.shape.as_slice()), (dtype, &[1, 2][..]));
    }
    assert_eq!(output_array("o", &[2], &[0; 12], 2, 3, true).shape, [2, 3, 2]);
    let train = NodeTrain { name: "o".into(), shape: vec![2], counts: vec![0, 300, 1, 0] };
    let trains = SpikeTrains { samples: 2, steps: 1, batched: true, nodes: vec![train] };
    let bytes = write_npz(&trains.to_arrays()).unwrap();
    assert_eq!(read_npz(&bytes, "o").unwrap()[0].data, Data::U16(vec![0, 300, 1, 0]));
    assert_eq!(read_inputs(&bytes, "o", &[node("o", &[2])]).unwrap(), trains);
}

#[test]
fn every_code_is_registered() {
    let here = [include_str!("mod.rs"), include_str!("npz.rs"), include_str!("packets.rs")];
    for text in here.into_iter().chain([include_str!("../container.rs"), include_str!("../files.rs")]) {
        for part in text.split("\"SL").skip(1) {
            let code = format!("SL{}", part.split('"').next().unwrap());
            assert!(spikeloom_diagnostics::codes::find(&code).is_some(), "{code}");
        }
    }
}
