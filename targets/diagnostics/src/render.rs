//! Renderings of a diagnostic: for people (rustc's style) and for machines (a JSON object a line).

use crate::{Diagnostic, Place, Severity};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Renders one diagnostic for people, without a trailing newline.
pub fn render(diagnostic: &Diagnostic, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code)
        .elements(std::iter::empty::<annotate_snippets::Element<'_>>());
    let place_text = diagnostic.place.to_string();
    match &diagnostic.place {
        Place::None => {}
        Place::Text { file, line, column, source_line } => {
            let start = source_line.char_indices().nth(column - 1).map_or(source_line.len(), |(i, _)| i);
            let end = word_end(source_line, start);
            group = group.element(
                Snippet::source(source_line.as_str())
                    .path(file.as_str())
                    .line_start(*line)
                    .annotation(AnnotationKind::Primary.span(start..end)),
            );
        }
        Place::File(_) | Place::Node { .. } => {
            group = group.element(annotate_snippets::Origin::path(place_text.as_str()));
        }
    }
    let mut facts = Vec::new();
    if let (Some(need), Some(have)) = (&diagnostic.need, &diagnostic.have) {
        facts.push(format!("need {need}, have {have}"));
    }
    if let Some(field) = &diagnostic.field {
        let verb = if diagnostic.need.is_some() { "forbidden by" } else { "see" };
        facts.push(format!("{verb} `{field}`"));
    }
    for fact in &facts {
        group = group.element(Level::NOTE.message(fact.as_str()));
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

fn word_end(line: &str, start: usize) -> usize {
    let word = line[start..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .map(char::len_utf8)
        .sum::<usize>();
    let one = line[start..].chars().next().map_or(0, char::len_utf8);
    start + word.max(one)
}

/// One JSON object: `code, severity, message, place, need, have, field, hint`; what is absent is null.
pub fn to_json(diagnostic: &Diagnostic) -> String {
    let place = match &diagnostic.place {
        Place::None => None,
        place => Some(place.to_string()),
    };
    serde_json::json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.word(),
        "message": diagnostic.message,
        "place": place,
        "need": diagnostic.need,
        "have": diagnostic.have,
        "field": diagnostic.field,
        "hint": diagnostic.hint,
    })
    .to_string()
}
