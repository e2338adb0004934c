//! What all levels have: the header, options, populations, connections and outputs.

use super::cursor::{Cursor, Range, Step, Stop};
use super::lexer::digest_len;
use super::{Level, MOST_ELEMENTS};
use crate::network::{Output, PopulationId};
use crate::text::places::Places;
use std::collections::BTreeMap;

/// Words that open a part of the text, in the order in which the parts come.
const PARTS: [&[&str]; 8] = [
    &["option"],
    &["input", "pop"],
    &["fired"],
    &["connect"],
    &["output"],
    &["channels"],
    &["core"],
    &["route"],
];

/// Whether a part opens with this word.
fn opens(word: &str) -> bool {
    PARTS.iter().any(|words| words.contains(&word))
}

/// A reader of one text.
pub(super) struct Reader<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) places: Places,
    pub(super) options: Vec<(String, String)>,
    pub(super) outputs: Vec<Output>,
    populations: Names,
    /// Elements of each population.
    pub(super) sizes: Vec<u64>,
    part: usize,
}

/// Names and what they stand for; of two equal ones the first.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, u32>);

impl Names {
    pub(super) fn insert(&mut self, name: &str, number: u32) {
        self.0.entry(name.to_string()).or_insert(number);
    }

    pub(super) fn get(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }

    /// A few of the names, for a hint.
    pub(super) fn hint(&self, what: &str) -> String {
        let names: Vec<&str> = self.0.keys().take(8).map(String::as_str).collect();
        let more = if self.0.len() > names.len() { ", ..." } else { "" };
        if names.is_empty() {
            format!("there are no {what}")
        } else {
            format!("{what}: {}{more}", names.join(", "))
        }
    }
}

/// What stands between the name of a population and its fields.
pub(super) struct Head {
    pub(super) at: usize,
    pub(super) is_input: bool,
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) attributes: Attributes,
    pub(super) location: String,
}

/// `NAME=VALUE` by name: the value is a number, a word or a string.
pub(super) struct Attributes(BTreeMap<String, (usize, Attribute)>);

/// The value of an attribute.
pub(super) enum Attribute {
    /// A number.
    Number(f64),
    /// A word, or a string.
    Text(String),
}

/// A field of a population.
pub(super) struct Field<V> {
    pub(super) at: usize,
    pub(super) is_start: bool,
    pub(super) name: String,
    /// `None` if it could not be read.
    pub(super) value: Option<V>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(cursor: Cursor<'a>) -> Reader<'a> {
        Reader {
            cursor,
            places: Places::default(),
            options: Vec::new(),
            outputs: Vec::new(),
            populations: Names::default(),
            sizes: Vec::new(),
            part: 0,
        }
    }

    /// Reads `loom 1 level=LEVEL` and the facts after it; gives the values of those that are wanted, in their order.
    pub(super) fn header<const N: usize>(&mut self, level: Level, wanted: [&str; N]) -> [(String, usize); N] {
        let found = header(&mut self.cursor, level, &wanted);
        let mut facts = found.unwrap_or_else(|Stop| {
            // Without its header a text may be anything, and all that it holds would be a fault.
            self.cursor.recover(0, |_| false);
            None
        });
        wanted.map(|name| {
            let Some(facts) = facts.as_mut() else { return Default::default() };
            facts.remove(name).unwrap_or_else(|| {
                let message = format!("the header has no `{name}`");
                self.cursor.fault("SL1110", 0, message, "");
                Default::default()
            })
        })
    }

    /// Reads part after part: `part` reads what opens with the word it is given.
    pub(super) fn parts(&mut self, level: Level, mut part: impl FnMut(&mut Self, &str) -> Step<()>) {
        while !self.cursor.is_at_end() {
            let (at, word) = (self.cursor.at(), self.cursor.bare().unwrap_or("").to_string());
            let step = match PARTS.iter().position(|words| words.contains(&word.as_str())) {
                Some(_) if !level.has(&word) => {
                    let message = format!("a text of level {} has no `{word}`", level.word());
                    Err(self.cursor.fault("SL1103", at, message, ""))
                }
                Some(place) => {
                    if place < self.part {
                        let message = format!("`{word}` stands too late");
                        let order = PARTS.map(|words| words.join(" or ")).join(", ");
                        self.cursor.fault("SL1103", at, message, &format!("the order is {order}"));
                    }
                    self.part = self.part.max(place);
                    match word.as_str() {
                        "option" => self.option(),
                        "output" => self.output(),
                        word => part(self, word),
                    }
                }
                None => Err(self
                    .cursor
                    .unexpected("one of option, input, pop, connect, output, channels, core, route")),
            };
            if step.is_err() {
                self.cursor.recover(at, opens);
            }
        }
    }

    /// Whether a line of the next part is here, so that a block before it has no end.
    pub(super) fn opens_part(&self) -> bool {
        let word = self.cursor.bare().unwrap_or("");
        !self.cursor.is_assignment() && opens(word)
    }

    fn option(&mut self) -> Step<()> {
        self.cursor.advance();
        let name = if self.cursor.is_quoted() {
            self.cursor.string()?
        } else {
            self.cursor.word("the name of an option")?.to_string()
        };
        self.cursor.sign("=")?;
        let value = self.cursor.string()?;
        self.options.push((name, value));
        Ok(())
    }

    fn output(&mut self) -> Step<()> {
        let at = self.cursor.advance().start;
        let (name, _) = self.cursor.name()?;
        self.cursor.sign("=")?;
        let population = self.population()?;
        let location = self.location()?;
        self.places.outputs.push(at);
        self.outputs.push(Output { name, population, location });
        Ok(())
    }

    fn location(&mut self) -> Step<String> {
        self.cursor.keyword("loc")?;
        self.cursor.sign("(")?;
        let location = self.cursor.string()?;
        self.cursor.sign(")")?;
        Ok(location)
    }

    /// The name of a population, resolved.
    pub(super) fn population(&mut self) -> Step<PopulationId> {
        let (name, at) = self.cursor.name()?;
        self.populations.get(&name).map(PopulationId).ok_or_else(|| {
            let hint = self.populations.hint("populations");
            self.cursor.fault("SL1105", at, format!("there is no population `{name}`"), &hint)
        })
    }

    /// The head of a population, up to its fields. Its name is known from then on, whatever is wrong with it.
    pub(super) fn head(&mut self) -> Step<Head> {
        let number = self.sizes.len();
        let is_input = self.cursor.is_word("input");
        let at = self.cursor.advance().start;
        self.places.populations.push(at);
        self.places.fields.push(Vec::new());
        self.sizes.push(0);
        let (name, _) = self.cursor.name()?;
        self.populations.insert(&name, number as u32);
        let shape_at = self.cursor.at();
        let shape = self.cursor.shape()?;
        let size = shape.iter().try_fold(1u64, |size, n| size.checked_mul(*n as u64)).unwrap_or(u64::MAX);
        if size > MOST_ELEMENTS {
            let message = format!("population `{name}` has too many elements");
            return Err(self.cursor.fault("SL1121", shape_at, message, "a text may have 2^28 in all"));
        }
        self.sizes[number] = size;
        let mut attributes = BTreeMap::new();
        while self.cursor.is_assignment() {
            let at = self.cursor.at();
            let name = self.cursor.word("the name of an attribute")?.to_string();
            self.cursor.advance();
            let value = if self.cursor.is_quoted() {
                Attribute::Text(self.cursor.string()?)
            } else if self.cursor.is_number() {
                Attribute::Number(self.cursor.real()?)
            } else {
                Attribute::Text(self.cursor.word("a number, a word or a string")?.to_string())
            };
            if attributes.insert(name.clone(), (at, value)).is_some() {
                self.cursor.fault("SL1110", at, format!("`{name}` is given twice"), "");
            }
        }
        let location = self.location()?;
        Ok(Head { at, is_input, name, shape, attributes: Attributes(attributes), location })
    }

    /// The fields of a population, each value read by `read`.
    pub(super) fn fields<V>(&mut self, read: impl Fn(&mut Cursor<'a>) -> Step<V>) -> Vec<Field<V>> {
        let mut fields: Vec<Field<V>> = Vec::new();
        if !self.cursor.takes_sign("{") {
            return fields;
        }
        while !self.cursor.takes_sign("}") {
            if self.opens_part() || self.cursor.is_at_end() {
                self.cursor.unexpected("`}`");
                break;
            }
            let at = self.cursor.at();
            let mut is_start = false;
            let lead = |c: &mut Cursor<'a>, is_start: &mut bool| -> Step<String> {
                let mut name = c.word("the name of a field, or `}`")?;
                *is_start = name == "start" && !c.is_sign("=");
                if *is_start {
                    name = c.word("the name of a state variable")?;
                }
                c.sign("=")?;
                Ok(name.to_string())
            };
            let value = lead(&mut self.cursor, &mut is_start).map(|name| (name, read(&mut self.cursor).ok()));
            let Ok((name, value)) = value else {
                self.cursor.recover(at, |word| word == "}" || word.starts_with(char::is_alphabetic));
                continue;
            };
            if value.is_none() {
                self.cursor.recover(at, |word| word == "}" || word.starts_with(char::is_alphabetic));
            }
            if fields.iter().any(|f| (f.is_start, &f.name) == (is_start, &name)) {
                self.cursor.fault("SL1110", at, format!("`{name}` is given twice"), "");
            } else {
                fields.push(Field { at, is_start, name, value });
            }
        }
        fields
    }

    /// `connect %a -> %b path(...)`, as (place, source, target, path).
    pub(super) fn connection(&mut self) -> Step<(usize, PopulationId, PopulationId, Vec<String>)> {
        let at = self.cursor.advance().start;
        let source = self.population()?;
        self.cursor.sign("->")?;
        let target = self.population()?;
        let mut path = Vec::new();
        if self.cursor.takes_word("path") {
            self.cursor.sign("(")?;
            path.push(self.cursor.string()?);
            while !self.cursor.takes_sign(")") {
                self.cursor.sign(",")?;
                path.push(self.cursor.string()?);
            }
        }
        Ok((at, source, target, path))
    }

    /// Both sides of a line: the right one moves with the left, or stays.
    pub(super) fn matches(&mut self, left: Range, right: Range) -> Step<()> {
        if right.len == left.len || right.len == 1 {
            return Ok(());
        }
        let message = format!("{} on the right do not go with {} on the left", right.len, left.len);
        Err(self.cursor.fault("SL1109", right.at, message, "as many as on the left, or one for all"))
    }
}

/// A fact of the header by name, with the place of its value.
type Facts = BTreeMap<String, (String, usize)>;

fn header(cursor: &mut Cursor<'_>, level: Level, wanted: &[&str]) -> Step<Option<Facts>> {
    if !cursor.is_word("loom") {
        let hint = "it begins with `loom 1 level=`";
        return Err(cursor.fault("SL1102", cursor.at(), "this is no text of a level".to_string(), hint));
    }
    cursor.advance();
    let at = cursor.at();
    if cursor.integer::<u32>()? != 1 {
        return Err(cursor.fault("SL1102", at, "only version 1 of the text is known".to_string(), ""));
    }
    cursor.keyword("level")?;
    cursor.sign("=")?;
    let at = cursor.at();
    let word = cursor.word("a level")?;
    if word != level.word() {
        let message = format!("this is a text of level `{word}`, not of level `{}`", level.word());
        return Err(cursor.fault("SL1102", at, message, "the levels are network, program, cores and placed"));
    }
    let mut facts = Facts::new();
    while cursor.is_assignment() {
        let at = cursor.at();
        if fact(cursor, wanted, &mut facts).is_err() {
            // Which facts there are is not known; the parts are.
            cursor.recover(at, opens);
            return Ok(None);
        }
    }
    Ok(Some(facts))
}

fn fact(cursor: &mut Cursor<'_>, wanted: &[&str], facts: &mut Facts) -> Step<()> {
    let at = cursor.at();
    let name = cursor.word("the name of a fact")?.to_string();
    cursor.sign("=")?;
    let value_at = cursor.at();
    let value = if cursor.is_quoted() {
        cursor.string()?
    } else {
        let Some(digest) = cursor.bare().filter(|text| digest_len(text) == text.len()) else {
            return Err(cursor.unexpected("a string or a digest"));
        };
        cursor.advance();
        digest.to_string()
    };
    if !wanted.contains(&name.as_str()) {
        let hint = format!("they are {}", wanted.join(", "));
        cursor.fault("SL1110", at, format!("the header has no fact `{name}`"), &hint);
    } else if facts.insert(name.clone(), (value, value_at)).is_some() {
        cursor.fault("SL1110", at, format!("`{name}` is given twice"), "");
    }
    Ok(())
}

impl Attributes {
    fn take(&mut self, cursor: &mut Cursor<'_>, head_at: usize, name: &str) -> Step<(usize, Attribute)> {
        self.0.remove(name).ok_or_else(|| {
            let message = format!("the population has no `{name}`");
            cursor.fault("SL1110", head_at, message, "")
        })
    }

    pub(super) fn text(
        &mut self,
        cursor: &mut Cursor<'_>,
        head_at: usize,
        name: &str,
    ) -> Step<(usize, String)> {
        match self.take(cursor, head_at, name)? {
            (at, Attribute::Text(text)) => Ok((at, text)),
            (at, Attribute::Number(_)) => {
                Err(cursor.fault("SL1110", at, format!("`{name}` is no number"), "write it in quotes"))
            }
        }
    }

    pub(super) fn number(
        &mut self,
        cursor: &mut Cursor<'_>,
        head_at: usize,
        name: &str,
    ) -> Step<(usize, f64)> {
        match self.take(cursor, head_at, name)? {
            (at, Attribute::Number(value)) => Ok((at, value)),
            (at, Attribute::Text(_)) => Err(cursor.fault("SL1110", at, format!("`{name}` is a number"), "")),
        }
    }

    /// A text that may be missing.
    pub(super) fn optional(&mut self, cursor: &mut Cursor<'_>, name: &str) -> Step<Option<String>> {
        if !self.0.contains_key(name) {
            return Ok(None);
        }
        self.text(cursor, 0, name).map(|(_, text)| Some(text))
    }

    /// Says of every attribute that was not taken that it has no place here.
    pub(super) fn finish(self, cursor: &mut Cursor<'_>) {
        for (name, (at, _)) in self.0 {
            cursor.fault("SL1110", at, format!("`{name}` has no place here"), "");
        }
    }
}
