//! Tests of the whole: of the house's order here.

mod architecture;
