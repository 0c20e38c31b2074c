//! The control file beside a request file: what the portal says that it sent.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::FileRefused;

/// Bytes in a control file, at most: it holds one number and one digest.
const CONTROL_LIMIT_BYTES: usize = 4096;

/// What a portal announces of a request file `X.csv` in `X.csv.control`: `{"rows": 24, "sha256": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlFile {
    /// Rows after the header, or lines of JSON, good and bad.
    pub rows: u64,
    /// SHA-256 of the file's bytes.
    pub sha256: [u8; 32],
}

/// The control file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rows: u64,
    sha256: String,
}

impl ControlFile {
    /// Reads a control file.
    ///
    /// # Errors
    /// Where it is not a JSON object of just `rows`, a whole number, and `sha256`, 64 hexadecimal digits.
    pub fn read(bytes: &[u8]) -> Result<Self, FileRefused> {
        if bytes.len() > CONTROL_LIMIT_BYTES {
            return Err(FileRefused::UnreadableControl(format!("it has {} bytes", bytes.len())));
        }
        let written: Written =
            serde_json::from_slice(bytes).map_err(|error| FileRefused::UnreadableControl(error.to_string()))?;
        let mut sha256 = [0; 32];
        hex::decode_to_slice(written.sha256.trim(), &mut sha256)
            .map_err(|_| FileRefused::UnreadableControl("sha256 is not 64 hexadecimal digits".to_owned()))?;
        Ok(Self { rows: written.rows, sha256 })
    }
}

/// Holds a request file against its control file: the digest of all its bytes, then the `rows` found in it.
///
/// # Errors
/// Where the control file cannot be read or says something else than was found.
pub fn check_control(control_bytes: &[u8], file_bytes: &[u8], rows: u64) -> Result<(), FileRefused> {
    let control = ControlFile::read(control_bytes)?;
    let found: [u8; 32] = Sha256::digest(file_bytes).into();
    if found != control.sha256 {
        return Err(FileRefused::OtherDigest { found: hex::encode(found), said: hex::encode(control.sha256) });
    }
    if rows != control.rows {
        return Err(FileRefused::OtherRowCount { found: rows, said: control.rows });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `abc`, from FIPS 180-2 appendix B.1.
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_file_is_held_against_its_control_file() {
        let control = |rows: u64, sha256: &str| format!("{{\"rows\": {rows}, \"sha256\": \"{sha256}\"}}").into_bytes();
        assert_eq!(check_control(&control(2, OF_ABC), b"abc", 2), Ok(()));
        assert_eq!(check_control(&control(2, &OF_ABC.to_uppercase()), b"abc", 2), Ok(()));
        let other_count = FileRefused::OtherRowCount { found: 2, said: 3 };
        assert_eq!(check_control(&control(3, OF_ABC), b"abc", 2), Err(other_count));
        let refusal = check_control(&control(2, OF_ABC), b"abd", 2).unwrap_err();
        assert!(matches!(refusal, FileRefused::OtherDigest { said, .. } if said == OF_ABC));
    }

    #[test]
    fn a_control_file_says_two_things_and_no_more() {
        let refused = [
            String::new(),
            "{}".to_owned(),
            "{\"rows\": 1}".to_owned(),
            format!("{{\"rows\": -1, \"sha256\": \"{OF_ABC}\"}}"),
            format!("{{\"rows\": \"1\", \"sha256\": \"{OF_ABC}\"}}"),
            format!("{{\"rows\": 1, \"rows\": 1, \"sha256\": \"{OF_ABC}\"}}"),
            format!("{{\"rows\": 1, \"sha256\": \"{OF_ABC}\", \"name\": \"x\"}}"),
            "{\"rows\": 1, \"sha256\": \"ba78\"}".to_owned(),
            format!("{{\"rows\": 1, \"sha256\": \"{OF_ABC}\"}}{}", " ".repeat(5000)),
        ];
        for control in refused {
            let refusal = ControlFile::read(control.as_bytes());
            assert!(matches!(refusal, Err(FileRefused::UnreadableControl(_))), "{control}");
        }
    }
}
