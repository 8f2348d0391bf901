//! A value as a rule file writes it.

use serde::{Deserialize, Serialize};

/// A value to compare with or to write into a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as its text.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Literal>),
    /// A map, in order.
    Map(Vec<(String, Literal)>),
}
