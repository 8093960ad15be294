//! Pages of indexes and of links, and directories laid out like them.

pub mod announced;
pub mod file_rows;
pub mod find_links;
pub mod flat_index;
pub mod html;
pub mod json;
pub mod page_problem;
pub mod project_page;
pub mod releases;
