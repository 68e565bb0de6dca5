//! What the plugin that counts cycles has measured: its JSON file.

use super::RunError;
use serde_json::Value;

/// Counts of a region over all inferences of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// How often it was entered: inferences.
    pub entries: u64,
    /// Instructions.
    pub instructions: u64,
    /// Cycles of the model of a Cortex-M4.
    pub m4_cycles: u64,
    /// Cycles of the model of a Cortex-M7.
    pub m7_cycles: u64,
}

impl Counts {
    /// The counts of a region; region 0 is the inference.
    ///
    /// # Errors
    /// If the text is not what the plugin writes, or nothing was measured.
    pub fn parse(json: &str, region: u64) -> Result<Self, RunError> {
        let broken = |what: &str| RunError::Counts(what.to_owned());
        let file: Value =
            serde_json::from_str(json).map_err(|e| RunError::Counts(e.to_string()))?;
        let regions = file.get("regions").and_then(Value::as_array);
        let region = regions
            .into_iter()
            .flatten()
            .find(|one| one.get("region").and_then(Value::as_u64) == Some(region))
            .ok_or_else(|| broken(&format!("nothing was measured in region {region}")))?;
        let number = |name: &str| {
            region
                .get(name)
                .and_then(Value::as_u64)
                .ok_or_else(|| broken(name))
        };
        Ok(Self {
            entries: number("entries")?.max(1),
            instructions: number("instructions")?,
            m4_cycles: number("m4_cycles")?,
            m7_cycles: number("m7_cycles")?,
        })
    }

    /// A number per inference, rounded.
    #[must_use]
    pub fn per_inference(&self, total: u64) -> u64 {
        (total + self.entries / 2) / self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_read() {
        let json = r#"{"regions": [
            {"region": 1, "entries": 1, "instructions": 9, "m4_cycles": 9, "m7_cycles": 9},
            {"region": 0, "entries": 2, "instructions": 31, "m4_cycles": 40, "m7_cycles": 21}]}"#;
        assert_eq!(Counts::parse(json, 1).unwrap().instructions, 9);
        assert!(Counts::parse(json, 2).is_err());
        let counts = Counts::parse(json, 0).unwrap();
        assert_eq!(counts.entries, 2);
        assert_eq!(counts.per_inference(counts.instructions), 16);
    }

    #[test]
    fn other_texts_are_refused() {
        for json in [
            "",
            "{}",
            r#"{"regions": []}"#,
            r#"{"regions": [{"region": 0}]}"#,
        ] {
            assert!(Counts::parse(json, 0).is_err(), "{json}");
        }
    }
}
