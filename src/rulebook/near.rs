//! The name that a misspelt one was perhaps meant to be.

/// The longest word that anybody can have mistyped, in bytes: a hostile file may hold a megabyte as a "name", and
/// comparing takes the product of both lengths.
const LONGEST: usize = 200;

/// The word of a list that is most like another one, when it is like enough to be meant.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    nearest_by(word, known, |known| known, |_| allowed)
}

/// What is called most like a word, within so many slips of the keyboard as are `allowed` for a name. Whether letters
/// are capitals, and whether words are joined by `-` or `_`, makes no difference.
pub fn nearest_by<'w, T: Copy>(
    word: &str,
    all: impl IntoIterator<Item = T>,
    name: impl Fn(T) -> &'w str,
    allowed: impl Fn(&str) -> usize,
) -> Option<T> {
    if word.len() > LONGEST {
        return None;
    }
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    let (word, letters) = (plain(word), word.chars().count());
    let near = all.into_iter().filter_map(|item| {
        let (name, allowed) = (name(item), allowed(name(item)));
        // Each slip adds or takes one letter at most.
        if name.chars().count().abs_diff(letters) > allowed {
            return None;
        }
        let distance = strsim::osa_distance(&word, &plain(name));
        (distance <= allowed).then_some((distance, name, item))
    });
    near.min_by_key(|(distance, name, _)| (*distance, *name)).map(|(.., item)| item)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slip or two is forgiven, more in long words, and of two names the nearer is meant.
    #[test]
    fn slips_are_forgiven() {
        for (word, known, meant) in [
            ("paht", &["path", "paths"][..], Some("path")),
            ("Fail_On", &["fail-on", "fail"], Some("fail-on")),
            ("s3-bucket-unencrypted2", &["s3-bucket-public", "s3-bucket-unencrypted"], Some("s3-bucket-unencrypted")),
            ("ab", &["cd", "ef"], None),
            ("xyzzy", &["path"], None),
            ("naïf", &["naif"], Some("naif")),
        ] {
            assert_eq!(nearest(word, known.iter().copied()), meant, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(100_000), ["a"]), None);
    }
}
