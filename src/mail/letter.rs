//! A message before it is one: subject, text, and at most one attachment, all harmless.

/// So many characters of a subject are kept; beyond that, readers cut it anyway.
const SUBJECT: usize = 150;
/// So many characters of an attachment's name are kept.
const NAME: usize = 100;

/// What a message says, whoever it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    subject: String,
    text: String,
    csv: Option<Csv>,
}

/// A CSV to be attached.
#[derive(Clone, PartialEq, Eq)]
pub struct Csv {
    /// What it is called.
    pub name: String,
    /// Its bytes, which arrive as they are.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Csv {
    /// The content is clients' names.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Csv({}, {} bytes)", self.name, self.content.len())
    }
}

impl Letter {
    /// A letter. In the subject, line ends and other control characters become spaces; in the text, line ends stay.
    pub fn new(subject: &str, text: &str) -> Letter {
        let subject = one_line(subject);
        let subject = if subject.chars().count() > SUBJECT { subject.chars().take(SUBJECT).chain(['…']).collect() } else { subject };
        let text = text.replace("\r\n", "\n").chars().map(|letter| if letter == '\n' { letter } else { visible(letter) }).collect();
        Letter { subject, text, csv: None }
    }

    /// The same with a CSV, if there is one. Its name becomes plain, so that it is the same on every system.
    pub fn with(self, csv: Option<Csv>) -> Letter {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || ".-_".contains(letter) { letter } else { '_' };
        // From its end, where the ending is.
        let name = |name: &str| name.chars().skip(name.chars().count().saturating_sub(NAME)).map(plain).collect();
        Letter { csv: csv.map(|csv| Csv { name: name(&csv.name), ..csv }), ..self }
    }

    /// One line without clients' names: it is shown on locked screens and kept in logs of mail servers.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Plain text, in lines that end with `\n`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The CSV that goes with it.
    pub fn csv(&self) -> Option<&Csv> {
        self.csv.as_ref()
    }
}

/// The text on one line, without control characters.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(visible).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Neither control characters nor those that turn the direction of what follows, which can make a text read as another.
fn visible(letter: char) -> char {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}') { ' ' } else { letter }
}
