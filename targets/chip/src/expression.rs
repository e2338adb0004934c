//! Real-valued expressions: sizes from parameters (`clog2(NUM_AXONS)`) and bindings (`theta / 64 - 1`).
//!
//! `+ - * / ^`, unary minus, parentheses, comparisons (1 or 0), names, and the functions `min max abs floor
//! ceil round exp log log2 clog2`. `^` binds tightest and to the right.

use std::fmt;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// A named value.
    Name(String),
    /// Negation.
    Negate(Box<Expression>),
    /// A binary operation, by its symbol.
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// A function of one or two arguments, by its name.
    Call(&'static str, Vec<Expression>),
}

const FUNCTIONS: [(&str, usize); 10] = [
    ("min", 2),
    ("max", 2),
    ("abs", 1),
    ("floor", 1),
    ("ceil", 1),
    ("round", 1),
    ("exp", 1),
    ("log", 1),
    ("log2", 1),
    ("clog2", 1),
];

/// Binary operators by rising strength.
const LEVELS: [&[&str]; 3] = [&["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "/"]];
const MAX_DEPTH: usize = 64;
/// A chain of operators is a tree as deep as it is long: this many characters can't exhaust the stack.
const LONGEST: usize = 4096;

impl Expression {
    /// Reads an expression; the error is a sentence.
    pub fn parse(text: &str) -> Result<Expression, String> {
        if text.len() > LONGEST {
            return Err(format!("an expression may have {LONGEST} characters, this one has {}", text.len()));
        }
        let mut parser = Parser { rest: text, depth: 0 };
        let expression = parser.level(0)?;
        parser.skip();
        match parser.rest.chars().next() {
            None => Ok(expression),
            Some(other) => Err(format!("unexpected `{other}` in expression `{text}`")),
        }
    }

    /// Its value; the error names what is not defined.
    pub fn evaluate(&self, lookup: &dyn Fn(&str) -> Option<f64>) -> Result<f64, String> {
        Ok(match self {
            Expression::Number(value) => *value,
            Expression::Name(name) => lookup(name).ok_or_else(|| format!("`{name}` is not defined"))?,
            Expression::Negate(inner) => -inner.evaluate(lookup)?,
            Expression::Binary(operator, left, right) => {
                let (a, b) = (left.evaluate(lookup)?, right.evaluate(lookup)?);
                let truth = |t: bool| f64::from(u8::from(t));
                match *operator {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" => a / b,
                    "^" => a.powf(b),
                    "==" => truth(a == b),
                    "!=" => truth(a != b),
                    "<=" => truth(a <= b),
                    ">=" => truth(a >= b),
                    "<" => truth(a < b),
                    _ => truth(a > b),
                }
            }
            Expression::Call(function, arguments) => {
                let a = arguments[0].evaluate(lookup)?;
                match *function {
                    "abs" => a.abs(),
                    "floor" => a.floor(),
                    "ceil" => a.ceil(),
                    "round" => a.round_ties_even(),
                    "exp" => a.exp(),
                    "log" => a.ln(),
                    "log2" => a.log2(),
                    "clog2" => (0..63).find(|&k| (1u64 << k) as f64 >= a).unwrap_or(63).into(),
                    "min" => a.min(arguments[1].evaluate(lookup)?),
                    _ => a.max(arguments[1].evaluate(lookup)?),
                }
            }
        })
    }

    /// Every name that it mentions.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Expression::Number(_) => vec![],
            Expression::Name(name) => vec![name],
            Expression::Negate(inner) => inner.names(),
            Expression::Binary(_, left, right) => [left.names(), right.names()].concat(),
            Expression::Call(_, arguments) => arguments.iter().flat_map(Expression::names).collect(),
        }
    }
}

/// An expression in a chip file, with its text.
#[derive(Clone, PartialEq)]
pub struct Formula {
    /// As it was written.
    pub text: String,
    /// As it was understood.
    pub expression: Expression,
}

impl Formula {
    /// Its value; the error names what is not defined.
    pub fn evaluate(&self, lookup: &dyn Fn(&str) -> Option<f64>) -> Result<f64, String> {
        self.expression.evaluate(lookup)
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl serde::Serialize for Formula {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> serde::Deserialize<'de> for Formula {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let text = crate::size::substitute(&text);
        let expression = Expression::parse(&text).map_err(serde::de::Error::custom)?;
        Ok(Formula { text, expression })
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, symbol: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = operators.iter().copied().find(|o| self.take(o)) {
            let right = self.level(level + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the expression is nested too deeply".into());
        }
        let expression = if self.take("-") {
            Expression::Negate(Box::new(self.unary()?))
        } else {
            let base = self.primary()?;
            if self.take("^") {
                Expression::Binary("^", Box::new(base), Box::new(self.unary()?))
            } else {
                base
            }
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn primary(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            let inner = self.level(0)?;
            return if self.take(")") { Ok(inner) } else { Err("a `)` is missing".into()) };
        }
        let word_length = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(word_length);
        if word.is_empty() {
            return Err(match self.rest.chars().next() {
                Some(other) => format!("a number or name is missing before `{other}`"),
                None => "the expression ends too early".into(),
            });
        }
        self.rest = rest;
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return word
                .replace('_', "")
                .parse()
                .map(Expression::Number)
                .map_err(|_| format!("`{word}` is no number"));
        }
        if !self.take("(") {
            return Ok(Expression::Name(word.to_string()));
        }
        let (name, count) = FUNCTIONS
            .into_iter()
            .find(|(name, _)| *name == word)
            .ok_or_else(|| format!("there is no function `{word}`; there are min, max, abs, floor, ceil, round, exp, log, log2, clog2"))?;
        let mut arguments = vec![self.level(0)?];
        while self.take(",") {
            arguments.push(self.level(0)?);
        }
        if !self.take(")") {
            return Err(format!("a `)` is missing after the arguments of `{name}`"));
        }
        if arguments.len() != count {
            return Err(format!("`{name}` takes {count} argument(s), not {}", arguments.len()));
        }
        Ok(Expression::Call(name, arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<f64, String> {
        Expression::parse(text)?.evaluate(&|name| (name == "N").then_some(256.0))
    }

    #[test]
    fn values_by_hand() {
        assert_eq!(value("clog2(N)"), Ok(8.0));
        assert_eq!(value("clog2(N + 1)"), Ok(9.0));
        assert_eq!(value("-2^3 + 1"), Ok(-7.0));
        assert_eq!(value("2^3^0 * 5 - 4 / 2"), Ok(8.0));
        assert_eq!(value("max(1, N) >= 256"), Ok(1.0));
        assert_eq!(value("(1_000 - 1) == 999"), Ok(1.0));
    }

    #[test]
    fn faults_are_sentences() {
        assert!(value("M + 1").unwrap_err().contains("`M` is not defined"));
        assert!(value("f(1)").unwrap_err().contains("no function `f`"));
        assert!(value("min(1)").unwrap_err().contains("takes 2"));
        assert!(value("1 +").unwrap_err().contains("ends too early"));
        assert!(value("(1").unwrap_err().contains("missing"));
        assert!(value(&"(".repeat(4_000)).is_err());
        assert!(value(&format!("1{}", "+1".repeat(100_000))).unwrap_err().contains("characters"));
    }
}
