//! The rules there are, built in and the user's own, as a scan runs them and as the configuration names them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Trouble;
use crate::config::{Catalogue as Names, Config};
use crate::discover::{self, DiskLoader, Found};
use crate::rules::Catalogue;
use crate::source::LoadError;

/// Every rule there is.
pub struct Shelf {
    /// The rules themselves.
    pub catalogue: Catalogue,
    /// The rules as configuration and suppressions name them.
    pub names: Names,
}

impl Shelf {
    /// The built-in rules, and those of the folders that the configuration names.
    ///
    /// # Errors
    /// When a folder or a file of the user's rules cannot be read, or has a mistake in it.
    pub fn stock(here: &Path, config: &Config) -> Result<Self, Trouble> {
        let mut catalogue = Catalogue::builtin();
        // A folder that the configuration and the command line name, or one in another, is read once.
        let mut read = BTreeSet::new();
        let mut broken = Vec::new();
        for (base, folder) in config.rules_dirs() {
            let mut files = Vec::new();
            for path in discover::rule_files(here, &base.join(&folder.value))? {
                match text(here, path) {
                    Ok(file) if read.insert(file.0.clone()) => files.push(file),
                    Ok(_) => {}
                    Err(error) => broken.push(Trouble::Load(error)),
                }
            }
            broken.extend(catalogue.add(files).err().into_iter().flatten().map(Trouble::Rule));
        }
        if !broken.is_empty() {
            return Err(Trouble::Rules(broken));
        }
        let names = catalogue.names(asks_for_packs(config), sets_parameters(config));
        Ok(Self { catalogue, names })
    }
}

/// A rule file, with the name that mistakes in it are reported under.
fn text(here: &Path, path: PathBuf) -> Result<(PathBuf, String), LoadError> {
    let found = Found { shown: discover::shown(here, &path), path, named: true, walked: true };
    DiskLoader::new(here).read(&found).map(|source| (source.path().into(), source.text().to_owned()))
}

/// Controls are prose, which is unpacked only when somebody asks for it.
fn asks_for_packs(config: &Config) -> bool {
    let plain =
        config.layers().iter().flat_map(|l| l.select.iter().flatten().chain(&l.ignore).chain(&l.unsuppressible));
    let inner = config.layers().iter().flat_map(|l| l.overrides.iter().flat_map(|o| o.select.iter().chain(&o.ignore)));
    plain.chain(inner).any(|selector| selector.value.to_string().starts_with("pack:"))
}

/// Parameters of rules are logic, which is unpacked only when somebody sets one.
pub(super) fn sets_parameters(config: &Config) -> bool {
    let rules = config.layers().iter().flat_map(|l| l.rules.iter().chain(l.overrides.iter().flat_map(|o| &o.rules)));
    rules.into_iter().any(|rule| !rule.parameters.is_empty())
}
