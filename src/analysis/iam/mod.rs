//! Who may do what: the table of AWS actions, the algebra of wildcards and ARNs, known dangerous grants.

pub mod actions;
mod advice;
pub mod arn;

mod summary;
pub mod wildcard;

pub use advice::{Advice, did_you_mean};
pub use summary::Summary;
