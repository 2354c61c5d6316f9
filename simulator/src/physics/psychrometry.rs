//! Moist air: how much water it holds, its humidity and its dew point.
//!
//! Equations: saturation pressure by the Magnus formula with the coefficients of WMO-No. 8 (17.62, 243.12 °C, 611.2 Pa);
//! water per dry air = 0.622 p / (P − p), with the standard atmosphere as P (ASHRAE Fundamentals, psychrometrics).
//!
//! Terms: *moisture* — water per dry air, kg/kg; *humidity* — relative, 0 to 1.

/// Pressure of the air, Pa.
const PRESSURE_PA: f64 = 101_325.0;

/// Mass of a mole of water for that of a mole of dry air.
const MASS_RATIO: f64 = 0.622;

/// Density of the hall's air, kg/m³.
pub(super) const AIR_KG_PER_M3: f64 = 1.2;

/// Heat capacity of air, J/(kg·K).
pub(super) const AIR_J_PER_KG_K: f64 = 1005.0;

/// Heat that it takes to evaporate water, J/kg.
pub(super) const EVAPORATION_J_PER_KG: f64 = 2.45e6;

/// Pressure of saturated vapour over water, Pa.
pub(super) fn saturation_pa(air_c: f64) -> f64 {
    611.2 * (17.62 * air_c / (243.12 + air_c)).exp()
}

/// Pressure of the vapour in air of this moisture, Pa.
pub(super) fn vapour_pa(moisture: f64) -> f64 {
    moisture * PRESSURE_PA / (MASS_RATIO + moisture)
}

/// Moisture of air at a humidity.
pub(super) fn moisture(air_c: f64, humidity: f64) -> f64 {
    let vapour_pa = humidity * saturation_pa(air_c);
    MASS_RATIO * vapour_pa / (PRESSURE_PA - vapour_pa)
}

/// Humidity of air of this moisture.
pub(super) fn relative_humidity(air_c: f64, moisture: f64) -> f64 {
    (vapour_pa(moisture) / saturation_pa(air_c)).clamp(0.0, 1.0)
}

/// Dew point of air at a humidity, °C.
pub(super) fn dew_point_c(air_c: f64, humidity: f64) -> f64 {
    let gamma = humidity.max(0.001).ln() + 17.62 * air_c / (243.12 + air_c);
    243.12 * gamma / (17.62 - gamma)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dew_point_is_below_the_air_and_at_it_when_saturated() {
        assert!((dew_point_c(24.0, 0.5) - 12.9).abs() < 0.1);
        assert!((dew_point_c(24.0, 1.0) - 24.0).abs() < 1e-9);
    }

    #[test]
    fn moisture_and_humidity_are_inverse() {
        // 24 °C at 50 %: 9.3 g/kg, as psychrometric charts at sea level have it.
        assert!((moisture(24.0, 0.5) - 0.0093).abs() < 0.0001, "{}", moisture(24.0, 0.5));
        assert!((relative_humidity(24.0, moisture(24.0, 0.5)) - 0.5).abs() < 1e-12);
    }
}
