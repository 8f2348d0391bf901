//! Facts about a template, no opinions: who may do what, and what AWS itself says about names and values.

pub mod graph;
pub mod iam;
pub mod knowledge;
pub mod permissions;
pub mod policy;
