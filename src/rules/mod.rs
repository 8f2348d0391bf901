//! Opinions: the catalogue, and what runs it.
//!
//! A rule is a card of `rules/`. Most are declarative, and the declarative engine judges them; the rest say
//! `native` and have a paragraph of Rust beside this file. Either way a rule looks at a [`Context`] and
//! reports into a [`Sink`]; it cannot fail, and it does not know which dialect it looks at.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use foldhash::HashMap;

use crate::analysis::code;
use crate::analysis::document;
use crate::analysis::functions::{Facts, Kept};
use crate::analysis::graph::{self, Graph, RoleOf, Trigger};
use crate::analysis::iam::power::Power;
use crate::analysis::identity::{self, Limits};
use crate::analysis::knowledge::secrets;
use crate::analysis::memo::Answers;
use crate::analysis::naming;
use crate::analysis::policy::{self, Denial, Statement, of_owner};
use crate::analysis::runners;
use crate::analysis::scripts::{self, Script};
use crate::analysis::sharing::Names;
use crate::analysis::walk::{self, Found};
use crate::resolve::{Case, Resolver, Text, Under};
use crate::rulebook::{Literal, Narrowing, PolicyKind};
use crate::source::Span;
use crate::syntax::Comment;
use crate::template::{Intrinsic, Kind, Origin, Resource, Template, Value};

mod catalogue;
mod declarative;
mod names;
mod narrower;
mod native;
mod sink;
mod spelling;
mod whole;

pub use catalogue::{Catalogue, CatalogueError, Rule};
pub use native::{Joins, joining, names as native_names};
pub use sink::{Hit, Sink, Spot};
pub use spelling::UnknownName;

/// Everything a rule may ask about a template.
pub struct Context<'t, 'a> {
    /// The template.
    pub template: &'t Template<'a>,
    /// What its values are.
    pub resolver: &'t Resolver<'t, 'a>,
    /// The day the template is judged on, `YYYY-MM-DD`: runtimes are deprecated from a date on.
    pub today: &'t str,
    /// What the configuration set: rule, parameter, value.
    pub parameters: &'t BTreeMap<String, BTreeMap<String, Literal>>,
    /// What stands beside the template in its file: nothing of it is deployed, and all of it is read.
    pub comments: &'t [Comment<'a>],
    by_type: HashMap<&'a str, Vec<usize>>,
    documents: OnceCell<Vec<policy::Document<'a>>>,
    statements: OnceCell<Vec<Statement<'a>>>,
    graph: OnceCell<Graph>,
    triggers: OnceCell<BTreeMap<usize, Vec<Trigger<'a>>>>,
    references: declarative::References<'a>,
    names_of: declarative::NamesOf<'a>,
    related: declarative::Related<'a>,
    glanced: declarative::Glanced<'a>,
    extents: declarative::Extents,
    inner: Answers<(*const u8, Span), Option<Value<'a>>>,
    around: Answers<usize, Option<Rc<narrower::Around<'t, 'a>>>>,
    limited: OnceCell<bool>,
    limits: Answers<usize, Option<Rc<Limits<'a>>>>,
    denials: Answers<(usize, Narrowing), Rc<[Denial]>>,
    texts: OnceCell<Vec<Found<'t, 'a>>>,
    scripts: OnceCell<Vec<Script<'t, 'a>>>,
    names: OnceCell<Names<'a>>,
    naming: OnceCell<BTreeSet<&'a str>>,
    own: OnceCell<Vec<String>>,
    made_for: Option<&'t dyn Fn() -> Vec<String>>,
    kept: Kept<'a>,
    whole: OnceCell<Resource<'a>>,
}

impl<'t, 'a> Context<'t, 'a> {
    /// A context; everything expensive is computed at the first question.
    #[must_use]
    pub fn new(
        template: &'t Template<'a>,
        resolver: &'t Resolver<'t, 'a>,
        today: &'t str,
        parameters: &'t BTreeMap<String, BTreeMap<String, Literal>>,
    ) -> Self {
        let mut by_type: HashMap<&'a str, Vec<usize>> = HashMap::default();
        for (at, resource) in template.resources.iter().chain(&template.declared).enumerate() {
            by_type.entry(resource.kind).or_default().push(at);
        }
        Self {
            template,
            resolver,
            today,
            parameters,
            comments: &[],
            by_type,
            documents: OnceCell::new(),
            statements: OnceCell::new(),
            graph: OnceCell::new(),
            triggers: OnceCell::new(),
            references: declarative::References::default(),
            names_of: declarative::NamesOf::default(),
            related: declarative::Related::default(),
            glanced: declarative::Glanced::default(),
            extents: declarative::Extents::default(),
            inner: Answers::default(),
            around: Answers::default(),
            limited: OnceCell::new(),
            limits: Answers::default(),
            denials: Answers::default(),
            texts: OnceCell::new(),
            scripts: OnceCell::new(),
            names: OnceCell::new(),
            naming: OnceCell::new(),
            own: OnceCell::new(),
            made_for: None,
            kept: Kept::default(),
            whole: OnceCell::new(),
        }
    }

    /// The same context, with the comments of the file.
    #[must_use]
    pub const fn with_comments(mut self, comments: &'t [Comment<'a>]) -> Self {
        self.comments = comments;
        self
    }

    /// The resources of a type, those declared in the user's own language included; a trailing `*` matches
    /// the rest of the type.
    pub fn resources<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'t Resource<'a>> + use<'s, 't, 'a> {
        let template = self.template;
        let start = kind.strip_suffix('*');
        let exact = if start.is_none() { self.by_type.get(kind) } else { None };
        let like = start.map(|start| {
            let all = template.resources.iter().chain(&template.declared);
            all.filter(move |resource| resource.kind.starts_with(start))
        });
        let exact = exact.into_iter().flatten().filter_map(|&at| {
            template.resources.get(at).or_else(|| template.declared.get(at - template.resources.len()))
        });
        exact.chain(like.into_iter().flatten())
    }

    /// The document that a text is, where it is one: a policy or a state machine that was written as JSON.
    fn inner(&self, value: &Value<'a>) -> Option<Value<'a>> {
        let at = match value.kind {
            Kind::Text(text) => text.as_ptr(),
            Kind::Intrinsic(Intrinsic::Join(_, items)) => items.as_list()?.as_ptr().cast(),
            _ => return None,
        };
        // The same text may stand in two places.
        self.inner.answer((at, value.origin.span), || document::parsed(self.resolver, value))
    }

    /// The template as a subject of rules.
    pub fn whole(&self) -> &Resource<'a> {
        self.whole.get_or_init(|| whole::resource(self.template, self.resolver.build()))
    }

    /// The types that occur in the template, in no order.
    pub fn types(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_type.keys().copied()
    }

    /// Calls back for every text of the template; see [`walk::texts`]. Several rules ask, one walk answers.
    pub fn texts(&self, each: &mut dyn FnMut(&Found<'t, 'a>)) {
        self.texts.get_or_init(|| walk::texts(self.template)).iter().for_each(each);
    }

    /// The scripts that take something unchecked. Two rules ask, and each script is read once.
    pub fn careless_scripts(&self) -> &[Script<'t, 'a>] {
        self.scripts.get_or_init(|| scripts::careless(self.template, self.resolver))
    }

    /// What the things that functions name are called.
    pub fn names(&self) -> &Names<'a> {
        self.names.get_or_init(|| Names::of(&self.facts()))
    }

    /// The parameters that only stand where the name of something does.
    pub fn naming(&self) -> &BTreeSet<&'a str> {
        self.naming.get_or_init(|| naming::names(self.template))
    }

    /// The policy documents of the template.
    pub fn documents(&self) -> &[policy::Document<'a>] {
        self.documents.get_or_init(|| policy::documents(self.template, self.resolver))
    }

    /// The statements of every policy of the template.
    pub fn statements(&self) -> &[Statement<'a>] {
        let all = || self.documents().iter().flat_map(|document| document.statements(self.resolver)).collect();
        self.statements.get_or_init(all)
    }

    /// The references between the resources.
    pub fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| Graph::new(self.template))
    }

    /// What invokes each function, by the function's position.
    pub fn triggers(&self) -> &BTreeMap<usize, Vec<Trigger<'a>>> {
        self.triggers.get_or_init(|| graph::triggers(self.template, self.resolver, self.graph()))
    }

    /// The identity statements that a role carries: its own, and those of policies attached to it here.
    #[must_use]
    pub fn statements_of(&self, role: usize) -> Vec<&Statement<'a>> {
        graph::statements_of(self.template, self.resolver, self.graph(), self.statements(), role)
    }

    /// The roles that a property of a resource names, each under its assumption.
    #[must_use]
    pub fn roles_of(&self, resource: &Resource<'a>) -> Vec<(RoleOf<'a>, Under, Origin<'a>)> {
        graph::roles_of(self.template, self.resolver, self.graph(), resource, runners::role_path(resource.kind))
    }

    /// The queue of the template that a value refers to, or whose ARN it is.
    #[must_use]
    pub fn queue_of(&self, value: &Value<'a>) -> Option<&'t Resource<'a>> {
        let named = || graph::named(graph::Named::Queue, self.template, self.resolver, self.graph(), &Text::of(value));
        let target = self.resolver.target(value).or_else(|| self.template.resources.get(named()?));
        target.filter(|target| target.kind == "AWS::SQS::Queue")
    }

    /// What is written into properties made for secrets: the resource, the property's path, each of its values. The token of
    /// an Alexa skill is its id, and no secret.
    pub fn secret_properties(&self) -> impl Iterator<Item = (&Resource<'a>, &'static str, Case<'a>)> {
        let resources = self.template.resources.iter().filter(|r| r.kind != "AWS::Lambda::Permission");
        let paths = resources.flat_map(|resource| secrets::paths(resource.kind).map(move |path| (resource, path)));
        paths.flat_map(|(resource, path)| {
            walk::at_path(self.resolver, resource, path).into_iter().map(move |case| (resource, path, case))
        })
    }

    /// The policies of the template that limit a role or a user, by position, and are attached to nobody.
    #[must_use]
    pub fn boundaries(&self) -> BTreeSet<usize> {
        graph::boundaries(self.template, self.resolver, self.graph())
    }

    /// What takes rights away from a statement of an identity's policy; `None` where nothing does.
    #[must_use]
    pub fn limits(&self, statement: &Statement<'a>) -> Option<Rc<Limits<'a>>> {
        let identity = statement.kind == PolicyKind::Identity;
        if !identity || !*self.limited.get_or_init(|| identity::has_limits(&self.facts())) {
            return None;
        }
        self.limits.answer(statement.owner, || Limits::of(&self.facts(), statement.owner))
    }

    /// The denials in the policies of a resource that leave everyone only what is narrow in some respect.
    #[must_use]
    pub fn denials(&self, owner: usize, how: Narrowing) -> Rc<[Denial]> {
        self.denials.answer((owner, how), || {
            let siblings = policy::of_owner(self.statements(), owner);
            // A lone statement has nothing beside it.
            if siblings.len() < 2 {
                return Rc::default();
            }
            let policies = siblings.iter().filter(|s| s.kind != PolicyKind::Identity);
            policy::denials(policies.map(|s| s.asked(self.resolver)), how).into()
        })
    }

    /// What questions about functions and their networks are answered from.
    #[must_use]
    pub fn facts(&self) -> Facts<'_, 't, 'a> {
        Facts {
            template: self.template,
            resolver: self.resolver,
            graph: self.graph(),
            statements: self.statements(),
            kept: &self.kept,
        }
    }

    /// What a role, a user or a group may do; `None` for what is none.
    #[must_use]
    pub fn power_of(&self, identity: usize) -> Option<Rc<Power<'a>>> {
        identity::power_of(&self.facts(), identity)
    }

    /// What was not looked at, since it was too much: bounds that were reached.
    pub fn unseen(&self) -> impl Iterator<Item = &'static str> {
        self.kept.unseen()
    }

    /// The resource that a statement stands in.
    #[must_use]
    pub fn owner(&self, statement: &Statement<'a>) -> &'t Resource<'a> {
        &self.template.resources[statement.owner]
    }

    /// The identity statements of whoever has this one, in whichever policy they stand.
    pub fn beside<'s>(
        &'s self,
        statement: &Statement<'a>,
    ) -> impl Iterator<Item = &'s Statement<'a>> + use<'s, 't, 'a> {
        let owners = graph::together(self.template, self.resolver, self.graph(), statement.owner);
        let statements = self.statements();
        let of = move |owner: usize| of_owner(statements, owner).iter().filter(|s| s.kind == PolicyKind::Identity);
        (0..owners.len()).filter_map(move |at| owners.get(at).copied()).flat_map(of)
    }

    /// A parameter of a rule: what the configuration says, else the card's default.
    #[must_use]
    pub fn parameter(&self, rule: &Rule, name: &str) -> Option<Literal> {
        let set = self.parameters.get(&*rule.head.name).and_then(|p| p.get(name));
        set.cloned().or_else(|| rule.logic().parameters.get(name).map(|p| p.default.clone()))
    }

    /// A parameter of a rule as texts.
    #[must_use]
    pub fn parameter_texts(&self, rule: &Rule, name: &str) -> Vec<String> {
        match self.parameter(rule, name) {
            Some(Literal::List(items)) => items.iter().filter_map(literal_text).collect(),
            Some(other) => literal_text(&other).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The same context, with what tells for which accounts the template was synthesised; asked when a rule wants to know.
    #[must_use]
    pub const fn made_for(mut self, accounts: &'t dyn Fn() -> Vec<String>) -> Self {
        self.made_for = Some(accounts);
        self
    }

    /// The accounts that a rule takes for the user's own: those that the configuration names, and the one that the CDK has made
    /// the template for, as it says itself, or as the place says that it puts the template's code into.
    pub fn trusted_accounts(&self, rule: &Rule) -> Vec<String> {
        let mut all = self.parameter_texts(rule, "trusted-accounts");
        all.extend_from_slice(self.own.get_or_init(|| {
            let mut own = code::own_accounts(self.template, self.resolver);
            own.extend(self.made_for.map(|ask| ask()).unwrap_or_default());
            own
        }));
        all
    }

    /// True while resources may exist that we do not see.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        !self.template.unknown_parts.is_empty()
    }

    /// The assumption of a resource; `None` when it is never made.
    #[must_use]
    pub fn under(&self, resource: &Resource<'a>) -> Option<Under> {
        self.resolver.under_of(resource)
    }
}

fn literal_text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Text(text) | Literal::Number(text) => Some(text.clone()),
        Literal::Bool(yes) => Some(yes.to_string()),
        Literal::Null | Literal::List(_) | Literal::Map(_) => None,
    }
}

/// Runs one rule over a template.
pub fn run<'a>(rule: &Rule, context: &Context<'_, 'a>, sink: &mut Sink<'a>) {
    match &rule.logic().check {
        Some(check) => declarative::run(rule, check, context, sink),
        None => native::run(rule, context, sink),
    }
}
