//! Which bytes nobody is shown: the credentials that a finding points at.

use super::{Finding, Place};
use crate::rulebook::Category;

/// A key is read to its end, but no further than this.
const LONGEST_KEY: usize = 16 << 10;

impl Finding {
    /// The places that no report may show: the secret itself, and where it came from, such as the parameter's
    /// default that a reference leads to.
    ///
    /// A finding about secrets that points at a key, at the resource's name or at a reference has nothing to
    /// hide there.
    pub fn secrets(&self) -> impl Iterator<Item = Place> + '_ {
        let related = self.related.iter().map(|label| &label.place).filter(|place| !is_key(place));
        let places = std::iter::once(&self.place).chain(related);
        places.filter(|place| self.category == Category::Secrets && self.is_secret(place)).map(whole)
    }

    fn is_secret(&self, place: &Place) -> bool {
        let text = place.text();
        let bare = text.trim_matches(['"', '\'']);
        let key = |name: &str| name == bare;
        let named = self.path.split('.').any(key) || self.resource.as_deref().is_some_and(key);
        let reference =
            text.starts_with(['!', '{', '*', '&']) || bare.starts_with("{{resolve:") || bare.starts_with("${");
        // What is put together may hold it in the open.
        let reference = reference && !holds_password(text);
        let switch = ["true", "false"].iter().any(|word| bare.eq_ignore_ascii_case(word));
        bare.len() >= 4 && !named && !reference && !switch
    }
}

/// Whether a text that holds references has a password between them: that of a URL, or of a connection string.
///
/// The rules that look for credentials ask for more before they speak. Here one who asks for little errs on the safe side: what is
/// hidden without need costs nothing.
fn holds_password(text: &str) -> bool {
    let literal = |rest: &str| rest.chars().next().is_some_and(|c| c.is_alphanumeric());
    let of_url = text.split("://").skip(1).filter_map(|rest| {
        let user = rest.split(['@', '/', '?', '"', '\'']).next()?;
        rest.get(user.len()..)?.starts_with('@').then_some(user.split_once(':')?.1)
    });
    let lower = text.to_ascii_lowercase();
    let named = ["password=", "pwd=", "accountkey=", "secret="];
    of_url.into_iter().any(literal) || named.iter().any(|name| lower.split(name).skip(1).any(literal))
}

/// True when what follows says that the place is the key of something.
fn is_key(place: &Place) -> bool {
    let after = place.source.text().get(place.end as usize..).unwrap_or("");
    after.trim_start_matches([' ', '\t']).starts_with(':')
}

/// A private key ends where it says so: its first line is what tells it, the rest is what is secret.
fn whole(place: &Place) -> Place {
    let mut place = place.clone();
    let text = place.source.text();
    let begins = |text: &str| text.contains("-----BEGIN ") && text.contains("PRIVATE KEY");
    if begins(place.text()) && !place.text().contains("-----END ") {
        let after = text.get(place.end as usize..).unwrap_or("");
        let end = after.find("-----END ").filter(|at| *at <= LONGEST_KEY);
        let end = end.and_then(|at| Some(at + 9 + after.get(at + 9..)?.find("-----")? + 5));
        // A key without an end is all that is there.
        let end = end.unwrap_or_else(|| after.find(['"', '\'']).unwrap_or(after.len()).min(LONGEST_KEY));
        return Place::new(place.source, place.start, place.end.saturating_add(u32::try_from(end).unwrap_or(u32::MAX)));
    }
    place.end = place.end.max(place.start);
    place
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Kind, Label};
    use super::*;
    use crate::rulebook::{Confidence, Severity};
    use crate::source::Source;

    fn place(source: &Arc<Source>, word: &str) -> Place {
        let at = source.text().find(word).expect("it is there");
        let narrow = |n: usize| u32::try_from(n).expect("small");
        Place::new(Arc::clone(source), narrow(at), narrow(at + word.len()))
    }

    fn finding(place: Place, related: &[Place], category: Category) -> Finding {
        Finding {
            rule: "r".into(),
            severity: Severity::High,
            confidence: Confidence::High,
            category,
            kind: Kind::Fail,
            title: "t".into(),
            message: "m".to_owned(),
            under: None,
            resource: Some("Database".to_owned()),
            resource_type: None,
            construct: None,
            path: "Resources.Database.Properties.Password".to_owned(),
            place,
            label: None,
            related: related.iter().map(|p| Label { place: p.clone(), message: "there".to_owned() }).collect(),
            help: None,
            fixes: Vec::new(),
            value_digest: None,
            suppressed: None,
        }
    }

    fn told(finding: &Finding) -> Vec<String> {
        finding.secrets().map(|place| place.text().to_owned()).collect()
    }

    /// The value that a reference leads to is as secret as one that is written in its place.
    #[test]
    fn what_a_reference_leads_to() {
        let source = Arc::new(Source::new("a", "P: {Default: hunter22}\nDatabase: {Password: !Ref P}\nx: 'secret'\n"));
        let reference = place(&source, "!Ref P");
        let related = [place(&source, "hunter22"), place(&source, "Default"), place(&source, "Database")];
        assert_eq!(told(&finding(reference.clone(), &related, Category::Secrets)), ["hunter22"]);
        assert_eq!(told(&finding(place(&source, "'secret'"), &[], Category::Secrets)), ["'secret'"]);
        assert!(told(&finding(reference, &related, Category::Iam)).is_empty());
        assert!(told(&finding(place(&source, "Database"), &[], Category::Secrets)).is_empty());
    }

    /// A reference holds nothing, but a text that is put together may hold a password in the open.
    #[test]
    fn passwords_between_references() {
        for (text, secret) in [
            ("x: !Sub \"postgres://app:hunter22@${Database.Endpoint.Address}/a\"\n", true),
            ("x: !Sub \"Server=${Host};Password=hunter22\"\n", true),
            ("x: !Sub \"postgres://app:${Password}@${Host}/a\"\n", false),
            ("x: !Sub \"https://${Host}/a:b@c\"\n", false),
        ] {
            let source = Arc::new(Source::new("a", text));
            let at = place(&source, text[3..].trim_end());
            assert_eq!(told(&finding(at, &[], Category::Secrets)).len(), usize::from(secret), "{text}");
        }
    }

    /// A private key is secret to its end, and to the end of its text where it has none.
    #[test]
    fn keys_to_their_end() {
        let head = "-----BEGIN RSA PRIVATE KEY-----";
        for (text, secret) in [
            (
                format!("k: |\n  {head}\n  MIIE\n  -----END RSA PRIVATE KEY-----\nx: 1\n"),
                "MIIE\n  -----END RSA PRIVATE KEY-----",
            ),
            (format!("{{\"k\": \"{head}\\nMIIE\", \"x\": 1}}"), "MIIE"),
            (format!("k: {head} MIIE"), "MIIE"),
        ] {
            let source = Arc::new(Source::new("a", text));
            let told = told(&finding(place(&source, head), &[], Category::Secrets));
            assert!(told.len() == 1 && told[0].starts_with(head) && told[0].ends_with(secret), "{told:?}");
        }
    }
}
