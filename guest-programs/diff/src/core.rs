//! What differs between two texts: pure functions from two texts to a list of changes. Nothing is printed here.

mod classes;
mod confusing;
mod myers;
mod script;
mod shift;
mod text;
mod three;

pub(crate) use classes::{Rules, Space, is_space};
pub(crate) use script::{Change, compare};
pub(crate) use text::Text;
pub(crate) use three::{Block, compare_three};
