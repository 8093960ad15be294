//! Decodes a plain document into any type, without a form in between: what serde asks of a format.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::plain::{PlainDocument, Value};

/// Why a value is not what a type takes, in serde's words.
pub type PlainError = serde::de::value::Error;

/// A value of a document.
#[derive(Clone, Copy)]
pub struct PlainValue<'r, 'a> {
    document: &'r PlainDocument<'a>,
    place: usize,
}

impl<'a> PlainDocument<'a> {
    /// The whole document as a value that can be decoded.
    pub fn values(&self) -> PlainValue<'_, 'a> {
        PlainValue {
            document: self,
            place: Self::ROOT,
        }
    }
}

impl<'de> Deserializer<'de> for PlainValue<'_, 'de> {
    type Error = PlainError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlainError> {
        let node = &self.document.nodes[self.place];
        let children = Children {
            document: self.document,
            next: node.first,
            left: node.children,
        };
        match &node.value {
            Value::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Value::Text(Cow::Owned(text)) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Boolean(boolean) => visitor.visit_bool(*boolean),
            Value::Array | Value::Tables => visitor.visit_seq(children),
            Value::Table(_) => visitor.visit_map(children),
        }
    }

    /// TOML has no null: what is there is something.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlainError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, PlainError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PlainError> {
        match &self.document.nodes[self.place].value {
            Value::Text(text) => visitor.visit_enum(Word(text)),
            _ => Err(serde::de::Error::invalid_type(
                Unexpected::Other("no string"),
                &visitor,
            )),
        }
    }

    /// Nothing of it is looked at.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlainError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// The items of an array, or the keys and values of a table.
struct Children<'r, 'a> {
    document: &'r PlainDocument<'a>,
    next: Option<usize>,
    left: usize,
}

impl<'r, 'a> Children<'r, 'a> {
    fn take(&mut self) -> Option<PlainValue<'r, 'a>> {
        let place = self.next?;
        self.next = self.document.nodes[place].next;
        self.left -= 1;
        Some(PlainValue {
            document: self.document,
            place,
        })
    }
}

impl<'de> SeqAccess<'de> for Children<'_, 'de> {
    type Error = PlainError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, PlainError> {
        self.take().map(|value| seed.deserialize(value)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Children<'_, 'de> {
    type Error = PlainError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, PlainError> {
        let key = self.next.map(|place| self.document.nodes[place].key);
        key.map(|key| seed.deserialize(BorrowedStrDeserializer::new(key)))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, PlainError> {
        let value = self.take().expect("a key was read before its value");
        seed.deserialize(value)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A string that names one of a few words.
struct Word<'t>(&'t str);

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = PlainError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), PlainError> {
        let name: StrDeserializer<'_, PlainError> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'_> {
    type Error = PlainError;

    fn unit_variant(self) -> Result<(), PlainError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, PlainError> {
        Err(self.has_no_content())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, PlainError> {
        Err(self.has_no_content())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, PlainError> {
        Err(self.has_no_content())
    }
}

impl Word<'_> {
    fn has_no_content(&self) -> PlainError {
        serde::de::Error::invalid_type(Unexpected::Str(self.0), &"a table")
    }
}
