//! Helpers that extract names from syntax trees.

use proc_macro2::TokenTree;

pub type Names = Vec<String>;

pub fn names(path: &syn::Path) -> Names {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// The leaves of a `use` tree: the name that each introduces (`None` for a glob), its path and its line.
pub fn leaves(tree: &syn::UseTree) -> Vec<(Option<String>, Names, usize)> {
    fn walk(tree: &syn::UseTree, before: &[String], out: &mut Vec<(Option<String>, Names, usize)>) {
        let with = |name: &syn::Ident| {
            let mut path = before.to_vec();
            // `a::{self}` means `a`.
            if name != "self" || path.is_empty() {
                path.push(name.to_string());
            }
            path
        };
        match tree {
            syn::UseTree::Path(path) => walk(&path.tree, &with(&path.ident), out),
            syn::UseTree::Name(name) => {
                let path = with(&name.ident);
                out.push((path.last().cloned(), path, name.ident.span().start().line));
            }
            syn::UseTree::Rename(rename) => {
                let line = rename.ident.span().start().line;
                out.push((Some(rename.rename.to_string()), with(&rename.ident), line));
            }
            syn::UseTree::Glob(glob) => out.push((None, before.to_vec(), glob.star_token.spans[0].start().line)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, before, out)),
        }
    }
    let mut out = Vec::new();
    walk(tree, &[], &mut out);
    out
}

pub fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            list.tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(name) if name == "test"))
        }
        _ => false,
    })
}

pub fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

pub fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(x) => &x.attrs,
        syn::Item::Enum(x) => &x.attrs,
        syn::Item::Fn(x) => &x.attrs,
        syn::Item::Impl(x) => &x.attrs,
        syn::Item::Macro(x) => &x.attrs,
        syn::Item::Mod(x) => &x.attrs,
        syn::Item::Static(x) => &x.attrs,
        syn::Item::Struct(x) => &x.attrs,
        syn::Item::Trait(x) => &x.attrs,
        syn::Item::Type(x) => &x.attrs,
        syn::Item::Use(x) => &x.attrs,
        _ => &[],
    }
}

/// The name that an item defines.
pub fn defined(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(x) => &x.ident,
        syn::Item::Enum(x) => &x.ident,
        syn::Item::Fn(x) => &x.sig.ident,
        syn::Item::Macro(x) => x.ident.as_ref()?,
        syn::Item::Static(x) => &x.ident,
        syn::Item::Struct(x) => &x.ident,
        syn::Item::Trait(x) => &x.ident,
        syn::Item::Type(x) => &x.ident,
        _ => return None,
    };
    Some(name.to_string())
}
