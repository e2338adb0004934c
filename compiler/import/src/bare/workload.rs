//! mapbench's workloads: `NAME.json` says where in `NAME.bin` each array lies.

use super::checked;
use serde_json::Value;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_mapping::Graph;

/// Whether these bytes may be the header of a workload: a JSON object.
pub fn is_workload(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// Reads a workload. `beside` gives the bytes of a file beside the header.
pub fn read_workload(bytes: &[u8], file: &str, beside: &dyn Fn(&str) -> Result<Vec<u8>>) -> Result<Graph> {
    let fault = |message: String| Diagnostic::error("SL0481", message).at_file(file);
    let header: Value =
        serde_json::from_slice(bytes).map_err(|e| fault(format!("the header is no JSON: {e}")))?;
    let name = header["bin"].as_str().ok_or_else(|| fault("the header does not name its `bin`".into()))?;
    if name.contains(['/', '\\']) {
        return Err(fault(format!("`bin` is `{name}`, not the name of a file beside the header")).into());
    }
    let content = beside(name)?;
    let reader = Arrays { header: &header, content: &content, file };
    let mut faults = Vec::new();
    let mut take =
        |result: std::result::Result<Vec<u64>, Diagnostic>| result.map_err(|f| faults.push(f)).ok();
    let offsets = take(reader.array("indptr", "<u8"));
    let targets = take(reader.array("indices", "<u4"));
    let rates = take(reader.array("rate", "<f4"));
    let populations = take(reader.array("pop", "<u4"));
    let (Some(offsets), Some(targets), Some(rates), Some(populations)) =
        (offsets, targets, rates, populations)
    else {
        return Err(Diagnostics(faults));
    };
    let n = rates.len();
    let ends = offsets.first() == Some(&0) && offsets.last() == Some(&(targets.len() as u64));
    if offsets.len() != n + 1 || populations.len() != n || !offsets.is_sorted() || !ends {
        let message = format!(
            "`indptr` ({}), `rate` ({n}) and `pop` ({}) do not fit each other and {} indices",
            offsets.len(),
            populations.len(),
            targets.len()
        );
        return Err(fault(message)
            .hint("indptr ascends from 0 to the number of indices, one more than neurons")
            .into());
    }
    let graph = Graph::plain(
        offsets.into_iter().map(|offset| offset as usize).collect(),
        targets.into_iter().map(|target| target as u32).collect(),
        rates.into_iter().map(|bits| f64::from(f32::from_bits(bits as u32))).collect(),
        populations.into_iter().map(|population| population as u32).collect(),
    );
    checked(graph, file)
}

struct Arrays<'a> {
    header: &'a Value,
    content: &'a [u8],
    file: &'a str,
}

impl Arrays<'_> {
    /// The elements of an array, as the bits that they are.
    fn array(&self, name: &str, dtype: &str) -> std::result::Result<Vec<u64>, Diagnostic> {
        let fault = |message: String| Diagnostic::error("SL0481", message).at_file(self.file);
        let array = &self.header["arrays"][name];
        let said = array["dtype"].as_str().unwrap_or("missing");
        if said != dtype {
            return Err(fault(format!("array `{name}` is of type {said}")).need_have(dtype, said));
        }
        let width = if dtype == "<u8" { 8 } else { 4 };
        let length = array["shape"].as_array().filter(|shape| shape.len() == 1).and_then(|s| s[0].as_u64());
        let range = length.zip(array["offset"].as_u64()).and_then(|(length, offset)| {
            let end = length.checked_mul(width)?.checked_add(offset)?;
            Some(usize::try_from(offset).ok()?..usize::try_from(end).ok()?)
        });
        let bytes = range.clone().and_then(|range| self.content.get(range)).ok_or_else(|| {
            let need = range.map_or("a shape and an offset".into(), |range| format!("{} bytes", range.end));
            fault(format!("array `{name}` does not lie in its file"))
                .need_have(need, format!("{} bytes", self.content.len()))
                .hint("the file is cut off, or belongs to another header")
        })?;
        let little =
            |chunk: &[u8]| chunk.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        Ok(bytes.chunks_exact(width as usize).map(little).collect())
    }
}
