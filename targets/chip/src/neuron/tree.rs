//! The parse tree: what was written, with offsets, before names and types are known.

use super::ast::BinaryOperator;

/// An expression as written.
#[derive(Debug)]
pub(super) struct Tree {
    /// Where a message about it points: its operator, or its first byte.
    pub(super) offset: usize,
    /// Levels below it, so that no walk over it can exhaust the stack.
    pub(super) height: usize,
    /// What it is.
    pub(super) kind: TreeKind,
}

/// The kinds of expression.
#[derive(Debug)]
pub(super) enum TreeKind {
    Integer(i64),
    Name(String),
    Negate(Box<Tree>),
    Not(Box<Tree>),
    Binary(BinaryOperator, Box<Tree>, Box<Tree>),
    Call(String, Vec<Tree>),
    /// Reported by the parser already; its operands are still worth checking.
    Faulty(Vec<Tree>),
}

impl Tree {
    /// A tree over its parts.
    pub(super) fn new(offset: usize, kind: TreeKind) -> Tree {
        let height = match &kind {
            TreeKind::Integer(_) | TreeKind::Name(_) => 0,
            TreeKind::Negate(x) | TreeKind::Not(x) => x.height + 1,
            TreeKind::Binary(_, x, y) => x.height.max(y.height) + 1,
            TreeKind::Call(_, parts) | TreeKind::Faulty(parts) => {
                parts.iter().map(|part| part.height).max().unwrap_or(0) + 1
            }
        };
        Tree { offset, height, kind }
    }
}

/// A statement as written.
#[derive(Debug)]
pub(super) struct StatementTree {
    /// Its first byte.
    pub(super) offset: usize,
    /// What it is.
    pub(super) kind: StatementKind,
}

/// The kinds of statement.
#[derive(Debug)]
pub(super) enum StatementKind {
    Assign { name: String, value: Tree },
    Let { name: String, name_offset: usize, value: Tree },
    If { condition: Tree, then: Vec<StatementTree>, otherwise: Vec<StatementTree> },
    Spike,
}
