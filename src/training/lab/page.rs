//! What saved runs say, as Markdown for docs/paper.md: a summary, a part for each experiment, and a table of all claims,
//! between marks. The same runs give the same text.

use super::arm::Experiment;
use super::fault::PageError;
use super::outlook_table;
use super::reconstructed;
use super::record::Record;
use super::summary::summary;
use super::tables::experiment;
use super::verdicts;

/// The parts of the page, by the names of their marks.
pub const PARTS: [&str; 7] = ["summary", "ablation", "fig3", "table4", "outlook", "transfer", "claims"];

/// The text of a part.
pub fn part(part: &str, records: &[Record]) -> String {
    match part {
        "summary" => summary(records),
        "ablation" => experiment(Experiment::Ablation, records),
        "fig3" => experiment(Experiment::Fig3, records),
        "table4" => experiment(Experiment::Table4, records),
        "outlook" => outlook_table::part(Experiment::Outlook, records),
        "transfer" => outlook_table::part(Experiment::Transfer, records),
        _ => verdicts::table(records),
    }
}

/// The page with each part between its marks written anew; with the picture of the decoder's guesses if it is beside the page
/// ([`reconstructed::FILE`]) and the runs have one.
///
/// # Errors
/// When a mark is missing.
pub fn written(page: &str, records: &[Record], pictured: bool) -> Result<String, PageError> {
    let pictured = pictured && reconstructed::run(records).is_some();
    let mut page = page.to_string();
    for name in PARTS {
        let (begin, end) = (format!("<!-- lab:{name} -->\n"), format!("<!-- /lab:{name} -->"));
        let missing = || PageError::NoMarks { begin: begin.trim().into(), end: end.clone() };
        let from = page.find(&begin).ok_or_else(missing)? + begin.len();
        let to = from + page[from..].find(&end).ok_or_else(missing)?;
        let mut text = part(name, records);
        if pictured && name == "outlook" {
            text += &reconstructed::words();
        }
        page.replace_range(from..to, &text);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::ended;

    const PAGE: &str = "# P\n<!-- lab:summary -->\nstale\n<!-- /lab:summary -->\n<!-- lab:ablation -->\n<!-- /lab:ablation -->\n\
                        between\n<!-- lab:fig3 -->\n<!-- /lab:fig3 -->\n<!-- lab:table4 -->\n<!-- /lab:table4 -->\n\
                        <!-- lab:outlook -->\n<!-- /lab:outlook -->\n<!-- lab:transfer -->\n<!-- /lab:transfer -->\n\
                        <!-- lab:claims -->\n<!-- /lab:claims -->\nend\n";

    #[test]
    fn without_runs_the_page_says_so_and_how() {
        let page = written(PAGE, &[], true).unwrap();
        assert!(page.contains("Not run. Command: `jukebox lab ablation --data strobe:DIR`"), "{page}");
        assert!(page.contains("Not run. Command: `jukebox lab table4 --data strobe:DIR --width 64`"), "{page}");
        assert!(page.contains("Not run. Command: `jukebox lab outlook --data tree:DIR`"), "{page}");
        assert!(page.contains("Not run. Command: `jukebox lab transfer --data tree:DIR`"), "{page}");
        assert!(page.contains("- **Held**: none."));
        assert!(page.contains("between\n") && page.ends_with("end\n") && !page.contains("stale"));
        assert_eq!(written(&page, &[], false).unwrap(), page, "writing again changes nothing");
        assert!(written("# P\n", &[], false).unwrap_err().to_string().contains("`<!-- lab:summary -->` and"));
    }

    #[test]
    fn the_decoders_guesses_are_shown_below_the_outlook_if_there_is_a_picture() {
        let runs = [ended("decoder-1", 1, 0.5)];
        let page = written(PAGE, &runs, true).unwrap();
        let place = page.find("](paper/reconstructions.svg)\n").unwrap();
        let mark = |mark: &str| page.find(mark).unwrap();
        assert!(mark("<!-- lab:outlook -->") < place && place < mark("<!-- /lab:outlook -->"), "{page}");
        assert_eq!(written(&page, &runs, true).unwrap(), page, "writing again changes nothing");
        let without = written(&page, &runs, false).unwrap();
        assert!(without.contains("| decoder-1 | 1 | ") && !without.contains("reconstructions.svg"), "{without}");
    }
}
