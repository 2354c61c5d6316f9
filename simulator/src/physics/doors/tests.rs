//! Doors and people on a small hall.
