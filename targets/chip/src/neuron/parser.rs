//! Tokens to the parse tree. Slips with one obvious meaning are reported and read on; others end the text.

use super::ProgramFault;
use super::ast::BinaryOperator;
use super::lexer::{Lexeme, Token, fault, lex};
use super::tree::{StatementKind, StatementTree, Tree, TreeKind};

/// How deep blocks and expressions may nest: every walk recurses, and outside text must not exhaust the stack.
pub(super) const DEEPEST: usize = 96;

/// The parser has reported why it can't go on.
struct Stop;

/// Binding strength of comparisons, the only operators that do not chain.
const COMPARISON: u8 = 3;

/// Reads a text; `None` if a fault left no tree. Faults are appended either way.
pub(super) fn parse(
    text: &'static str,
    source: &str,
    faults: &mut Vec<ProgramFault>,
) -> Option<Vec<StatementTree>> {
    let before = faults.len();
    let lexemes = lex(text, source, faults);
    if faults.len() > before {
        return None;
    }
    let mut parser = Parser { text, lexemes, at: 0, depth: 0, faults };
    parser.statements(None).ok()
}

struct Parser<'a> {
    text: &'static str,
    /// Ends with [`Token::End`], which is never passed.
    lexemes: Vec<Lexeme>,
    at: usize,
    depth: usize,
    faults: &'a mut Vec<ProgramFault>,
}

impl Parser<'_> {
    fn here(&self) -> &Lexeme {
        &self.lexemes[self.at]
    }

    fn sees(&self, symbol: &str) -> bool {
        matches!(self.here().token, Token::Symbol(found) if found == symbol)
    }

    fn sees_word(&self, word: &str) -> bool {
        matches!(&self.here().token, Token::Word(found) if found == word)
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.lexemes.len() - 1);
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let seen = self.sees(symbol);
        if seen {
            self.advance();
        }
        seen
    }

    fn report(&mut self, code: &'static str, offset: usize, message: String, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_string());
        self.faults.push(fault(code, self.text, offset, message, hint));
    }

    /// Reports that something else was expected here.
    fn unexpected(&mut self, expected: &str, hint: &str) -> Stop {
        let Lexeme { token, offset, .. } = self.here();
        let (offset, message) = (*offset, format!("expected {expected}, found {}", token.describe()));
        self.report("SL0203", offset, message, hint);
        Stop
    }

    fn expect(&mut self, symbol: &str, hint: &str) -> Result<(), Stop> {
        if self.eat(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"), hint)) }
    }

    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        if self.depth >= DEEPEST {
            return Err(self.too_deep(self.here().offset));
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    fn too_deep(&mut self, offset: usize) -> Stop {
        let message = format!("nested more than {DEEPEST} levels deep");
        self.report("SL0205", offset, message, "name a part with `let`");
        Stop
    }

    /// Statements up to the end of the text, or, for a block, past the `}` that closes the `{` at `open`.
    fn statements(&mut self, open: Option<usize>) -> Result<Vec<StatementTree>, Stop> {
        let mut statements = Vec::new();
        loop {
            if self.sees(";") {
                let offset = self.here().offset;
                self.report("SL0203", offset, "a `;` without a statement".into(), "no `;` after a block");
                self.advance();
            } else if open.is_some() && self.eat("}") {
                return Ok(statements);
            } else if self.here().token == Token::End {
                let Some(open) = open else { return Ok(statements) };
                self.report("SL0203", open, "this `{` is never closed".into(), "add `}`");
                return Err(Stop);
            } else {
                statements.push(self.statement()?);
            }
        }
    }

    fn block(&mut self) -> Result<Vec<StatementTree>, Stop> {
        let open = self.here().offset;
        self.expect("{", "blocks need braces: `if a > b { .. } else { .. }`")?;
        self.deeper(|parser| parser.statements(Some(open)))
    }

    fn statement(&mut self) -> Result<StatementTree, Stop> {
        let Lexeme { token: Token::Word(word), offset, .. } = self.here().clone() else {
            return Err(
                self.unexpected("a statement", "`NAME := ..;`, `let NAME := ..;`, `if ..` or `spike;`")
            );
        };
        let kind = match word.as_str() {
            "if" => return self.branch(),
            "else" => return Err(self.unexpected("a statement", "an `else` follows the `}` of its `if`")),
            "spike" => {
                self.advance();
                self.semicolon()?;
                StatementKind::Spike
            }
            "let" => {
                self.advance();
                let Lexeme { token: Token::Word(name), offset: name_offset, .. } = self.here().clone() else {
                    return Err(self.unexpected("a name", "`let NAME := ..;`"));
                };
                self.advance();
                StatementKind::Let { name, name_offset, value: self.assigned()? }
            }
            _ => {
                self.advance();
                StatementKind::Assign { name: word, value: self.assigned()? }
            }
        };
        Ok(StatementTree { offset, kind })
    }

    fn branch(&mut self) -> Result<StatementTree, Stop> {
        let offset = self.here().offset;
        self.advance();
        let condition = self.expression(0)?;
        let then = self.block()?;
        let mut otherwise = Vec::new();
        if self.sees_word("else") {
            self.advance();
            if self.sees_word("if") {
                otherwise.push(self.deeper(Self::branch)?);
            } else {
                otherwise = self.block()?;
            }
        }
        Ok(StatementTree { offset, kind: StatementKind::If { condition, then, otherwise } })
    }

    /// `:= expr ;`
    fn assigned(&mut self) -> Result<Tree, Stop> {
        let offset = self.here().offset;
        if self.eat("=") {
            self.report("SL0203", offset, "`=` does not assign".into(), "assignment is `:=`");
        } else {
            self.expect(":=", "a statement is `NAME := ..;`, `let NAME := ..;`, `if ..` or `spike;`")?;
        }
        let value = self.expression(0)?;
        self.semicolon()?;
        Ok(value)
    }

    fn semicolon(&mut self) -> Result<(), Stop> {
        if self.eat(";") {
            return Ok(());
        }
        match self.here().token {
            Token::Word(_) | Token::End | Token::Symbol("}") => {
                let end = self.lexemes[self.at.saturating_sub(1)].end;
                self.report("SL0204", end, "missing `;`".into(), "every statement but `if` ends with `;`");
                Ok(())
            }
            _ => Err(self.unexpected("`;` or an operator", "")),
        }
    }

    /// An expression of operators that bind at least as strongly as `weakest`.
    fn expression(&mut self, weakest: u8) -> Result<Tree, Stop> {
        let mut left = self.operand()?;
        let mut compared = false;
        while let Some((operator, strength)) = self.operator().filter(|(_, strength)| *strength >= weakest) {
            let offset = self.here().offset;
            if self.sees("=") {
                self.report("SL0203", offset, "`=` does not compare".into(), "comparison is `==`");
            } else if operator.is_none() {
                let message =
                    format!("the language has no {}", if self.sees("/") { "division" } else { "remainder" });
                let hint = "divide by 2^k with `x >> k` (toward minus infinity) or `tz(x, k)` (toward zero); \
                            take a remainder by 2^k of an unsigned value by subtracting `(x >> k) << k`";
                self.report("SL0206", offset, message, hint);
            }
            self.advance();
            let right = self.deeper(|parser| parser.expression(strength + 1))?;
            let chained = compared && strength == COMPARISON;
            if chained {
                let message = "comparisons do not chain".to_string();
                self.report("SL0207", offset, message, "write `a < b && b < c`");
            }
            compared |= strength == COMPARISON;
            let kind = match operator {
                Some(operator) if !chained => TreeKind::Binary(operator, Box::new(left), Box::new(right)),
                _ => TreeKind::Faulty(vec![left, right]),
            };
            left = self.tree(offset, kind)?;
        }
        Ok(left)
    }

    /// The operator here and how strongly it binds; no operator for those that the language lacks.
    fn operator(&self) -> Option<(Option<BinaryOperator>, u8)> {
        use BinaryOperator as B;
        let Token::Symbol(symbol) = self.here().token else { return None };
        Some(match symbol {
            "||" => (Some(B::Or), 1),
            "&&" => (Some(B::And), 2),
            "==" | "=" => (Some(B::Equal), COMPARISON),
            "!=" => (Some(B::NotEqual), COMPARISON),
            "<" => (Some(B::Less), COMPARISON),
            "<=" => (Some(B::LessEqual), COMPARISON),
            ">" => (Some(B::Greater), COMPARISON),
            ">=" => (Some(B::GreaterEqual), COMPARISON),
            "<<" => (Some(B::ShiftLeft), 4),
            ">>" => (Some(B::ShiftRight), 4),
            "+" => (Some(B::Add), 5),
            "-" => (Some(B::Subtract), 5),
            "*" => (Some(B::Multiply), 6),
            "/" | "%" => (None, 6),
            _ => return None,
        })
    }

    /// A literal, name, call, parenthesis or a unary operator with its operand.
    fn operand(&mut self) -> Result<Tree, Stop> {
        let Lexeme { token, offset, .. } = self.here().clone();
        match token {
            Token::Integer(value) => {
                self.advance();
                self.tree(offset, TreeKind::Integer(value))
            }
            Token::Word(word) if !matches!(word.as_str(), "let" | "if" | "else" | "spike") => {
                self.advance();
                if self.eat("(") { self.call(word, offset) } else { self.tree(offset, TreeKind::Name(word)) }
            }
            Token::Symbol(symbol @ ("-" | "!")) => {
                self.advance();
                let inner = Box::new(self.deeper(Self::operand)?);
                self.tree(offset, if symbol == "-" { TreeKind::Negate(inner) } else { TreeKind::Not(inner) })
            }
            Token::Symbol("(") => {
                self.advance();
                let inner = self.deeper(|parser| parser.expression(0))?;
                self.expect(")", "")?;
                Ok(inner)
            }
            _ => Err(self.unexpected("an expression", "")),
        }
    }

    fn call(&mut self, name: String, offset: usize) -> Result<Tree, Stop> {
        let mut arguments = Vec::new();
        if !self.eat(")") {
            loop {
                arguments.push(self.deeper(|parser| parser.expression(0))?);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(")", "")?;
        }
        self.tree(offset, TreeKind::Call(name, arguments))
    }

    fn tree(&mut self, offset: usize, kind: TreeKind) -> Result<Tree, Stop> {
        let tree = Tree::new(offset, kind);
        if tree.height > DEEPEST { Err(self.too_deep(offset)) } else { Ok(tree) }
    }
}
