//! From parse trees to the checked program: names, scopes, types, declarations; widths are in `widths.rs`.

use std::collections::{HashMap, HashSet};

use super::ast::{
    Block, Expression, Local, LocalId, NeuronProgram, Parameter, ParameterId, ProgramTexts, StateId,
    StateVariable, Statement,
};
use super::interval::Interval;
use super::lexer::fault;
use super::names::{is_reserved, is_word};
use super::tree::{StatementKind, StatementTree};
use super::{ProgramFault, WIDEST_DECLARATION, parser, widths};

/// What a declared name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    State(StateId),
    Parameter(ParameterId),
    Local(LocalId),
}

/// See [`super::parse`].
pub(super) fn check(
    name: &str,
    states: Vec<StateVariable>,
    parameters: Vec<Parameter>,
    texts: ProgramTexts,
) -> Result<NeuronProgram, Vec<ProgramFault>> {
    let mut faults = Vec::new();
    let declared = declarations(&states, &parameters, &mut faults);
    let sound_declarations = faults.is_empty();

    let sources = [
        ("on_event", Some(&texts.on_event)),
        ("on_tick", Some(&texts.on_tick)),
        ("after", texts.after.as_ref()),
    ];
    let mut blocks = [const { Block::new() }; 3];
    let mut offsets = Vec::new();
    let (mut locals, mut branch_count, mut draws) = (Vec::new(), 0, 0);
    for ((text, source), block) in sources.into_iter().zip(&mut blocks) {
        let Some(source) = source else { continue };
        let before = faults.len();
        let Some(tree) = parser::parse(text, source, &mut faults) else { continue };
        let mut checker = Checker {
            text,
            declared: &declared,
            faults: &mut faults,
            locals: &mut locals,
            scopes: Vec::new(),
            ever: let_names(&tree),
            offsets: Vec::new(),
            branch_count: &mut branch_count,
            draws: &mut draws,
        };
        *block = checker.block(&tree);
        let found = checker.offsets;
        if faults.len() == before {
            offsets.push((text, found));
        }
    }

    let [on_event, on_tick, after] = blocks;
    let after = texts.after.is_some().then_some(after);
    let name = name.to_string();
    let mut program = NeuronProgram {
        name,
        states,
        parameters,
        locals,
        on_event,
        on_tick,
        after,
        branch_count,
        draws,
        texts,
    };
    if sound_declarations {
        for (text, offsets) in &offsets {
            widths::check(&mut program, text, offsets, &mut faults);
        }
    }
    if faults.is_empty() {
        return Ok(program);
    }
    let order = ["state", "parameters", "on_event", "on_tick", "after"];
    faults.sort_by_key(|fault| (order.iter().position(|text| *text == fault.text), fault.offset));
    Err(faults)
}

/// The declared names; offsets of faults are indices in the lists.
fn declarations(
    states: &[StateVariable],
    parameters: &[Parameter],
    faults: &mut Vec<ProgramFault>,
) -> HashMap<String, Name> {
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let states = states
        .iter()
        .enumerate()
        .map(|(index, state)| ("state", index, &state.name, state.bits, Name::State(StateId(number(index)))));
    let parameters = parameters.iter().enumerate().map(|(index, parameter)| {
        ("parameters", index, &parameter.name, parameter.bits, Name::Parameter(ParameterId(number(index))))
    });
    let mut declared = HashMap::new();
    for (text, index, name, bits, meaning) in states.chain(parameters) {
        let mut report =
            |code, message, hint: &str| faults.push(fault(code, text, index, message, Some(hint.into())));
        if is_reserved(name) {
            report("SL0212", format!("`{name}` is a word of the language"), "choose another name");
        } else if !is_word(name) {
            let hint = "a name is letters, digits and `_`, and does not begin with a digit";
            report("SL0218", format!("{name:?} is not a name"), hint);
        }
        if !(1..=WIDEST_DECLARATION).contains(&bits) {
            let message = format!("`{name}` has {bits} bits; it must have 1 to {WIDEST_DECLARATION}");
            report(
                "SL0218",
                message,
                "split it over two states, or check the expression that gives its width",
            );
        }
        if declared.contains_key(name) {
            report(
                "SL0211",
                format!("`{name}` is declared twice"),
                "states and parameters share their names",
            );
        } else {
            declared.insert(name.clone(), meaning);
        }
    }
    declared
}

/// Every name that a `let` of the text gives, wherever.
fn let_names(block: &[StatementTree]) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut blocks = vec![block];
    while let Some(block) = blocks.pop() {
        for statement in block {
            match &statement.kind {
                StatementKind::Let { name, .. } => drop(names.insert(name.clone())),
                StatementKind::If { then, otherwise, .. } => blocks.extend([&then[..], &otherwise[..]]),
                StatementKind::Assign { .. } | StatementKind::Spike => {}
            }
        }
    }
    names
}

/// Checks one text.
pub(super) struct Checker<'a> {
    pub(super) text: &'static str,
    declared: &'a HashMap<String, Name>,
    faults: &'a mut Vec<ProgramFault>,
    locals: &'a mut Vec<Local>,
    /// The visible locals, innermost block last.
    scopes: Vec<HashMap<String, LocalId>>,
    ever: HashSet<String>,
    /// The offset of each expression, in the order of the tree.
    pub(super) offsets: Vec<usize>,
    branch_count: &'a mut u32,
    pub(super) draws: &'a mut u32,
}

impl Checker<'_> {
    pub(super) fn report(&mut self, code: &'static str, offset: usize, message: String, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_string());
        self.faults.push(fault(code, self.text, offset, message, hint));
    }

    pub(super) fn find(&self, name: &str) -> Option<Name> {
        let local = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        local.map(|id| Name::Local(*id)).or_else(|| self.declared.get(name).copied())
    }

    /// Reports a name that stands for nothing here.
    pub(super) fn unknown(&mut self, name: &str, offset: usize) {
        if self.ever.contains(name) {
            let message = format!("the local `{name}` is not known here");
            let hint =
                "a local is known from its `let` to the end of its block; use a state, or move the `let`";
            self.report("SL0209", offset, message, hint);
        } else {
            let mut known: Vec<_> = self.declared.keys().map(String::as_str).collect();
            known.sort_unstable();
            let hint = format!("declared are: {}", known.join(", "));
            self.report("SL0208", offset, format!("`{name}` is not declared"), &hint);
        }
    }

    fn block(&mut self, block: &[StatementTree]) -> Block {
        self.scopes.push(HashMap::new());
        let block = block.iter().filter_map(|statement| self.statement(statement)).collect();
        self.scopes.pop();
        block
    }

    fn statement(&mut self, statement: &StatementTree) -> Option<Statement> {
        match &statement.kind {
            StatementKind::Spike => {
                if self.text == "on_event" {
                    let hint = "spike in on_tick, or in `after`, which also runs after each event";
                    self.report("SL0215", statement.offset, "on_event can't spike".into(), hint);
                }
                Some(Statement::Spike)
            }
            StatementKind::Assign { name, value } => {
                let value = self.integer(value);
                let found = self.find(name);
                let what = match found {
                    Some(Name::State(state)) => return Some(Statement::Assign { state, value }),
                    Some(Name::Parameter(_)) => "a parameter",
                    Some(Name::Local(_)) => "a local",
                    None if is_reserved(name) => "a word of the language",
                    None => {
                        self.unknown(name, statement.offset);
                        return None;
                    }
                };
                let message = format!("`{name}` is {what}; only a state can be assigned");
                self.report("SL0210", statement.offset, message, "a new value needs `let` and a new name");
                None
            }
            StatementKind::Let { name, name_offset, value } => {
                // The value is checked first: it does not see the new name.
                let value = self.integer(value);
                let local = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
                if is_reserved(name) {
                    let message = format!("`{name}` is a word of the language");
                    self.report("SL0212", *name_offset, message, "choose another name");
                } else if self.find(name).is_some() {
                    let message = format!("`{name}` already has a meaning here");
                    self.report("SL0211", *name_offset, message, "names are not shadowed; choose another");
                }
                self.locals.push(Local { name: name.clone(), range: Interval::point(0) });
                if let Some(scope) = self.scopes.last_mut() {
                    scope.insert(name.clone(), local);
                }
                Some(Statement::Let { local, value })
            }
            StatementKind::If { condition, then, otherwise } => {
                let branch = *self.branch_count;
                *self.branch_count += 1;
                let condition = self.boolean(condition);
                let (then, otherwise) = (self.block(then), self.block(otherwise));
                Some(Statement::If { branch, condition, then, otherwise })
            }
        }
    }
}

/// Placeholder for what could not be read; a text with faults is not used.
pub(super) const NOTHING: Expression = Expression::Integer(0);
