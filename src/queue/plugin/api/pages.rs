//! The documents made from the table: the reference in `docs/plugins.md` and the types in `plugins/types.luau`.

use super::table::{Form, TYPES, Type};

/// The line of `docs/plugins.md` after which the reference begins.
pub const BEGIN: &str = "<!-- The reference: `jukebox plugin docs --reference` prints it from the program's table. -->";
/// The line before which it ends.
pub const END: &str = "<!-- The end of the reference. -->";

/// The reference, in Markdown.
pub fn reference() -> String {
    let mut out = String::new();
    for of in TYPES {
        out.push_str(&format!("### {}\n\n{}\n", of.name, of.doc));
        if let Form::Alias(what) = of.form {
            out.push_str(&format!("\n`{what}`\n"));
        }
        if !of.members.is_empty() {
            out.push('\n');
        }
        for member in of.members {
            let shown = match of.form {
                Form::Methods(variable) => format!("{variable}:{}{}", member.name, member.form),
                Form::Module => format!("{}{}", member.name, member.form),
                Form::Fields | Form::Alias(_) => format!("{}: {}", member.name, member.form),
            };
            out.push_str(&format!("- `{shown}`: {}\n", member.doc));
        }
        out.push('\n');
    }
    out
}

/// The types, as a definition file of Luau.
pub fn types() -> String {
    let mut out = String::from(
        "-- The types of jukebox's script interface, version 1, for editors and `luau-lsp analyze --definitions=types.luau`.\n\
         -- Printed by `jukebox plugin docs --types` from the program's table.\n",
    );
    for of in TYPES {
        out.push_str(&format!("\n-- {}\n", of.doc));
        match of.form {
            Form::Alias(what) => out.push_str(&format!("export type {} = {what}\n", of.name)),
            _ => out.push_str(&fields(of)),
        }
    }
    out
}

fn fields(of: &Type) -> String {
    let mut out = format!("export type {} = {{\n", of.name);
    for member in of.members {
        out.push_str(&format!("\t-- {}\n", member.doc));
        let form = match of.form {
            Form::Methods(_) => format!("(self: {}, {}", of.name, member.form.trim_start_matches('(')),
            // One of the functions is there, which one depends on the kind.
            Form::Module => format!("({})?", member.form),
            Form::Fields | Form::Alias(_) => member.form.to_string(),
        };
        out.push_str(&format!("\t{}: {form},\n", member.name));
    }
    out.push_str("}\n");
    out
}
