//! How build.rs packs the table of properties, and its reader finds it. Of a name stands where
//! it begins in a text of all of them, one a line.

/// What one property of a definition leads to: its name, the lists and maps around it, and [`ANYTHING`], nothing, or the
/// definition by its name.
pub(super) type Property = (u32, String, u32);

/// The definitions of a type, each by its name; the first is the type itself.
pub(super) type Definitions = Vec<(u32, Vec<Property>)>;

/// Content that nobody describes: everything is there.
pub(super) const ANYTHING: u32 = 0;
