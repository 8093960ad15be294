//! The per-package record as rows: what is written and what a reader gets back, independent of its bytes.
//!
//! The bytes are `MessagePack`: `[schema, head checksum, head, body checksum, body, group…]`, all but the numbers `bin`
//! fields. The head is a map of what a revalidation changes, the body an array of what a resolver asks of every version,
//! each group an array of the files of some neighbouring versions. `python/locktool/operations/cache_record.py` has the
//! same schema.
//!
//! ```text
//! body   package, index, notice, absent            str, str, str, bool
//!        strings, string ends                      the table of texts
//!        versions, version ends                    text of each release
//!        release ends, flags, times, requires-python, metadata          of each release
//!        metadata ends, items                      each distinct list: KNOWN, name, requires-python, how many extras, how
//!                                                  many build requirements plus one or 0 for no build, the texts of
//!                                                  both, requirements | NEEDS_BUILDING, name, reason | SEVERAL, lists
//!        group ends, lengths, checksums            of each group: of the whole `bin` field, its header included
//! group  strings, string ends                      the table of texts
//!        name starts, name endings, flags, addresses                    of each file
//!        path digests, sha256, sidecar sha256      [32], of each file that has one
//!        sizes, times, requires-python, yanked, other hashes, sidecars, provenances      of each file
//! ```
//! Columns of numbers are packed (`numbers`) and read in place. A number that names a text is its position in the table
//! plus one, so that 0 is "none"; names and requires-python of files are in the body's table. A name is two templates
//! (`template`), an address and a provenance are one each. Times are milliseconds since 1970, of a file since its
//! release's. An end is where the next row of texts, items, files or releases begins.

use std::borrow::Cow;

/// The version of the layout; a record of another one is a miss.
pub const SCHEMA: u32 = 5;

/// What HTTP said about how long a page holds and how to ask whether it changed (RFC 9111).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Seconds since 1970: the page was fetched or last confirmed then.
    pub fetched: i64,
    /// Seconds since 1970: until then nobody needs to ask.
    pub fresh_until: i64,
}

/// What a record is of, and what it says of its page as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Title<'a> {
    pub package: &'a str,
    /// The recorded address of the index.
    pub index: &'a str,
    /// The index answered that it does not have the package.
    pub absent: bool,
    /// For people; empty if nothing.
    pub notice: &'a str,
}

/// All that is known of a package on an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows<'a> {
    pub package: Cow<'a, str>,
    /// The recorded address of the index.
    pub index: Cow<'a, str>,
    /// The index answered that it does not have the package.
    pub absent: bool,
    /// What the index says of the project as a whole (PEP 792), for people; empty if nothing.
    pub notice: Cow<'a, str>,
    /// Ascending by version.
    pub releases: Vec<ReleaseRow<'a>>,
}

/// One version, with what a reader needs before it looks at files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseRow<'a> {
    pub version: Cow<'a, str>,
    pub yanked: bool,
    pub has_sdist: bool,
    pub has_wheel: bool,
    pub upload_time: Option<i64>,
    pub requires_python: Option<Cow<'a, str>>,
    pub files: Vec<FileRow<'a>>,
    /// One for each file that was read.
    pub metadata: Vec<MetadataRow<'a>>,
}

/// One file of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRow<'a> {
    pub filename: Cow<'a, str>,
    pub url: Cow<'a, str>,
    pub sha256: Option<[u8; 32]>,
    /// `md5=…&sha512=…`, empty if none.
    pub other_hashes: Cow<'a, str>,
    pub size: Option<u64>,
    pub upload_time: Option<i64>,
    pub requires_python: Option<Cow<'a, str>>,
    pub yanked: Option<Cow<'a, str>>,
    pub sidecar: SidecarRow<'a>,
    pub provenance: Option<Cow<'a, str>>,
}

/// Whether the index announces a metadata sidecar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SidecarRow<'a> {
    #[default]
    Unknown,
    Absent,
    /// With this hash.
    Sha256([u8; 32]),
    /// With what is no such hash, `sha256=zz`, or empty where it is announced without one.
    Present(Cow<'a, str>),
}

/// What was learned of a release from one of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataRow<'a> {
    /// The file it was read from: it holds as long as that file is listed with the same hash.
    pub file: Cow<'a, str>,
    pub outcome: Outcome<'a>,
}

/// The lists of a release's metadata, or that it has none to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    Known {
        requires_python: Option<Cow<'a, str>>,
        extras: Vec<Cow<'a, str>>,
        requires: Vec<Cow<'a, str>>,
        /// What the build required that said so; `None` where a file states it.
        build_requires: Option<Vec<Cow<'a, str>>>,
    },
    /// Only a build would tell; the reason as it is said to people.
    NeedsBuilding(Cow<'a, str>),
}
