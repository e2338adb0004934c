//! Random programs against an evaluator in `i128` that knows nothing of intervals.

use super::*;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn within(&mut self, range: Interval) -> i128 {
        let size = u64::try_from(range.high - range.low + 1).expect("small ranges");
        match self.below(4) {
            0 => range.low,
            1 => range.high,
            _ => range.low + i128::from(self.below(size)),
        }
    }

    fn integer(&mut self, depth: u32, event: bool) -> String {
        let leaves = ["0", "1", "3", "200", "x", "s", "u", "p", "k", if event { "w" } else { "0x7f" }];
        if depth == 0 || self.below(5) == 0 {
            return leaves[usize::try_from(self.below(10)).expect("small")].into();
        }
        let mut part = || self.integer(depth - 1, event);
        let (a, b, c) = (part(), part(), part());
        match self.below(14) {
            0 | 1 => format!("({a} + {b})"),
            2 | 3 => format!("({a} - {b})"),
            4 => format!("wrap({a}, 6) * {b}"),
            5 => format!("(({a}) << k)"),
            6 => format!("(({a}) >> {})", self.below(9)),
            7 => format!("tz({a}, clamp({b}, 0, 5))"),
            8 => format!("clamp({a}, {b}, {c})"),
            9 => format!("min({a}, max({b}, {c}))"),
            10 => format!("abs({a})"),
            11 => format!("wrap({a}, {})", 1 + self.below(9)),
            12 => format!("saturate({a}, {})", 1 + self.below(9)),
            _ => format!("-({a})"),
        }
    }

    fn boolean(&mut self, depth: u32, event: bool) -> String {
        match self.below(6) {
            0 if depth > 0 => format!("!({})", self.boolean(depth - 1, event)),
            1 if depth > 0 => {
                format!("({}) && ({})", self.boolean(depth - 1, event), self.boolean(depth - 1, event))
            }
            2 if depth > 0 => {
                format!("({}) || ({})", self.boolean(depth - 1, event), self.boolean(depth - 1, event))
            }
            _ => {
                let operator = ["==", "!=", "<", "<=", ">", ">="];
                let operator = operator[usize::try_from(self.below(6)).expect("small")];
                format!("({}) {operator} ({})", self.integer(1, event), self.integer(1, event))
            }
        }
    }

    fn block(&mut self, depth: u32, event: bool) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(3) {
            match self.below(6) {
                0 | 1 if depth > 0 => {
                    let (then, otherwise) = (self.block(depth - 1, event), self.block(depth - 1, event));
                    text += &format!("if {} {{ {then} }} else {{ {otherwise} }} ", self.boolean(2, event));
                }
                2 if !event => text += "spike; ",
                3 => {
                    let name = format!("l{}", self.0 >> 40);
                    text += &format!("let {name} := {}; x := {name}; ", self.integer(3, event));
                }
                target => {
                    let name = ["x", "s", "u"][usize::try_from(target % 3).expect("small")];
                    text += &format!("{name} := {}; ", self.integer(3, event));
                }
            }
        }
        text
    }
}

/// One neuron. `masked` runs both branches and masks the assignments, as lanes do.
struct Neuron<'a> {
    program: &'a NeuronProgram,
    states: Vec<i128>,
    parameters: Vec<i128>,
    locals: Vec<i128>,
    w: i128,
    spiked: bool,
    overflowed: Vec<bool>,
    bits: u32,
    masked: bool,
}

impl Neuron<'_> {
    fn block(&mut self, block: &[Statement], on: bool) {
        for statement in block {
            match statement {
                Statement::Spike => self.spiked |= on,
                Statement::Let { local, value } => {
                    let value = self.value(value);
                    assert!(self.program.locals[local.index()].range.contains(value));
                    self.locals[local.index()] = value;
                }
                Statement::Assign { state, value } => {
                    let value = self.value(value);
                    if on {
                        let declared = &self.program.states[state.index()];
                        let (range, size) = (declared.range(), 1 << declared.bits);
                        self.overflowed[state.index()] |= !range.contains(value);
                        self.states[state.index()] = match declared.overflow {
                            Overflow::Saturate => value.clamp(range.low, range.high),
                            _ => (value - range.low).rem_euclid(size) + range.low,
                        };
                    }
                }
                Statement::If { condition, then, otherwise, .. } => {
                    let holds = self.value(condition) == 1;
                    for (block, on) in [(then, on && holds), (otherwise, on && !holds)] {
                        if on || self.masked {
                            self.block(block, on);
                        }
                    }
                }
            }
        }
    }

    fn value(&mut self, expression: &Expression) -> i128 {
        use BinaryOperator as B;
        let part: Vec<i128> = expression.children().map(|child| self.value(child)).collect();
        let value = match (expression, part.as_slice()) {
            (Expression::Integer(value), _) => i128::from(*value),
            (Expression::State(id), _) => self.states[id.index()],
            (Expression::Parameter(id), _) => self.parameters[id.index()],
            (Expression::Local(id), _) => self.locals[id.index()],
            (Expression::Event, _) => self.w,
            (Expression::Negate(_), [x]) => -x,
            (Expression::Not(_), [x]) => 1 - x,
            (Expression::Absolute(_), [x]) => x.abs(),
            (Expression::Wrap(_, bits), [x]) => {
                let half = 1 << (bits - 1);
                (x + half).rem_euclid(half * 2) - half
            }
            (Expression::Saturate(_, bits), [x]) => *x.max(&-(1 << (bits - 1))).min(&((1 << (bits - 1)) - 1)),
            (Expression::TowardZero(..), [x, k]) => x.signum() * (x.abs() >> k),
            (Expression::Clamp(..), [x, low, high]) => *low.max(x.min(high)),
            (Expression::Minimum(..), [x, y]) => *x.min(y),
            (Expression::Maximum(..), [x, y]) => *x.max(y),
            (Expression::Binary(operator, ..), [x, y]) => match operator {
                B::Add => x + y,
                B::Subtract => x - y,
                B::Multiply => x * y,
                B::ShiftLeft => x << y,
                B::ShiftRight => x.div_euclid(1 << y),
                B::Equal => i128::from(x == y),
                B::NotEqual => i128::from(x != y),
                B::Less => i128::from(x < y),
                B::LessEqual => i128::from(x <= y),
                B::Greater => i128::from(x > y),
                B::GreaterEqual => i128::from(x >= y),
                B::And => x & y,
                B::Or => x | y,
            },
            _ => unreachable!("as many parts as the expression has"),
        };
        if !expression.is_boolean() {
            self.bits = self.bits.max(Interval::point(value).signed_bits());
        }
        value
    }
}

#[test]
fn intervals_hold_what_happens() {
    let mut random = Random(7);
    let (mut good, mut overflows, mut spikes) = (0, 0, 0);
    for _ in 0..3000 {
        let states = vec![
            state("x", 6, true, Overflow::Wrap),
            state("s", 5, true, Overflow::Saturate),
            state("u", 5, false, Overflow::Trap),
        ];
        let parameters = vec![parameter("p", 6, true), parameter("k", 2, false)];
        let texts = ProgramTexts {
            on_event: random.block(1, true),
            on_tick: random.block(2, false),
            after: (random.below(3) == 0).then(|| random.block(1, false)),
        };
        let program = match parse("random", states, parameters, texts.clone()) {
            Ok(program) => program,
            Err(faults) => {
                assert!(faults.iter().all(|fault| fault.code == "SL0219"), "{texts:?} {faults:?}");
                continue;
            }
        };
        good += 1;
        let whole: Vec<_> = program.states.iter().map(StateVariable::range).collect();
        let parameter_ranges: Vec<_> = program.parameters.iter().map(Parameter::range).collect();
        let events = Interval::signed(6);
        let bound = widest_within(&program, &parameter_ranges, events);
        for _ in 0..20 {
            let boxes: Vec<_> = whole
                .iter()
                .map(|range| Interval::new(random.within(*range), random.within(*range)))
                .collect();
            let states: Vec<_> = boxes.iter().map(|range| random.within(*range)).collect();
            let parameters: Vec<_> = parameter_ranges.iter().map(|range| random.within(*range)).collect();
            let w = random.within(events);
            let event = random.below(2) == 0;
            let run = |masked| {
                let mut neuron = Neuron {
                    program: &program,
                    states: states.clone(),
                    parameters: parameters.clone(),
                    locals: vec![0; program.locals.len()],
                    w,
                    spiked: false,
                    overflowed: vec![false; 3],
                    bits: 1,
                    masked,
                };
                neuron.block(if event { &program.on_event } else { &program.on_tick }, true);
                neuron.block(program.after.as_deref().unwrap_or_default(), true);
                (neuron.states, neuron.spiked, neuron.overflowed, neuron.bits)
            };
            let (after, spiked, overflowed, bits) = run(false);
            let masked = run(true);
            assert_eq!((&after, spiked), (&masked.0, masked.1));
            assert!(bits.max(masked.3) <= bound, "{texts:?}");
            let ask = |states: &[Interval], parameters: &[Interval], w| {
                if event {
                    ranges::event(&program, states, parameters, w)
                } else {
                    ranges::tick(&program, states, parameters)
                }
            };
            let exact = ask(&points(&states), &points(&parameters), Interval::point(w));
            assert_eq!(exact.states, points(&after), "{texts:?}");
            assert_eq!((exact.may_spike, exact.must_spike), (spiked, spiked));
            assert_eq!(exact.may_overflow, overflowed);
            for outcome in [
                ask(&boxes, &points(&parameters), Interval::new(w, 0)),
                ask(&boxes, &parameter_ranges, events),
            ] {
                let inside = outcome.states.iter().zip(&after).all(|(range, value)| range.contains(*value));
                assert!(inside, "{texts:?} {states:?} {parameters:?} {w}");
                assert!(outcome.may_spike >= spiked && outcome.must_spike <= spiked);
                assert!(outcome.may_overflow.iter().zip(&overflowed).all(|(may, did)| may >= did));
            }
            overflows += u32::from(overflowed.contains(&true));
            spikes += u32::from(spiked);
        }
    }
    assert!(good > 1500 && overflows > 3000 && spikes > 3000, "{good} {overflows} {spikes}");
}
