//! The table of the script interface: every name that a script may use, with its Luau type and its meaning. The reference in
//! `docs/plugins.md` and `plugins/types.luau` are made from it (`super::pages`), and a test compares it with what
//! scripts really get.

/// What a type is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Another name of a Luau type.
    Alias(&'static str),
    /// A table with fields.
    Fields,
    /// A table of functions that are called with a colon; the variable that documents call it by.
    Methods(&'static str),
    /// The table that `main.luau` returns.
    Module,
}

/// A type of the interface.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    /// Its name in `types.luau`.
    pub name: &'static str,
    /// What it is made of.
    pub form: Form,
    /// What it is.
    pub doc: &'static str,
    /// Its fields or functions.
    pub members: &'static [Member],
}

/// A field or a function.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its Luau type; of a function the parameters and the result, without `self`.
    pub form: &'static str,
    /// What it holds or does, with unit and range.
    pub doc: &'static str,
}

const fn member(name: &'static str, form: &'static str, doc: &'static str) -> Member {
    Member { name, form, doc }
}

/// Every type, in the order of the documents.
pub const TYPES: &[Type] =
    &[ENGINE, CONTEXT, LIBRARY, TRACK, PROPOSAL, ANSWER, QUERY, NEAR, HIT, HEARD, TIME, SIGNATURE, DIM, ID, IDS, POINT];

const ENGINE: Type = Type {
    name: "Engine",
    form: Form::Module,
    doc: "What `main.luau` returns: a table with the function of the plugin's kind.",
    members: &[
        member(
            "propose",
            "(ctx: Context, want: number) -> Answer",
            "Kind `source`: proposes up to `want` tracks, of which the queue's policy picks `ctx.want`.",
        ),
        member(
            "keep",
            "(ctx: Context, proposal: Proposal) -> (boolean, string?)",
            "Kind `filter`: whether a proposal stays; called for each.",
        ),
        member(
            "rank",
            "(ctx: Context, proposals: { Proposal }) -> Answer",
            "Kind `rank`: the proposals with other scores, in another order, or fewer of them. It cannot add tracks.",
        ),
    ],
};

const CONTEXT: Type = Type {
    name: "Context",
    form: Form::Fields,
    doc: "The session as it is at this call. The same session gives the same values, random numbers included.",
    members: &[
        member("now", "Track?", "The track that plays."),
        member("seeds", "{ Id }", "The tracks that the user chose; when there are none, the one that plays."),
        member("queue", "{ Id }", "The tracks ahead in the queue, the next one first."),
        member("history", "{ Heard }", "The tracks heard, each once, the latest last: at most 1,000."),
        member(
            "want",
            "number",
            "How many tracks the queue lacks. The argument `want` is larger, so that the policy and filters have a choice.",
        ),
        member("time", "Time", "The time."),
        member(
            "options",
            "{ [string]: number | string | boolean }",
            "The options of `plugin.toml`, as the user set them.",
        ),
        member(
            "state",
            "{ [string]: any }",
            "What the plugin remembers between calls and starts: numbers, texts, booleans and tables of them, at most 64 KiB.",
        ),
        member(
            "rng",
            "(n: number?) -> number",
            "The next random number, 0 to below 1; with `n` a whole one, 1 to `n`.",
        ),
        member("lib", "Library", "The library."),
    ],
};

const LIBRARY: Type = Type {
    name: "Library",
    form: Form::Methods("lib"),
    doc: "The library. An unknown id is passed over in lists and gives nil where one track is asked for.",
    members: &[
        member("get", "(id: Id?) -> Track?", "What is known of a track."),
        member(
            "query",
            "(query: Query) -> { Hit }",
            "Tracks that pass a filter: the nearest first, sorted, or in the library's order.",
        ),
        member(
            "nearest",
            "(to: Ids | Point | Signature, k: number, near: Near?) -> { Hit }",
            "The `k` (at most 500) nearest tracks, the nearest first: by the signature of a list of tracks, which are left out themselves, or round a point.",
        ),
        member(
            "search",
            "(filter: string, k: number) -> { Id }",
            "The first `k` tracks that pass a filter, at most 1,000.",
        ),
        member(
            "album",
            "(id: Id) -> { Id }",
            "The tracks of a track's album by disc and number, itself too; none without an album tag.",
        ),
        member(
            "artist",
            "(id: Id) -> { Id }",
            "The tracks of a track's artist, in the library's order, at most 1,000.",
        ),
        member(
            "point",
            "(id: Id) -> Point?",
            "Where a track lies in the space of sounds; nil when it is not analysed.",
        ),
        member(
            "mean",
            "(of: Ids, weights: { number }?) -> Point?",
            "The mean of tracks, each with its weight (1 unless given).",
        ),
        member(
            "lerp",
            "(a: Id | Ids | Point, b: Id | Ids | Point, t: number) -> Point?",
            "The point on the line from `a` (t = 0) to `b` (t = 1); t from -4 to 4, so that it can lead beyond either.",
        ),
        member(
            "signature",
            "(of: Ids) -> Signature?",
            "What tracks have in common, by the dimensions that the user chose.",
        ),
        member(
            "distance",
            "(from: Id | Point, to: Id | Ids | Point | Signature) -> number?",
            "To a track or point: the root mean square difference, 0 for the same sound, about 1.4 for two random tracks. To a list or a signature, from a track: the signature distance, where lower is nearer and negative is like the set.",
        ),
        member(
            "sim",
            "(a: Id, b: Id) -> number?",
            "exp(-d²/2) of the distance d of two tracks: 1 for the same sound, about 0.37 for two random ones.",
        ),
    ],
};

const TRACK: Type = Type {
    name: "Track",
    form: Form::Fields,
    doc: "A track, from its tags, the journal and the analysis.",
    members: &[
        member("id", "Id", "Its id."),
        member("title", "string", "Its title, or the file's name."),
        member("artist", "string", "Its artist, \"\" when unknown."),
        member("album", "string", "Its album, \"\" when unknown."),
        member("album_id", "string?", "The same for all tracks of an album; nil without an album tag."),
        member("genres", "{ string }", "Its genres by its tags."),
        member("year", "number?", "Year of release."),
        member("track", "number?", "Number on its disc."),
        member("disc", "number?", "Number of the disc."),
        member("secs", "number", "Length in seconds, 0 when unknown."),
        member("rating", "number?", "The user's rating, 0 to 100: 80 is four stars."),
        member("loved", "boolean", "Whether the user loves it."),
        member("plays", "number", "How often it was played."),
        member("skips", "number", "How often it was skipped."),
        member("heard", "number?", "When it was last played, Unix time in seconds."),
        member("added", "number?", "When it came into the library, Unix time in seconds."),
        member(
            "tags",
            "{ [string]: number }",
            "The words that the encoder says of it, with their probabilities, 0 to 1.",
        ),
        member(
            "sound",
            "{ [string]: number }",
            "Its descriptors by name, in the units of `jukebox search --grammar`: tempo in beats a minute (80 to 160), energy 0 to 1, brightness in Hz and so on. What is not known is missing.",
        ),
    ],
};

const PROPOSAL: Type = Type {
    name: "Proposal",
    form: Form::Fields,
    doc: "A proposed track.",
    members: &[
        member("id", "Id", "The track."),
        member(
            "score",
            "number?",
            "Higher is better, on a scale of the plugin's own. Without scores the list's order counts.",
        ),
        member("why", "string?", "The reason, for `:why` and the queue."),
    ],
};

const ANSWER: Type = Type {
    name: "Answer",
    form: Form::Alias("{ Proposal } & { done: boolean?, ordered: boolean? }"),
    doc: "A list of at most 500 proposals. With `ordered = true` they are queued in this order, as for albums; else the policy orders them and keeps artists apart. With `done = true` nothing is queued after them: the queue ends.",
    members: &[],
};

const QUERY: Type = Type {
    name: "Query",
    form: Form::Fields,
    doc: "What `lib:query` takes.",
    members: &[
        member("filter", "string?", "A filter as `F` and `jukebox search` take it; all tracks without."),
        member(
            "near",
            "(Ids | Point | Signature)?",
            "Sorts by the distance to these and leaves out what is not analysed.",
        ),
        member(
            "sort",
            "string?",
            "Keys such as `-rating,added`: title, artist, album, year, length, tempo, energy, brightness, fit (the distance to `near`), plays, rating, added, track, path.",
        ),
        member("without", "Ids?", "Tracks to leave out."),
        member("limit", "number?", "At most so many, 100 unless given, 1,000 at most."),
        member("offset", "number?", "Leaves out so many from the beginning."),
    ],
};

const NEAR: Type = Type {
    name: "Near",
    form: Form::Fields,
    doc: "What `lib:nearest` takes beside.",
    members: &[
        member("filter", "string?", "Only tracks that pass it."),
        member("without", "Ids?", "Tracks to leave out."),
    ],
};

const HIT: Type = Type {
    name: "Hit",
    form: Form::Fields,
    doc: "A track that was found.",
    members: &[
        member("id", "Id", "The track."),
        member("distance", "number?", "How far it is from what was asked for, if a place was."),
        member(
            "sim",
            "number?",
            "exp(-d²/2) of the distance d to the nearest of the tracks, or to the point, that were asked for.",
        ),
    ],
};

const HEARD: Type = Type {
    name: "Heard",
    form: Form::Fields,
    doc: "A track of the history.",
    members: &[
        member("id", "Id", "The track."),
        member(
            "at",
            "number?",
            "When it was last played to its end or counted, Unix time in seconds; nil when it was only begun.",
        ),
    ],
};

const TIME: Type = Type {
    name: "Time",
    form: Form::Fields,
    doc: "The time, local but for `unix`.",
    members: &[
        member("unix", "number", "Seconds since 1970 in UTC."),
        member("year", "number", "The year."),
        member("month", "number", "1 to 12."),
        member("day", "number", "1 to 31."),
        member("hour", "number", "0 to 23."),
        member("minute", "number", "0 to 59."),
        member("weekday", "number", "1 (Monday) to 7."),
    ],
};

const SIGNATURE: Type = Type {
    name: "Signature",
    form: Form::Fields,
    doc: "A signature, from `lib:signature`. Valid during the call that made it.",
    members: &[member("dims", "{ Dim }", "The dimensions on which the tracks agree.")],
};

const DIM: Type = Type {
    name: "Dim",
    form: Form::Fields,
    doc: "A dimension of a signature.",
    members: &[
        member("name", "string", "1 to 32 for the encoder's own, else the descriptor's name."),
        member(
            "centre",
            "number",
            "Where the tracks lie, in standard deviations of the library; of tempo and key an angle in radians.",
        ),
        member("spread", "number", "How far they spread, in the same unit."),
    ],
};

const ID: Type = Type {
    name: "Id",
    form: Form::Alias("string"),
    doc: "Names a track: 32 characters without a meaning.",
    members: &[],
};

const IDS: Type = Type {
    name: "Ids",
    form: Form::Alias("{ Id | { id: Id } }"),
    doc: "A list of ids, or of tables with an `id`: tracks, hits, proposals, the history. The first 200 count; to leave out, all do.",
    members: &[],
};

const POINT: Type = Type {
    name: "Point",
    form: Form::Alias("{ [number]: number }"),
    doc: "A place in the space of sounds, from `lib:point`, `mean` or `lerp`: `p[1]` to `p[32]` can be read.",
    members: &[],
};
