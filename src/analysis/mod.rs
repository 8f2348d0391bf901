//! Facts about a template, no opinions: who may do what, and what AWS itself says about names and values.

pub mod acl;
#[cfg(test)]
mod asking;
mod balancers;
pub mod clusters;
pub mod code;
pub mod document;
pub mod doors;
pub mod environments;
pub mod flows;
pub mod functions;
pub mod grants;
pub mod graph;
pub mod iam;
pub mod identity;
pub mod knowledge;
pub mod memo;
pub mod naming;
pub mod network;
pub mod permissions;
pub mod policy;
pub mod routes;
pub mod runners;
pub mod scripts;
pub mod secrets;
pub mod sharing;
pub mod walk;
pub mod zones;
