//! Comments in the words of peers: checkov, trivy and tfsec, KICS.

use std::ops::Range;

use super::Date;

/// What a peer's comment says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said<'c> {
    /// `checkov:skip=CKV_AWS_18:reason`: the resource around it.
    Checkov(Vec<Name<'c>>, Option<&'c str>),
    /// `trivy:ignore:AVD-AWS-0086:exp:2027-01-31`: what begins on the line, and all in it.
    Trivy(Name<'c>, Option<Result<Date, &'c str>>),
    /// `kics-scan ignore`, at the top: the file.
    KicsFile,
    /// `kics-scan ignore-line`: the line below.
    KicsLine,
    /// `kics-scan ignore-block`: what begins on the line below, and all in it.
    KicsBlock,
    /// `kics-scan disable=<id>,<id>`, at the top: these queries, in the whole file.
    KicsDisable(Vec<Name<'c>>),
}

/// An id and where it stands in the comment.
pub(super) type Name<'c> = (Range<usize>, &'c str);

/// Everything that peers say in a comment, its `#` included.
pub(super) fn read(comment: &str) -> Vec<Said<'_>> {
    let mut said = Vec::new();
    // Most comments say nothing to anybody.
    if !(comment.contains("skip=") || comment.contains(":ignore:") || comment.contains("kics-scan")) {
        return said;
    }
    said.extend(checkov(comment));
    for word in comment.trim_start_matches('#').split_whitespace() {
        said.extend(trivy(comment, word.trim_start_matches('#')));
    }
    said.extend(kics(comment));
    said
}

/// One directive a comment; what follows the second colon is the reason, to the end.
fn checkov(comment: &str) -> Option<Said<'_>> {
    let fronts = ["checkov:skip=", "bridgecrew:skip=", "cortex:skip="];
    let (start, front) = fronts.iter().find_map(|f| Some((comment.find(f)?, f.len())))?;
    let body = comment.get(start + front..)?.trim_start();
    let id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let end = body.find(|c: char| !id(c) && c != ',' && c != ' ').unwrap_or(body.len());
    let (mut ids, rest) = body.split_at(end);
    // `skip=A B` names A; only a comma goes on with the list.
    let mut names = Vec::new();
    loop {
        ids = ids.trim_start();
        let end = ids.find(|c| !id(c)).unwrap_or(ids.len());
        let (name, more) = ids.split_at(end);
        if !name.is_empty() {
            names.push((at(comment, name), name));
        }
        match more.trim_start().strip_prefix(',') {
            Some(more) => ids = more,
            None => break,
        }
    }
    let reason = rest.strip_prefix(':').map(str::trim).filter(|r| !r.is_empty());
    (!names.is_empty()).then_some(Said::Checkov(names, reason))
}

fn trivy<'c>(comment: &'c str, word: &'c str) -> Option<Said<'c>> {
    let body = word.strip_prefix("trivy:ignore:").or_else(|| word.strip_prefix("tfsec:ignore:"))?;
    // `[name=x]` asks for an attribute of Terraform's, `:ws:` for a workspace of it: neither is here.
    if body.contains('[') || body.contains(":ws:") {
        return None;
    }
    let (id, until) = match body.split_once(":exp:") {
        Some((id, day)) => (id, Some(Date::parse(day).ok_or(day))),
        None => (body, None),
    };
    (!id.is_empty()).then(|| Said::Trivy((at(comment, id), id), until))
}

fn kics(comment: &str) -> Option<Said<'_>> {
    let mut words = comment.trim_start_matches('#').trim_start().strip_prefix("kics-scan")?.split_whitespace();
    match words.next()? {
        "ignore" => Some(Said::KicsFile),
        "ignore-line" => Some(Said::KicsLine),
        "ignore-block" => Some(Said::KicsBlock),
        // `enable=` leaves out every other query, most of which no rule answers: it is not honoured.
        word => {
            let ids = word.strip_prefix("disable=")?.split(',').filter(|id| !id.is_empty());
            let names: Vec<_> = ids.map(|id| (at(comment, id), id)).collect();
            (!names.is_empty()).then_some(Said::KicsDisable(names))
        }
    }
}

fn at(comment: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(comment.as_ptr() as usize);
    start..start + part.len()
}

/// True when an id matches a pattern in which `*` stands for anything, whatever the case.
pub(super) fn wildcard(pattern: &str, id: &str) -> bool {
    let (pattern, id) = (pattern.as_bytes(), id.as_bytes());
    let (mut p, mut i) = (0, 0);
    // Where to go on when what follows the last star does not match after all.
    let mut retry = None;
    while i < id.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, i));
                p += 1;
            }
            Some(c) if id.get(i).is_some_and(|d| c.eq_ignore_ascii_case(d)) => {
                p += 1;
                i += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    i = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// checkov's comments name ids and a reason that may hold anything.
    #[test]
    fn checkov_is_read() {
        let ids = |text: &'static str| match read(text).as_slice() {
            [Said::Checkov(names, reason)] => (names.iter().map(|(_, n)| *n).collect::<Vec<_>>(), *reason),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(ids("# checkov:skip=CKV_AWS_20:a public: site"), (vec!["CKV_AWS_20"], Some("a public: site")));
        assert_eq!(ids("#checkov:skip= CKV_AWS_20, CKV_AWS_21"), (vec!["CKV_AWS_20", "CKV_AWS_21"], None));
        assert_eq!(ids("# text bridgecrew:skip=CKV2_AWS_6: x"), (vec!["CKV2_AWS_6"], Some("x")));
        assert_eq!(ids("# cortex:skip=A B"), (vec!["A"], None));
        assert!(read("# checkov:skip=").is_empty());
    }

    /// trivy's and tfsec's comments name several ids, each with its own end.
    #[test]
    fn trivy_is_read() {
        let text = "#trivy:ignore:AVD-AWS-0086 tfsec:ignore:aws-s3-*:exp:2027-01-31 trivy:ignore:X:exp:soon";
        let said = read(text);
        let day = Date::parse("2027-01-31").expect("a day");
        let name = |id: &'static str| (text.find(id).map(|at| at..at + id.len()).expect("there"), id);
        assert_eq!(
            said,
            [
                Said::Trivy(name("AVD-AWS-0086"), None),
                Said::Trivy(name("aws-s3-*"), Some(Ok(day))),
                Said::Trivy(name("X"), Some(Err("soon"))),
            ]
        );
        assert!(read("# trivy:ignore:A[name=x] trivy:ignore:B:ws:prod trivy:ignore:").is_empty());
    }

    /// KICS hides a line, a block or a file, or single queries of a file.
    #[test]
    fn kics_is_read() {
        assert_eq!(read("# kics-scan ignore"), [Said::KicsFile]);
        assert_eq!(read("#kics-scan ignore-line"), [Said::KicsLine]);
        assert_eq!(read("# kics-scan ignore-block"), [Said::KicsBlock]);
        let ids = |text: &'static str| match read(text).as_slice() {
            [Said::KicsDisable(names)] => names.iter().map(|(_, id)| *id).collect::<Vec<_>>(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(ids("# kics-scan disable=1,2"), ["1", "2"]);
        assert_eq!(ids("#kics-scan disable=1, 2 because"), ["1"]);
        for nothing in ["# kics-scan disable=", "# kics-scan disable=,", "# kics-scan enable=1", "# kics-scan disable"]
        {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
        assert!(read("# kics-scan").is_empty());
        assert!(read("# a comment").is_empty());
    }

    /// A star stands for anything.
    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, id) in
            [("*", ""), ("AWS-*", "aws-0086"), ("*86", "AWS-0086"), ("a*b*c", "axxbbc"), ("a*a", "aba"), ("x", "X")]
        {
            assert!(wildcard(pattern, id), "{pattern} {id}");
        }
        for (pattern, id) in [("", "a"), ("a*a", "a"), ("AWS", "AWS-1"), ("*86", "860")] {
            assert!(!wildcard(pattern, id), "{pattern} {id}");
        }
    }

    /// A star stands for anything, also where what follows it comes several times.
    #[test]
    fn stars_stand_for_anything() {
        for (pattern, id, yes) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*ab", "aaab", true),
            ("*ab", "abab", true),
            ("a*b*c", "aXbXbc", true),
            ("a*b*c", "aXcXb", false),
            ("aws-0*", "AWS-0089", true),
            ("aws-0*", "aws-1089", false),
            ("a**", "a", true),
            ("ab", "a", false),
            ("a", "ab", false),
        ] {
            assert_eq!(wildcard(pattern, id), yes, "{pattern} {id}");
        }
    }
}
