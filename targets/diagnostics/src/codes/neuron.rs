//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0201",
        "unknown character in a neuron program",
        "Programs are made of ASCII names, integers, and the operators of docs/neuron-language.md. There are no \
         bitwise operators, arrays or fractions. Comments begin with `//`.",
    ),
    entry(
        "SL0202",
        "malformed integer in a neuron program",
        "An integer is decimal (`4_096`) or hexadecimal (`0x1f`), and less than 2^62. A sign is an operator.",
    ),
    entry(
        "SL0203",
        "syntax error in a neuron program",
        "Something else was expected at this place. Statements are `NAME := expr;`, `let NAME := expr;`, \
         `if e { } else { }` and `spike;`. The rest of this text is not read after such an error.",
    ),
    entry(
        "SL0204",
        "missing semicolon in a neuron program",
        "Every statement ends with `;`, except `if`, whose blocks end with `}`.",
    ),
    entry(
        "SL0205",
        "a neuron program is nested too deeply",
        "Blocks, parentheses and chains of operators may nest 96 levels deep, so that no reader of a chip file \
         can be made to exhaust its stack. Name parts of a long expression with `let`.",
    ),
    entry(
        "SL0206",
        "a neuron program divides",
        "No chip's neuron divides, so the language has no `/` and no `%`. `x >> k` divides by 2^k toward minus \
         infinity, `tz(x, k)` toward zero.",
    ),
    entry(
        "SL0207",
        "comparisons chained in a neuron program",
        "`a < b < c` would compare a truth value with a number. Write `a < b && b < c`.",
    ),
    entry(
        "SL0208",
        "undeclared name in a neuron program",
        "A name must be a state or a parameter of the program, or a local made by `let`.",
    ),
    entry(
        "SL0209",
        "local used outside of its block",
        "A local is known from its `let` to the end of the block in which the `let` stands. What must outlive \
         the block, or the text, belongs in a state.",
    ),
    entry(
        "SL0210",
        "assignment to what is not a state",
        "Only states change. Parameters are set by the compiler, and a local keeps the value of its `let`.",
    ),
    entry(
        "SL0211",
        "name given twice in a neuron program",
        "States and parameters share one set of names, and a local may not have the name of anything that is \
         visible where it stands, so that a name always means the same thing within a block.",
    ),
    entry(
        "SL0212",
        "reserved word in a neuron program",
        "The words let, if, else, spike, w, true, false and the names of functions can't be names, nor, where \
         they are not expected, values. There are no boolean literals.",
    ),
    entry(
        "SL0213",
        "wrong type in a neuron program",
        "Integers and booleans are distinct and never converted. Conditions and `!`, `&&`, `||` take booleans, \
         which come from comparisons; everything else takes integers, and states and locals hold integers.",
    ),
    entry(
        "SL0214",
        "event value used outside of on_event",
        "`w` is the value of the event that is being taken in. on_tick and `after` have none: `after` also runs \
         after on_tick. Keep the value in a state.",
    ),
    entry(
        "SL0215",
        "spike in on_event",
        "A neuron spikes in on_tick, or in `after`, which follows every event as well: that is where chips that \
         compare on every update have their comparison.",
    ),
    entry(
        "SL0216",
        "wrong call in a neuron program",
        "The functions are wrap(x, bits), saturate(x, bits), tz(x, k), clamp(x, lo, hi), min(x, y), max(x, y), \
         abs(x) and random(bits).",
    ),
    entry(
        "SL0217",
        "width argument is not a literal",
        "The second argument of `wrap` and `saturate` is a literal from 1 to 62, and that of `random` one from 1 to 32: \
         it says which bits exist in the hardware.",
    ),
    entry(
        "SL0218",
        "malformed declaration in a neuron program",
        "States and parameters have a name of ASCII letters, digits and `_`, and 1 to 62 bits.",
    ),
    entry(
        "SL0219",
        "intermediate value too wide",
        "With every state and parameter anywhere in its declared range, and an event of signed 32 bits, this \
         operation can leave the 63 signed bits in which programs are evaluated. Conditions are not taken into \
         account: an emulator may compute both branches. Declare narrower states or parameters, or narrow an \
         operand with `wrap` or `saturate`.",
    ),
    entry(
        "SL0220",
        "shift amount out of range",
        "A shift amount must be proven to lie in 0..=62 for all values of states and parameters, whatever the \
         conditions around it. Use an unsigned parameter, or `clamp(k, 0, 62)`.",
    ),
    entry(
        "SL0221",
        "width that can overflow without a rule",
        "The state's overflow rule is Forbid, which promises that no assignment leaves its range; the interval \
         analysis could not prove it. Bound the value by a condition or `clamp`, widen the state, or say what \
         the hardware does: Wrap, Saturate or Trap.",
    ),
    entry(
        "SL0222",
        "random draw outside of on_tick",
        "A draw is told by its slot, its step and its place in the text. A step has one tick, but any number of events, \
         so `random` may stand in on_tick only: not in on_event, nor in `after`, which follows every event. Draw in \
         on_tick, keep the value in a state, and use it there.",
    ),
];
