//! The proofs over whole programs: intermediates fit their lanes, shifts are in range, `Forbid` holds.

use std::collections::HashMap;

use super::ast::{Expression, LocalId, NeuronProgram, Overflow, StateId, Statement};
use super::interval::Interval;
use super::lexer::fault;
use super::ranges::{Environment, Machine, Mode, Observer};
use super::{EVENT_RANGE, ProgramFault, WIDEST_INTERMEDIATE};

const WIDEST: Interval = Interval::signed(WIDEST_INTERMEDIATE);
const SHIFTS: Interval = Interval::new(0, 62);

/// Checks the widths of one text. `offsets` holds the offset of each expression in the order of [`walk`].
/// Also gives each local of the text its range.
pub(super) fn check(
    program: &mut NeuronProgram,
    text: &'static str,
    offsets: &[usize],
    faults: &mut Vec<ProgramFault>,
) {
    let mut locals = Vec::new();
    for mode in [Mode::EveryLane, Mode::Taken] {
        let block = text_of(program, text);
        let mut remaining = offsets.iter().copied();
        let mut at = HashMap::new();
        walk(block, &mut |expression| {
            at.insert(std::ptr::from_ref(expression), remaining.next().unwrap_or(0));
        });
        let mut judge = Judge { program, text, mode, at, faults, locals: &mut locals };
        let mut environment = full(program, &declared(program), EVENT_RANGE);
        Machine::new(&program.states, mode, &mut judge).block(&mut environment, block);
    }
    for (local, range) in locals {
        program.locals[local.index()].range = range;
    }
}

/// The range of each parameter.
pub(super) fn declared(program: &NeuronProgram) -> Vec<Interval> {
    program.parameters.iter().map(super::Parameter::range).collect()
}

/// Any state, these parameters, these events.
pub(super) fn full(program: &NeuronProgram, parameters: &[Interval], w: Interval) -> Environment {
    let states: Vec<_> = program.states.iter().map(super::StateVariable::range).collect();
    Environment::new(program, &states, parameters, w)
}

fn text_of<'a>(program: &'a NeuronProgram, text: &str) -> &'a [Statement] {
    match text {
        "on_event" => &program.on_event,
        "on_tick" => &program.on_tick,
        _ => program.after.as_deref().unwrap_or_default(),
    }
}

/// Visits every expression: statements in order, a condition before its blocks, an operator before its operands.
fn walk<'a>(block: &'a [Statement], visit: &mut impl FnMut(&'a Expression)) {
    fn down<'a>(expression: &'a Expression, visit: &mut impl FnMut(&'a Expression)) {
        visit(expression);
        for child in expression.children() {
            down(child, visit);
        }
    }
    for statement in block {
        match statement {
            Statement::Assign { value, .. } | Statement::Let { value, .. } => down(value, visit),
            Statement::If { condition, then, otherwise, .. } => {
                down(condition, visit);
                walk(then, visit);
                walk(otherwise, visit);
            }
            Statement::Spike => {}
        }
    }
}

struct Judge<'a> {
    program: &'a NeuronProgram,
    text: &'static str,
    mode: Mode,
    /// The tree has no offsets; its nodes do not move while they are judged.
    at: HashMap<*const Expression, usize>,
    faults: &'a mut Vec<ProgramFault>,
    locals: &'a mut Vec<(LocalId, Interval)>,
}

impl Judge<'_> {
    fn report(&mut self, code: &'static str, expression: &Expression, message: String, hint: String) {
        let offset = self.at.get(&std::ptr::from_ref(expression)).copied().unwrap_or(0);
        self.faults.push(fault(code, self.text, offset, message, Some(hint)));
    }
}

// Widths and shifts must hold in every lane, the rules of the states only where a lane takes part.
impl Observer for Judge<'_> {
    fn value(&mut self, expression: &Expression, range: Interval) -> Interval {
        if self.mode == Mode::EveryLane && !WIDEST.covers(range) {
            let message = format!(
                "the value of {} can lie in {range}, which takes {} bits; at most {WIDEST_INTERMEDIATE} are allowed",
                describe(expression),
                range.signed_bits()
            );
            let hint =
                "declare narrower states or parameters, or narrow an operand with `wrap` or `saturate`";
            self.report("SL0219", expression, message, hint.into());
        }
        // One fault, not one for every operator above it.
        range.saturate_into(WIDEST)
    }

    fn shift(&mut self, amount: &Expression, range: Interval) -> Interval {
        if SHIFTS.covers(range) {
            return range;
        }
        if self.mode == Mode::EveryLane {
            let message = format!("the shift amount can lie in {range}; it must lie in {SHIFTS}");
            self.report("SL0220", amount, message, "bound it: `clamp(k, 0, 62)`".into());
        }
        // The width of a result that is not defined is no second fault.
        Interval::point(0)
    }

    fn assign(&mut self, state: StateId, value: &Expression, range: Interval, fits: bool) {
        let declared = &self.program.states[state.index()];
        if self.mode == Mode::Taken && !fits && declared.overflow == Overflow::Forbid {
            let (name, whole) = (&declared.name, declared.range());
            let message = format!(
                "`{name}` can be given a value in {range} but holds {whole}, and its overflow rule is Forbid"
            );
            let hint = format!("bound the value, widen `{name}`, or give it the rule Wrap, Saturate or Trap");
            self.report("SL0221", value, message, hint);
        }
    }

    fn local(&mut self, local: LocalId, range: Interval) {
        if self.mode == Mode::EveryLane {
            self.locals.push((local, range));
        }
    }
}

fn describe(expression: &Expression) -> String {
    match expression {
        Expression::Binary(operator, ..) => format!("this `{}`", operator.symbol()),
        Expression::TowardZero(..) => "this `tz`".into(),
        Expression::Negate(_) => "this `-`".into(),
        Expression::Absolute(_) => "this `abs`".into(),
        _ => "this expression".into(),
    }
}

/// Bits of the widest value that any lane can meet; see [`super::facts::widest`].
pub(super) fn widest(program: &NeuronProgram, parameters: &[Interval], w: Interval) -> u32 {
    struct Widest(u32);
    impl Observer for Widest {
        fn value(&mut self, _: &Expression, range: Interval) -> Interval {
            self.0 = self.0.max(range.signed_bits());
            range
        }
    }
    let ranges = program.states.iter().map(super::StateVariable::range).chain(parameters.iter().copied());
    let mut widest = Widest(ranges.map(Interval::signed_bits).max().unwrap_or(1));
    for text in ["on_event", "on_tick", "after"] {
        let mut environment = full(program, parameters, w);
        Machine::new(&program.states, Mode::EveryLane, &mut widest)
            .block(&mut environment, text_of(program, text));
    }
    widest.0
}
