//! What `samconfig.toml` says of the parameters that SAM deploys with.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::Mistake;
use super::mistake::did_you_mean;
use super::parameters::{Parameters, assignment, parameter_overrides};
use crate::finding::Place;
use crate::rulebook::nearest;
use crate::source::Source;

/// What a `samconfig.toml` says of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SamConfig {
    /// `parameter_overrides`.
    pub parameters: Parameters,
    /// `region`.
    pub region: Option<String>,
}

/// Reads an environment (`default`, `prod`) of a `samconfig.toml`: what holds for all commands, then what
/// holds for building, then for deploying; the later wins.
///
/// # Errors
/// When it is not TOML, or has no such environment; a file without `default` is no mistake.
pub fn samconfig(source: &Arc<Source>, environment: &str) -> Result<SamConfig, Mistake> {
    let place = |span: std::ops::Range<usize>| {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Place::new(Arc::clone(source), byte(span.start), byte(span.end))
    };
    let table = DeTable::parse(source.text())
        .map_err(|error| Mistake::at(place(error.span().unwrap_or(0..0)), error.message().to_lowercase()))?;
    let table = table.get_ref();
    let mut out = SamConfig::default();
    let Some(found) = get(table, environment) else {
        if environment == "default" {
            return Ok(out);
        }
        let known: Vec<_> = table.keys().map(|k| k.get_ref().as_ref()).filter(|k| *k != "version").collect();
        let help = did_you_mean(nearest(environment, known));
        return Err(Mistake::at(place(0..0), format!("there is no environment `{environment}`")).help(help));
    };
    for command in ["global", "build", "deploy"] {
        let Some(said) = found.as_table().and_then(|t| get(t, command)?.as_table()) else { continue };
        let Some(said) = get(said, "parameters").and_then(|p| p.as_table()) else { continue };
        if let Some(region) = get(said, "region").and_then(|r| r.as_str()) {
            out.region = Some(region.to_owned());
        }
        match get(said, "parameter_overrides") {
            // One command's list replaces another's, as SAM has it.
            Some(DeValue::String(line)) => out.parameters = parameter_overrides(line),
            Some(DeValue::Array(items)) => {
                out.parameters = items.iter().filter_map(|i| i.get_ref().as_str().and_then(assignment)).collect();
            }
            Some(DeValue::Table(map)) => {
                let pairs = map.iter().filter_map(|(k, v)| Some((k.get_ref().to_string(), scalar(v.get_ref())?)));
                out.parameters = pairs.collect();
            }
            Some(DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)) | None => {}
        }
    }
    Ok(out)
}

fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t DeValue<'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value.get_ref())
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &str) -> Result<SamConfig, String> {
        samconfig(&Arc::new(Source::new("samconfig.toml", text)), environment).map_err(|m| m.to_string())
    }

    /// Deploying wins over building, and building over what holds for all commands.
    #[test]
    fn deploying_wins() {
        let text = "version = 0.1\n[default.global.parameters]\nregion = 'eu-west-1'\nparameter_overrides = 'A=1'\n\
                    [default.deploy.parameters]\nparameter_overrides = \"Stage=\\\"prod\\\" Name=x\"\n\
                    [list.deploy.parameters]\nparameter_overrides = ['A=b c', 'D=e']\n\
                    [map.deploy.parameters]\nparameter_overrides = { A = 'b', N = 3 }\n";
        let found = read(text, "default").expect("an environment");
        assert_eq!(found.region.as_deref(), Some("eu-west-1"));
        let pairs = |env: &str| read(text, env).expect("an environment").parameters.into_iter().collect::<Vec<_>>();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(pairs("default"), [pair("Name", "x"), pair("Stage", "prod")]);
        assert_eq!(pairs("list"), [pair("A", "b c"), pair("D", "e")]);
        assert_eq!(pairs("map"), [pair("A", "b"), pair("N", "3")]);
    }

    /// An environment that is not there is a mistake, unless nobody asked for it.
    #[test]
    fn a_missing_environment_is_a_mistake() {
        let text = "version = 0.1\n[staging.deploy.parameters]\nregion = 'x'\n";
        assert_eq!(read(text, "default"), Ok(SamConfig::default()));
        assert_eq!(
            read(text, "stagin").expect_err("none"),
            "samconfig.toml:1:1: there is no environment `stagin`; did you mean `staging`?"
        );
        assert!(read("a = ", "default").is_err());
        assert_eq!(read("default = 1", "default"), Ok(SamConfig::default()));
    }
}
