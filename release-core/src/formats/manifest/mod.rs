//! Manifests: the files in which packages declare versions and requirements, read with the span of every part that a
//! release may edit.

pub mod build_system;
mod command;
pub mod limit;
pub mod loose;
pub mod package_json;
mod plain_json;
pub mod pyproject;
pub mod requirement;
pub mod requirements_file;
mod scm_table;
pub mod shared;
pub(crate) mod toml;
pub mod uv_settings;
pub mod workflow;
pub(crate) mod workspaces;
mod yaml;

pub use toml::{TomlString, parse as parse_toml};
