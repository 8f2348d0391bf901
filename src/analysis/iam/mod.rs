//! Who may do what: the table of AWS actions, the algebra of wildcards and ARNs, known dangerous grants.

pub mod actions;
mod advice;
pub mod arn;
pub mod conditions;
pub mod deed;
pub mod effect;
pub mod escalation;
pub(in crate::analysis) mod grant;
pub mod keys;
pub mod lift;
pub mod managed;
pub mod names;
pub mod operators;
pub mod power;
mod stops;
mod summary;
pub mod wildcard;

pub use advice::{Advice, did_you_mean};
pub use summary::{EVERYTHING, Summary, enumerate, worst};
