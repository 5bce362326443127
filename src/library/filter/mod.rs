//! The filter language: one for the search line, the live filter, `jukebox search`, smart playlists and plugins.
//!
//! It reads cmus' short form and a long form with the fields' names. In EBNF (white space may stand between any two
//! signs; two tests side by side mean both, as with `&`, which binds tighter than `|`):
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
//! Letters do not tell case and accents apart. In `field=text`, `*` stands for anything. A number is plain (`120`), a
//! time (`10:00`, `90s`, `1h`), or a date: `2024`, `2024-03`, `2024-03-01`, or how long ago (`-7d`; s, min, h, d, w, m, y).
//! `sounds:mellow` asks for tracks of which the encoder's word is said, `tag:mellow>0.5` for its probability.
//! What is not known fails every comparison; `missing(field)` finds it.

mod fault;
mod field;
mod fold;
mod matcher;
mod parse;
mod tree;
mod value;

pub use fault::Fault;
pub use field::{Field, Kind, LIBRARY, Of};
pub use fold::{Folded, fold};
pub use matcher::{Facts, Lookup, Matcher, NoFacts};
pub use parse::Language;
pub use tree::{Expr, Span, Test, TextOp};
pub use value::Value;

#[cfg(test)]
mod laws;
