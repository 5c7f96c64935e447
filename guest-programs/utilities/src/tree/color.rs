//! Colors of names: those of `LS_COLORS`, or tree's own.

use sandshell_sys::{Kind, Stat};

/// tree's own colors, as `LS_COLORS` would say them.
const DEFAULT: &str = "fi=00:di=01;34:ln=01;36:pi=40;33:so=01;35:bd=40;33;01:cd=40;33;01:or=40;31;01:ex=01;32:\
*.bat=01;32:*.btm=01;32:*.cmd=01;32:*.com=01;32:*.dll=01;32:*.exe=01;32:*.arj=01;31:*.bz2=01;31:*.deb=01;31:\
*.gz=01;31:*.lzh=01;31:*.rpm=01;31:*.tar=01;31:*.taz=01;31:*.tb2=01;31:*.tbz2=01;31:*.tbz=01;31:*.tgz=01;31:\
*.tz2=01;31:*.z=01;31:*.Z=01;31:*.zip=01;31:*.ZIP=01;31:*.zoo=01;31:*.asf=01;35:*.ASF=01;35:*.avi=01;35:\
*.AVI=01;35:*.bmp=01;35:*.BMP=01;35:*.flac=01;35:*.FLAC=01;35:*.gif=01;35:*.GIF=01;35:*.jpg=01;35:*.JPG=01;35:\
*.jpeg=01;35:*.JPEG=01;35:*.m2a=01;35:*.m2v=01;35:*.mov=01;35:*.MOV=01;35:*.mp3=01;35:*.MP3=01;35:*.mpeg=01;35:\
*.mpg=01;35:*.ogg=01;35:*.ppm=01;35:*.rm=01;35:*.tga=01;35:*.tif=01;35:*.wav=01;35:*.wmv=01;35:*.xbm=01;35:*.xpm=01;35";

/// Which color a file has.
#[derive(Debug)]
pub(super) struct Colors {
    kinds: Vec<(String, String)>,
    endings: Vec<(String, String)>,
}

impl Colors {
    /// Reads `TREE_COLORS` or `LS_COLORS`.
    pub(super) fn load() -> Self {
        let named = ["TREE_COLORS", "LS_COLORS"].iter().filter_map(|name| std::env::var(name).ok());
        let table = named.into_iter().find(|table| !table.is_empty());
        Self::parse(table.as_deref().unwrap_or(DEFAULT))
    }

    fn parse(table: &str) -> Self {
        let mut colors = Self { kinds: Vec::new(), endings: Vec::new() };
        for (what, code) in table.split(':').filter_map(|entry| entry.split_once('=')) {
            match what.strip_prefix('*') {
                Some(ending) => colors.endings.push((ending.to_owned(), code.to_owned())),
                None => colors.kinds.push((what.to_owned(), code.to_owned())),
            }
        }
        colors
    }

    fn kind(&self, name: &str) -> Option<String> {
        self.kinds.iter().find(|(kind, _)| kind == name).map(|(_, code)| code.clone())
    }

    /// Returns the color of a name; `is_orphan` for a link to what is not there.
    pub(super) fn code(&self, name: &[u8], stat: Option<&Stat>, is_orphan: bool) -> Option<String> {
        if is_orphan && let Some(code) = self.kind("or") {
            return Some(code);
        }
        let Some(stat) = stat else { return self.kind("mi").or_else(|| self.kind("fi")) };
        match stat.mode.kind() {
            Kind::Directory => self.kind("di"),
            Kind::Symlink => self.kind("ln"),
            Kind::Fifo => self.kind("pi"),
            Kind::Socket => self.kind("so"),
            Kind::BlockDevice => self.kind("bd"),
            Kind::CharacterDevice => self.kind("cd"),
            _ if stat.mode.permissions() & 0o111 != 0 => self.kind("ex"),
            _ => {
                let ending = self.endings.iter().find(|(ending, _)| name.ends_with(ending.as_bytes()));
                ending.map(|(_, code)| code.clone()).or_else(|| self.kind("fi"))
            }
        }
    }
}
