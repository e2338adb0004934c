//! A chip as the rest of the house uses it: read, resolved for one variant, checked.

use crate::neuron::{self, NeuronProgram, ProgramTexts};
use crate::schema::{CoreType, Description, Layout as LayoutRule, Level, Overflow, Per, Record, Scope};
use crate::{builtin, check, layout, locate, size};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use std::collections::BTreeMap;
use std::io::Read;

/// A chip, resolved: every size is a number and every program is compiled.
#[derive(Clone, Debug)]
pub struct Chip {
    /// What the file says, with sizes worked out.
    pub description: Description,
    /// The neuron program of each core type.
    pub programs: BTreeMap<String, NeuronProgram>,
    /// Every place for a core, by core number: node number times members, plus member.
    pub sites: Vec<CoreSite>,
    /// Columns and rows of the mesh (1 x 1 without one).
    pub mesh: (u32, u32),
    /// Cores at a node of the mesh.
    pub members: u32,
    /// The resolved description as text: the same for the same chip, whatever the layout of its file was.
    pub text: String,
    /// SHA-256 of that text, in hex.
    pub digest: String,
}

/// A place for a core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreSite {
    /// Column of its node.
    pub x: u32,
    /// Row of its node.
    pub y: u32,
    /// Position among the cores of the node.
    pub member: u32,
    /// What stands there.
    pub kind: NodeKind,
}

/// What stands at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A core of this type.
    Core(String),
    /// The way out, with so many channels.
    Output(u32),
    /// Nothing.
    Empty,
}

/// Reads `NAME[/VARIANT][,PARAM=VALUE]...`, where NAME is a shipped chip or the path of a file.
pub fn load(spec: &str) -> Result<Chip> {
    let mut parts = spec.split(',');
    let target = parts.next().unwrap_or("");
    let mut overrides = Vec::new();
    for part in parts {
        let parsed = part
            .split_once('=')
            .and_then(|(name, value)| Some((name.trim().to_string(), value.trim().parse().ok()?)));
        overrides.push(parsed.ok_or_else(|| {
            Diagnostic::error("SL0103", format!("`{part}` is no parameter of a chip"))
                .hint("write NAME[/VARIANT][,PARAM=VALUE]..., for example `mychip.ron,NUM_AXONS=64`")
        })?);
    }
    let (name, variant) =
        target.split_once('/').map_or((target, None), |(name, variant)| (name, Some(variant)));
    if let Some((name, text)) = builtin().iter().find(|(builtin, _)| *builtin == name) {
        return read_text(text, &format!("{name}.ron"), variant, &overrides);
    }
    let (path, variant) = match target.rsplit_once('/') {
        Some((path, variant))
            if !std::path::Path::new(target).is_file() && std::path::Path::new(path).is_file() =>
        {
            (path, Some(variant))
        }
        _ => (target, None),
    };
    let text = read_file(path).map_err(|error| {
        let names = builtin().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        Diagnostic::error("SL0102", format!("there is no chip `{target}`: {error}"))
            .hint(format!("chips that ship: {names}; or give the path of a chip file"))
    })?;
    read_text(&text, path, variant, &overrides)
}

/// Bytes of the longest chip file. A target may be anything that can be opened, `/dev/zero` included.
const LONGEST_FILE: u64 = 1 << 24;

fn read_file(path: &str) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(LONGEST_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(std::io::Error::other("a chip file has at most 16 MiB"));
    }
    Ok(text)
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    parameters: BTreeMap<String, i64>,
    #[serde(default)]
    variants: BTreeMap<String, BTreeMap<String, i64>>,
}

/// Reads a chip file for one variant, with single parameters overridden.
pub fn read_text(text: &str, file: &str, variant: Option<&str>, overrides: &[(String, i64)]) -> Result<Chip> {
    let header: Header = ron::from_str(text).map_err(|error| ron_fault(text, file, &error, ""))?;
    let mut parameters = header.parameters;
    let mut suffix = String::new();
    if let Some(variant) = variant {
        let set = header.variants.get(variant).ok_or_else(|| {
            let names = header.variants.keys().cloned().collect::<Vec<_>>().join(", ");
            Diagnostic::error("SL0102", format!("{file} has no variant `{variant}`"))
                .hint(format!("its variants: {}", if names.is_empty() { "none" } else { &names }))
        })?;
        suffix = format!("/{variant}");
        if let Some(name) = set.keys().find(|name| !parameters.contains_key(*name)) {
            let mut faults = Faults { text, file, found: Vec::new() };
            let message = format!("variant `{variant}` sets `{name}`, which is no parameter of this chip");
            let path = format!("variants.{variant}.{name}");
            faults.add("SL0103", &path, message, "declare it under `parameters` with its default");
            return Err(Diagnostics(faults.found));
        }
        parameters.extend(set.iter().map(|(name, value)| (name.clone(), *value)));
    }
    for (name, value) in overrides {
        let Some(slot) = parameters.get_mut(name) else {
            let names = parameters.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(Diagnostic::error("SL0103", format!("{file} has no parameter `{name}`"))
                .hint(format!("its parameters: {}", if names.is_empty() { "none" } else { &names }))
                .into());
        };
        *slot = *value;
        suffix.push_str(&format!(",{name}={value}"));
    }
    let mut description = size::with_parameters(&parameters, || parse(text, file))?;
    let is_default = suffix.is_empty();
    description.name.push_str(&suffix);
    description.parameters = parameters;
    description.variants.clear();
    let chip = Chip::resolve(description, text, file, is_default)?;
    Ok(chip)
}

/// Reads the text that [`Chip::text`] gives, as an image carries it.
pub fn read_canonical(text: &str, file: &str) -> Result<Chip> {
    let description = parse(text, file)?;
    Chip::resolve(description, text, file, false)
}

/// Every fault of a chip file, over all its variants; empty if it is good.
pub fn check_text(text: &str, file: &str) -> Vec<Diagnostic> {
    let variants = ron::from_str::<Header>(text).map(|h| h.variants).unwrap_or_default();
    let mut found: Vec<Diagnostic> = Vec::new();
    for variant in std::iter::once(None).chain(variants.keys().map(|v| Some(v.as_str()))) {
        if let Err(Diagnostics(faults)) = read_text(text, file, variant, &[]) {
            for mut fault in faults {
                let seen = found.iter().any(|f| f.place == fault.place && f.message == fault.message);
                if let Some(variant) = variant.filter(|_| !seen) {
                    fault.message = format!("{} (variant `{variant}`)", fault.message);
                }
                if !seen {
                    found.push(fault);
                }
            }
        }
    }
    found
}

/// Names of the variants of a chip file.
pub fn variants(text: &str) -> Vec<String> {
    ron::from_str::<Header>(text).map(|h| h.variants.into_keys().collect()).unwrap_or_default()
}

fn parse(text: &str, file: &str) -> Result<Description> {
    let mut deserializer =
        ron::Deserializer::from_str(text).map_err(|error| ron_fault(text, file, &error, ""))?;
    let description = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        ron_fault(text, file, &deserializer.span_error(error.into_inner()), &path)
    })?;
    deserializer.end().map_err(|error| ron_fault(text, file, &deserializer.span_error(error), ""))?;
    Ok(description)
}

fn ron_fault(text: &str, file: &str, error: &ron::error::SpannedError, path: &str) -> Diagnostic {
    let mut fault = Diagnostic::error("SL0101", error.code.to_string())
        .hint("docs/chip-files.md lists every field; `spikeloom chip show ample` prints a complete file");
    if !path.is_empty() && path != "." {
        fault.message = format!("{}, while reading `{path}`", fault.message);
        fault = fault.field(path);
    }
    if matches!(error.code, ron::Error::MissingStructField { .. })
        && let Some(offset) = locate::locate(text, path)
    {
        // The reader notices at the end of the structure; its beginning says more.
        return fault.at_offset(file, text, offset);
    }
    let (line, mut column) = (error.span.start.line, error.span.start.col);
    let before = text.lines().nth(line.saturating_sub(1)).and_then(|l| l.chars().nth(column.checked_sub(2)?));
    if before == Some('-') {
        column -= 1; // The place of a number is that of its digits.
    }
    fault.at_line(file, text, line, column)
}

impl Chip {
    fn resolve(mut description: Description, text: &str, file: &str, is_default: bool) -> Result<Chip> {
        let mut faults = Faults { text, file, found: Vec::new() };
        let mut programs = BTreeMap::new();
        for (name, core) in &description.core_types {
            match compile_neuron(core) {
                Ok(program) => drop(programs.insert(name.clone(), program)),
                Err(program_faults) => {
                    program_faults.into_iter().for_each(|f| faults.add_program_fault(name, f))
                }
            }
        }
        check::check(&description, &programs, is_default, &mut faults);
        if !faults.found.is_empty() {
            return Err(Diagnostics(faults.found));
        }
        for record in description.core_types.values_mut().flat_map(|core| core.records.iter_mut()) {
            record.example = None;
        }
        let (mesh, members) = geometry(&description);
        let sites = sites(&description, mesh, members);
        let text =
            ron::ser::to_string_pretty(&description, ron::ser::PrettyConfig::new()).map_err(|error| {
                Diagnostic::error("SL0101", format!("the description can't be written: {error}"))
            })?;
        let digest = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Chip { description, programs, sites, mesh, members, text, digest })
    }

    /// Name with variant and overridden parameters.
    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// The type of a core, by name.
    pub fn core_type(&self, name: &str) -> &CoreType {
        &self.description.core_types[name]
    }

    /// Name and description of the type of core at a site, if a core stands there.
    pub fn core_at(&self, site: usize) -> Option<(&str, &CoreType)> {
        match &self.sites.get(site)?.kind {
            NodeKind::Core(name) => Some((name, &self.description.core_types[name])),
            _ => None,
        }
    }

    /// Numbers of the sites that hold a core, ascending.
    pub fn core_numbers(&self) -> impl Iterator<Item = usize> {
        self.sites
            .iter()
            .enumerate()
            .filter(|(_, site)| matches!(site.kind, NodeKind::Core(_)))
            .map(|(i, _)| i)
    }

    /// Number of the site at a node and member.
    pub fn site_number(&self, x: u32, y: u32, member: u32) -> usize {
        ((y * self.mesh.0 + x) * self.members + member) as usize
    }

    /// Number and channels of the output node, if there is one.
    pub fn output_node(&self) -> Option<(usize, u32)> {
        self.sites.iter().enumerate().find_map(|(i, site)| match site.kind {
            NodeKind::Output(channels) => Some((i, channels)),
            _ => None,
        })
    }

    /// The record with a row for each `per`, and its layout.
    pub fn record(&self, core_type: &str, per: &Per) -> Option<(&Record, layout::Layout)> {
        let core = self.core_type(core_type);
        let record = core.records.iter().find(|record| record.per == *per)?;
        Some((record, layout::Layout::new(&record.fields, Some(&core.neuron))))
    }

    /// The layout of a host packet.
    pub fn host_packet(&self) -> layout::Layout {
        layout::Layout::new(&self.description.io.host_in.packet, None)
    }
}

fn compile_neuron(core: &CoreType) -> std::result::Result<NeuronProgram, Vec<neuron::ProgramFault>> {
    let neuron = &core.neuron;
    let states = neuron
        .state
        .iter()
        .map(|s| neuron::StateVariable {
            name: s.name.clone(),
            bits: s.bits,
            signed: s.signed,
            overflow: match s.overflow {
                Overflow::Wrap => neuron::Overflow::Wrap,
                Overflow::Saturate => neuron::Overflow::Saturate,
                Overflow::Trap => neuron::Overflow::Trap,
                Overflow::Forbid => neuron::Overflow::Forbid,
            },
        })
        .collect();
    let parameters = neuron
        .parameters
        .iter()
        .map(|p| neuron::Parameter {
            name: p.name.clone(),
            bits: p.bits,
            signed: p.signed,
            scope: match &p.scope {
                Scope::Slot => neuron::Scope::Slot,
                Scope::Profile(profile) => neuron::Scope::Profile(profile.clone()),
                Scope::Core => neuron::Scope::Core,
            },
        })
        .collect();
    let texts = ProgramTexts {
        on_event: neuron.on_event.clone(),
        on_tick: neuron.on_tick.clone(),
        after: neuron.after.clone(),
    };
    neuron::parse(&neuron.name, states, parameters, texts)
}

/// Size of the mesh, and cores at each of its nodes.
pub(crate) fn geometry(description: &Description) -> ((u32, u32), u32) {
    let mut members = 1u32;
    let mut mesh = (1, 1);
    for level in &description.fabric.levels {
        match level {
            Level::Star { members: n } => members = members.saturating_mul(*n),
            Level::Mesh { width, height, .. } => mesh = (*width, *height),
        }
    }
    (mesh, members)
}

fn sites(description: &Description, mesh: (u32, u32), members: u32) -> Vec<CoreSite> {
    let mut sites = Vec::new();
    for (y, x, member) in
        (0..mesh.1).flat_map(|y| (0..mesh.0).flat_map(move |x| (0..members).map(move |m| (y, x, m))))
    {
        let mut kind = NodeKind::Empty;
        for rule in &description.fabric.layout {
            match rule {
                LayoutRule::Fill(name) => kind = NodeKind::Core(name.clone()),
                LayoutRule::OutputNode { x: ox, y: oy, channels } if (*ox, *oy) == (x, y) => {
                    kind = NodeKind::Output(*channels);
                }
                LayoutRule::OutputNode { .. } => {}
            }
        }
        sites.push(CoreSite { x, y, member, kind });
    }
    sites
}

/// Faults with their places, as they are found.
pub(crate) struct Faults<'a> {
    text: &'a str,
    file: &'a str,
    found: Vec<Diagnostic>,
}

impl Faults<'_> {
    /// A fault of the value at `path`.
    pub(crate) fn add(&mut self, code: &'static str, path: &str, message: String, hint: &str) {
        self.add_at(code, path, path, message, hint);
    }

    /// A fault of the value at `path`, shown at the part of it that `place` leads to.
    pub(crate) fn add_at(
        &mut self,
        code: &'static str,
        path: &str,
        place: &str,
        message: String,
        hint: &str,
    ) {
        let fault = Diagnostic::error(code, message).field(path).hint(hint);
        self.found.push(match locate::locate(self.text, place) {
            Some(offset) => fault.at_offset(self.file, self.text, offset),
            None => fault.at_file(self.file),
        });
    }

    fn add_program_fault(&mut self, core_type: &str, fault: neuron::ProgramFault) {
        // Faults of declarations have the index of the declaration as their offset.
        let is_declaration = matches!(fault.text, "state" | "parameters");
        let index = if is_declaration { format!("[{}]", fault.offset) } else { String::new() };
        let path = format!("core_types.{core_type}.neuron.{}{index}", fault.text);
        let mut diagnostic = Diagnostic::error(fault.code, fault.message).field(&path);
        diagnostic.hint =
            Some(fault.hint.unwrap_or("docs/neuron-language.md describes the whole language".into()));
        self.found.push(match locate::locate(self.text, &path) {
            Some(offset) => {
                let inside = if is_declaration { 0 } else { fault.offset };
                diagnostic.at_offset(self.file, self.text, locate::inside_string(self.text, offset, inside))
            }
            None => diagnostic.at_file(self.file),
        });
    }
}
