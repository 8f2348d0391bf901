//! The rules that ship in the binary, and those that users bring.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::rulebook::{self, Card, Head, Logic, Mistake, Needed, Packed, Prose, nearest};

/// A rule: its head at hand, the rest decoded at the first question.
#[derive(Debug)]
pub struct Rule {
    /// What everybody asks first.
    pub head: Arc<Head>,
    // Behind pointers: of most rules neither is asked for, and memory that is touched is what start-up costs.
    logic: OnceLock<Box<Logic>>,
    prose: OnceLock<Box<Prose>>,
    said: OnceLock<Box<Said>>,
    needed: OnceLock<Needed>,
    /// What runs instead of a check, looked up once.
    pub(super) native: OnceLock<Option<super::native::Check>>,
    packed: (&'static [u8], &'static [u8]),
}

/// What all findings of a rule say, kept once for the thousands that there may be.
#[derive(Debug)]
pub struct Said {
    /// The rule's name.
    pub name: Arc<str>,
    /// Its title.
    pub title: Arc<str>,
    /// What to type, on one line.
    pub help: Option<Arc<str>>,
}

impl Rule {
    /// What runs.
    ///
    /// # Panics
    /// Never: what is decoded was encoded by build.rs from the same types.
    pub fn logic(&self) -> &Logic {
        self.logic.get_or_init(|| postcard::from_bytes(self.packed.0).expect("build.rs wrote it"))
    }

    /// The keys without which it has nothing to say.
    pub fn needed(&self) -> &Needed {
        self.needed.get_or_init(|| self.logic().check.as_ref().map(Needed::of).unwrap_or_default())
    }

    /// What people read.
    ///
    /// # Panics
    /// Never: see [`Rule::logic`].
    pub fn prose(&self) -> &Prose {
        self.prose.get_or_init(|| postcard::from_bytes(self.packed.1).expect("build.rs wrote it"))
    }

    /// What its findings say.
    pub fn said(&self) -> &Said {
        self.said.get_or_init(|| {
            let help = Some(self.prose().help()).filter(|help| !help.is_empty()).map(Arc::from);
            Box::new(Said { name: Arc::from(self.head.name.as_str()), title: Arc::from(&*self.head.title), help })
        })
    }

    /// Whether it came with the program, and so has a page in its manual.
    #[must_use]
    pub const fn is_builtin(&self) -> bool {
        !self.packed.1.is_empty()
    }

    fn packed(packed: Packed) -> Self {
        Self {
            head: Arc::new(packed.head),
            logic: OnceLock::new(),
            prose: OnceLock::new(),
            said: OnceLock::new(),
            needed: OnceLock::new(),
            native: OnceLock::new(),
            packed: (packed.logic, packed.prose),
        }
    }

    /// A rule that was read at run time.
    #[must_use]
    pub fn from_card(card: Card) -> Self {
        let rule = Self {
            head: Arc::new(card.head),
            logic: OnceLock::new(),
            prose: OnceLock::new(),
            said: OnceLock::new(),
            needed: OnceLock::new(),
            native: OnceLock::new(),
            packed: (&[], &[]),
        };
        let _ = rule.logic.set(Box::new(card.logic));
        let _ = rule.prose.set(Box::new(card.prose));
        rule
    }
}

/// Why a rule of the user's could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A mistake in the file.
    #[error("{file}:{mistake}")]
    Mistake {
        /// The file's name.
        file: String,
        /// The mistake.
        mistake: Mistake,
    },
    /// Two rules of one name.
    #[error("{file}:1:1: a rule named `{name}` exists already")]
    Twice {
        /// The later file.
        file: String,
        /// The name.
        name: String,
    },
    /// A rule that says `native`, which only the built-in ones can.
    #[error("{file}:1:1: `native` rules are built in; say what is bad with `bad:`")]
    Native {
        /// The file's name.
        file: String,
    },
}

/// All rules, by name.
#[derive(Debug)]
pub struct Catalogue {
    rules: Vec<Rule>,
    /// The positions of the rules, in the order of their names.
    by_name: Vec<usize>,
    /// For each rule, those that silence it where both speak.
    subsumers: Vec<Vec<usize>>,
}

/// Where built-in rules come from: build.rs packed them.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

impl Catalogue {
    /// The rules of the binary.
    ///
    /// # Panics
    /// Never: what is decoded was encoded by build.rs from the same types.
    #[must_use]
    pub fn builtin() -> Self {
        let packed: Vec<Packed> = postcard::from_bytes(PACKED).expect("build.rs wrote it");
        Self::of(packed.into_iter().map(Rule::packed).collect())
    }

    fn of(rules: Vec<Rule>) -> Self {
        let mut by_name: Vec<usize> = (0..rules.len()).collect();
        by_name.sort_by_key(|at| rules.get(*at).map(|rule| &*rule.head.name));
        let mut catalogue = Self { rules, by_name, subsumers: Vec::new() };
        catalogue.relate();
        catalogue
    }

    /// Where the rule of a name is; where its position would stand among the others, when there is none.
    pub(crate) fn position(&self, name: &str) -> Result<usize, usize> {
        let name_at = |at: &usize| self.rules.get(*at).map(|rule| &*rule.head.name);
        let found = self.by_name.binary_search_by(|at| name_at(at).cmp(&Some(name)));
        found.map(|order| self.by_name.get(order).copied().unwrap_or_default())
    }

    fn relate(&mut self) {
        self.subsumers = vec![Vec::new(); self.rules.len()];
        for (at, rule) in self.rules.iter().enumerate() {
            for name in rule.head.subsumes.iter().chain(&rule.head.silences) {
                if let Some(known) = self.position(name).ok().and_then(|other| self.subsumers.get_mut(other)) {
                    known.push(at);
                }
            }
        }
    }

    /// The rules, by position, that silence the one at a position where both speak.
    #[must_use]
    pub fn subsumers(&self, at: usize) -> &[usize] {
        self.subsumers.get(at).map_or(&[], Vec::as_slice)
    }

    /// Rules read from files only, native ones included: for working on the rules themselves.
    ///
    /// # Errors
    /// Every mistake, one for each file.
    pub fn from_files(files: impl IntoIterator<Item = (PathBuf, String)>) -> Result<Self, Vec<CatalogueError>> {
        let mut rules = Vec::new();
        let mut errors = Vec::new();
        for (path, text) in files {
            let file = path.display().to_string().replace('\\', "/");
            match rulebook::parse(&text) {
                Ok(card) => rules.push(Rule::from_card(card)),
                Err(mistake) => errors.push(CatalogueError::Mistake { file, mistake }),
            }
        }
        if errors.is_empty() { Ok(Self::of(rules)) } else { Err(errors) }
    }

    /// Adds the user's rules: file names and texts.
    ///
    /// # Errors
    /// Every file with a mistake; the rules of the others are added.
    pub fn add(&mut self, files: impl IntoIterator<Item = (PathBuf, String)>) -> Result<(), Vec<CatalogueError>> {
        let mut errors = Vec::new();
        for (path, text) in files {
            let file = path.display().to_string().replace('\\', "/");
            match rulebook::parse(&text) {
                Err(mistake) => errors.push(CatalogueError::Mistake { file, mistake }),
                Ok(card) if card.head.native => errors.push(CatalogueError::Native { file }),
                Ok(card) => match self.position(&card.head.name) {
                    Ok(_) => errors.push(CatalogueError::Twice { file, name: card.head.name.into() }),
                    Err(order) => {
                        self.by_name.insert(order, self.rules.len());
                        self.rules.push(Rule::from_card(card));
                    }
                },
            }
        }
        self.relate();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Every rule: the built-in ones by name, then the user's in the order they were given.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.position(name).ok().and_then(|at| self.rules.get(at))
    }

    /// The rules that carry a peer's id, whatever its case: `cfn_nag:W41`, or the bare `W41`.
    #[must_use]
    pub fn by_alias(&self, id: &str) -> Vec<&Rule> {
        let same = |alias: &str| {
            alias.eq_ignore_ascii_case(id)
                || alias.split_once(':').is_some_and(|(_, bare)| bare.eq_ignore_ascii_case(id))
        };
        self.rules.iter().filter(|rule| rule.head.aliases.iter().any(same)).collect()
    }

    /// The name of the rule that a misspelt one was perhaps meant to be.
    #[must_use]
    pub fn did_you_mean(&self, name: &str) -> Option<&str> {
        nearest(name, self.rules.iter().map(|rule| rule.head.name.as_str()))
    }
}
