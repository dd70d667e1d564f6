//! The small files that audits read beside logs.

use super::AuditError;
use crate::audit::manifest::Manifest;
use crate::error::Failure;

/// The largest file that is read whole, in bytes.
const MOST: u64 = 1 << 30;

/// The bytes of a file.
pub(super) fn bytes(path: &str) -> Result<Vec<u8>, AuditError> {
    let unreadable = |reason: String| AuditError::Unreadable {
        file: path.to_owned(),
        reason,
    };
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > MOST {
        return Err(unreadable("the file is larger than a gigabyte".to_owned()));
    }
    std::fs::read(path).map_err(|error| unreadable(error.to_string()))
}

/// The text of a file.
pub(super) fn text(path: &str) -> Result<String, AuditError> {
    String::from_utf8(bytes(path)?).map_err(|_| AuditError::Unreadable {
        file: path.to_owned(),
        reason: "it is not UTF-8 text".to_owned(),
    })
}

/// A manifest.
pub(super) fn manifest(path: &str) -> Result<Manifest, Failure> {
    Ok(Manifest::parse(&text(path)?, path)?)
}

/// A manifest in which something is drawn.
pub(super) fn drawn(path: &str) -> Result<Manifest, Failure> {
    let manifest = manifest(path)?;
    if manifest.seed.is_none() {
        return Err(AuditError::Hinted {
            what: format!("{path}: it is frozen, nothing is drawn yet"),
            hint: format!("gonogo audit sample LOG --frame {path} --seed SEED -o draw.json"),
        }
        .into());
    }
    Ok(manifest)
}

/// A secret: the text of a file without the line end that editors add.
pub(super) fn secret(path: &str) -> Result<String, AuditError> {
    let text = text(path)?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    Ok(secret.strip_suffix('\r').unwrap_or(secret).to_owned())
}
