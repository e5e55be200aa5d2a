//! Stages and practice areas: no name mapped twice, no stage outside 1–12.

use super::{Resolver, line_of, origin, ruled};
use crate::domain::{Name, Origin, Stage};
use crate::rules::raw::{self, Match};
use crate::rules::{Mapping, PracticeAreaRules, Ruled, StageRules};
use crate::yaml::At;

impl Resolver<'_> {
    pub(super) fn stages(&mut self, raw: raw::Stages) -> Option<StageRules> {
        let matching = self.need(raw.matching, "stages.match", raw.written.as_ref());
        let unmapped = self.need(raw.unmapped, "stages.unmapped", raw.written.as_ref());
        let settle = self.need(raw.settle, "stages.settle", raw.written.as_ref());
        let ignore_case = matching.as_ref().is_some_and(|at| at.value == Match::IgnoreCase);
        let map = self.stage_map(raw.map.unwrap_or_default(), ignore_case, "stages.map");
        let mut by_case_type = Mapping::new(ignore_case);
        for (case_type, entries) in raw.by_case_type.map_or_else(Vec::new, |named| named.0) {
            let own = self.stage_map(entries, ignore_case, "stages.by_case_type");
            let target = Ruled { value: own, origin: origin(&case_type) };
            if let Some(first) = by_case_type.insert(&case_type.value, target) {
                let help = format!("it already stands at {}; under `match: ignore_case` both are the same", first.origin);
                self.error(&case_type, format!("case type `{}` is here twice", case_type.value), help);
            }
        }
        Some(StageRules { unmapped: ruled(&unmapped?), settle: settle?.value.0, map, by_case_type })
    }

    fn stage_map(&mut self, entries: Vec<raw::StageEntry>, ignore_case: bool, key: &str) -> Mapping<Stage> {
        let mut map = Mapping::new(ignore_case);
        for entry in entries {
            let names = self.need(entry.casepeer, &format!("{key}.casepeer"), entry.written.as_ref());
            let to = self.need(entry.to, &format!("{key}.to"), entry.written.as_ref());
            let stage = to.as_ref().and_then(|to| {
                let stage = Stage::new(to.value);
                if stage.is_none() {
                    self.error(to, format!("there is no stage {}", to.value), "Case Status numbers its stages from 1 to 12");
                }
                stage
            });
            // Names are checked even where the stage is faulty, so that both faults show at once.
            let stage_or_any = stage.or(Stage::new(1));
            if let (Some(names), Some(stage)) = (names, stage_or_any) {
                self.insert_all(&mut map, &names.0, "stage", stage);
            }
        }
        map
    }

    pub(super) fn practice_areas(&mut self, raw: raw::PracticeAreas) -> Option<PracticeAreaRules> {
        let matching = self.need(raw.matching, "practice_areas.match", raw.written.as_ref());
        let unmapped = self.need(raw.unmapped, "practice_areas.unmapped", raw.written.as_ref());
        let ignore_case = matching.as_ref().is_some_and(|at| at.value == Match::IgnoreCase);
        let mut map = Mapping::new(ignore_case);
        for entry in raw.map.unwrap_or_default() {
            let names = self.need(entry.casepeer, "practice_areas.map.casepeer", entry.written.as_ref());
            let to = self.need(entry.to, "practice_areas.map.to", entry.written.as_ref());
            let to = to.and_then(|to| self.text(&to, "the practice area"));
            if let (Some(names), Some(to)) = (names, to) {
                self.insert_all(&mut map, &names.0, "case type", Name::new(&to));
            }
        }
        Some(PracticeAreaRules { ignore_case, unmapped: ruled(&unmapped?), map })
    }

    fn insert_all<T: Clone>(&mut self, map: &mut Mapping<T>, names: &[At<String>], what: &str, target: T) {
        for name in names {
            if self.text(name, &format!("the name of the {what}")).is_none() {
                continue;
            }
            let ruled = Ruled { value: target.clone(), origin: origin(name) };
            if let Some(first) = map.insert(&name.value, ruled).map(|first| first.origin.clone()) {
                let help = format!("it is already mapped at {}; keep one of them", same_file(&first, name));
                self.error(name, format!("CASEpeer's {what} `{}` is mapped twice", name.value), help);
            }
        }
    }
}

fn same_file(first: &Origin, name: &At<String>) -> String {
    let place = name.place();
    if first.file == name.source.name { format!("line {}", first.line) } else { format!("{first} (and here, {})", line_of(&place)) }
}
