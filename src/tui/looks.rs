//! Where themes come from, and the one in use while the screen shows another that is only tried.

use std::mem;
use std::path::PathBuf;

use super::ground::Ground;
use super::theme::{self, Display, Theme, ThemeError};

/// Loads themes, and remembers the theme in use while another one is previewed.
#[derive(Clone, Debug)]
pub struct Looks {
    display: Display,
    /// The user's themes directory.
    themes: Option<PathBuf>,
    /// The theme in use, while another one is previewed.
    covered: Option<Theme>,
}

impl Looks {
    /// `themes` is the user's themes directory.
    pub fn new(display: Display, themes: Option<PathBuf>) -> Looks {
        Looks { display, themes, covered: None }
    }

    /// Names of the themes that can be loaded.
    pub fn names(&self) -> Vec<String> {
        theme::names(self.themes.as_deref())
    }

    /// Takes notice of the terminal's background, and loads the shown theme for it.
    pub fn stand_on(&mut self, ground: Ground, shown: &mut Theme) {
        self.display.ground = ground;
        if let Ok((theme, _)) = self.read(&shown.name) {
            *shown = theme;
        }
    }

    /// Takes notice of another terminal, and loads the shown theme for it.
    pub fn show_on(&mut self, display: Display, shown: &mut Theme) {
        self.display = display;
        self.stand_on(display.ground, shown);
    }

    /// Loads the theme that is to be used from now on. The text is its first mistake, which leaves the rest usable.
    ///
    /// # Errors
    /// It cannot be loaded. A preview goes on.
    pub fn load(&mut self, name: &str) -> Result<(Theme, Option<String>), ThemeError> {
        let (theme, mistakes) = self.read(name)?;
        self.covered = None;
        Ok((theme, first(&mistakes).map(|mistakes| mistakes.to_string())))
    }

    /// Shows a theme without using it; without a name, or if it cannot be loaded, shows the one in use.
    pub fn preview(&mut self, name: Option<&str>, shown: &mut Theme) {
        if name == Some(shown.name.as_str()) {
            return;
        }
        match name.map(|name| self.read(name)) {
            Some(Ok((theme, _))) => {
                let before = mem::replace(shown, theme);
                self.covered.get_or_insert(before);
            }
            Some(Err(_)) | None => {
                if let Some(covered) = self.covered.take() {
                    *shown = covered;
                }
            }
        }
    }

    /// Loads the theme in use anew, because its files may have changed. Returns its name if it looks different now.
    ///
    /// # Errors
    /// Its first mistake; the theme stays as it is.
    pub fn renew(&mut self, shown: &mut Theme) -> Result<Option<String>, ThemeError> {
        let name = self.covered.as_ref().unwrap_or(shown).name.clone();
        let (theme, mistakes) = self.read(&name)?;
        if let Some(mistake) = first(&mistakes) {
            return Err(mistake);
        }
        let used = self.covered.as_mut().unwrap_or(shown);
        let changed = *used != theme;
        *used = theme;
        Ok(changed.then_some(name))
    }

    fn read(&self, name: &str) -> Result<(Theme, Vec<String>), ThemeError> {
        Theme::load(name, self.themes.as_deref(), self.display)
    }
}

/// The first of some mistakes, and how many more there are.
fn first(mistakes: &[String]) -> Option<ThemeError> {
    let (first, more) = mistakes.split_first()?;
    Some(ThemeError::Mistakes { first: first.clone(), more: more.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::colour::Depth;
    use std::fs;

    /// The looks of a terminal with such a file in the user's themes, and its theme in use.
    fn with(text: &str) -> (tempfile::TempDir, Looks, Theme) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine.toml"), text).unwrap();
        let mut looks = Looks::new(Depth::True.into(), Some(dir.path().to_path_buf()));
        let (theme, mistake) = looks.load("mine").unwrap();
        assert_eq!(mistake, None);
        (dir, looks, theme)
    }

    const MINE: &str = "inherits = \"nord\"\n[ui]\ndim = \"#808080\"\n";

    #[test]
    fn a_preview_covers_the_theme_in_use_until_it_ends() {
        let (_dir, mut looks, mut shown) = with(MINE);
        let used = shown.clone();
        for name in ["dracula", "nord", "mine", "nord"] {
            looks.preview(Some(name), &mut shown);
            assert_eq!(shown.name, name);
        }
        looks.preview(Some("no such theme"), &mut shown);
        assert_eq!(shown, used);
        looks.preview(Some("nord"), &mut shown);
        looks.preview(None, &mut shown);
        assert_eq!(shown, used);
        // What is loaded is used from then on.
        looks.preview(Some("nord"), &mut shown);
        (shown, _) = looks.load("nord").unwrap();
        looks.preview(None, &mut shown);
        assert_eq!(shown.name, "nord");
        assert!(looks.load("nonsense").is_err());
    }

    #[test]
    fn a_changed_file_is_loaded_anew_and_a_mistake_changes_nothing() {
        let (dir, mut looks, mut shown) = with(MINE);
        let file = dir.path().join("mine.toml");
        assert_eq!(looks.renew(&mut shown).unwrap(), None, "nothing has changed");
        fs::write(&file, MINE.replace("808080", "909090")).unwrap();
        let before = shown.clone();
        assert_eq!(looks.renew(&mut shown).unwrap().as_deref(), Some("mine"));
        assert_ne!(shown, before);
        let good = shown.clone();
        for (text, begin) in [
            ("[ui]\ndim = \"greyish\"\nglow = 1\n", "themes/mine.toml: line 3: no role 'glow'"),
            ("[ui]\ndim = grey\n", "themes/mine.toml: line 2: "),
            ("inherits = \"nobody\"\n", "themes/mine.toml: line 1: no theme 'nobody'"),
        ] {
            fs::write(&file, text).unwrap();
            let why = looks.renew(&mut shown).unwrap_err().to_string();
            assert!(why.starts_with(begin), "{why}");
            assert_eq!(shown, good);
        }
        fs::remove_file(&file).unwrap();
        assert!(looks.renew(&mut shown).unwrap_err().to_string().starts_with("no theme 'mine'"));
        assert_eq!(shown, good);
    }

    #[test]
    fn what_a_preview_covers_is_renewed_beneath_it() {
        let (dir, mut looks, mut shown) = with(MINE);
        looks.preview(Some("nord"), &mut shown);
        fs::write(dir.path().join("mine.toml"), MINE.replace("808080", "909090")).unwrap();
        assert_eq!(looks.renew(&mut shown).unwrap().as_deref(), Some("mine"));
        assert_eq!(shown.name, "nord");
        looks.preview(None, &mut shown);
        assert_eq!(shown, looks.read("mine").unwrap().0);
    }

    #[test]
    fn the_background_decides_what_auto_is() {
        let mut looks = Looks::new(Depth::True.into(), None);
        let (mut shown, _) = looks.load("auto").unwrap();
        let dark = shown.clone();
        looks.stand_on(Ground::Light, &mut shown);
        assert_ne!(shown, dark);
        looks.stand_on(Ground::Dark, &mut shown);
        assert_eq!(shown, dark);
        let (mut nord, _) = looks.load("nord").unwrap();
        let before = nord.clone();
        looks.stand_on(Ground::Light, &mut nord);
        assert_eq!(nord, before, "a theme with a ground of its own stands on any");
    }
}
