//! The API under whatever its description lets through.
