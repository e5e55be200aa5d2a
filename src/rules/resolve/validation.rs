//! What connect asks of a case: known fields, a known country, expressions that compile.

use rlibphonenumber::Region;

use super::{Resolver, origin, ruled};
use crate::diagnostic::nearest;
use crate::rules::phone::country;
use crate::rules::raw::{self, Occasion};
use crate::rules::{Condition, PhoneRules, RequiredField, Ruled, ValidationRule, ValidationRules};
use crate::yaml::At;

impl Resolver<'_> {
    pub(super) fn validation(&mut self, raw: raw::Validation) -> Option<ValidationRules> {
        let attorney = self.need(raw.attorney, "validation.attorney", raw.written.as_ref());
        let phone = self.phone(raw.phone.unwrap_or_default());
        let required = raw.required.unwrap_or_default().iter().filter_map(|field| self.required_field(field)).collect();
        let rules = raw.rules.unwrap_or_default().into_iter().filter_map(|rule| self.validation_rule(rule)).collect();
        Some(ValidationRules { attorney: ruled(&attorney?), phone: phone?, required, rules })
    }

    fn phone(&mut self, raw: raw::RawPhone) -> Option<PhoneRules> {
        let required = self.need(raw.required, "validation.phone.required", raw.written.as_ref());
        let labels = self.need(raw.labels, "validation.phone.labels", raw.written.as_ref());
        let region = self.need(raw.region, "validation.phone.region", raw.written.as_ref()).and_then(|region| self.region(&region));
        Some(PhoneRules {
            required: ruled(&required?),
            region: region?,
            labels: labels?.iter().map(|label| label.value.trim().to_lowercase().into()).collect(),
        })
    }

    fn region(&mut self, at: &At<String>) -> Option<Region> {
        let region = country(&at.value);
        if region.is_none() {
            self.error(at, format!("`{}` is no country that has phone numbers", at.value), "write two capital letters, such as US or CA");
        }
        region
    }

    fn required_field(&mut self, at: &At<String>) -> Option<Ruled<RequiredField>> {
        let known = RequiredField::ALL.iter().find(|(name, _)| *name == at.value);
        if known.is_none() {
            let names = RequiredField::ALL.map(|(name, _)| name);
            let help = match nearest(&at.value, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the fields are: {}", names.join(", ")),
            };
            self.error(at, format!("a case has no field `{}` that can be required", at.value), help);
        }
        known.map(|(_, field)| Ruled { value: *field, origin: origin(at) })
    }

    fn validation_rule(&mut self, raw: raw::RawValidationRule) -> Option<ValidationRule> {
        let when = self.need(raw.when, "validation.rules.when", raw.written.as_ref());
        let error = self.need(raw.error, "validation.rules.error", raw.written.as_ref());
        let error = error.and_then(|error| self.text(&error, "the error that staff read"));
        let when = when?;
        let compiled = self.condition(&when);
        let on = raw.on.unwrap_or_else(|| vec![Occasion::Connect]);
        Some(ValidationRule {
            when: compiled?,
            error: error?.into(),
            on_connect: on.contains(&Occasion::Connect),
            on_sync: on.contains(&Occasion::Sync),
            origin: origin(&when),
        })
    }

    fn condition(&mut self, at: &At<String>) -> Option<Box<dyn Condition>> {
        match self.resolve_context.conditions.compile(&at.value) {
            Ok(condition) => Some(condition),
            Err(fault) => {
                let start = expression_offset(at) + fault.offset;
                let start = if start < at.span.end { start } else { at.span.start };
                let word = at.source.text[start..at.span.end]
                    .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                    .map_or(at.span.end, |length| start + length.max(1));
                let span = start..word.min(at.span.end);
                let help = fault.help.unwrap_or_else(|| "docs/rules.md shows what an expression can ask".to_owned());
                self.faults.push(crate::diagnostic::Diagnostic::error(&at.source, span, fault.message).help(help));
                None
            }
        }
    }
}

/// Where the expression itself begins in the file: after its quote, unless escapes make its bytes differ from the file's.
fn expression_offset(at: &At<String>) -> usize {
    at.source
        .text
        .get(at.span.clone())
        .and_then(|written| written.find(at.value.as_str()))
        .map_or(at.span.end, |quote| at.span.start + quote)
}
