//! What there is to check: the walk over the disk, and the one loader that reads it.
#![expect(clippy::disallowed_methods, reason = "this room is the door to the disk")]

mod loader;
mod path;
mod settings;
mod walk;

pub use loader::{DiskLoader, MAX_INCLUDE, MAX_MAIN};
pub use path::{repository, shown};
pub use settings::{nearest_configuration, read_configuration, rule_files};
pub use walk::{Found, Item, Request, Walk, walk};
