//! The filter language, shared by the search line, the live filter, `jukebox search`, smart
//! playlists and plugins.
//!
//! It accepts the short form of cmus and a long form with field names. In EBNF (white space is
//! allowed between any two tokens; adjacent tests are joined as if by `&`, which binds tighter than
//! `|`):
//!
//! ```text
//! filter = all , { "|" , all } ;
//! all    = one , { [ "&" ] , one } ;
//! one    = "!" , one | "(" , filter , ")" | short | long | sound | check | named | word ;
//! short  = "~" , letter , ( [ compare ] , number | text ) ;      ~a beatles   ~y1960-1965   ~d>10:00
//! long   = field , ( compare , ( number | value ) | number ) ;   genre=jazz   year>=1990    tempo 118-126
//! sound  = ( "tag" | "sounds" ) , ":" , name , [ compare , number ] ;  sounds:mellow  tag:jazz>0.5
//! check  = ( "has" | "missing" ) , "(" , field , ")" | "like" , "(" , path , ")" ;
//! named  = "@" , name ;                                          a filter of [filters] in config.toml
//! word   = a word, or "words in quotes" ;                        anywhere in title, artist, album, genre, file name
//! compare = "=" | "!=" | "~" | "<" | "<=" | ">" | ">=" ;         "~" is: contains
//! number = value | value , ( "-" | ".." ) , [ value ] | ( "-" | ".." ) , value ;
//! ```
//!
//! Comparison of text ignores case and accents. In `field=text`, `*` matches anything. A number is
//! plain (`120`), a time (`10:00`, `90s`, `1h`), or a date: `2024`, `2024-03`, `2024-03-01`, or an
//! age (`-7d`; s, min, h, d, w, m, y). `sounds:mellow` matches tracks to which the encoder assigns
//! this tag, `tag:mellow>0.5` tests its probability. An unknown value fails every comparison;
//! `missing(field)` finds it.

mod fault;
mod field;
mod fold;
mod matcher;
mod parse;
mod tree;
mod value;

pub use fault::Fault;
pub use field::{Field, Kind, LIBRARY, Of};
pub use fold::{Folded, PART, fold, texts};
pub use matcher::{Facts, Lookup, Matcher, NoFacts, NoLookup, TagsOnly};
pub use parse::Language;
pub use tree::{Expr, Span, Test, TextOp};
pub use value::Value;

#[cfg(test)]
mod laws;
