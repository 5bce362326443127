//! Errors of XML documents.

use quick_xml::encoding::EncodingError;
use thiserror::Error;

use crate::text;

/// Why a document was not read to its end. Its `Display` form is one line.
#[derive(Clone, Debug, Error)]
pub enum XmlError {
    /// It is not well-formed.
    #[error("{0}")]
    Syntax(#[from] quick_xml::Error),
    /// It ends within an element.
    #[error("it ends too early")]
    Short,
    /// It has a document type.
    #[error("document types are not allowed")]
    DocumentType,
    /// Its elements are nested too deeply.
    #[error("too deep")]
    TooDeep,
    /// It refers to an entity that is not predefined.
    #[error("unknown entity '{}'", text::sanitize(.0))]
    Entity(String),
    /// The visitor takes no more elements.
    #[error("more than 100,000 entries")]
    TooMany,
}

impl From<EncodingError> for XmlError {
    fn from(error: EncodingError) -> XmlError {
        XmlError::Syntax(error.into())
    }
}
