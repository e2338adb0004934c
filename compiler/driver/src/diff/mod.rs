//! `diff A B`: what differs between two images, or two texts of one level, in the words of the network.

mod image;
mod network;
mod program;
mod report;

use crate::commands::{Outcome, read_image};
use crate::level_text::LevelText;
use program::Side;
use report::Report;
use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::{Image, files};
use spikeloom_ir::program::Program;
use spikeloom_ir::text::{self, Header, Level};
use std::path::Path;

/// What a file turned out to be.
enum Input {
    Image(Box<Image>),
    Text(LevelText, Header),
}

impl Input {
    fn read(path: &Path, chip: Option<&str>) -> Result<Input> {
        if path.is_dir() {
            return Ok(Input::Image(Box::new(read_image(path, chip)?)));
        }
        let bytes = files::read(path)?;
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let Some(header) = text::header_of(text)
        {
            return Ok(Input::Text(LevelText::read(path)?, header));
        }
        let (file, kind) = (path.display().to_string(), files::seems_to_be(&bytes));
        if kind.contains("Spikeloom image") {
            return Ok(Input::Image(Box::new(Image::from_bytes(&bytes, &file)?)));
        }
        Err(Diagnostic::error(
            "SL0003",
            format!("this is neither an image nor the text of a level: it seems to be {kind}"),
        )
        .at_file(file)
        .hint("images end in .loom; a text begins with `loom 1 level=...`")
        .into())
    }

    fn words(&self) -> String {
        match self {
            Input::Image(_) => "an image".into(),
            Input::Text(_, header) => format!("a text of level {}", header.level.word()),
        }
    }
}

/// Compares two files. `chip` is for folders of memory files, and for texts whose header names no chip that ships.
pub(crate) fn diff(a: &Path, b: &Path, chip: Option<&str>) -> Result<Outcome> {
    let (left, right) = (Input::read(a, chip)?, Input::read(b, chip)?);
    let mut report = Report::default();
    match (&left, &right) {
        (Input::Image(x), Input::Image(y)) => image::images(&mut report, x, y),
        (Input::Text(x, head), Input::Text(y, other)) if head.level == other.level => {
            texts(&mut report, (x, head), (y, other), chip)?;
        }
        _ => {
            return Err(Diagnostic::error(
                "SL0011",
                "these two can't be compared: they are of different kinds",
            )
            .need_have(format!("{}, as {} is", left.words(), a.display()), right.words())
            .at_file(b.display().to_string())
            .hint("two images, or two texts of one level")
            .into());
        }
    }
    let is_good = report.is_empty();
    let text = report.finish(&a.display().to_string(), &b.display().to_string());
    Ok(Outcome { text, notes: Vec::new(), is_good })
}

type Given<'a> = (&'a LevelText, &'a Header);

fn texts(report: &mut Report, a: Given<'_>, b: Given<'_>, chip: Option<&str>) -> Result<()> {
    if a.1.level == Level::Network {
        network::networks(report, &a.0.network()?, &b.0.network()?);
        return Ok(());
    }
    let (x, y) = (chip_of(a, chip)?, chip_of(b, chip)?);
    let programs = |report: &mut Report, p: &Program, q: &Program| {
        program::programs(report, &Side { program: p, chip: &x }, &Side { program: q, chip: &y });
    };
    match a.1.level {
        Level::Network => {}
        Level::Program => programs(report, &a.0.program(&x)?, &b.0.program(&y)?),
        Level::Cores => {
            let (p, q) = (a.0.cores(&x)?, b.0.cores(&y)?);
            programs(report, &p.program, &q.program);
            program::cores(report, &p, &q);
        }
        Level::Placed => {
            let (p, q) = (a.0.placed(&x)?, b.0.placed(&y)?);
            programs(report, &p.cores.program, &q.cores.program);
            program::cores(report, &p.cores, &q.cores);
            program::places(report, (&p, &x), (&q, &y));
        }
    }
    Ok(())
}

/// The chip that a text was made for.
fn chip_of((text, header): Given<'_>, given: Option<&str>) -> Result<Chip> {
    let named = header.fact("chip");
    let Some(spec) = given.or(named) else {
        return Err(Diagnostic::error("SL1110", "the header names no chip")
            .at_file(&text.file)
            .field("chip")
            .into());
    };
    let loaded = spikeloom_chip::load(spec);
    if given.is_none() && loaded.is_err() {
        return Err(Diagnostic::error(
            "SL0011",
            format!("the text was made for `{spec}`, which is no chip that ships"),
        )
        .at_file(&text.file)
        .field("--chip")
        .hint("name its chip file with --chip")
        .into());
    }
    loaded
}
