//! What is said where the limits leave too little.

use crate::queue::Context;

/// The line for the user when only `found` of `want` tracks could be picked and that is due to the limits: what they leave,
/// which they are, and how they are relaxed. `None` where the library has no more without them either.
pub fn scarce(context: &Context, found: usize, want: usize) -> Option<String> {
    let (space, limits) = (&context.space, &context.situation.limits);
    let standing = context.standing();
    let (mut all, mut passing, mut standing_there) = (0, 0, 0);
    for row in 0..space.len() as u32 {
        let Some(id) = space.id(row).filter(|id| context.catalog.of_track(*id).is_some()) else { continue };
        all += 1;
        if context.allowed(id) {
            passing += 1;
            standing_there += usize::from(standing.contains(&id));
        }
    }
    let missing = want.saturating_sub(found);
    let left = usize::saturating_sub(passing, standing_there + found);
    // Some of what is left are other versions of what was picked.
    let narrow = all - passing >= missing && left <= 2 * missing;
    // How far tracks are to lie apart, and shares of genres, hold back what would pass.
    let apart = (limits.spacing.any() || !limits.shares.is_empty()) && left >= missing;
    if missing == 0 || !(narrow || apart) {
        return None;
    }
    let words = limits.words().join("; ");
    let passing = match passing {
        0 => "no analysed track passes the limits".to_string(),
        _ if !narrow && !limits.shares.is_empty() => {
            "of the tracks that pass, too many are of genres whose share is used up".to_string()
        }
        _ if !narrow => "too few tracks lie as far apart as the limits want".to_string(),
        1 => "only 1 analysed track passes the limits".to_string(),
        n => format!("only {n} of {all} analysed tracks pass the limits"),
    };
    // How they are relaxed comes before what they are: that can be long.
    Some(match (limits.filters(), limits.shares.is_empty()) {
        (true, true) => {
            format!("{passing}; :limits off lifts the filters ({words}; [queue] in config.toml has the rest)")
        }
        (_, false) => {
            format!("{passing}; :share off and :limits off lift them ({words}; [queue] in config.toml has the rest)")
        }
        (false, true) => format!("{passing}; they are in [queue] of config.toml ({words})"),
    })
}
