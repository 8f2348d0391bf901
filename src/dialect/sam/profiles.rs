//! What SAM's connectors grant, for each pair of types: a table of AWS's, read when a connector is.

const TABLE: &str = include_str!("connectors.txt");

/// Where a connection's permissions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A managed policy of the source's role.
    Source,
    /// A managed policy of the destination's role.
    Destination,
    /// A permission of the destination, a function.
    Permission,
    /// A policy of the destination, a topic.
    Topic,
    /// A policy of the destination, a queue.
    Queue,
}

/// What a pair of types may be granted.
pub(super) struct Profile {
    /// Where it goes.
    pub kind: Kind,
    /// The grants, in order.
    pub grants: Vec<Grant>,
}

/// One statement of a profile.
pub(super) struct Grant {
    /// `Read` or `Write`.
    pub access: &'static str,
    /// The actions, service and all.
    pub actions: Vec<String>,
    /// The resources, or the ARN of the source.
    pub resources: Vec<&'static str>,
    /// The service that is let in.
    pub principal: Option<&'static str>,
}

impl Profile {
    /// The profile of a pair; `None` when SAM has none.
    pub(super) fn of(source: &str, destination: &str) -> Option<Self> {
        let mut lines = TABLE.lines().skip_while(|line| {
            let mut words = line.strip_prefix('@').unwrap_or("").split(' ');
            !(words.next() == Some(source) && words.next() == Some(destination))
        });
        let kind = match lines.next()?.rsplit(' ').next()? {
            "source" => Kind::Source,
            "destination" => Kind::Destination,
            "permission" => Kind::Permission,
            "topic" => Kind::Topic,
            _ => Kind::Queue,
        };
        Some(Self { kind, grants: lines.take_while(|line| !line.starts_with('@')).filter_map(Grant::read).collect() })
    }
}

impl Grant {
    fn read(line: &'static str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (access, actions, resources) = (parts.next()?, parts.next()?, parts.next()?);
        let (service, names) = actions.split_once(':')?;
        Some(Self {
            access,
            actions: names.split(',').map(|name| format!("{service}:{name}")).collect(),
            resources: resources.split(' ').collect(),
            principal: parts.next(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line of the table is read.
    #[test]
    fn reads_the_table() {
        let mut grants = 0;
        for header in TABLE.lines().filter_map(|l| l.strip_prefix('@')) {
            let mut words = header.split(' ');
            let (source, destination) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            grants += Profile::of(source, destination).expect("the table has it").grants.len();
        }
        assert_eq!(grants, TABLE.lines().filter(|l| !l.starts_with(['#', '@'])).count());
    }

    /// The table says where it comes from and when.
    #[test]
    fn says_its_source() {
        assert!(TABLE.contains("# source: ") && TABLE.contains("# date: "));
    }

    /// A function that may write to a queue may purge it.
    #[test]
    fn function_to_queue() {
        let profile = Profile::of("AWS::Lambda::Function", "AWS::SQS::Queue").expect("the table has it");
        assert_eq!(profile.kind, Kind::Source);
        assert!(profile.grants.iter().any(|g| g.access == "Write" && g.actions.iter().any(|a| a == "sqs:PurgeQueue")));
        assert!(Profile::of("AWS::SQS::Queue", "AWS::S3::Bucket").is_none());
    }
}
