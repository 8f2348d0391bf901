//! A value of a template, as written: intrinsics are recognised, nothing is evaluated.

use std::slice::from_ref;

use crate::source::Span;

/// A value and where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// Where the user wrote it.
    pub origin: Origin<'a>,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// `null`, or nothing behind the key. CloudFormation treats it as absent.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, as its text: `012345678901` must stay what it is.
    Number(&'a str),
    /// Text.
    Text(&'a str),
    /// A list.
    List(&'a [Value<'a>]),
    /// A map.
    Map(Map<'a>),
    /// A function of CloudFormation's, or a variable of serverless.yml's.
    Intrinsic(&'a Intrinsic<'a>),
    /// Something that cannot be known here, and why.
    Unknown(&'a str),
}

/// Where a value came from: always bytes that the user wrote, and how they got here.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Those bytes.
    pub span: Span,
    /// How the value got from there to here; `None` when it stands where it was written.
    pub step: Option<&'a Step<'a>>,
}

/// One step from what was written to what is deployed.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// In words: "inherited from Globals", "SAM makes this role".
    pub what: &'a str,
    /// A second place that explains it, such as the function that inherits.
    pub at: Option<Span>,
    /// The step before.
    pub before: Option<&'a Step<'a>>,
    /// What else the value may be: it is only what a variable falls back to while nobody sets this.
    pub instead: Option<External<'a>>,
}

impl Step<'_> {
    /// What a function of SAM's has from the section above all of them.
    pub const GLOBALS: &'static str = "inherited from Globals";

    /// How `what` begins where one of SAM's policy templates says something: nobody can change what is in it.
    pub const POLICY_TEMPLATE: &'static str = "SAM's policy template";

    /// Where a policy of AWS's is called by its name.
    pub const LOOKED_UP: &'static str = "SAM looks up the ARN of this name";

    /// True where one of SAM's policy templates says something.
    #[must_use]
    pub fn is_of_policy_template(&self) -> bool {
        self.what.starts_with(Self::POLICY_TEMPLATE)
    }
}

impl<'a> Origin<'a> {
    /// A value that stands where the user wrote it.
    #[must_use]
    pub const fn written(span: Span) -> Self {
        Self { span, step: None }
    }

    /// The same bytes, one step further.
    #[must_use]
    pub const fn derived(span: Span, step: &'a Step<'a>) -> Self {
        Self { span, step: Some(step) }
    }

    /// True when both are the same bytes that came the same way.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let way = |origin: &Self| origin.step.map(std::ptr::from_ref);
        self.span == other.span && way(self) == way(other)
    }

    /// What the value may be instead, when a variable fell back to it.
    #[must_use]
    pub fn instead(&self) -> Option<External<'a>> {
        let mut step = self.step;
        while let Some(Step { before, instead, .. }) = step {
            if instead.is_some() {
                return *instead;
            }
            step = *before;
        }
        None
    }

    /// True when the value stands where the user wrote it.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        self.step.is_none()
    }
}

/// A map: entries in order, the last of equal keys winning.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    /// The entries.
    pub entries: &'a [Entry<'a>],
}

impl<'a> Map<'a> {
    /// A map of nothing.
    pub const EMPTY: Map<'static> = Map { entries: &[] };

    /// True when it may have keys that we do not see, since a macro or a loop makes them.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.entries.iter().any(Entry::is_macro)
    }

    /// The entry of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a Entry<'a>> {
        self.entries.iter().rev().find(|e| e.key == key)
    }
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The key.
    pub key: &'a str,
    /// Where the key stands.
    pub key_origin: Origin<'a>,
    /// The value.
    pub value: Value<'a>,
}

impl Entry<'_> {
    /// True when a macro or a loop stands here, in place of entries that we do not see.
    #[must_use]
    pub fn is_macro(&self) -> bool {
        matches!(self.key, "Fn::Transform" | "Fn::ForEach")
    }
}

/// Functions that CloudFormation evaluates, and variables that the Serverless Framework does.
#[derive(Clone, Copy, Debug)]
pub enum Intrinsic<'a> {
    /// `Ref`: a parameter, a resource or a pseudo parameter.
    Ref(&'a str),
    /// `Fn::GetAtt`: a resource and an attribute, which may itself be computed.
    GetAtt(&'a str, Value<'a>),
    /// `Fn::Sub`.
    Sub {
        /// The text as written.
        template: &'a str,
        /// The second argument.
        variables: Map<'a>,
        /// The text in order: literal pieces, and what stands for each `${…}`.
        pieces: &'a [Value<'a>],
    },
    /// `Fn::Join`.
    Join(Value<'a>, Value<'a>),
    /// `Fn::Split`.
    Split(Value<'a>, Value<'a>),
    /// `Fn::Select`: index and list.
    Select(Value<'a>, Value<'a>),
    /// `Fn::If`: condition, then, else.
    If(&'a str, Value<'a>, Value<'a>),
    /// `Fn::FindInMap`: map, first key, second key, default.
    FindInMap(Value<'a>, Value<'a>, Value<'a>, Option<Value<'a>>),
    /// `Fn::ImportValue`.
    ImportValue(Value<'a>),
    /// `Fn::GetStackOutput`: the stack, its output, and where else they are, with dots between (no export's name holds one) where all is
    /// known, else nothing; and the argument.
    StackOutput(&'a str, Value<'a>),
    /// `Fn::Base64`.
    Base64(Value<'a>),
    /// `Fn::Cidr`: block, count, bits, as written.
    Cidr(Value<'a>),
    /// `Fn::GetAZs`.
    GetAzs(Value<'a>),
    /// `Fn::Length`.
    Length(Value<'a>),
    /// `Fn::ToJsonString`.
    ToJsonString(Value<'a>),
    /// `Fn::Transform`, a macro call: name and parameters.
    Transform(Value<'a>, Value<'a>),
    /// `Fn::Equals`.
    Equals(Value<'a>, Value<'a>),
    /// `Fn::And`.
    And(&'a [Value<'a>]),
    /// `Fn::Or`.
    Or(&'a [Value<'a>]),
    /// `Fn::Not`.
    Not(Value<'a>),
    /// `Condition: Name` inside a condition.
    Condition(&'a str),
    /// A variable that only the deploying machine knows: `${env:X}`, `${ssm:/p}`.
    External(External<'a>),
    /// A function that we do not know: its name and argument.
    Other(&'a str, Value<'a>),
}

impl<'a> Intrinsic<'a> {
    /// The values that it is made of, or becomes one of. What only decides between values, or is looked up, is not among them.
    pub fn sources(&self) -> impl Iterator<Item = &Value<'a>> {
        let (first, second): (&[Value<'a>], &[Value<'a>]) = match self {
            Self::Sub { pieces, .. } => (pieces, &[]),
            Self::If(_, yes, no) => (from_ref(yes), from_ref(no)),
            Self::Join(_, of)
            | Self::Split(_, of)
            | Self::Select(_, of)
            | Self::Base64(of)
            | Self::ToJsonString(of)
            | Self::Transform(_, of)
            | Self::Other(_, of) => (from_ref(of), &[]),
            Self::FindInMap(.., default) => (default.as_slice(), &[]),
            Self::Ref(_)
            | Self::GetAtt(..)
            | Self::ImportValue(_)
            | Self::StackOutput(..)
            | Self::External(_)
            | Self::Cidr(_)
            | Self::GetAzs(_)
            | Self::Length(_)
            | Self::Equals(..)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Condition(_) => (&[], &[]),
        };
        first.iter().chain(second)
    }
}

/// A value that is read from outside at deployment and that we never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct External<'a> {
    /// Where it is read from.
    pub kind: ExternalKind,
    /// What is asked for: the environment variable's name, the parameter's path.
    pub key: &'a str,
    /// The variable as written, `${…}` included.
    pub written: &'a str,
}

/// Where an external value is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalKind {
    /// An environment variable of the deploying machine.
    Environment,
    /// Systems Manager Parameter Store, decrypted while deploying (Secrets Manager's reference too).
    Ssm,
    /// An S3 object.
    S3,
    /// An output of another stack.
    Stack,
    /// A command line option, or a parameter without a value in the file.
    Option,
    /// A file that we do not execute or may not read.
    File,
    /// The deploying account, region or partition.
    Aws,
    /// A vault, or any other source that a plugin adds.
    Other,
}

impl<'a> Value<'a> {
    /// A value of a kind at an origin.
    #[must_use]
    pub const fn new(kind: Kind<'a>, origin: Origin<'a>) -> Self {
        Self { kind, origin }
    }

    /// The map, when it is one.
    #[must_use]
    pub const fn as_map(&self) -> Option<Map<'a>> {
        match self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entries of a map; nothing else has any.
    #[must_use]
    pub const fn entries(&self) -> &'a [Entry<'a>] {
        match self.kind {
            Kind::Map(map) => map.entries,
            _ => &[],
        }
    }

    /// The list, when it is one.
    #[must_use]
    pub const fn as_list(&self) -> Option<&'a [Value<'a>]> {
        match self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list, or the value itself as the only one: AWS takes either where it wants a list.
    #[must_use]
    pub fn items(&self) -> Vec<Value<'a>> {
        match self.kind {
            Kind::List(items) => items.to_vec(),
            Kind::Null => Vec::new(),
            _ => vec![*self],
        }
    }

    /// Text exactly as written; a number or a boolean as its text.
    #[must_use]
    pub const fn as_text(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Text(text) | Kind::Number(text) => Some(text),
            Kind::Bool(true) => Some("true"),
            Kind::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// A boolean, also when it was written as the text `true` or `false`, as CloudFormation accepts.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(yes) => Some(yes),
            Kind::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Kind::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A number, also when it was written as text.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(text) => decimal(text).or_else(|| other_base(text)),
            Kind::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The intrinsic, when it is one.
    #[must_use]
    pub const fn as_intrinsic(&self) -> Option<&'a Intrinsic<'a>> {
        match self.kind {
            Kind::Intrinsic(i) => Some(i),
            _ => None,
        }
    }

    /// An entry of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a Entry<'a>> {
        self.as_map().and_then(|m| m.get(key))
    }

    /// The value behind a chain of keys, as written.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<Value<'a>> {
        keys.iter().try_fold(*self, |value, key| value.get(key).map(|e| e.value))
    }

    /// True for `null` and for nothing.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// The same value, with its origin one step further.
    #[must_use]
    pub const fn with_origin(self, origin: Origin<'a>) -> Self {
        Self { kind: self.kind, origin }
    }
}

/// A number as it is written nearly everywhere.
fn decimal(text: &str) -> Option<f64> {
    let octal = text.trim_start_matches(['+', '-']).strip_prefix('0').is_some_and(|rest| {
        rest.bytes().next().is_some_and(|b| b.is_ascii_digit()) && rest.bytes().all(|b| matches!(b, b'0'..=b'7'))
    });
    if octal { None } else { text.trim().parse().ok() }
}

/// A number in one of YAML's other notations: `0x16`, `0b10110`, `0o26`, `026`, `2_2` are all 22.
#[cold]
fn other_base(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text.strip_prefix('+').unwrap_or(&text)), |d| (-1.0, d));
    let base = |prefix: &str, base: u32| Some((digits.strip_prefix(prefix).filter(|d| !d.is_empty())?, base));
    let (digits, base) = match base("0x", 16).or_else(|| base("0b", 2)).or_else(|| base("0o", 8)) {
        Some(found) => found,
        None => match digits.strip_prefix('0').filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())) {
            Some(digits) => (digits, 8),
            None => return digits.parse::<f64>().ok().map(|n| sign * n),
        },
    };
    let digits = digits.chars().map(|c| c.to_digit(base)).collect::<Option<Vec<u32>>>()?;
    Some(sign * digits.into_iter().fold(0.0, |sum, digit| sum * f64::from(base) + f64::from(digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    /// A number is what YAML says it is, in whatever notation; text is a number only as people write one.
    #[test]
    fn notations_of_numbers() {
        let origin = Origin::written(Span::new(FileId(0), 0, 0));
        let number = |text| Value { kind: Kind::Number(text), origin }.as_number();
        for text in ["22", "0x16", "0X16", "0b10110", "0o26", "026", "2_2", "+22", "22.0", "2.2e1"] {
            let right = if text == "0X16" { None } else { Some(22.0) };
            assert_eq!(number(text), right, "{text}");
        }
        assert_eq!(
            (number("-0x10"), number("0"), number("0899"), number("-0.5")),
            (Some(-16.0), Some(0.0), Some(899.0), Some(-0.5))
        );
        assert_eq!((number("0x"), number("0b2"), number(".")), (None, None, None));
        let text = Value { kind: Kind::Text("026"), origin }.as_number();
        assert_eq!(text, Some(26.0), "CloudFormation takes text for decimal");
    }
}
