//! A YAML file as a tree with places: what rule files are read from.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::Literal;

/// A value of a rule file and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) data: Data,
    pub(super) line: u32,
    pub(super) column: u32,
}

#[derive(Debug, Clone)]
pub(super) enum Data {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
}

/// A mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// 1-based line.
    pub line: u32,
    /// 1-based column.
    pub column: u32,
    /// What is wrong, with what was meant when we can guess.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Mistake {}

impl Tree {
    /// Reads a text.
    pub(super) fn read(text: &str) -> Result<Self, Mistake> {
        // `on:` is a key of ours, not YAML 1.1's boolean.
        let options = serde_saphyr::options! { strict_booleans: true };
        let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            let message = error.to_string();
            let first = message.lines().next().unwrap_or("it is not YAML");
            // The place is told already.
            let place = format!("error: line {line} column {column}: ");
            let first = first.strip_prefix(place.as_str()).unwrap_or(first);
            // `{Tags[].Key: a}`: between braces a bracket begins a list.
            let path = text.lines().nth(usize::try_from(line).unwrap_or(1).saturating_sub(1));
            let bare = path.is_some_and(|line| line.contains('{') && line.contains("[]"));
            let hint =
                if bare { "; between braces a path with `[]` stands in quotes: `{'Tags[].Key': a}`" } else { "" };
            Mistake {
                line: u32::try_from(line).unwrap_or(1),
                column: u32::try_from(column).unwrap_or(1),
                message: format!("{first}{hint}"),
            }
        })?;
        Ok(Self::from_raw(raw))
    }

    fn from_raw(raw: Spanned<Raw>) -> Self {
        let at = raw.referenced;
        let data = match raw.value {
            Raw::Null => Data::Null,
            Raw::Bool(yes) => Data::Bool(yes),
            Raw::Number(text) => Data::Number(text),
            Raw::Text(text) => Data::Text(text),
            Raw::List(items) => Data::List(items.into_iter().map(Self::from_raw).collect()),
            Raw::Map(pairs) => {
                Data::Map(pairs.into_iter().map(|(k, v)| (Self::from_raw(k), Self::from_raw(v))).collect())
            }
        };
        Self { data, line: u32::try_from(at.line()).unwrap_or(1), column: u32::try_from(at.column()).unwrap_or(1) }
    }

    pub(super) fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake { line: self.line, column: self.column, message: message.into() }
    }

    /// Text; a number or boolean as its text, since people forget quotes.
    pub(super) fn text(&self) -> Result<String, Mistake> {
        match &self.data {
            Data::Text(text) | Data::Number(text) => Ok(text.clone()),
            Data::Bool(yes) => Ok(yes.to_string()),
            Data::Null | Data::List(_) | Data::Map(_) => Err(self.mistake("a text is wanted here")),
        }
    }

    pub(super) fn bool(&self) -> Result<bool, Mistake> {
        match &self.data {
            Data::Bool(yes) => Ok(*yes),
            _ => Err(self.mistake("`true` or `false` is wanted here")),
        }
    }

    pub(super) fn number(&self) -> Result<f64, Mistake> {
        match &self.data {
            Data::Number(text) => text.parse().map_err(|_| self.mistake("a number is wanted here")),
            _ => Err(self.mistake("a number is wanted here")),
        }
    }

    pub(super) fn pairs(&self) -> Result<&[(Self, Self)], Mistake> {
        match &self.data {
            Data::Map(pairs) => Ok(pairs),
            _ => Err(self.mistake("a map is wanted here")),
        }
    }

    /// The items of a list, or the one value that stands in its stead.
    pub(super) fn items(&self) -> Vec<&Self> {
        match &self.data {
            Data::List(items) => items.iter().collect(),
            Data::Null => Vec::new(),
            Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Map(_) => vec![self],
        }
    }

    pub(super) fn texts(&self) -> Result<Vec<String>, Mistake> {
        self.items().into_iter().map(Self::text).collect()
    }

    pub(super) fn literal(&self) -> Result<Literal, Mistake> {
        Ok(match &self.data {
            Data::Null => Literal::Null,
            Data::Bool(yes) => Literal::Bool(*yes),
            Data::Number(text) => Literal::Number(text.clone()),
            Data::Text(text) => Literal::Text(text.clone()),
            Data::List(items) => Literal::List(items.iter().map(Self::literal).collect::<Result<_, _>>()?),
            Data::Map(pairs) => {
                let pairs = pairs.iter().map(|(k, v)| Ok((k.text()?, v.literal()?)));
                Literal::Map(pairs.collect::<Result<_, Mistake>>()?)
            }
        })
    }
}

/// What serde hands us, before places are put beside it.
enum Raw {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Raw;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }
            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }
            fn visit_none<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }
            fn visit_bool<E>(self, yes: bool) -> Result<Raw, E> {
                Ok(Raw::Bool(yes))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Raw, E> {
                Ok(Raw::Number(n.to_string()))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Raw, E> {
                Ok(Raw::Number(n.to_string()))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Raw, E> {
                Ok(Raw::Number(n.to_string()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
                Ok(Raw::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Raw::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Raw::Map(pairs))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
