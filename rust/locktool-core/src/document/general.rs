//! Any TOML text -> `MessagePack`, through the `toml` crate's borrowed tree (TOML 1.1).

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::encoder::Encoder;
use super::toml_error::{TomlError, error_at, explain};

/// Reads a document: tables are maps in the order of the text, datetimes are RFC 3339 text.
pub fn any_to_messagepack(text: &str) -> Result<Vec<u8>, TomlError> {
    let document = DeTable::parse(text).map_err(|error| explain(text, &error))?;
    let mut writer = Writer {
        text,
        encoder: Encoder::for_text(text),
    };
    writer.table(document.get_ref())?;
    Ok(writer.encoder.bytes)
}

struct Writer<'a> {
    text: &'a str,
    encoder: Encoder,
}

/// What can fail is a number that TOML allows and 64 bits do not.
impl Writer<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> Result<(), TomlError> {
        self.encoder.table(table.len());
        for (key, value) in table {
            self.encoder.text(key.get_ref());
            self.value(value)?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), TomlError> {
        match value.get_ref() {
            DeValue::String(text) => self.encoder.text(text),
            DeValue::Boolean(boolean) => self.encoder.boolean(*boolean),
            DeValue::Integer(integer) => {
                let number =
                    i64::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| {
                        let message = "The integer does not fit in 64 signed bits.".to_owned();
                        error_at(self.text, value.span().start, message)
                    })?;
                self.encoder.integer(number);
            }
            DeValue::Float(float) => {
                let number = float.as_str().parse().map_err(|_| {
                    let message = "The number is not a TOML float.".to_owned();
                    error_at(self.text, value.span().start, message)
                })?;
                self.encoder.float(number);
            }
            DeValue::Datetime(datetime) => {
                let written = self.text.get(value.span()).unwrap_or_default();
                self.encoder.text(&datetime_text(datetime, written));
            }
            DeValue::Array(items) => {
                self.encoder.array(items.len());
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
