//! The command line, as built, on files and options that are bad: always a diagnostic with a code and a place,
//! exit status 1, and nothing written.

mod common;

use common::{COMPILE, Folder, workspace};
use spikeloom_image::spikes::npz::Data;

const DIGITS: &str = "compile DIGITS/digits_tern.nir --semantics spikingjelly -o x.loom --metrics x.json";
const VERIFY: &str =
    "verify DIGITS/digits_tern.nir --chip ranc --semantics spikingjelly --input DIGITS/input.npz -o x.loom";

fn digits_tern() -> Vec<u8> {
    std::fs::read(workspace("tests/networks/digits/digits_tern.nir")).unwrap()
}

/// A folder with a good image, `a.loom`.
fn with_image() -> Folder {
    let folder = Folder::new();
    folder.good(COMPILE);
    folder
}

// Networks.

#[test]
fn truncated_network() {
    let folder = Folder::new();
    let whole = digits_tern();
    for (length, code) in [(4, "SL0003"), (8, "SL0402"), (512, "SL0402"), (whole.len() / 2, "SL0402")] {
        folder.write("cut.nir", &whole[..length]);
        folder.refused("compile cut.nir --chip ranc -o x.loom", &[code], &["--> cut.nir"]);
    }
    folder.write("cut.nir", &whole[..whole.len() - 1]);
    let said = folder.refused("compile cut.nir --chip ranc -o x.loom", &["SL0402"], &["--> cut.nir"]);
    insta::assert_snapshot!("truncated_network", said);
}

#[test]
fn text_as_network() {
    let folder = Folder::new();
    folder.write("text.nir", b"layers:\n  - 64\n  - 10\n");
    let said = folder.refused(
        "compile text.nir --chip ranc -o x.loom",
        &["SL0003"],
        &["a text file", "--> text.nir"],
    );
    insta::assert_snapshot!("text_as_network", said);
}

#[test]
fn other_files_as_network() {
    let folder = with_image();
    folder.write("empty.nir", b"");
    for (file, kind) in [("a.loom", "Spikeloom image"), ("empty.nir", "empty file")] {
        folder.refused(
            &format!("compile {file} --chip ranc -o x.loom"),
            &["SL0003"],
            &[kind, &format!("--> {file}")],
        );
    }
    folder.refused("compile DIGITS/input.npz --chip ranc -o x.loom", &["SL0450"], &["--> DIGITS/input.npz"]);
    folder.refused("compile nowhere.nir --chip ranc -o x.loom", &["SL0001"], &["--> nowhere.nir"]);
    folder.refused("compile . --chip ranc -o x.loom", &["SL0001"], &["--> .", "folder"]);
}

#[test]
fn weights_that_are_not_numbers() {
    let folder = Folder::new();
    let words = ["`weight`[1, 0] is NaN", "and 1 more", "--> FAULTS/nan.nir /node/nodes/fc"];
    let said = folder.refused("compile FAULTS/nan.nir --chip ranc -o x.loom", &["SL0409", "SL0410"], &words);
    insta::assert_snapshot!("weights_that_are_not_numbers", said);
}

#[test]
fn shapes_that_do_not_match() {
    let folder = Folder::new();
    let codes = ["SL0408", "SL0417", "SL0417", "SL0417"];
    let words = ["--> FAULTS/shapes.nir /node/nodes/fc", "need 2 elements", "have 3 elements", "transposed?"];
    folder.refused("compile FAULTS/shapes.nir --chip ranc -o x.loom", &codes, &words);
}

#[test]
fn a_missing_edge() {
    let folder = Folder::new();
    let words = ["`fc1`", "`lonely`", "`n`", "--> FAULTS/missing_edge.nir /node/nodes/fc1"];
    folder.refused("compile FAULTS/missing_edge.nir --chip ranc -o x.loom", &["SL0415"; 3], &words);
}

#[test]
fn every_faulty_network_of_the_importer() {
    let folder = Folder::new();
    for name in ["cycle", "endless_paths", "huge", "kinds", "no_graph", "unknown_node"] {
        for command in
            ["compile FILE --chip ample -o x.loom", "simulate FILE --input nowhere.npz --output x.npz"]
        {
            let ran = folder.run(&command.replace("FILE", &format!("FAULTS/{name}.nir")));
            assert_eq!(ran.status, 1, "{name}");
            assert!(ran.stderr.contains("error[SL04"), "{name}\n{}", ran.stderr);
            assert!(ran.stderr.contains(&format!("--> FAULTS/{name}.nir")), "{name}\n{}", ran.stderr);
            assert!(folder.names().is_empty(), "{name}");
        }
    }
}

// Spikes.

fn refused_input(name: &str, arrays: &[(&str, &[usize], Data)], code: &str, words: &[&str]) -> String {
    let folder = with_image();
    folder.write_npz(name, arrays);
    let run = format!("run a.loom --input {name} --output x.npz --metrics x.json");
    let said = folder.refused(&run, &[code], words);
    // `verify` and `simulate` read the same way.
    folder.refused(&VERIFY.replace("DIGITS/input.npz", name), &[code], words);
    let simulate = format!("simulate DIGITS/digits_tern.nir --input {name} --output x.npz");
    folder.refused(&simulate, &[code], words);
    said
}

#[test]
fn input_under_another_name() {
    let folder = with_image();
    let run = "run a.loom --input DIGITS/input_1.npz --output x.npz";
    let words = ["\"input\"", "\"input_1\"", "--> DIGITS/input_1.npz", "rename"];
    let said = folder.refused(run, &["SL0507", "SL0508"], &words);
    insta::assert_snapshot!("input_under_another_name", said);
}

#[test]
fn input_of_another_rank_or_shape() {
    let words = ["--> in.npz input", "[steps, 64] or [samples, steps, 64]"];
    let of = |shape: &[usize]| {
        let data = Data::U8(vec![0; shape.iter().product()]);
        refused_input("in.npz", &[("input", shape, data)], "SL0510", &words)
    };
    of(&[64]);
    of(&[32, 63]);
    of(&[1, 2, 3, 64]);
    insta::assert_snapshot!("input_of_another_rank", of(&[2, 8, 8, 8]));
}

#[test]
fn input_of_another_dtype() {
    let words = ["--> in.npz input", "bool, uint8, uint16 or uint32", "have int64"];
    let data = Data::I64(vec![1; 32 * 64]);
    let said = refused_input("in.npz", &[("input", &[32, 64], data)], "SL0509", &words);
    insta::assert_snapshot!("input_of_another_dtype", said);
    refused_input("in.npz", &[("input", &[1, 64], Data::F32(vec![0.5; 64]))], "SL0509", &["float32"]);
}

#[test]
fn input_of_no_steps() {
    refused_input("in.npz", &[("input", &[0, 64], Data::U8(Vec::new()))], "SL0512", &["--> in.npz input"]);
}

#[test]
fn input_that_is_no_npz() {
    let folder = with_image();
    let refused = |file: &str, code: &str, words: &[&str]| {
        folder.refused(&format!("run a.loom --input {file} --output x.npz"), &[code], words);
    };
    folder.write("empty.npz", b"");
    let good = std::fs::read(workspace("tests/networks/digits/input.npz")).unwrap();
    folder.write("cut.npz", &good[..good.len() / 2]);
    folder.write("text.npz", b"0 1 0 1\n");
    refused("nowhere.npz", "SL0001", &["--> nowhere.npz"]);
    refused("empty.npz", "SL0501", &["an empty file", "--> empty.npz"]);
    refused("text.npz", "SL0501", &["a text file", "--> text.npz"]);
    refused("a.loom", "SL0501", &["Spikeloom image", "--> a.loom"]);
    let ran = folder.run("run a.loom --input cut.npz --output x.npz");
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.starts_with("error[SL05") && ran.stderr.contains("--> cut.npz"), "{}", ran.stderr);
}

// Images.

#[test]
fn an_image_with_a_flipped_bit() {
    let folder = with_image();
    let good = folder.read("a.loom");
    let before = folder.names().len();
    // Spread over the file by a step that has no factor in common with its length; the header's bytes as well.
    let header = (0..32).chain([40, 60, 100, 200]);
    let spread = (0..164).map(|i| (i * 90_001 + 17) % good.len());
    let places: Vec<usize> = header.chain(spread).collect();
    assert_eq!(places.len(), 200);
    for (i, place) in places.into_iter().enumerate() {
        let mut bytes = good.clone();
        bytes[place] ^= 1 << (i % 8);
        folder.write("b.loom", &bytes);
        let command =
            if i % 2 == 0 { "show b.loom" } else { "run b.loom --input DIGITS/input.npz --output x.npz" };
        let ran = folder.run(command);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "bit {} of byte {place}", i % 8);
        assert!(ran.stderr.starts_with("error[SL03") && ran.stderr.contains("--> b.loom"), "{}", ran.stderr);
    }
    assert_eq!(folder.names().len(), before + 1, "only b.loom has come");
    folder.refused("convert b.loom -o x.loom --strip", &["SL0306"], &["--> b.loom"]);
}

#[test]
fn a_truncated_image() {
    let folder = with_image();
    let good = folder.read("a.loom");
    for length in [0, 1, 7, 8, 12, 15, 100, 1000, good.len() / 2, good.len() - 1] {
        folder.write("b.loom", &good[..length]);
        let ran = folder.run("run b.loom --input DIGITS/input.npz --output x.npz");
        assert_eq!(ran.status, 1, "{length} bytes");
        assert!(ran.stderr.starts_with("error[SL03") && ran.stderr.contains("--> b.loom"), "{}", ran.stderr);
    }
    let said = folder.refused("show b.loom", &["SL0303"], &["--> b.loom"]);
    insta::assert_snapshot!("a_truncated_image", said);
    folder.write("b.loom", &[good.as_slice(), b"\n"].concat());
    folder.refused("show b.loom", &["SL0303"], &["--> b.loom"]);
}

#[test]
fn an_image_of_another_version() {
    let folder = with_image();
    let mut bytes = folder.read("a.loom");
    bytes[8] = 2;
    folder.write("b.loom", &bytes);
    folder.refused("run b.loom --input DIGITS/input.npz", &["SL0302"], &["--> b.loom", "2", "1"]);
}

#[test]
fn other_files_as_image() {
    let folder = Folder::new();
    let files = [("DIGITS/digits_tern.nir", "HDF5"), ("DIGITS/input.npz", "zip"), ("CHIPS/tiny.ron", "text")];
    for (file, kind) in files {
        for command in
            ["run FILE --input DIGITS/input.npz --output x.npz", "show FILE", "convert FILE -o x --strip"]
        {
            let words = [kind, &format!("--> {file}")];
            folder.refused(&command.replace("FILE", file), &["SL0301"], &words);
        }
    }
    let run = "run ORACLES/ranc_tea128 --input DIGITS/input.npz --output x.npz";
    folder.refused(run, &["SL0006"], &["--> ORACLES/ranc_tea128", "--chip"]);
}

#[test]
fn probes_of_nothing() {
    let folder = with_image();
    let refused = |probe: &str, code: &str, words: &[&str]| {
        folder.refused(
            &format!("run a.loom --input DIGITS/input.npz --output x.npz --probe {probe}"),
            &[code],
            words,
        );
    };
    refused("nobody", "SL1007", &["`nobody`", "hidden, out"]);
    refused("input", "SL1007", &["`input`"]);
    refused("hidden:u", "SL1009", &["`u`", "variables: v"]);
}

// Chips.

#[test]
fn a_faulty_chip_file() {
    let folder = Folder::new();
    let good = std::fs::read_to_string(workspace("targets/chips/tiny.ron")).unwrap();
    let broken =
        [("slots: 8,", "slots: 0,"), ("if v >= vth", "if v >= limit"), ("\"vth\": 127", "\"vht\": 127")];
    let text = broken.iter().fold(good.clone(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    folder.write("bad.ron", text.as_bytes());
    let check = folder.run("chip check bad.ron");
    assert_eq!((check.status, check.stdout.as_str()), (1, ""));
    for words in ["--> bad.ron:", "`limit`", "core_types.core.slots"] {
        assert!(check.stderr.contains(words), "`{words}` is not in\n{}", check.stderr);
    }
    insta::assert_snapshot!("a_faulty_chip_file", check.stderr);
    let compile = folder.run("compile SMALL/pair.nir --chip bad.ron --semantics spikingjelly -o x.loom");
    assert_eq!((compile.status, &compile.stderr), (1, &check.stderr), "said in the same words");

    folder.write("typo.ron", good.replace("slots: 8,", "slotz: 8,").as_bytes());
    let said = folder.refused("chip check typo.ron", &["SL0101"], &["`slotz`", "--> typo.ron:", "`slots`"]);
    insta::assert_snapshot!("an_unknown_field_in_a_chip_file", said);
    folder.refused("compile SMALL/pair.nir --chip typo.ron -o x.loom", &["SL0101"], &["--> typo.ron:"]);
    folder.write("cut.ron", &good.as_bytes()[..good.len() / 2]);
    folder.refused("chip check cut.ron", &["SL0101"], &["--> cut.ron:"]);
    folder.write("binary.ron", &[0xff, 0xfe, 0x00]);
    folder.refused("chip check binary.ron", &["SL0101"], &["--> binary.ron"]);
    folder.refused("chip check nowhere.ron", &["SL0001"], &["--> nowhere.ron"]);
    folder.write("good.ron", good.as_bytes());
    folder.good("compile SMALL/pair.nir --chip good.ron --semantics spikingjelly");
}

#[test]
fn unknown_chip_variant_or_parameter() {
    let folder = Folder::new();
    let refused = |chip: &str, code: &str, words: &[&str]| {
        folder.refused(&format!("{DIGITS} --chip {chip}"), &[code], words);
        folder.refused(&format!("chip show {chip}"), &[code], words);
    };
    refused("rank", "SL0102", &["`rank`", "ample, loihi1, ranc, tiny"]);
    refused("folder/rank.ron", "SL0102", &["`folder/rank.ron`"]);
    refused("ranc/5x5", "SL0102", &["ranc.ron", "`5x5`", "4x4, tea128"]);
    refused("ranc,AXONS=4", "SL0103", &["ranc.ron", "`AXONS`", "NUM_AXONS"]);
    refused("ranc,NUM_AXONS", "SL0103", &["`NUM_AXONS`", "PARAM=VALUE"]);
    refused("ranc,NUM_AXONS=many", "SL0103", &["`NUM_AXONS=many`"]);
    refused("ranc,NUM_AXONS=0", "SL0113", &["--> ranc.ron:", "in_axons.count"]);
}

// Semantics.

#[test]
fn unknown_semantics() {
    let folder = Folder::new();
    let refused = |semantics: &str, code: &str, words: &[&str]| {
        let command = DIGITS.replace("spikingjelly", semantics);
        folder.refused(&format!("{command} --chip ranc"), &[code], words);
    };
    refused("brian", "SL0601", &["`brian`", "nir", "snntorch", "spikingjelly"]);
    refused("nir,resets=zero", "SL0602", &["`resets`", "reset=zero|subtract|none"]);
    refused("nir,reset=half", "SL0602", &["`half`", "`reset`"]);
    refused("nir,reset", "SL0602", &["`reset`"]);
    refused("nir,hiden.reset=zero", "SL0605", &["`hiden`", "hidden, out"]);
    refused("nir,input.reset=zero", "SL0605", &["`input`"]);
    let command = DIGITS.replace("spikingjelly", "nir");
    folder.refused(&format!("{command} --chip ranc --dt 0"), &["SL0604"], &["--dt"]);
    folder.refused(&format!("{command} --chip ranc --dt NaN"), &["SL0604"], &["--dt"]);
}

#[test]
fn neurons_that_the_chip_does_not_have() {
    let folder = Folder::new();
    let compile = "compile DIGITS/digits_lif_ff.nir --chip ranc --semantics snntorch -o x.loom";
    let words = [
        "has no decay",
        "beta == 1",
        "--> digits_lif_ff.nir /node/nodes/1",
        "--> digits_lif_ff.nir /node/nodes/3",
    ];
    let said = folder.refused(compile, &["SL0610"; 2], &words);
    insta::assert_snapshot!("a_decay_that_the_chip_does_not_have", said);
    let compile =
        "compile DIGITS/digits_w2z.nir --chip loihi1 --semantics spikingjelly,reset=subtract -o x.loom";
    let words = ["resets by subtraction", "reset=zero", "--> digits_w2z.nir /node/nodes/hidden"];
    let said = folder.refused(compile, &["SL0611"; 2], &words);
    insta::assert_snapshot!("a_reset_that_the_chip_does_not_have", said);
    // The override that is named does fit.
    folder.good(&compile.replace("reset=subtract", "reset=zero").replace(" -o x.loom", ""));
}

// Fit.

#[test]
fn a_network_that_does_not_fit() {
    let folder = Folder::new();
    let words = [
        "--> digits_tern.nir /node/nodes/out",
        "need 51 in-axons",
        "need 115 in-axons",
        "have 16",
        "`in_axons.count`",
        "= help: ",
    ];
    let said = folder.refused(&format!("{DIGITS} --chip tiny"), &["SL0802", "SL0802"], &words);
    insta::assert_snapshot!("a_neuron_that_does_not_fit", said);
    // One core, and the output node above it.
    let chip =
        "ranc,GRID_DIMENSION_X=1,GRID_DIMENSION_Y=2,OUTPUT_CORE_X_COORDINATE=0,OUTPUT_CORE_Y_COORDINATE=1";
    let words = ["--> digits_tern.nir", "need 2 cores", "have 1 core", "`fabric.levels`", "128 copies"];
    let said = folder.refused(&format!("{DIGITS} --chip {chip}"), &["SL0801"], &words);
    insta::assert_snapshot!("a_network_that_needs_more_cores", said.replace(chip, "CHIP"));
    let words = ["--> digits_tern.nir", "need 10", "have 5", "channels"];
    folder.refused(&format!("{DIGITS} --chip ranc,NUM_OUTPUTS=5"), &["SL0804"], &words);
    let words = ["--> ranc.ron:", "outside the mesh", "fabric.layout"];
    folder.refused(&format!("{DIGITS} --chip ranc,GRID_DIMENSION_X=1"), &["SL0105"], &words);
}

#[test]
fn losses_that_are_denied() {
    let folder = Folder::new();
    let compile =
        "compile DIGITS/digits_lif_ff.nir --chip loihi1 --semantics snntorch --deny lossy -o x.loom";
    let words = ["`1`", "`3`", "saturated", "vanished", "--deny lossy", "--> digits_lif_ff.nir 1"];
    folder.refused(compile, &["SL0708"; 2], &words);
    folder.good(&format!("{DIGITS} --chip ranc --deny lossy"));
}

// Outputs and expectations.

#[test]
fn a_place_that_can_not_be_written() {
    let folder = with_image();
    let compile = format!("{COMPILE} ").replace("-o a.loom ", "");
    let refused = |command: &str, place: &str| {
        folder.refused(command, &["SL0002"], &[&format!("--> {place}"), "folder must exist"]);
    };
    refused(&format!("{compile} -o no/x.loom"), "no/x.loom");
    refused(&format!("{compile} --metrics no/x.json"), "no/x.json");
    refused(&format!("{compile} --mapping no/x.npz"), "no/x.npz");
    refused(&format!("{compile} --emit placed=no/x.txt"), "no/");
    refused("run a.loom --input DIGITS/input.npz --output no/x.npz", "no/x.npz");
    refused("convert a.loom -o no/x.loom --strip", "no/x.loom");
    refused("simulate DIGITS/digits_tern.nir --input DIGITS/input.npz --output no/x.npz", "no/x.npz");
    folder.refused(&format!("{compile} -o ."), &["SL0002"], &["--> ."]);
    // What stood there before is as it was.
    let before = folder.read("a.loom");
    folder.refused("convert DIGITS/input.npz -o a.loom --strip", &["SL0301"], &[]);
    assert!(folder.read("a.loom") == before);
}

#[test]
fn a_level_that_does_not_exist() {
    let folder = Folder::new();
    let refused = |emit: &str, name: &str| {
        let words = [name, "network, program, cores, placed"];
        folder.refused(&format!("{DIGITS} --chip ranc --emit {emit}"), &["SL0005"], &words);
    };
    refused("image=x.txt", "`image`");
    refused("placed", "`placed`");
    refused("placed=x.txt --emit Cores=y.txt", "`Cores`");
}

#[test]
fn expectations_that_match_nothing() {
    let folder = Folder::new();
    let refused =
        |options: &str, words: &[&str]| folder.refused(&format!("{VERIFY} {options}"), &["SL0910"], words);
    let recorded = "--expect DIGITS/digits_tern_ref.npz";
    let said = refused("--expect DIGITS/labels.npz", &["--> DIGITS/labels.npz", "--match ARRAY=NODE"]);
    insta::assert_snapshot!("expectations_that_match_nothing", said);
    refused(
        &format!("{recorded} --match spikes=out"),
        &["`spikes`", "hidden, out", "--> DIGITS/digits_tern_ref.npz"],
    );
    refused(&format!("{recorded} --match out=last"), &["`last`", "nodes: hidden, out"]);
    refused(&format!("{recorded} --match out"), &["`out`", "ARRAY=NODE"]);
    refused(&format!("{recorded} --match hidden=out"), &["[any, 32, 10]", "[200, 32, 128]"]);
    refused(&format!("{recorded} --match counts=out"), &["`counts`", "--> DIGITS/digits_tern_ref.npz"]);
    folder.refused(&format!("{VERIFY} --expect nowhere.npz"), &["SL0001"], &["--> nowhere.npz"]);
    folder.write_npz("wide.npz", &[("out", &[32, 10], Data::I64(vec![0; 320]))]);
    refused("--expect wide.npz", &["int64", "--> wide.npz"]);
}

#[test]
fn an_effort_that_is_not_the_texts() {
    let folder = Folder::new();
    folder.good(&format!("{COMPILE} --emit program=a.program"));
    let again = "compile a.program --from program --chip ranc -o b.loom";
    folder.refused(&format!("{again} --effort fast"), &["SL0009"], &["--effort fast", "made with default"]);
    folder.good(&format!("{again} --effort default"));
    assert_eq!(folder.read("a.loom"), folder.read("b.loom"));
}
