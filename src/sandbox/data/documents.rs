//! What clients have shared with their firms: small files, each a whole one of its kind.

use serde_json::json;

use crate::sandbox::{Content, World};

/// A shared file.
pub(super) enum Shared<'a> {
    /// A page with these lines.
    Pdf(&'a [&'a str]),
    /// A picture of eight by eight grey dots.
    Photo,
    /// A plain text.
    Text(&'a str),
}

/// Adds documents, by integration ID and file name, in the order in which they were uploaded. One of a case that Case Status lacks
/// is left out.
pub(super) fn share(world: &mut World, shared: &[(u64, &str, Shared<'_>)]) {
    for (id, file_name, shared) in shared {
        let (content_type, bytes) = match shared {
            Shared::Pdf(lines) => ("application/pdf", pdf(lines).into_bytes()),
            Shared::Photo => ("image/jpeg", photo()),
            Shared::Text(text) => ("text/plain", text.as_bytes().to_vec()),
        };
        let minute = world.documents.len() % 60;
        if let Some(document) = world.share(*id, file_name, Some(content_type), Content::Stored(bytes.into())) {
            document.about["uploaded_at"] = json!(format!("2026-11-20T16:{minute:02}:30Z"));
        }
    }
}

/// A PDF of one page. The lines hold neither parentheses nor backslashes, which a PDF spells otherwise, and ASCII alone.
fn pdf(lines: &[&str]) -> String {
    let text: String = lines.iter().map(|line| format!("({line}) Tj T*\n")).collect();
    let text = format!("BT /F1 12 Tf 72 720 Td 16 TL\n{text}ET\n");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}endstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut places = "0000000000 65535 f \n".to_owned();
    for (before, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", before + 1));
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    pdf.push_str(&format!("xref\n0 {size}\n{places}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    pdf
}

/// A JPEG whose one block is all the same grey: one symbol in each code table, and one byte of picture.
fn photo() -> Vec<u8> {
    let one_symbol = |table: u8| {
        let mut segment = vec![0xFF, 0xC4, 0, 20, table, 1];
        segment.extend([0; 16]);
        segment
    };
    [
        b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec(),
        [b"\xFF\xDB\0\x43\0".as_slice(), &[16; 64]].concat(),
        b"\xFF\xC0\0\x0B\x08\0\x08\0\x08\x01\x01\x11\0".to_vec(),
        one_symbol(0x00),
        one_symbol(0x10),
        b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0\x3F\xFF\xD9".to_vec(),
    ]
    .concat()
}
