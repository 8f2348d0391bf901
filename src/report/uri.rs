//! Paths as build servers want them: from the root of the repository, without `.` and `..`.

/// A path from the root of the repository.
pub(super) fn rooted(prefix: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in prefix.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let rooted = parts.join("/");
    if prefix.is_empty() && path.starts_with('/') { format!("/{rooted}") } else { rooted }
}

/// The same as a relative reference: whatever is not plainly a character of a path is percent-encoded.
pub(super) fn uri(prefix: &str, path: &str) -> String {
    let rooted = rooted(prefix, path);
    let mut out = String::with_capacity(rooted.len());
    for byte in rooted.bytes() {
        // A colon would make a scheme of the first folder.
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spaces, colons, per cents and letters beyond ASCII are encoded; slashes are not.
    #[test]
    fn odd_names() {
        assert_eq!(uri("", "./a b/c:d%é#.yaml"), "a%20b/c%3Ad%25%C3%A9%23.yaml");
    }

    /// The prefix comes first, and a path that leaves the folder is walked.
    #[test]
    fn prefixes() {
        assert_eq!(rooted("services/a/", "../b/./t.yaml"), "services/b/t.yaml");
        assert_eq!(rooted("", "../t.yaml"), "../t.yaml");
        assert_eq!(rooted("", "t.yaml"), "t.yaml");
    }
}
