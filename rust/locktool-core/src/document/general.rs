//! Any TOML text -> `MessagePack`, through the `toml` crate's borrowed tree (TOML 1.1).

use rmp::encode::{write_array_len, write_bool, write_f64, write_map_len, write_sint, write_str};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::toml::{TomlError, error_at, explain};

/// Reads a document: tables are maps in the order of the text, datetimes are RFC 3339 text.
pub fn any_to_messagepack(text: &str) -> Result<Vec<u8>, TomlError> {
    let document = DeTable::parse(text).map_err(|error| explain(text, &error))?;
    let mut encoder = Encoder {
        text,
        bytes: Vec::with_capacity(text.len()),
    };
    encoder.table(document.get_ref())?;
    Ok(encoder.bytes)
}

struct Encoder<'a> {
    text: &'a str,
    bytes: Vec<u8>,
}

/// Writing to a vector does not fail; what can fail is a number that TOML allows and 64 bits do not.
impl Encoder<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> Result<(), TomlError> {
        let written = write_map_len(&mut self.bytes, length(table.len()));
        written.expect("writing to a vector");
        for (key, value) in table {
            write_str(&mut self.bytes, key.get_ref()).expect("writing to a vector");
            self.value(value)?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), TomlError> {
        let bytes = &mut self.bytes;
        match value.get_ref() {
            DeValue::String(text) => write_str(bytes, text).expect("writing to a vector"),
            DeValue::Boolean(boolean) => write_bool(bytes, *boolean).expect("writing to a vector"),
            DeValue::Integer(integer) => {
                let number =
                    i64::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| {
                        let message = "The integer does not fit in 64 signed bits.".to_owned();
                        error_at(self.text, value.span().start, message)
                    })?;
                write_sint(bytes, number).expect("writing to a vector");
            }
            DeValue::Float(float) => {
                let number: f64 = float.as_str().parse().map_err(|_| {
                    error_at(
                        self.text,
                        value.span().start,
                        "The number is not a TOML float.".to_owned(),
                    )
                })?;
                write_f64(bytes, number).expect("writing to a vector");
            }
            DeValue::Datetime(datetime) => {
                let written = self.text.get(value.span()).unwrap_or_default();
                write_str(bytes, &datetime_text(datetime, written)).expect("writing to a vector");
            }
            DeValue::Array(items) => {
                write_array_len(bytes, length(items.len())).expect("writing to a vector");
                for item in items {
                    self.value(item)?;
                }
            }
            DeValue::Table(table) => self.table(table)?,
        }
        Ok(())
    }
}

/// The datetime as RFC 3339 writes it. The file's own text keeps trailing zeros of a fraction, which the parsed
/// value does not; TOML's freedoms (a space or `t` between date and time, `z`, no seconds) are not kept.
fn datetime_text(datetime: &toml::value::Datetime, written: &str) -> String {
    if let Some(time) = datetime.time
        && time.second.is_none()
    {
        let time = toml::value::Time {
            second: Some(0),
            ..time
        };
        return toml::value::Datetime {
            time: Some(time),
            ..*datetime
        }
        .to_string();
    }
    written.replace([' ', 't'], "T").replace('z', "Z")
}

fn length(length: usize) -> u32 {
    u32::try_from(length).expect("a document in memory has fewer than 2^32 entries")
}
