//! Facts about a template; no opinions.

pub mod policy;
