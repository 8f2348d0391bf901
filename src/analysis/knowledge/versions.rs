//! Until when a version of an engine or a runtime gets fixes without extended support.

use super::rows;
use crate::resolve::Truth;
use crate::rulebook::Product;

static TEXT: &str = include_str!("versions.txt");

/// Whether the standard support of a version has ended by a day (`YYYY-MM-DD`); the last day is still one. Of what the table
/// does not have, it has not. A text may be `whole`, or go on in a way that is not known.
#[must_use]
pub fn ended(product: Product, version: &str, whole: bool, today: &str) -> Truth {
    let version = own(product, version);
    // Another row may say something else of what is not known.
    if !whole && (version.is_empty() || all(product).any(|(known, _)| known.starts_with(version))) {
        return Truth::Maybe;
    }
    match nearest(product, version) {
        Some("-") => Truth::Yes,
        Some("+") => Truth::No,
        Some(end) => Truth::from(end < today),
        None if whole => Truth::No,
        None => Truth::Maybe,
    }
}

/// The last day of a version's standard support, where it is known.
#[must_use]
pub fn end(product: Product, version: &str) -> Option<&'static str> {
    nearest(product, own(product, version)).filter(|end| !matches!(*end, "-" | "+"))
}

/// The versions of a product, and their ends.
fn all(product: Product) -> impl Iterator<Item = (&'static str, &'static str)> {
    let of = move |line: &'static str| line.strip_prefix(product.name())?.strip_prefix(' ')?.rsplit_once(' ');
    rows(TEXT).filter_map(of)
}

/// A version without its engine's name, which a domain's has before it: `OpenSearch_1.0`.
fn own(product: Product, version: &str) -> &str {
    match version.split_once('_') {
        Some((engine, version)) if engine.eq_ignore_ascii_case(product.name()) => version,
        _ => version,
    }
}

/// What the row says that speaks of most of a version.
fn nearest(product: Product, version: &str) -> Option<&'static str> {
    all(product).filter(|(known, _)| is_of(version, known)).max_by_key(|(known, _)| known.len()).map(|(_, end)| end)
}

/// Whether a version is one, or a part of it: `8.0.35` of `8.0`, and `8.01` is not.
fn is_of(version: &str, known: &str) -> bool {
    version.strip_prefix(known).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(product: Product, version: &str) -> Truth {
        ended(product, version, true, "2026-11-22")
    }

    /// Versions are told from others that begin alike, and the nearest row counts.
    #[test]
    fn versions_are_told_apart() {
        for (product, version, truth) in [
            (Product::Mysql, "5.7.44", Truth::Yes),
            (Product::Mysql, "8.0", Truth::Yes),
            (Product::Mysql, "8", Truth::Yes),
            (Product::Mysql, "8.4.3", Truth::No),
            (Product::Mysql, "9.1", Truth::No),
            (Product::Mariadb, "10.1.48", Truth::Yes),
            (Product::Mariadb, "10.11.8", Truth::No),
            (Product::Eks, "1.3", Truth::No),
            (Product::Eks, "1.33", Truth::Yes),
            (Product::Elasticsearch, "7.1", Truth::Yes),
            (Product::Elasticsearch, "7.10", Truth::No),
            (Product::Elasticsearch, "Elasticsearch_6.7", Truth::Yes),
            (Product::Elasticsearch, "OpenSearch_1.0", Truth::No),
            (Product::Opensearch, "OpenSearch_1.0", Truth::Yes),
            (Product::Opensearch, "OpenSearch_2.11", Truth::No),
            (Product::Emr, "emr-5.36.2", Truth::Yes),
            (Product::Emr, "emr-7.1.0", Truth::Yes),
            (Product::Emr, "emr-7.5.0", Truth::Yes),
            (Product::Emr, "emr-7.10.0", Truth::No),
            (Product::Emr, "emr-7.12.0", Truth::No),
            (Product::Codebuild, "aws/codebuild/standard:4.0", Truth::Yes),
            (Product::Codebuild, "aws/codebuild/java:openjdk-8", Truth::Yes),
            (Product::Codebuild, "aws/codebuild/amazonlinux-x86_64-standard:5.0", Truth::No),
            (Product::Sqlserver, "13.00.5598.27.v1", Truth::Yes),
            (Product::Postgres, "14", Truth::No),
            (Product::Synthetics, "syn-nodejs-puppeteer-10.0", Truth::No),
        ] {
            assert_eq!(ends(product, version), truth, "{product:?} {version}");
        }
    }

    /// The last day is still one; what is known in part is known as far as all of it is alike.
    #[test]
    fn days_and_holes() {
        assert_eq!(ended(Product::Eks, "1.34", true, "2026-12-02"), Truth::No);
        assert_eq!(ended(Product::Eks, "1.34", true, "2026-12-03"), Truth::Yes);
        let start = |version| ended(Product::Mysql, version, false, "2026-11-22");
        assert_eq!(start("8.0."), Truth::Yes);
        assert_eq!(start("8."), Truth::Maybe);
        assert_eq!(start("8.4."), Truth::No);
        assert_eq!(start("9."), Truth::Maybe);
        assert_eq!(start(""), Truth::Maybe);
    }

    /// Every row is of a product that rules can name, and has a day or says that it has none; every product has rows.
    #[test]
    fn the_table_holds() {
        let day = regex::Regex::new(r"^(20\d\d-[01]\d-[0-3]\d|[-+])$").expect("a pattern");
        for line in rows(TEXT) {
            let words: Vec<&str> = line.split(' ').collect();
            let [product, version, end] = words[..] else { panic!("{line}") };
            assert!(Product::ALL.iter().any(|known| known.name() == product), "{line}");
            assert!(!version.is_empty() && day.is_match(end), "{line}");
        }
        for product in Product::ALL {
            let start = format!("{} ", product.name());
            assert!(rows(TEXT).any(|line| line.starts_with(&start)), "{product:?}");
        }
    }
}
