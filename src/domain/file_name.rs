//! Names of files as somebody chose them, made safe to use anywhere.

/// CASEpeer takes so many characters (by its contract), and file systems so many bytes.
const LONGEST: usize = 255;

/// A name without folders, control characters and what turns the direction of writing; never empty, never hidden, at most 255 bytes
/// with its ending kept.
pub fn safe_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim_matches(|letter: char| letter == '.' || letter.is_whitespace()).is_empty());
    let kept: String = last.unwrap_or_default().chars().filter(|letter| !is_odd(*letter)).collect();
    let kept = kept.replace([':', '*', '?', '"', '<', '>', '|'], "_");
    let kept = kept.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    if kept.is_empty() {
        return "document".to_owned();
    }
    // What stands before a leading dot is gone, so that ".htaccess" is "htaccess".
    shortened(kept)
}

fn is_odd(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{fff9}'..='\u{fffb}')
}

/// The name within the limit: its beginning, and its ending if that is one.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.len() <= 16).unwrap_or_default();
    let mut end = LONGEST - ending.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::safe_file_name;

    #[test]
    fn a_name_stays_unless_it_is_hostile() {
        for (name, safe) in [
            ("IMG 2041 (1).jpg", "IMG 2041 (1).jpg"),
            ("Póliza de seguro.pdf", "Póliza de seguro.pdf"),
            ("../../x", "x"),
            ("..\\..\\windows\\system.ini", "system.ini"),
            ("/etc/passwd", "passwd"),
            ("a\0b.pdf", "ab.pdf"),
            ("evil\u{202e}fdp.exe", "evilfdp.exe"),
            (".htaccess", "htaccess"),
            ("..", "document"),
            ("", "document"),
            ("   ", "document"),
            ("folder/", "folder"),
            ("a:b?.txt", "a_b_.txt"),
            ("new\nline.txt", "newline.txt"),
        ] {
            assert_eq!(safe_file_name(name), safe, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let safe = safe_file_name(&format!("{}.pdf", "ä".repeat(300)));
        assert!(safe.len() <= 255 && safe.len() > 250 && safe.ends_with("ä.pdf"), "{safe}");
        assert_eq!(safe_file_name(&"x".repeat(300)).len(), 255);
    }
}
