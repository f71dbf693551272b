//! The kinds of texts that may have requirements, and the lines of each that count.

use camino::Utf8Path;

/// A kind of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Settings, lists and scripts, all of whose lines count but for comments.
    Settings,
    /// A lockfile, whose packages have their versions on another line than their names.
    Lock,
    /// A module of Python, of which only the block of metadata for runners counts
    /// (<https://packaging.python.org/en/latest/specifications/inline-script-metadata/>).
    Module,
    /// Documentation, of which only the commands that install something count.
    Prose,
}

/// The commands that install packages, as documentation shows them.
const INSTALLING: [&str; 13] = [
    "pip install",
    "pip3 install",
    "pipx install",
    "uv add",
    "uv tool install",
    "uvx ",
    "poetry add",
    "conda install",
    "npm install",
    "npm i ",
    "pnpm add",
    "yarn add",
    "bun add",
];

impl Kind {
    /// Returns the kind of a file, by its name.
    pub fn of(path: &Utf8Path) -> Self {
        match (path.file_name().unwrap_or_default(), path.extension()) {
            ("setup.py" | "noxfile.py", _) => Self::Settings,
            ("poetry.lock" | "pdm.lock" | "Pipfile.lock", _) => Self::Lock,
            (name, Some("toml")) if name.starts_with("pylock") => Self::Lock,
            (_, Some("py")) => Self::Module,
            (_, Some("md" | "rst")) => Self::Prose,
            _ => Self::Settings,
        }
    }

    /// Returns the parts of a text in which requirements count, line by line, each with its place.
    pub(super) fn lines(self, text: &str) -> Vec<(usize, &str)> {
        let (mut found, mut start, mut is_inside) = (Vec::new(), 0, false);
        for line in text.split_inclusive('\n') {
            let content = match self {
                Self::Settings | Self::Lock => Some((0, uncommented(line))),
                Self::Module => {
                    let marker = line.trim_end();
                    is_inside = marker != "# ///" && (is_inside || marker == "# /// script");
                    line.strip_prefix('#').filter(|_| is_inside).map(|content| (1, uncommented(content)))
                }
                Self::Prose => {
                    let counts = is_inside || INSTALLING.iter().any(|command| line.contains(command));
                    is_inside = counts && line.trim_end().ends_with('\\');
                    counts.then_some((0, line))
                }
            };
            found.extend(content.map(|(offset, content)| (start + offset, content)));
            start += line.len();
        }
        found
    }
}

/// Returns a line without its comment.
fn uncommented(line: &str) -> &str {
    match line.trim_start().starts_with('#') {
        true => "",
        false => line.split_once(" #").map_or(line, |(content, _)| content),
    }
}
