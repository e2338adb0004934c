//! What a condition says about the names in it.

use super::ast::{BinaryOperator, Expression};
use super::interval::Interval;
use super::ranges::{Environment, Machine, Mode, Nobody, Truth};

/// Keeps of the environment what agrees with the condition; false if nothing is left.
///
/// Only comparisons with a plain name on a side narrow, and of `&&` and `||` what is certain.
pub(super) fn narrow(environment: &mut Environment, condition: &Expression, holds: bool) -> bool {
    use BinaryOperator as B;
    match condition {
        Expression::Not(x) => narrow(environment, x, !holds),
        Expression::Binary(operator @ (B::And | B::Or), x, y) => {
            if holds == (*operator == B::And) {
                return narrow(environment, x, holds) && narrow(environment, y, holds);
            }
            // One of the two sides decides. Which one is known only if the other can't.
            let can = |condition| {
                let truth = truth(environment, condition);
                if holds { truth.yes } else { truth.no }
            };
            match (can(x), can(y)) {
                (true, true) => true,
                (true, false) => narrow(environment, x, holds),
                (false, true) => narrow(environment, y, holds),
                (false, false) => false,
            }
        }
        Expression::Binary(operator, x, y) => {
            let operator = if holds { *operator } else { opposite(*operator) };
            let (left, right) = (value(environment, x), value(environment, y));
            narrow_place(environment, x, operator, right)
                && narrow_place(environment, y, mirrored(operator), left)
        }
        _ => true,
    }
}

// The observer has been told of these expressions already: ask quietly.

fn truth(environment: &Environment, condition: &Expression) -> Truth {
    Machine::new(&[], Mode::Taken, &mut Nobody).truth(environment, condition)
}

fn value(environment: &Environment, expression: &Expression) -> Interval {
    Machine::new(&[], Mode::Taken, &mut Nobody).value(environment, expression)
}

/// Narrows a plain name to the values `v` for which `v operator` something in `other` can hold.
fn narrow_place(
    environment: &mut Environment,
    name: &Expression,
    operator: BinaryOperator,
    other: Interval,
) -> bool {
    use BinaryOperator as B;
    let Some(place) = environment.place(name) else { return true };
    let (mut low, mut high) = (place.low, place.high);
    match operator {
        B::Less => high = high.min(other.high - 1),
        B::LessEqual => high = high.min(other.high),
        B::Greater => low = low.max(other.low + 1),
        B::GreaterEqual => low = low.max(other.low),
        B::Equal => (low, high) = (low.max(other.low), high.min(other.high)),
        B::NotEqual if other.is_point() => {
            low += i128::from(low == other.low);
            high -= i128::from(high == other.low);
        }
        _ => {}
    }
    if low <= high {
        *place = Interval { low, high };
    }
    low <= high
}

/// The comparison that holds where this one does not.
fn opposite(operator: BinaryOperator) -> BinaryOperator {
    use BinaryOperator as B;
    match operator {
        B::Less => B::GreaterEqual,
        B::LessEqual => B::Greater,
        B::Greater => B::LessEqual,
        B::GreaterEqual => B::Less,
        B::Equal => B::NotEqual,
        B::NotEqual => B::Equal,
        other => other,
    }
}

/// The comparison with its sides exchanged.
fn mirrored(operator: BinaryOperator) -> BinaryOperator {
    use BinaryOperator as B;
    match operator {
        B::Less => B::Greater,
        B::LessEqual => B::GreaterEqual,
        B::Greater => B::Less,
        B::GreaterEqual => B::LessEqual,
        other => other,
    }
}
