//! Reads which file uses what from which other file, resolving names like the compiler: `use` trees with groups,
//! renames and globs, paths from `crate`, `super` and `self`, modules with a `#[path]`, re-exports.
//!
//! A file uses another if its code names something defined there. Declaring a module, re-exporting from it with `pub
//! use`, or naming it in a path to one of its items is not a use. A method called on `self` counts as a use of the file
//! with its `impl` block, which makes an object spread over several files visible. Code under `#[cfg(test)]` is
//! ignored: tests may use anything.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::syntax::{Names, attributes, defined, is_test, leaves, names, path_attribute};

/// A use of an item: where it is named, and the file that defines it.
#[derive(Clone, Debug)]
pub struct Use {
    pub from: PathBuf,
    pub line: usize,
    pub to: PathBuf,
    pub name: String,
}

/// A use of an external crate in a file.
pub struct Extern {
    pub file: PathBuf,
    pub line: usize,
    pub name: String,
}

#[derive(Default)]
pub struct Uses {
    pub files: Vec<PathBuf>,
    pub items: Vec<Use>,
    pub externs: Vec<Extern>,
}

/// Reads crates given by name and root file. File names are relative to `base`.
pub fn read(base: &Path, crates: &[(&str, &str)]) -> Uses {
    let mut tree = Tree { base: base.to_path_buf(), ..Tree::default() };
    for (name, root) in crates {
        let file = PathBuf::from(root);
        let dir = file.parent().unwrap().to_path_buf();
        let id = tree.file(file, &dir, None, None);
        tree.crates.insert((*name).to_string(), id);
    }
    tree.find_methods();
    let mut uses = Uses { files: tree.modules.iter().map(|m| m.file.clone()).collect(), ..Uses::default() };
    uses.files.sort();
    uses.files.dedup();
    for (module, part) in tree.modules.iter().enumerate() {
        let mut code = Code { tree: &tree, module, scopes: Vec::new(), object: None, uses: &mut uses };
        part.items.iter().for_each(|item| code.visit_item(item));
    }
    uses
}

/// What a name in a module refers to.
enum Item {
    Here,
    Module(usize),
    Import(Names),
}

/// What a path resolves to.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    /// An item with this name, defined in this module's file.
    Item(usize, String),
    Module(usize),
    Extern(String),
}

struct Module {
    file: PathBuf,
    root: usize,
    parent: usize,
    names: HashMap<String, Vec<Item>>,
    globs: Vec<Names>,
    items: Vec<syn::Item>,
}

#[derive(Default)]
struct Tree {
    base: PathBuf,
    modules: Vec<Module>,
    crates: BTreeMap<String, usize>,
    /// The module whose `impl` block defines a method of a type.
    methods: HashMap<(Object, String), usize>,
}

/// A type: the module that defines it and its name.
type Object = (usize, String);

impl Tree {
    fn file(&mut self, file: PathBuf, dir: &Path, root: Option<usize>, parent: Option<usize>) -> usize {
        let text = fs::read_to_string(self.base.join(&file)).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let items = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display())).items;
        self.module(file, dir, root, parent, items)
    }

    /// Adds a module. `dir` is the directory of its child modules' files.
    fn module(
        &mut self,
        file: PathBuf,
        dir: &Path,
        root: Option<usize>,
        parent: Option<usize>,
        items: Vec<syn::Item>,
    ) -> usize {
        let id = self.modules.len();
        let root = root.unwrap_or(id);
        self.modules.push(Module {
            file: file.clone(),
            root,
            parent: parent.unwrap_or(id),
            names: HashMap::new(),
            globs: Vec::new(),
            items: Vec::new(),
        });
        for item in items {
            if is_test(attributes(&item)) {
                continue;
            }
            match &item {
                syn::Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let inner = dir.join(&name);
                    let child = if let Some((_, items)) = child.content.clone() {
                        self.module(file.clone(), &inner, Some(root), Some(id), items)
                    } else if let Some(path) = path_attribute(&child.attrs) {
                        let at = file.parent().unwrap().join(path);
                        let inner = at.parent().unwrap().to_path_buf();
                        self.file(at, &inner, Some(root), Some(id))
                    } else {
                        let flat = dir.join(format!("{name}.rs"));
                        let at = if self.base.join(&flat).is_file() { flat } else { inner.join("mod.rs") };
                        self.file(at, &inner, Some(root), Some(id))
                    };
                    self.modules[id].names.entry(name).or_default().push(Item::Module(child));
                    continue;
                }
                syn::Item::Use(import) => {
                    for (name, path, _) in leaves(&import.tree) {
                        match name {
                            Some(name) => self.modules[id].names.entry(name).or_default().push(Item::Import(path)),
                            None => self.modules[id].globs.push(path),
                        }
                    }
                }
                other => {
                    if let Some(name) = defined(other) {
                        self.modules[id].names.entry(name).or_default().push(Item::Here);
                    }
                }
            }
            self.modules[id].items.push(item);
        }
        id
    }

    fn find_methods(&mut self) {
        let mut found = HashMap::new();
        for (module, part) in self.modules.iter().enumerate() {
            for item in &part.items {
                let syn::Item::Impl(block) = item else { continue };
                let Some(object) = self.object(module, block) else { continue };
                for member in &block.items {
                    if let syn::ImplItem::Fn(method) = member
                        && block.trait_.is_none()
                    {
                        found.insert((object.clone(), method.sig.ident.to_string()), module);
                    }
                }
            }
        }
        self.methods = found;
    }

    /// The type of an `impl` block, if it is defined in these crates.
    fn object(&self, module: usize, block: &syn::ItemImpl) -> Option<Object> {
        let syn::Type::Path(kind) = &*block.self_ty else { return None };
        self.resolve(module, &names(&kind.path)).into_iter().find_map(|target| match target {
            Target::Item(module, name) => Some((module, name)),
            _ => None,
        })
    }

    fn resolve(&self, module: usize, path: &[String]) -> Vec<Target> {
        self.resolve_within(module, path, &mut Vec::new())
    }

    /// `seen` holds the names being resolved, since imports can refer to each other.
    fn resolve_within(&self, module: usize, path: &[String], seen: &mut Vec<(usize, String)>) -> Vec<Target> {
        let Some((first, mut rest)) = path.split_first() else { return Vec::new() };
        let mut targets = match first.as_str() {
            "Self" => return Vec::new(),
            "crate" => vec![Target::Module(self.modules[module].root)],
            "self" => vec![Target::Module(module)],
            "super" => vec![Target::Module(self.modules[module].parent)],
            name => {
                let found = self.lookup(module, name, seen);
                match self.crates.get(name) {
                    _ if !found.is_empty() => found,
                    Some(&root) => vec![Target::Module(root)],
                    None => vec![Target::Extern(name.to_string())],
                }
            }
        };
        while let Some((name, after)) = rest.split_first() {
            let module = targets.iter().find_map(|t| if let Target::Module(m) = t { Some(*m) } else { None });
            // Names after a type's name are parts of it: a variant, a method, a constant.
            let Some(module) = module else { return targets };
            targets = match name.as_str() {
                "self" => vec![Target::Module(module)],
                "super" => vec![Target::Module(self.modules[module].parent)],
                name => self.lookup(module, name, seen),
            };
            rest = after;
        }
        targets
    }

    fn lookup(&self, module: usize, name: &str, seen: &mut Vec<(usize, String)>) -> Vec<Target> {
        let key = (module, name.to_string());
        if seen.contains(&key) {
            return Vec::new();
        }
        seen.push(key);
        let part = &self.modules[module];
        let mut found = Vec::new();
        for item in part.names.get(name).into_iter().flatten() {
            match item {
                Item::Here => found.push(Target::Item(module, name.to_string())),
                Item::Module(child) => found.push(Target::Module(*child)),
                Item::Import(path) => found.extend(self.resolve_within(module, path, seen)),
            }
        }
        if found.is_empty() {
            for glob in &part.globs {
                for target in self.resolve_within(module, glob, seen) {
                    if let Target::Module(other) = target {
                        found.extend(self.lookup(other, name, seen));
                    }
                }
            }
        }
        seen.pop();
        found
    }
}

/// Visits the code of one module.
struct Code<'a> {
    tree: &'a Tree,
    module: usize,
    /// Imports by `use` inside functions, innermost last.
    scopes: Vec<HashMap<String, Names>>,
    /// The type of the current `impl` block.
    object: Option<Object>,
    uses: &'a mut Uses,
}

impl Code<'_> {
    fn note(&mut self, path: &[String], line: usize) {
        let Some(first) = path.first() else { return };
        let local = self.scopes.iter().rev().find_map(|scope| scope.get(first));
        let path: Names = match local {
            Some(start) => start.iter().chain(&path[1..]).cloned().collect(),
            None => path.to_vec(),
        };
        if let Some(first) = path.first().filter(|first| self.tree.crates.contains_key(*first)) {
            self.outside(first.clone(), line);
        }
        for target in self.tree.resolve(self.module, &path) {
            match target {
                Target::Item(module, _) => self.used(module, &path.join("::"), line),
                // A single name is a variable or a generic parameter.
                Target::Extern(name) if path.len() > 1 => self.outside(name, line),
                Target::Extern(_) => {}
                Target::Module(_) => {}
            }
        }
    }

    fn outside(&mut self, name: String, line: usize) {
        self.uses.externs.push(Extern { file: self.tree.modules[self.module].file.clone(), line, name });
    }

    fn used(&mut self, module: usize, name: &str, line: usize) {
        let (from, to) = (&self.tree.modules[self.module].file, &self.tree.modules[module].file);
        if from != to {
            self.uses.items.push(Use { from: from.clone(), line, to: to.clone(), name: name.to_string() });
        }
    }

    fn method(&mut self, name: &syn::Ident) {
        let Some(object) = self.object.clone() else { return };
        if let Some(&module) = self.tree.methods.get(&(object, name.to_string())) {
            self.used(module, &format!("self.{name}"), name.span().start().line);
        }
    }

    /// Paths inside a macro's arguments, which are unparsed tokens. A single name may be a variable there, so it counts
    /// only if something is called or constructed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut member = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) if !member => {
                    let line = first.span().start().line;
                    let mut path = vec![first.to_string()];
                    while punct(tokens.peek(), ':') {
                        tokens.next();
                        if !punct(tokens.peek(), ':') {
                            break;
                        }
                        tokens.next();
                        let Some(TokenTree::Ident(next)) = tokens.peek() else { break };
                        path.push(next.to_string());
                        tokens.next();
                    }
                    let called = matches!(tokens.peek(), Some(TokenTree::Group(_)));
                    if path.len() > 1 || called || path[0].starts_with(char::is_uppercase) {
                        self.note(&path, line);
                    }
                }
                _ => {}
            }
            member = false;
            if punct(tokens.peek(), '.') {
                tokens.next();
                member = !punct(tokens.peek(), '.');
            }
        }
    }
}

fn punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == mark)
}

impl<'ast> Visit<'ast> for Code<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    /// Each module is visited separately.
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        if matches!(import.vis, syn::Visibility::Inherited) {
            for (_, path, line) in leaves(&import.tree) {
                self.note(&path, line);
            }
        }
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let before = std::mem::replace(&mut self.object, self.tree.object(self.module, block));
        visit::visit_item_impl(self, block);
        self.object = before;
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let test = matches!(item, syn::ImplItem::Fn(method) if is_test(&method.attrs));
        if !test {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let mut scope = HashMap::new();
        for statement in &block.stmts {
            if let syn::Stmt::Item(syn::Item::Use(import)) = statement {
                scope.extend(leaves(&import.tree).into_iter().filter_map(|(name, path, _)| Some((name?, path))));
            }
        }
        // The block's own names must not be resolved in it: `use super::x;` brings in x.
        self.scopes.push(scope);
        visit::visit_block(self, block);
        self.scopes.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = names(path);
        if let [object, method] = &names[..]
            && object == "Self"
        {
            self.method(&syn::Ident::new(method, path.segments[1].ident.span()));
        }
        if let Some(first) = path.segments.first() {
            self.note(&names, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if matches!(&*call.receiver, syn::Expr::Path(path) if path.path.is_ident("self")) {
            self.method(&call.method);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    /// A visibility is not a use.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    /// Functions named in strings of serde attributes.
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let syn::Meta::List(list) = &attribute.meta else { return };
        if !attribute.path().is_ident("serde") {
            return;
        }
        for token in list.tokens.clone() {
            if let TokenTree::Literal(literal) = token
                && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
                && let Ok(path) = text.parse::<syn::Path>()
                && path.segments.len() > 1
            {
                // A module of functions: `serialize` represents all of them.
                let line = literal.span().start().line;
                let mut names = names(&path);
                self.note(&names, line);
                names.push("serialize".to_string());
                self.note(&names, line);
            }
        }
    }
}
