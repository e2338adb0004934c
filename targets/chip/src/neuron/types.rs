//! Names and types of expressions.

use super::ast::Expression;
use super::check::{Checker, NOTHING, Name};
use super::names::{FUNCTIONS, is_function};
use super::tree::{Tree, TreeKind};
use super::{WIDEST_DECLARATION, WIDEST_DRAW};

/// The two types of value; they do not convert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Integer,
    Boolean,
}

impl Type {
    fn describe(self) -> &'static str {
        match self {
            Type::Integer => "an integer",
            Type::Boolean => "a boolean",
        }
    }
}

/// The type is unknown after a fault, so that one fault is not reported twice.
type Typed = (Option<Type>, Expression);

const FAULTY: Typed = (None, NOTHING);

impl Checker<'_> {
    /// An expression that must be an integer.
    pub(super) fn integer(&mut self, tree: &Tree) -> Expression {
        self.typed(tree, Type::Integer)
    }

    /// An expression that must be a boolean.
    pub(super) fn boolean(&mut self, tree: &Tree) -> Expression {
        self.typed(tree, Type::Boolean)
    }

    fn typed(&mut self, tree: &Tree, needed: Type) -> Expression {
        let (found, expression) = self.expression(tree);
        if let Some(found) = found.filter(|found| *found != needed) {
            let hint = match needed {
                Type::Integer => "choose between integers with `if`",
                Type::Boolean => "compare it: `x != 0`",
            };
            let message = format!("expected {}, found {}", needed.describe(), found.describe());
            self.report("SL0213", tree.offset, message, hint);
        }
        expression
    }

    fn expression(&mut self, tree: &Tree) -> Typed {
        self.offsets.push(tree.offset);
        let integer = |expression| (Some(Type::Integer), expression);
        match &tree.kind {
            TreeKind::Integer(value) => integer(Expression::Integer(*value)),
            TreeKind::Name(name) => self.name(name, tree.offset),
            TreeKind::Negate(x) => integer(Expression::Negate(Box::new(self.integer(x)))),
            TreeKind::Not(x) => (Some(Type::Boolean), Expression::Not(Box::new(self.boolean(x)))),
            TreeKind::Binary(operator, x, y) => {
                let needed = if operator.is_logical() { Type::Boolean } else { Type::Integer };
                let (x, y) = (self.typed(x, needed), self.typed(y, needed));
                let boolean = operator.is_logical() || operator.is_comparison();
                let result = if boolean { Type::Boolean } else { Type::Integer };
                (Some(result), Expression::Binary(*operator, Box::new(x), Box::new(y)))
            }
            TreeKind::Call(name, arguments) => self.call(name, arguments, tree.offset),
            TreeKind::Faulty(parts) => {
                for part in parts {
                    self.expression(part);
                }
                FAULTY
            }
        }
    }

    fn name(&mut self, name: &str, offset: usize) -> Typed {
        let expression = match self.find(name) {
            Some(Name::State(id)) => Expression::State(id),
            Some(Name::Parameter(id)) => Expression::Parameter(id),
            Some(Name::Local(id)) => Expression::Local(id),
            None if name == "w" => {
                if self.text != "on_event" {
                    let hint = "keep it in a state in on_event";
                    self.report("SL0214", offset, "`w` is known only in on_event".into(), hint);
                }
                Expression::Event
            }
            None if matches!(name, "true" | "false") => {
                self.report(
                    "SL0212",
                    offset,
                    format!("`{name}` is reserved"),
                    "there are no boolean literals",
                );
                return FAULTY;
            }
            None if is_function(name) => {
                self.report("SL0216", offset, format!("the function `{name}` needs arguments"), usage(name));
                return FAULTY;
            }
            None => {
                self.unknown(name, offset);
                return FAULTY;
            }
        };
        (Some(Type::Integer), expression)
    }

    fn call(&mut self, name: &str, arguments: &[Tree], offset: usize) -> Typed {
        let known = FUNCTIONS.iter().find(|(function, _)| *function == name);
        let count = arguments.len();
        if known.is_none_or(|(_, needed)| *needed != count) {
            let message = match known {
                Some((_, needed)) => format!("`{name}` takes {needed} arguments, not {count}"),
                None => format!("there is no function `{name}`"),
            };
            self.report("SL0216", offset, message, usage(name));
            for argument in arguments {
                self.expression(argument);
            }
            return FAULTY;
        }
        let expression = match (name, arguments) {
            ("wrap", [x, bits]) => Expression::Wrap(self.boxed(x), self.width(bits, WIDEST_DECLARATION)),
            ("saturate", [x, bits]) => {
                Expression::Saturate(self.boxed(x), self.width(bits, WIDEST_DECLARATION))
            }
            ("tz", [x, k]) => Expression::TowardZero(self.boxed(x), self.boxed(k)),
            ("clamp", [x, low, high]) => Expression::Clamp(self.boxed(x), self.boxed(low), self.boxed(high)),
            ("min", [x, y]) => Expression::Minimum(self.boxed(x), self.boxed(y)),
            ("max", [x, y]) => Expression::Maximum(self.boxed(x), self.boxed(y)),
            ("abs", [x]) => Expression::Absolute(self.boxed(x)),
            ("random", [bits]) => self.draw(bits, offset),
            _ => return FAULTY,
        };
        (Some(Type::Integer), expression)
    }

    fn boxed(&mut self, tree: &Tree) -> Box<Expression> {
        Box::new(self.integer(tree))
    }

    /// A random draw. Only a tick has one number a step; of events there may be any number.
    fn draw(&mut self, bits: &Tree, offset: usize) -> Expression {
        if self.text != "on_tick" {
            let hint = "draw in on_tick, and keep what is drawn in a state";
            self.report("SL0222", offset, format!("`random` can't stand in {}", self.text), hint);
        }
        let draw = *self.draws;
        *self.draws += 1;
        Expression::Random { bits: self.width(bits, WIDEST_DRAW), draw }
    }

    /// A width argument: a literal, since it decides which bits exist.
    fn width(&mut self, tree: &Tree, widest: u32) -> u32 {
        match tree.kind {
            TreeKind::Integer(bits) if (1..=i64::from(widest)).contains(&bits) => {
                u32::try_from(bits).unwrap_or(1)
            }
            _ => {
                let message = format!("the number of bits must be a literal from 1 to {widest}");
                self.report("SL0217", tree.offset, message, "for bounds that vary use `clamp`");
                1
            }
        }
    }
}

fn usage(function: &str) -> &'static str {
    match function {
        "wrap" => "`wrap(x, bits)`",
        "saturate" => "`saturate(x, bits)`",
        "tz" => "`tz(x, k)`",
        "clamp" => "`clamp(x, lo, hi)`",
        "min" => "`min(x, y)`",
        "max" => "`max(x, y)`",
        "abs" => "`abs(x)`",
        "random" => "`random(bits)`",
        _ => "the functions are wrap, saturate, tz, clamp, min, max, abs and random",
    }
}
