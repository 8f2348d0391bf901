//! What the user wrote about how to check. Knows no rule by name.
//!
//! A [`Layer`] is one voice: a file, the environment, the command line. A [`Config`] is all of them, the
//! higher ones winning, and a [`View`] is what they come to for one path. Rules are known as
//! [`Described`] only, in a [`Catalogue`] that the caller makes.

mod catalogue;
mod globs;
mod key;
mod layer;
mod mistake;
mod parameters;
mod path;
mod read;
mod samconfig;
mod schema;
mod selector;
mod show;
mod view;

pub use catalogue::{Catalogue, Described, Unresolved};
pub use globs::Globs;
pub use key::Key;
pub use layer::{
    FailOn, FileKind, Layer, Level, Origin, Override, Parameter, ReportUnused, RuleSetting, Setting, Voice,
};
pub use mistake::{Mistake, did_you_mean};
pub use parameters::{Parameters, parameter_overrides, parameters};
pub use path::lexical;
pub use read::read;
pub use samconfig::{SamConfig, samconfig};
pub use schema::schema;
pub use selector::{Peer, Reach, Selector, SelectorError};
pub use show::{Shown, show};
pub use view::{Config, View};

/// The names that a configuration file may have, the first one found in a folder winning.
pub const FILE_NAMES: &[&str] = &["portcullis.toml", ".portcullis.toml"];
