//! Turns "this property should be so" into edits of a text that keep its comments, quotes and layout.
//!
//! [`compose`] says which bytes to replace, [`apply`] and [`select`] put many such changes into a text,
//! [`verify`] proves that nothing else changed, [`diff`] shows it, [`round`] does it for many findings at once.
//! Nothing here knows what a property means.

use std::ops::Range;

use crate::rulebook::Literal;

mod apply;
mod carry;
mod compose;
mod diff;
mod locate;
mod manner;
mod round;
mod same;
mod verify;
mod write;

pub use apply::{Overlap, apply, select};
pub use compose::{Composer, compose};
pub use diff::diff;
pub use round::{Round, round};
pub use verify::{Unfaithful, verify};
pub use write::in_json;

/// Bytes of a text and what comes in their stead.
pub type Change = (Range<u32>, String);

/// What to do to a value. A path is a list of keys, or of 0-based numbers inside lists; the empty path is
/// the value itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Makes the value at a path this one; mappings on the way are made when missing.
    Set {
        /// Where.
        path: Vec<String>,
        /// What it becomes.
        value: Literal,
    },
    /// The same, but what is not there yet comes before everything else: people write it first.
    Lead {
        /// Where.
        path: Vec<String>,
        /// What it becomes.
        value: Literal,
    },
    /// Adds an item to the list at a path, unless it is there; the list is made when missing.
    Append {
        /// Where the list is.
        path: Vec<String>,
        /// The item.
        value: Literal,
    },
    /// Removes what is at a path, if anything is.
    Remove {
        /// Where.
        path: Vec<String>,
    },
}

impl Operation {
    /// Where it works.
    #[must_use]
    pub fn path(&self) -> &[String] {
        match self {
            Self::Set { path, .. } | Self::Lead { path, .. } | Self::Append { path, .. } | Self::Remove { path } => {
                path
            }
        }
    }
}

/// Why no edit can be composed: a person has to do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text has mistakes in it.
    #[error("the text cannot be read without mistakes")]
    Broken,
    /// The text is a program: what its literals mean is up to the rest of it.
    #[error("the text is code, which is not edited automatically")]
    Code,
    /// Nothing of the text has this span.
    #[error("there is nothing at that place")]
    Nowhere,
    /// The value is written elsewhere, under an anchor.
    #[error("`{0}` is an alias: its value is written elsewhere")]
    Alias(String),
    /// The text to change is used in other places too.
    #[error("`{0}` is anchored and used in other places too")]
    Shared(String),
    /// The value comes out of `<<`.
    #[error("`{0}` comes out of a merge key")]
    Merged(String),
    /// The value is computed.
    #[error("`{0}` is computed by `{1}`")]
    Computed(String, String),
    /// A step of the path leads into something that has no parts of that sort.
    #[error("`{0}` is no {1}")]
    Shape(String, &'static str),
    /// A list has no such item.
    #[error("the list has no item `{0}`")]
    Missing(String),
    /// Two operations want the same bytes.
    #[error("two changes of one fix touch the same place")]
    Conflict,
    /// The text is written in a way that we do not edit.
    #[error("`{0}` is written in a way that is not edited automatically")]
    Unusual(String),
}

#[cfg(test)]
mod tests;
