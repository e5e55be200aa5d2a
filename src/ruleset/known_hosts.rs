//! The hosts that the last good rules of firms name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::build::layer;
use crate::domain::FirmId;

/// The hosts that rules name, as the files of firms have them.
pub fn hosts_of(firms: &BTreeMap<FirmId, BTreeMap<String, String>>) -> BTreeSet<String> {
    let files = firms.values().flatten().filter(|(path, _)| Path::new(path).extension().is_some_and(|kind| kind == "yaml"));
    let raw = files.filter_map(|(path, text)| Some(layer(Path::new(path), &Ok(text.clone()), &mut Vec::new())?.raw));
    let connections = raw.filter_map(|raw| raw.connections).flat_map(|both| [both.casepeer, both.case_status]);
    let urls = connections.flatten().filter_map(|connection| url::Url::parse(&connection.base_url?.value).ok());
    urls.filter_map(|url| Some(url.host_str()?.trim_matches(['[', ']']).to_owned())).collect()
}
