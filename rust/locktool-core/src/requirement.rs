//! PEP 508 requirements.
