//! Until when the operating system of an image is kept safe, as far as the image's name says which that is.

use std::sync::LazyLock;

use super::rows;
use crate::analysis::iam::wildcard::{Case, matches};

static TEXT: &str = include_str!("images.txt");

/// What the names of public parameters begin with.
const PUBLIC: &str = "/aws/service/";

/// An operating system that its maker has given an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// Its name: `Amazon Linux 2`.
    pub name: &'static str,
    /// The last day with security fixes for everybody, `YYYY-MM-DD`.
    pub end: &'static str,
}

/// The system of an image: of one that a public parameter names (`/aws/service/…`), or a service (`AL2_x86_64`).
#[must_use]
pub fn system(image: &str) -> Option<System> {
    static ALL: LazyLock<Vec<(System, &str)>> = LazyLock::new(|| rows(TEXT).filter_map(read).collect());
    // The name of a public parameter may stand in a reference, and goes on behind what the table says.
    let public = image.find(PUBLIC).and_then(|at| image.get(at..));
    // AWS's own of Image Builder are named by an ARN: `arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2-x86/x.x.x`.
    let built = image.split_once(":aws:image/").and_then(|(_, name)| name.split('/').next());
    let is = |part: &str| match (public, built) {
        (Some(name), _) => part.starts_with(PUBLIC) && matches(&format!("{part}*"), name, Case::Exact),
        (None, Some(name)) => name == part,
        (None, None) => image == part,
    };
    ALL.iter().find(|(_, part)| is(part)).map(|(system, _)| *system)
}

impl System {
    /// Whether it gets no more fixes on a day.
    #[must_use]
    pub fn ended(&self, today: &str) -> bool {
        self.end < today
    }
}

fn read(line: &'static str) -> Option<(System, &'static str)> {
    let (what, part) = line.split_once('|')?;
    let (end, name) = what.split_once(' ')?;
    Some((System { name, end }, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Images are known by the names that AWS gives them, and neighbours are not taken for one another.
    #[test]
    fn knows_systems_by_name() {
        let name = |image| system(image).map(|system| system.name);
        assert_eq!(name("/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"), Some("Amazon Linux 2"));
        assert_eq!(name("{{resolve:ssm:/aws/service/canonical/ubuntu/server-minimal/18.04/a}}"), Some("Ubuntu 18.04"));
        assert_eq!(
            name("/aws/service/eks/optimized-ami/1.29/amazon-linux-2/recommended/image_id"),
            Some("Amazon Linux 2 for EKS")
        );
        assert_eq!(name("AL2_x86_64"), Some("Amazon Linux 2 for EKS"));
        assert_eq!(name("arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2-x86/x.x.x"), Some("Amazon Linux 2"));
        for other in [
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
            "/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id",
            "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended",
            "/aws/service/canonical/ubuntu/pro-server/18.04/stable",
            "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
            "AL2023_x86_64_STANDARD",
            "ECS_AL2023",
            "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x",
            "arn:aws:imagebuilder:eu-west-1:111122223333:image/amazon-linux-2-x86/1.0.0",
            "ami-0123456789abcdef0",
            "",
        ] {
            assert_eq!(name(other), None, "{other}");
        }
    }

    /// Every row is read, days are days, and the last day is still one.
    #[test]
    fn the_table_holds() {
        let date = regex::Regex::new(r"^20\d\d-[01]\d-[0-3]\d$").expect("a pattern");
        assert_eq!(rows(TEXT).filter_map(read).count(), rows(TEXT).count());
        assert!(rows(TEXT).filter_map(read).all(|(system, part)| date.is_match(system.end) && !part.is_empty()));
        let two = system("ECS_AL2").expect("a system");
        assert!(!two.ended("2026-06-30") && two.ended("2026-07-01"));
    }
}
