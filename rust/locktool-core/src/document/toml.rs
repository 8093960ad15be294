//! TOML bytes -> `MessagePack` (TOML 1.1; keys keep their order, datetimes become RFC 3339 text).

pub use super::blocks::{LockBlocks, lock_blocks};
pub use super::conflict::{first_conflict, ours};
pub use super::general::any_to_messagepack;
pub use super::kept_blocks::keep_blocks;
pub use super::layout::lock_to_toml;
use super::newer_toml::newer_form;
pub use super::node::InvalidDocument;
pub use super::plain::PlainDocument;
pub use super::toml_error::TomlError;
use super::toml_error::error_at;

/// A TOML document as `MessagePack`.
pub struct ReadToml {
    /// Tables are maps in the order of the file, datetimes are text.
    pub messagepack: Vec<u8>,
    pub newer_form: Option<NewerForm>,
}

/// The first form in a text that TOML 1.1 has and TOML 1.0 has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewerForm {
    /// Counted from 1.
    pub line: usize,
    /// `a time without seconds`
    pub what: &'static str,
}

/// Reads any TOML document.
pub fn read_toml(bytes: &[u8]) -> Result<ReadToml, TomlError> {
    let text = decode(bytes)?;
    if let Some(document) = PlainDocument::parse(text) {
        return Ok(ReadToml {
            messagepack: document.to_messagepack(),
            newer_form: None,
        });
    }
    Ok(ReadToml {
        messagepack: any_to_messagepack(text)?,
        newer_form: newer_form(text).map(|(offset, what)| NewerForm {
            line: text[..offset].matches('\n').count() + 1,
            what,
        }),
    })
}

/// Reads any TOML document into `MessagePack`.
pub fn toml_to_messagepack(bytes: &[u8]) -> Result<Vec<u8>, TomlError> {
    read_toml(bytes).map(|read| read.messagepack)
}

fn decode(bytes: &[u8]) -> Result<&str, TomlError> {
    let refuse = |message: &str| TomlError {
        message: message.to_owned(),
        line: 1,
        column: 1,
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(refuse(
            "The file begins with a byte order mark: save it as UTF-8 without one.",
        ));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(refuse("The file is UTF-16: save it as UTF-8."));
    }
    str::from_utf8(bytes).map_err(|error| {
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        let valid = str::from_utf8(valid).expect("valid up to here");
        error_at(
            valid,
            valid.len(),
            format!("The byte 0x{:02x} is not UTF-8.", rest[0]),
        )
    })
}
