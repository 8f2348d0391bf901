//! The words of the rule language.

use serde::{Deserialize, Serialize};

use super::{Confidence, Expression, Literal, Severity};

/// What a rule asks of a value. A pattern is true, false, or not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Pattern {
    /// `absent`: it is a fact that there is nothing, or an empty text.
    Absent,
    /// `present`: there is something, whatever it is.
    Present,
    /// A literal, or `is:`: equal, numbers by value, booleans also when written as text.
    Is(Literal),
    /// A list, or `in:`: equal to one of them.
    In(Vec<Literal>),
    /// `in-parameter:`: equal to one of a parameter of this rule, which the configuration can set.
    InParameter(String),
    /// `matches: {parameter: images}`: compared with a parameter of this rule; of a list one is enough.
    Compared(Comparison, String),
    /// `any-case:`: equal to one of these texts, whatever the case.
    AnyCase(Vec<String>),
    /// `matches:`: a regular expression is found in the text.
    Matches(Expression),
    /// `contains:`, of a text.
    Contains(String),
    /// `starts-with:`.
    StartsWith(String),
    /// `ends-with:`.
    EndsWith(String),
    /// `below:`.
    Below(f64),
    /// `above:`.
    Above(f64),
    /// `length:`: the number of items of a list or map, or of characters of a text.
    Length(Box<Pattern>),
    /// `kind:`: text, number, bool, list or map.
    Kind(Shape),
    /// `literal: true`: every character is known.
    Literal,
    /// `written: true`: the user wrote the resource; neither SAM nor the framework made it.
    Written,
    /// `plaintext: true`: anyone who may read the template or its parameters can read it: a literal, a
    /// parameter without `NoEcho`, or one with a default.
    Plaintext,
    /// `credential: true`: a literal that looks like a credential.
    Credential,
    /// `looked-up:`: CloudFormation looks it up in Parameter Store, under a name in which this regular expression is found.
    LookedUp(Expression),
    /// `ended:`: a version of this product that is past its standard support on the day of the scan.
    Ended(Product),
    /// `not:`.
    Not(Box<Pattern>),
    /// `all:`, and the entries of a map.
    All(Vec<Pattern>),
    /// `any:`.
    Any(Vec<Pattern>),
    /// A path: the property there is …
    At(Path, Box<Pattern>),
    /// `some:`: an item of the list, or a value of the map, is …; every one that is has a finding of its own.
    Some(Box<Pattern>),
    /// `every:`: all items are …; true of no items at all.
    Every(Box<Pattern>),
    /// `some-key:`: a key of the map is …
    SomeKey(Box<Pattern>),
    /// `named:`: the key that the subject stands behind, or the logical id of a resource, is …
    Named(Box<Pattern>),
    /// `condition:`: one of these conditions of the template holds.
    Condition(Vec<String>),
    /// `default:`: what stands in for a value that is absent, then the rest.
    Default(Literal, Box<Pattern>),
    /// `refers-to:`: a `Ref` or `GetAtt` of a resource of this template.
    RefersTo(Relation),
    /// `referred-by:`: a resource of this template whose property refers to the subject resource.
    ReferredBy(Relation),
    /// `template-has:`: a resource of this template, whichever.
    TemplateHas(Relation),
    /// `type:`: the subject resource is of one of these types.
    Type(Vec<String>),
    /// `owner:`: the resource that the subject stands in is …
    Owner(Box<Pattern>),
    /// `allows:`: the statement allows one of these actions, wildcards taken into account.
    Allows(Vec<String>),
    /// `allows-a:`: the statement allows an action of this sort, wildcards taken into account.
    AllowsA(Sort),
    /// `wildcard-action:`: an action of the statement is a wildcard of this width.
    WildcardAction(Width),
    /// `any-resource: true`: the statement covers every resource.
    AnyResource,
    /// `principal:`: a principal of the statement is of this sort.
    Principal(Who),
    /// `narrowed: true`: a condition of the statement limits who or what it applies to.
    Narrowed(Narrowing),
    /// `policy:`: the sort of policy the statement stands in.
    Policy(PolicyKind),
}

impl Pattern {
    /// Calls back for this pattern and all that are in it.
    pub fn each(&self, see: &mut dyn FnMut(&Self)) {
        see(self);
        match self {
            Self::Length(inner)
            | Self::Not(inner)
            | Self::At(_, inner)
            | Self::Some(inner)
            | Self::Every(inner)
            | Self::SomeKey(inner)
            | Self::Named(inner)
            | Self::Default(_, inner)
            | Self::Owner(inner) => inner.each(see),
            Self::All(all) | Self::Any(all) => all.iter().for_each(|inner| inner.each(see)),
            Self::RefersTo(relation) | Self::ReferredBy(relation) | Self::TemplateHas(relation) => {
                relation.with.iter().for_each(|inner| inner.each(see));
            }
            Self::Absent
            | Self::Present
            | Self::Is(_)
            | Self::In(_)
            | Self::InParameter(_)
            | Self::Compared(..)
            | Self::AnyCase(_)
            | Self::Matches(_)
            | Self::Contains(_)
            | Self::StartsWith(_)
            | Self::EndsWith(_)
            | Self::Below(_)
            | Self::Above(_)
            | Self::Kind(_)
            | Self::Literal
            | Self::Written
            | Self::Plaintext
            | Self::Credential
            | Self::LookedUp(_)
            | Self::Ended(_)
            | Self::Condition(_)
            | Self::Type(_)
            | Self::Allows(_)
            | Self::AllowsA(_)
            | Self::WildcardAction(_)
            | Self::AnyResource
            | Self::Principal(_)
            | Self::Narrowed(_)
            | Self::Policy(_) => {}
        }
    }
}

super::words! {
    /// A comparison that can be made with a parameter of the rule.
    Comparison {
        /// Equal, whatever the case.
        AnyCase = "any-case",
        /// A regular expression is found in the text.
        Matches = "matches",
        /// The text contains it.
        Contains = "contains",
        /// The text begins with it.
        StartsWith = "starts-with",
        /// The text ends with it.
        EndsWith = "ends-with",
        /// A number less than this.
        Below = "below",
        /// A number greater than this.
        Above = "above",
    }
}

impl Comparison {
    /// The comparisons with the values of a parameter.
    ///
    /// # Errors
    /// When a value is nothing that can be compared so: in words.
    pub fn with(self, values: &Literal) -> Result<Vec<Pattern>, String> {
        match values {
            Literal::List(items) => items.iter().map(|item| self.with_one(item)).collect(),
            Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_) | Literal::Map(_) => {
                Ok(vec![self.with_one(values)?])
            }
        }
    }

    fn with_one(self, value: &Literal) -> Result<Pattern, String> {
        let text = match value {
            Literal::Text(text) | Literal::Number(text) => text.clone(),
            Literal::Bool(yes) => yes.to_string(),
            Literal::Null | Literal::List(_) | Literal::Map(_) => {
                return Err(format!("`{self}` wants a text or a number, or a list of them"));
            }
        };
        let number = || text.parse().map_err(|_| format!("`{self}` wants a number"));
        Ok(match self {
            Self::AnyCase => Pattern::AnyCase(vec![text]),
            Self::Matches => Pattern::Matches(Expression::parse(&text)?),
            Self::Contains => Pattern::Contains(text),
            Self::StartsWith => Pattern::StartsWith(text),
            Self::EndsWith => Pattern::EndsWith(text),
            Self::Below => Pattern::Below(number()?),
            Self::Above => Pattern::Above(number()?),
        })
    }
}

super::words! {
    /// The shape of a value.
    Shape {
        /// Text.
        Text = "text",
        /// A number.
        Number = "number",
        /// A boolean.
        Bool = "bool",
        /// A list.
        List = "list",
        /// A map.
        Map = "map",
    }
}

super::words! {
    /// What has versions that end.
    Product {
        /// Apache ActiveMQ on Amazon MQ.
        Activemq = "activemq",
        /// Apache Airflow on Amazon MWAA.
        Airflow = "airflow",
        /// The managed runtimes of App Runner.
        Apprunner = "apprunner",
        /// Aurora, as its first versions were called.
        Aurora = "aurora",
        /// Aurora for MySQL.
        AuroraMysql = "aurora-mysql",
        /// The images of CodeBuild.
        Codebuild = "codebuild",
        /// Amazon DocumentDB.
        Docdb = "docdb",
        /// Kubernetes on Amazon EKS.
        Eks = "eks",
        /// Elasticsearch on Amazon's service.
        Elasticsearch = "elasticsearch",
        /// The releases of Amazon EMR.
        Emr = "emr",
        /// The runtimes of Managed Service for Apache Flink.
        Flink = "flink",
        /// AWS Glue.
        Glue = "glue",
        /// Apache Kafka on Amazon MSK.
        Kafka = "kafka",
        /// MariaDB on Amazon RDS.
        Mariadb = "mariadb",
        /// MySQL on Amazon RDS.
        Mysql = "mysql",
        /// Amazon Neptune.
        Neptune = "neptune",
        /// The platforms of SageMaker's notebooks.
        Notebook = "notebook",
        /// OpenSearch on Amazon's service.
        Opensearch = "opensearch",
        /// Oracle on Amazon RDS.
        Oracle = "oracle",
        /// PostgreSQL on Amazon RDS, and Aurora for it.
        Postgres = "postgres",
        /// RabbitMQ on Amazon MQ.
        Rabbitmq = "rabbitmq",
        /// Redis OSS on ElastiCache.
        Redis = "redis",
        /// SQL Server on Amazon RDS.
        Sqlserver = "sqlserver",
        /// The runtimes of CloudWatch Synthetics.
        Synthetics = "synthetics",
    }
}

super::words! {
    /// How wide a wildcard in an action is.
    Width {
        /// `*`: everything.
        Everything = "everything",
        /// `s3:*`: a whole service.
        Service = "service",
        /// `s3:Get*`: a part of a service.
        Partial = "partial",
    }
}

super::words! {
    /// A sort of action.
    Sort {
        /// It returns keys, tokens or passwords, and could be limited to named resources.
        Credentials = "credentials",
        /// It reads or copies data in bulk, and could be limited to named resources.
        Data = "data",
        /// It changes who may do what, and could be limited to named resources.
        Permissions = "permissions",
        /// It makes, changes or deletes something that could be named.
        Write = "write",
        /// A resource other than `*` can be named for it.
        Scopable = "scopable",
    }
}

super::words! {
    /// Who a principal is.
    Who {
        /// Anyone at all: `*`.
        Anyone = "anyone",
        /// A whole account: its root, or its number.
        Account = "account",
        /// An account that is neither this one nor trusted in the configuration.
        Foreign = "foreign",
        /// An AWS service.
        Service = "service",
        /// An identity provider.
        Federated = "federated",
    }
}

super::words! {
    /// How conditions narrow a statement.
    Narrowing {
        /// By anything that AWS documents as limiting who or what: source, organisation, account, network.
        Any = "any",
        /// By the source that a service acts for: `aws:SourceArn`, `aws:SourceAccount`, their kin.
        Source = "source",
        /// By who calls: `aws:PrincipalOrgID`, `aws:PrincipalArn`, their kin.
        Principal = "principal",
        /// By the network: `aws:SourceVpce`, `aws:SourceIp`, their kin.
        Network = "network",
        /// By any of these, or by the resource or the request: `aws:ResourceTag/…`, `iam:PolicyARN`.
        Anything = "anything",
    }
}

super::words! {
    /// The sort of policy that a statement stands in.
    PolicyKind {
        /// What an identity may do: inline and managed policies.
        Identity = "identity",
        /// Who may assume a role.
        Trust = "trust",
        /// Who may use a resource.
        Resource = "resource",
    }
}

/// A resource that has to do with the subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// Its types; empty for any.
    pub types: Vec<String>,
    /// `referred-by:` only: the property of it that refers to the subject.
    pub at: Option<Path>,
    /// What it must be like.
    pub with: Option<Box<Pattern>>,
}

/// A way into a value: `A.B[].C`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Path {
    /// True when it begins beside `Properties`: `$DeletionPolicy`.
    pub attribute: bool,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Into a key of a map.
    Key(String),
    /// `[]`: into some item of a list, or some value of a map.
    Items,
}

impl Path {
    /// Parses `A.B[].C`, `$Attribute.x`, `.lower.case`, or `A.'dotted.key'`. A key with a colon and without a capital, such as
    /// `cognito-identity.amazonaws.com:aud`, is one step, dots and all.
    ///
    /// # Errors
    /// When a step is empty.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (attribute, rest) = match text.strip_prefix('$') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut steps = Vec::new();
        if rest.contains(':') && rest.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Ok(Self { attribute, steps: vec![Step::Key(rest.to_owned())] });
        }
        for part in parts(rest.strip_prefix('.').unwrap_or(rest)) {
            let key = part.trim_end_matches("[]");
            let items = (part.len() - key.len()) / 2;
            if !key.is_empty() {
                steps.push(Step::Key(key.trim_matches('\'').to_owned()));
            } else if items == 0 {
                return Err(format!("`{text}` has an empty step"));
            }
            steps.extend(std::iter::repeat_n(Step::Items, items));
        }
        Ok(Self { attribute, steps })
    }

    /// The path of one property.
    #[must_use]
    pub fn property(key: &str) -> Self {
        Self { attribute: false, steps: vec![Step::Key(key.to_owned())] }
    }

    /// The path of one attribute beside `Properties`.
    #[must_use]
    pub fn attribute(key: &str) -> Self {
        Self { attribute: true, steps: vec![Step::Key(key.to_owned())] }
    }

    /// The keys, without `[]`.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Items => None,
        })
    }
}

/// The parts between dots; a dot between single quotes belongs to its part.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '\'';
        c == '.' && !quoted
    })
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.attribute {
            f.write_str("$")?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) if at > 0 && key.contains('.') => write!(f, ".'{key}'")?,
                Step::Key(key) if at > 0 => write!(f, ".{key}")?,
                Step::Key(key) => f.write_str(key)?,
                Step::Items => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

/// What a declarative rule looks at and when it speaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Statements of policies are the subjects, rather than resources.
    pub statements: Option<Statements>,
    /// Items at these paths are the subjects, rather than the whole resource: for every type, or by type (then
    /// a type that is not named is judged as a whole).
    pub each: Vec<(Option<String>, Path)>,
    /// A guard: only subjects that certainly are like this are judged.
    pub when: Option<Pattern>,
    /// What is bad.
    pub bad: Pattern,
    /// Where to point, instead of where the pattern became true; the resource's own key when nothing is there.
    pub at: Option<Path>,
    /// One finding for a resource, at its key, however many places are bad.
    pub once: bool,
    /// What is wrong here, with `{value}`, `{resource}`, `{type}` and `{since}`; the title when missing.
    pub message: Option<String>,
    /// What the text at the place does.
    pub label: Option<String>,
    /// Other severities or confidences in certain cases; the first that holds wins.
    pub grades: Vec<Grade>,
}

impl Check {
    /// The paths of the items to judge in a resource of a type; none for the resource as a whole.
    pub fn each_of(&self, kind: &str) -> impl Iterator<Item = &Path> {
        self.each.iter().filter(move |(of, _)| of.as_deref().is_none_or(|of| of == kind)).map(|(_, path)| path)
    }
}

/// Which statements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statements {
    /// Of these sorts of policy; empty for all.
    pub kinds: Vec<PolicyKind>,
}

/// Another severity, confidence, message or remedy in a certain case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// The case.
    pub when: Pattern,
    /// The severity then.
    pub severity: Option<Severity>,
    /// The confidence then.
    pub confidence: Option<Confidence>,
    /// What is wrong then.
    pub message: Option<String>,
    /// What is to be typed then.
    pub remedy: Option<String>,
}

/// An edit that mends what the rule found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FixSpec {
    /// What it does, as a command.
    pub title: String,
    /// Whether it may be applied unasked.
    pub safe: bool,
    /// The subjects it fits; all of them when missing.
    pub when: Option<Pattern>,
    /// The edits, relative to the subject; none when the rule is native and makes them itself.
    pub edits: Vec<EditSpec>,
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EditSpec {
    /// Sets a property.
    Set(Path, Literal),
    /// Adds an item to a list, which is made when missing.
    Append(Path, Literal),
    /// Removes a property.
    Remove(Path),
    /// Replaces the very value that the finding points at.
    Replace(Literal),
}

#[cfg(test)]
mod tests {
    use super::Path;

    /// A step in quotes keeps its dots, and is written as it was read.
    #[test]
    fn quoted_steps_keep_their_dots() {
        let deep = Path::parse("A[][].b").expect("it is well formed");
        assert_eq!(deep.to_string(), "A[][].b");
        let path = Path::parse("Parameters.'rds.force_ssl'").expect("it is well formed");
        assert_eq!(path.keys().collect::<Vec<_>>(), ["Parameters", "rds.force_ssl"]);
        assert_eq!(path.to_string(), "Parameters.'rds.force_ssl'");
    }
}
