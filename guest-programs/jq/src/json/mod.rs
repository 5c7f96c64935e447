//! JSON text: reading it value by value or event by event, and writing it.

mod read;
mod scan;
mod stream;
mod write;

pub(crate) use read::{Reader, Source, parse_text};
pub(crate) use scan::number;
pub(crate) use stream::Stream;
pub(crate) use write::{Colors, Layout, compact, write};
