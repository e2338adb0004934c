//! The command line, as built, on files that are good.

mod common;

use common::{COMPILE, Folder, array, digits};
use serde_json::Value;
use spikeloom_image::spikes::npz::Data;
use std::collections::BTreeSet;

const RUN: &str = "run a.loom --input DIGITS/input.npz";

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn what_is_compiled_and_run_is_what_the_framework_recorded() {
    let folder = Folder::new();
    let compiled = folder.good(COMPILE);
    assert!(compiled.stdout.contains("138 neurons, 6192 synapses"), "{}", compiled.stdout);
    assert!(compiled.stdout.contains("lags in steps: hidden 0, input 0, out 1"), "{}", compiled.stdout);
    folder.good(&format!("{RUN} --output out.npz --probe hidden --probe out --probe hidden:v --probe out:v"));
    let (out, recorded) = (folder.npz("out.npz"), digits("digits_tern_ref.npz"));
    let names: Vec<&str> = out.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["output", "hidden", "out", "hidden.v", "out.v"]);
    // (Asked for twice, given once.)
    folder.good(&format!("{RUN} --output twice.npz --probe hidden --probe hidden"));
    assert_eq!(folder.npz("twice.npz").len(), 2);
    std::fs::remove_file(folder.path("twice.npz")).unwrap();
    // The output node has the lag of `out`, 1, and is shifted back by it: step t is the framework's step t.
    for (mine, theirs) in [("output", "out"), ("out", "out"), ("hidden", "hidden")] {
        let (mine, theirs) = (array(&out, mine), array(&recorded, theirs));
        assert_eq!((&mine.shape, &mine.data), (&theirs.shape, &theirs.data), "{}", mine.name);
    }
    for (states, spikes, threshold) in [("hidden.v", "hidden", 8), ("out.v", "out", 32)] {
        let (states, spikes) = (array(&out, states), array(&out, spikes));
        assert_eq!(states.shape, spikes.shape);
        let (Data::I64(states), Data::U8(spikes)) = (&states.data, &spikes.data) else { panic!("dtypes") };
        // After a step v is below the threshold, and 0 where the neuron fired.
        assert!(states.iter().zip(spikes).all(|(v, fired)| *v < threshold && (*fired == 0 || *v == 0)));
        assert!(states.iter().any(|v| *v > 0) && states.iter().any(|v| *v < 0));
    }
    assert_eq!(folder.names(), ["a.loom", "out.npz"]);
}

#[test]
fn steps_cut_and_continue_in_silence() {
    let folder = Folder::new();
    folder.good(COMPILE);
    let out = |options: &str| {
        folder.good(&format!("{RUN} --output out.npz {options}"));
        let arrays = folder.npz("out.npz");
        let Data::U8(counts) = array(&arrays, "output").data.clone() else { panic!("dtype") };
        (array(&arrays, "output").shape.clone(), counts)
    };
    let (shape, whole) = out("");
    assert_eq!(shape, [200, 32, 10]);
    let (shape, cut) = out("--steps 7");
    assert_eq!(shape, [200, 7, 10]);
    let (shape, longer) = out("--steps 40");
    assert_eq!(shape, [200, 40, 10]);
    for sample in 0..200 {
        assert_eq!(cut[sample * 70..][..70], whole[sample * 320..][..70]);
        assert_eq!(longer[sample * 400..][..320], whole[sample * 320..][..320]);
        assert!(
            longer[sample * 400 + 320..][..80].iter().all(|count| *count == 0),
            "IF without input is silent"
        );
    }
}

#[test]
fn the_same_command_gives_the_same_bytes() {
    let folder = Folder::new();
    let command = |n: u32| {
        let emit: String =
            ["network", "program", "cores", "placed"].map(|l| format!(" --emit {l}={l}{n}.txt")).concat();
        folder.good(&format!(
            "{} {emit} --mapping map{n}.npz",
            COMPILE.replace("a.loom", &format!("{n}.loom"))
        ));
    };
    command(1);
    let tensors = folder.names().into_iter().filter(|name| name.ends_with(".npy")).collect::<Vec<_>>();
    let before: Vec<_> = tensors.iter().map(|name| folder.read(name)).collect();
    command(2);
    for name in ["network#.txt", "program#.txt", "cores#.txt", "placed#.txt", "map#.npz", "#.loom"] {
        assert!(folder.read(&name.replace('#', "1")) == folder.read(&name.replace('#', "2")), "{name}");
    }
    let again: Vec<_> = folder.names().into_iter().filter(|name| name.ends_with(".npy")).collect();
    assert_eq!(again, tensors);
    assert!(tensors.iter().zip(before).all(|(name, bytes)| folder.read(name) == bytes));
    for threads in [1, 2, 0] {
        folder
            .good(&format!("run 1.loom --input DIGITS/input.npz --threads {threads} --output {threads}.npz"));
    }
    assert!(folder.read("1.npz") == folder.read("2.npz") && folder.read("1.npz") == folder.read("0.npz"));
}

#[test]
fn levels_are_written_with_their_tensors_beside_them() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("texts")).unwrap();
    let levels = ["network", "program", "cores", "placed"];
    let emit: String = levels.map(|level| format!(" --emit {level}=texts/{level}.txt")).concat();
    folder.good(&format!("{COMPILE} {emit}"));
    let mut named = BTreeSet::new();
    for level in levels {
        let text = folder.text(&format!("texts/{level}.txt"));
        assert!(text.starts_with(&format!("loom 1 level={level} ")), "{text}");
        assert!(text.contains("source=\"digits_tern.nir\""), "a name, and no path: {text}");
        named.extend(text.split("sha256=").skip(1).map(|rest| rest[..64].to_string()));
    }
    // fc1 and fc2 as real numbers and as integers, and two crossbars.
    assert_eq!(named.len(), 6);
    let mut files: BTreeSet<String> = named.iter().map(|digest| format!("{digest}.npy")).collect();
    for digest in &named {
        let bytes = folder.read(&format!("texts/{digest}.npy"));
        assert!(bytes.starts_with(b"\x93NUMPY\x01\x00"), "{digest}");
        assert_eq!(spikeloom_image::files::sha256_hex(&bytes), *digest);
    }
    files.extend(levels.map(|level| format!("{level}.txt")));
    let texts = std::fs::read_dir(folder.path("texts")).unwrap();
    let found: BTreeSet<String> = texts.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, files, "and nothing else");
    assert_eq!(folder.names(), ["a.loom", "texts"]);
}

#[test]
fn a_mapping_names_the_core_of_every_neuron() {
    let folder = Folder::new();
    folder.good(&format!("{COMPILE} --mapping map.npz"));
    let mapping = folder.npz("map.npz");
    let integers = |name: &str| match &array(&mapping, name).data {
        Data::I64(values) => values.clone(),
        other => panic!("{name} is {}", other.dtype()),
    };
    // Populations by the bytes of their names, inputs left out: 128 of hidden, then 10 of out.
    let cores = integers("neuron_core");
    assert_eq!(array(&mapping, "neuron_core").shape, [138]);
    assert!(cores[..128].iter().all(|core| *core == 0) && cores[128..].iter().all(|core| *core == 1));
    assert_eq!(array(&mapping, "copies").shape, [128, 2]);
    let copies: Vec<i64> = (0..128).flat_map(|neuron| [neuron, 0]).collect();
    assert_eq!(integers("copies"), copies, "every hidden neuron once more, beside itself");
    assert_eq!((integers("core_xy"), integers("mesh").len()), (vec![0, 0, 1, 0], 2));
}

#[test]
fn metrics_hold_to_their_contract() {
    let folder = Folder::new();
    folder.good(&format!("{COMPILE} --metrics compile.json"));
    folder.good(&format!("{RUN} --metrics run.json"));
    let compile = folder.json("compile.json");
    for key in [
        "cores",
        "cores_lower_bound",
        "slots",
        "lossy",
        "passes",
        "peak_rss_bytes",
        "image_bytes",
        "image_sha256",
    ] {
        assert!(keys(&compile).contains(key), "compile: {key}");
    }
    assert_eq!(compile["cores"], 2);
    assert_eq!(compile["slots"], serde_json::json!({ "primary": 138, "copy": 128, "idle": 246 }));
    assert!(compile["cores_lower_bound"].as_u64().unwrap() <= 2);
    let image = folder.read("a.loom");
    assert_eq!(compile["image_bytes"], image.len());
    assert_eq!(compile["image_sha256"], spikeloom_image::files::sha256_hex(&image));
    for pass in compile["passes"].as_array().unwrap() {
        assert!(pass["name"].is_string() && pass["wall_s"].as_f64().unwrap() >= 0.0, "{pass}");
    }
    let run = folder.json("run.json");
    for key in [
        "steps",
        "spikes",
        "synaptic_events",
        "neuron_updates",
        "wall_s",
        "emulated_cycles",
        "energy_j",
        "late_packets",
        "wraps",
        "saturations",
    ] {
        assert!(keys(&run).contains(key), "run: {key}");
    }
    // 200 samples of 32 steps and one for the lag of the output.
    assert_eq!(run["steps"], 200 * 33);
    let is_snake =
        |key: &&str| key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    assert!(keys(&compile).union(&keys(&run)).all(is_snake));
}

#[test]
fn verify_says_equal_and_where_not() {
    let folder = Folder::new();
    let verify =
        "verify DIGITS/digits_tern.nir --chip ranc --semantics spikingjelly --input DIGITS/input.npz";
    let ran = folder.good(&format!("{verify} --expect DIGITS/digits_tern_ref.npz"));
    for words in ["T2 execution: equal", "hidden: 0 of 819200 values differ", "out: 0 of 64000 values differ"]
    {
        assert!(ran.stdout.contains(words), "`{words}` is not in\n{}", ran.stdout);
    }
    assert!(ran.stderr.contains("note[SL0912]") && ran.stderr.contains("pred, counts"), "{}", ran.stderr);
    assert!(folder.names().is_empty(), "verify keeps nothing that was not asked for");

    // One spike more in sample 3, step 5, of neuron 7; the array under another name.
    let mut out = array(&digits("digits_tern_ref.npz"), "out").clone();
    let Data::U8(counts) = &mut out.data else { panic!("dtype") };
    counts[(3 * 32 + 5) * 10 + 7] ^= 1;
    folder.write_npz("ref.npz", &[("mine", &[200, 32, 10], out.data)]);
    let ran = folder.run(&format!("{verify} --expect ref.npz --match mine=out -o b.loom"));
    assert_eq!(ran.status, 1);
    assert!(
        ran.stdout.contains("out: 1 of 64000 values differ; first in sample 3 step 5 at out[7]"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("T2 execution: equal"), "the chip is not to blame: {}", ran.stdout);
    folder.good(COMPILE);
    assert!(folder.read("a.loom") == folder.read("b.loom"));

    // Fewer samples are compared as far as they go.
    let first = array(&digits("digits_tern_ref.npz"), "hidden").clone();
    let Data::U8(counts) = first.data else { panic!("dtype") };
    folder.write_npz("few.npz", &[("hidden", &[2, 32, 128], Data::U8(counts[..2 * 32 * 128].to_vec()))]);
    let ran = folder.good(&format!("{verify} --expect few.npz"));
    assert!(ran.stdout.contains("hidden: 0 of 8192 values differ"), "{}", ran.stdout);
}

/// Samples of 200 in which the most active output neuron is the network's.
fn same_decisions(verify: &str) -> u32 {
    let said = Folder::new().good(verify).stdout;
    let line = said.lines().find(|line| line.contains("most active neuron the same in")).expect(&said);
    line.split_whitespace().find_map(|word| word.parse().ok()).expect(line)
}

#[test]
fn what_can_not_be_exact_still_does_its_work() {
    // 8-bit weights, and four levels with two row types: scales at which no sum can leave the state's range are all
    // so small that every weight vanishes. Such a scale is safe, and must not be chosen.
    let grid = "GRID_DIMENSION_X=6,GRID_DIMENSION_Y=6,OUTPUT_CORE_X_COORDINATE=5,OUTPUT_CORE_Y_COORDINATE=5";
    let int8 = format!("verify DIGITS/digits_if_int8.nir --chip ranc,{grid} --input DIGITS/input_1.npz");
    assert!(same_decisions(&format!("{int8} --semantics spikingjelly")) >= 190);
    let levels = "verify DIGITS/digits_w2.nir --chip ranc,NUM_WEIGHTS=2 --input DIGITS/input.npz";
    assert!(same_decisions(&format!("{levels} --semantics spikingjelly")) >= 180);
}

#[test]
fn a_stripped_image_runs_the_same_and_has_no_names() {
    let folder = Folder::new();
    folder.good(COMPILE);
    folder.good("convert a.loom -o b.loom --strip");
    let (whole, stripped) = (folder.read("a.loom").len(), folder.read("b.loom").len());
    assert!(stripped < whole, "{stripped} of {whole} bytes");
    for name in ["a", "b"] {
        folder.good(&format!(
            "run {name}.loom --input DIGITS/input.npz --output {name}.npz --metrics {name}.json"
        ));
    }
    assert!(folder.read("a.npz") == folder.read("b.npz"));
    let counters = |name: &str| {
        let mut counters = folder.json(name);
        counters.as_object_mut().unwrap().remove("wall_s");
        counters
    };
    assert_eq!(counters("a.json"), counters("b.json"));
    let refusal = "run b.loom --input DIGITS/input.npz --output c.npz --probe hidden";
    let said = folder.refused(refusal, &["SL1006"], &["hidden", "convert --strip"]);
    insta::assert_snapshot!("probe_of_a_stripped_image", said);
    folder.good("convert b.loom -o c.loom --strip");
    assert!(folder.read("b.loom") == folder.read("c.loom"));
    assert!(folder.good("show b.loom").stdout.contains("11 of 11 cores"));
}

#[test]
fn images_are_shown() {
    let folder = Folder::new();
    folder.good("compile SMALL/pair.nir --chip tiny --semantics spikingjelly -o a.loom");
    let overview = folder.good("show a.loom").stdout;
    for words in ["chip tiny", "pair.nir", "option semantics  spikingjelly", "result"] {
        assert!(overview.contains(words), "`{words}` is not in\n{overview}");
    }
    let core = folder.good("show a.loom --core 0").stdout;
    for words in ["a[0]", "a[1]", "b[0]", "vth 2", "vth 3"] {
        assert!(core.contains(words), "`{words}` is not in\n{core}");
    }
    folder.refused("show a.loom --core 9", &["SL0356"], &["core 9"]);
}

#[test]
fn the_network_itself_is_simulated() {
    let folder = Folder::new();
    let simulate = "simulate DIGITS/digits_tern.nir --semantics spikingjelly --input DIGITS/input.npz";
    folder.good(&format!("{simulate} --output out.npz --probe hidden --probe hidden:v"));
    let (out, recorded) = (folder.npz("out.npz"), digits("digits_tern_ref.npz"));
    assert_eq!(array(&out, "output").data, array(&recorded, "out").data);
    assert_eq!(array(&out, "hidden").data, array(&recorded, "hidden").data);
    let states = array(&out, "hidden.v");
    let Data::F64(values) = &states.data else { panic!("dtype") };
    assert_eq!(states.shape, [200, 32, 128]);
    assert!(
        values.iter().all(|v| *v < 1.0 && (*v * 8.0).fract() == 0.0),
        "multiples of the weights' unit, 1/8"
    );
    folder.refused(
        &format!("{simulate} --output b.npz --probe nobody"),
        &["SL0007"],
        &["nobody", "hidden, out"],
    );
}

#[test]
fn chips_are_listed_shown_and_checked() {
    let folder = Folder::new();
    let list = folder.good("chip list").stdout;
    for (name, _) in spikeloom_chip::builtin() {
        assert!(
            list.lines().any(|line| line.split_whitespace().next() == Some(name)),
            "{name} is not in\n{list}"
        );
        let checked = folder.good(&format!("chip check CHIPS/{name}.ron"));
        assert_eq!(
            (checked.stdout, checked.stderr),
            (format!("CHIPS/{name}.ron: no faults\n"), String::new())
        );
        let shown = folder.good(&format!("chip show {name}")).stdout;
        let chip = spikeloom_chip::load(name).unwrap();
        assert!(shown.starts_with(&format!("// {name}, digest {}\n", chip.digest)), "{shown}");
        let again = spikeloom_chip::read_canonical(&shown, "shown").unwrap();
        assert_eq!(again.digest, chip.digest, "what is shown is all that the digest covers");
    }
    let variant = folder.good("chip show ranc/4x4").stdout;
    assert!(variant.starts_with("// ranc/4x4, digest "), "{variant}");
    let parameter = folder.good("chip show ranc,NUM_OUTPUTS=100").stdout;
    assert!(parameter != folder.good("chip show ranc").stdout);
}

#[test]
fn every_code_has_a_story() {
    let folder = Folder::new();
    for code in ["SL0001", "SL0408", "SL0802", "SL1006"] {
        let story = folder.good(&format!("explain {code}")).stdout;
        assert!(story.starts_with(&format!("{code}: ")) && story.lines().count() >= 3, "{story}");
    }
    folder.refused("explain SL999", &["SL0004"], &["SL999"]);
    folder.refused("explain nonsense", &["SL0004"], &["nonsense"]);
}

#[test]
fn json_is_one_object_a_line() {
    let folder = Folder::new();
    let wanted = BTreeSet::from(["code", "severity", "message", "place", "need", "have", "field", "hint"]);
    let verify =
        "verify DIGITS/digits_tern.nir --chip ranc --semantics spikingjelly --input DIGITS/input.npz";
    // With notes and exit status 0, with one error, with several; before and after the verb.
    let commands = [
        (0, 1, format!("--json {verify} --expect DIGITS/digits_tern_ref.npz")),
        (1, 1, "compile DIGITS/digits_tern.nir --chip tiny --semantics spikingjelly --json".into()),
        (1, 4, "compile FAULTS/shapes.nir --json --chip tiny".into()),
        (0, 0, format!("--json {COMPILE}")),
    ];
    for (status, least, command) in commands {
        let ran = folder.run(&command);
        assert_eq!(ran.status, status, "{command}\n{}", ran.stderr);
        let objects: Vec<Value> =
            ran.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        assert!(objects.len() >= least && (least > 0 || objects.is_empty()), "{command}\n{}", ran.stderr);
        for object in &objects {
            assert_eq!(keys(object), wanted);
            let code = object["code"].as_str().unwrap();
            assert!(code.len() == 6 && code.starts_with("SL"), "{code}");
            assert!(["error", "warning", "note"].contains(&object["severity"].as_str().unwrap()));
            let texts = ["place", "need", "have", "field", "hint"];
            assert!(texts.iter().all(|key| object[key].is_string() || object[key].is_null()), "{object}");
        }
        let is_error = objects.iter().any(|object| object["severity"] == "error");
        assert_eq!(is_error, status == 1, "{command}");
    }
    let ran = folder.run("--json compile DIGITS/digits_tern.nir --chip tiny --semantics spikingjelly");
    let object: Value = serde_json::from_str(ran.stderr.lines().next().unwrap()).unwrap();
    assert_eq!(object["need"], "51 in-axons");
    assert_eq!(object["have"], "16");
    assert_eq!(object["field"], "in_axons.count");
}

#[test]
fn wrong_usage_is_exit_status_2() {
    let folder = Folder::new();
    folder.misused("", &["Usage"]);
    folder.misused("frobnicate", &["frobnicate"]);
    folder.misused("compile DIGITS/digits_tern.nir", &["--chip"]);
    folder.misused("compile DIGITS/digits_tern.nir --chip ranc --wobble", &["--wobble"]);
    folder.misused("compile DIGITS/digits_tern.nir --chip ranc --dt soon", &["soon"]);
    folder.misused("compile DIGITS/digits_tern.nir --chip ranc --deny everything", &["everything"]);
    folder.misused("run a.loom", &["--input"]);
    folder.misused("run a.loom --input b.npz --engine steam", &["steam"]);
    folder.misused("run a.loom --input b.npz --steps -1", &["-1"]);
    folder.misused("verify a.nir --chip ranc --input b.npz --match out=out", &["--expect"]);
    assert_eq!(folder.run("--help").status, 0);
    assert!(folder.good("--version").stdout.starts_with("spikeloom 0."));
}
