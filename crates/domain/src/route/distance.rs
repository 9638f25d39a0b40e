//! Metres between two places as the crow flies: good for an order, not for navigation.
//!
//! The only place in the core with floating point, marked line by line; no money comes near it. Does not know roads, nor the
//! date line, which no pooling area touches.

use crate::institution::Place;

/// Metres in a micro-degree of latitude on a sphere of 6,371,009 m.
const UDEG: f64 = 0.111_195_08; // metres

/// Where the patient is, with what every distance from there needs.
pub(super) struct Origin {
    place: Place,
    cos: f64, // degrees
    sin: f64, // degrees
}

impl Origin {
    pub fn new(place: Place) -> Origin {
        let latitude = (place.lat_udeg as f64 / 1e6).to_radians(); // degrees
        Origin { place, cos: latitude.cos(), sin: latitude.sin() } // degrees
    }

    /// Whole metres to a place: on a plane whose meridians stand as close as they do halfway there. Up to 300 km within
    /// 0.05 % of the great circle anywhere in China.
    pub fn metres_to(&self, there: Place) -> i64 {
        let east = there.lon_udeg.saturating_sub(self.place.lon_udeg) as f64; // degrees
        let north = there.lat_udeg.saturating_sub(self.place.lat_udeg) as f64; // degrees
        let halfway = self.cos - self.sin * (north / 2e6).to_radians(); // degrees
        let (x, y) = (east * halfway * UDEG, north * UDEG); // metres
        ((x * x + y * y).sqrt() + 0.5) as i64 // metres
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres(from: (i64, i64), to: (i64, i64)) -> i64 {
        let place = |(lon_udeg, lat_udeg)| Place { lon_udeg, lat_udeg };
        Origin::new(place(from)).metres_to(place(to))
    }

    #[test]
    fn a_degree_is_as_long_as_the_latitude_makes_it() {
        assert_eq!(metres((91_000_000, 29_000_000), (91_000_000, 30_000_000)), 111_195);
        assert_eq!(metres((91_000_000, 60_000_000), (92_000_000, 60_000_000)), 55_598);
        assert_eq!(metres((91_000_000, 29_000_000), (91_000_000, 29_000_000)), 0);
    }

    #[test]
    fn there_and_back_are_equally_far() {
        let (here, there) = ((91_140_000, 29_650_000), (88_880_000, 29_270_000));
        assert!(metres(here, there).abs_diff(metres(there, here)) <= 1);
        // The great circle on the same sphere: 222,846 m.
        assert!(metres(here, there).abs_diff(222_846) < 20);
    }

    #[test]
    fn a_place_that_cannot_be_does_not_stop_the_list() {
        let nowhere = (i64::MAX, i64::MIN);
        assert!(metres(nowhere, (91_000_000, 29_000_000)) >= 0);
        assert!(metres((91_000_000, 29_000_000), nowhere) >= 0);
    }
}
