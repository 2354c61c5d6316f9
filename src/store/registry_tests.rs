//! What the registry promises: a row that was written is read back the same.
