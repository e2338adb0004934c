//! `convert` between NIR, explicit networks and texts, and explicit networks through the other commands.

mod common;

use common::{Folder, array, workspace};
use spikeloom_image::spikes::npz::Data;

const SEMANTICS: &str = "--semantics spikingjelly";

/// The codes of warnings and notes.
fn codes(stderr: &str) -> Vec<&str> {
    let heads = stderr.lines().filter(|line| line.starts_with("warning[") || line.starts_with("note["));
    heads.filter_map(|line| line.split(['[', ']']).nth(1)).collect()
}

#[test]
fn a_network_fires_the_same_in_every_format() {
    for (network, input) in [
        ("digits_tern", "input"),
        ("digits_ternb", "input"),
        ("digits_rec_delay", "input"),
        // Convolutions and a pool, which explicit networks have as lists.
        ("digits_conv_int8", "image"),
    ] {
        let folder = Folder::new();
        let simulate = |file: &str| {
            let input = format!("--input DIGITS/{input}.npz --steps 8");
            folder.good(&format!("simulate {file} {SEMANTICS} {input} --output out.npz"));
            folder.npz("out.npz")
        };
        let expected = simulate(&format!("DIGITS/{network}.nir"));
        folder.good(&format!("convert DIGITS/{network}.nir -o a.npz"));
        assert_eq!(simulate("a.npz"), expected, "{network}");
        folder.good("convert a.npz -o b.nir");
        assert_eq!(simulate("b.nir"), expected, "{network}");
        folder.good("convert b.nir -o c.txt");
        folder.good("convert c.txt -o d.npz");
        assert_eq!(simulate("d.npz"), expected, "{network}");
    }
}

#[test]
fn the_text_is_that_of_emit() {
    let folder = Folder::new();
    let compile = format!("compile DIGITS/digits_tern.nir --chip ranc {SEMANTICS} --dt 1e-4");
    folder.good(&format!("{compile} --emit network=emitted.txt"));
    folder.good(&format!("convert DIGITS/digits_tern.nir -o converted.txt {SEMANTICS} --dt 1e-4"));
    assert_eq!(folder.text("converted.txt"), folder.text("emitted.txt"));
    // Its side files lie beside it: from it goes on to the same image as from the network.
    folder.good(&format!("{compile} -o a.loom"));
    folder.good("compile converted.txt --from network --chip ranc -o b.loom");
    assert!(folder.read("a.loom") == folder.read("b.loom"));
    // And it comes back, name by name, from NIR.
    folder.good("convert converted.txt -o again.nir");
    folder.good(&format!("convert again.nir -o again.txt {SEMANTICS}"));
    let places = |name: &str| folder.text(name).lines().skip(1).map(String::from).collect::<Vec<_>>();
    assert_eq!(places("again.txt"), places("converted.txt"));
}

#[test]
fn what_a_format_does_not_hold_is_said() {
    let folder = Folder::new();
    folder.good(
        "convert DIGITS/digits_ternb.nir -o a.txt --semantics spikingjelly,out.reset=subtract --dt 1e-3",
    );
    assert!(folder.text("a.txt").contains("option dt = \"0.001\""), "{}", folder.text("a.txt"));
    let said = folder.good("convert a.txt -o a.npz").stderr;
    assert_eq!(codes(&said), ["SL0468"]);
    assert!(said.contains("--semantics \"spikingjelly,out.reset=subtract\""), "{said}");
    // The step is in the file, and stands in the header again.
    let said = folder.good("convert a.npz -o b.txt").stderr;
    assert_eq!((codes(&said), folder.text("b.txt").contains("option dt = \"0.001\"")), (vec![], true));
    let said = folder.good("convert a.npz -o b.nir").stderr;
    assert!(codes(&said) == ["SL0463"] && said.contains("--dt 0.001"), "{said}");
    let said = folder.good("convert a.npz -o c.txt --dt 0.01").stderr;
    assert_eq!((codes(&said), folder.text("c.txt").contains("option dt = \"0.01\"")), (vec!["SL0469"], true));
}

/// examples/python/winner.py: of 0.6, 0.4 and 0.3 a step, with three quarters staying, only 0.6 reaches 1: it spikes at
/// every second step (0.6, 1.05, 0.6 ...), and takes 1 from the others each time.
fn winner(folder: &Folder) -> String {
    folder.write_npz("in.npz", &[("in", &[12, 3], Data::U8(vec![1; 36]))]);
    workspace("examples/python/winner.npz").display().to_string()
}

#[test]
fn an_explicit_network_is_simulated_compiled_and_verified() {
    let folder = Folder::new();
    let network = winner(&folder);
    let said = folder.good(&format!("simulate {network} --input in.npz --output out.npz --probe race:v"));
    assert_eq!(said.stderr, "");
    let out = folder.npz("out.npz");
    let Data::U8(counts) = &array(&out, "winner").data else { panic!("dtype") };
    let expected: Vec<u8> = (0..12).flat_map(|step| [step % 2, 0, 0]).collect();
    assert_eq!(*counts, expected);
    let Data::F64(states) = &array(&out, "race.v").data else { panic!("dtype") };
    let near = |step: usize, neuron: usize, value: f64| (states[step * 3 + neuron] - value).abs() < 1e-12;
    assert!(near(0, 0, 0.6) && near(1, 0, 0.0), "{states:?}");
    // 0.4, 0.7, then 0.525 + 0.4 - 1.
    assert!(near(0, 1, 0.4) && near(1, 1, 0.7) && near(2, 1, -0.075), "{states:?}");

    let verify = folder.run(&format!("verify {network} --chip loihi1 --input in.npz -o a.loom"));
    assert_eq!(verify.status, 0, "{}", verify.stderr);
    assert!(
        verify.stdout.contains("T2") && folder.names().contains(&"a.loom".to_string()),
        "{}",
        verify.stdout
    );
    folder.good("run a.loom --input in.npz --output chip.npz");
    assert_eq!(array(&folder.npz("chip.npz"), "winner").data, array(&out, "winner").data);
    // The image says for which step it was made.
    assert!(folder.good("show a.loom").stdout.contains("0.001"));
}

#[test]
fn the_text_of_a_network_is_simulated_as_its_header_says() {
    let folder = Folder::new();
    let network = winner(&folder);
    folder.good(&format!("convert {network} -o net.txt --semantics spikingjelly"));
    folder.good(&format!("simulate {network} --semantics spikingjelly --input in.npz --output a.npz"));
    folder.good("simulate net.txt --input in.npz --output b.npz");
    assert_eq!(folder.npz("a.npz"), folder.npz("b.npz"));
    folder.refused("compile net.txt --chip ample -o x.loom", &["SL0003"], &["--from network"]);
}

#[test]
fn an_output_that_is_called_like_its_population_can_be_probed() {
    let folder = Folder::new();
    winner(&folder);
    let text = "loom 1 level=network source=\"hand\" source-digest=\"none\"\noption semantics = \"nir\"\n\
        option dt = \"0.001\"\noption seed = \"0\"\n\
        pop %p[3] model=Threshold loc(\"/p\") {\n  threshold = 0.5\n}\ninput %in[3] loc(\"/in\")\n\
        connect %in -> %p path(\"c\") {\n}\noutput %NAME = %p loc(\"/o\")\n";
    folder.write("net.txt", text.replace("NAME", "p").as_bytes());
    folder.good("simulate net.txt --input in.npz --output a.npz --probe p --probe p:v");
    let names: Vec<_> = folder.npz("a.npz").into_iter().map(|array| array.name).collect();
    assert_eq!(names, ["p", "p.v"]);
    folder.good("compile net.txt --from network --chip ample -o a.loom");
    folder.good("run a.loom --input in.npz --output b.npz --probe p");
    assert_eq!(folder.npz("b.npz"), folder.npz("a.npz")[..1]);
    // Called like something else that is asked for.
    folder.write("net.txt", text.replace("NAME", "\"p.v\"").as_bytes());
    folder.refused("simulate net.txt --input in.npz --output a.npz --probe p:v", &["SL0007"], &["`p.v`"]);
}

#[test]
fn a_step_that_is_given_stands_above_the_file() {
    let folder = Folder::new();
    let network = winner(&folder);
    let simulate = format!("simulate {network} --input in.npz --output out.npz");
    let said = folder.good(&format!("{simulate} --dt 5e-4")).stderr;
    assert!(codes(&said) == ["SL0469"] && said.contains("--dt 0.0005 stands above the 0.001"), "{said}");
    assert_eq!(codes(&folder.good(&format!("{simulate} --dt 1e-3")).stderr), Vec::<&str>::new());
}

#[test]
fn other_files_and_options_without_a_place_are_refused() {
    let folder = Folder::new();
    let network = winner(&folder);
    folder.refused("simulate in.npz --input in.npz --output o.npz", &["SL0450"], &["in.npz", "spikeloom"]);
    folder.refused("convert in.npz -o o.nir", &["SL0450"], &["no explicit network"]);
    // These options are for images.
    folder.refused(&format!("convert {network} -o o.nir --strip"), &["SL0301"], &["zip archive"]);
    folder.refused(&format!("convert {network} -o o.nir --chip ranc"), &["SL0301"], &["zip archive"]);
    folder.refused(&format!("convert {network} -o o.nir --semantics brain"), &["SL0601"], &["brain"]);
    folder.refused(&format!("convert {network} -o o.nir --dt=-1"), &["SL0604"], &["--dt"]);
    folder.good(&format!("compile {network} --chip loihi1 -o a.loom --emit program=p.txt"));
    folder.refused("convert a.loom -o o.loom --dt 1", &["SL0470"], &["--dt"]);
    folder.refused("convert p.txt -o o.nir", &["SL0003"], &["level program"]);
    // The image itself still becomes one without names.
    folder.good("convert a.loom -o b.loom --strip");
    assert!(folder.read("b.loom").len() < folder.read("a.loom").len());
}

#[test]
fn neurons_given_by_steps_have_no_place_in_nir() {
    let folder = Folder::new();
    let text = "loom 1 level=network source=\"s\" source-digest=\"d\"\ninput %i[1] loc(\"\")\n\
                pop %p[1] model=Stepped loc(\"\") {\n  current_decay = 0.0\n  membrane_decay = 0.5\n  \
                threshold = 1.0\n  reset = 0.0\n  start = 0.0\n}\nconnect %i -> %p\noutput %o = %p loc(\"\")\n";
    folder.write("s.txt", text.as_bytes());
    folder.refused("convert s.txt -o o.nir", &["SL0464"], &["`p`", ".npz"]);
    folder.good("convert s.txt -o o.npz");
    folder.good("convert o.npz -o again.txt");
    assert!(folder.text("again.txt").contains("model=Stepped"), "{}", folder.text("again.txt"));
}
