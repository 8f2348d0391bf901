//! A word of a rule: part of the binary, or read from a user's file.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// A name or another short text of a rule. Of a built-in rule it lies in the binary and is never copied: there are
/// thousands of them, and a run on one file reads hardly any.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(#[serde(borrow)] Cow<'static, str>);

/// What others call a rule, one a line. Hardly any run asks for any of it, and one text is unpacked sooner than each of
/// thousands.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Aliases(#[serde(borrow)] Cow<'static, str>);

impl Aliases {
    /// Each of them: `cfn_nag:W41`.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }
}

impl<A: AsRef<str>> FromIterator<A> for Aliases {
    fn from_iter<I: IntoIterator<Item = A>>(all: I) -> Self {
        let mut text = String::new();
        for alias in all {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(alias.as_ref());
        }
        Self(text.into())
    }
}

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&'static str> for Name {
    fn from(text: &'static str) -> Self {
        Self(text.into())
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into_owned()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
