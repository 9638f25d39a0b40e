//! Seeded dice: whatever the demo leaves to chance comes from here, so that a seed gives the same run again.
//!
//! A die belongs to a seed, a purpose and a number, never to the order in which things happen: prescriptions run at the
//! same time and still end alike. SplitMix64 (Steele, Lea, Flood 2014); nothing made from it is secret.

#[derive(Clone, Debug)]
pub struct Dice(u64);

/// Golden ratio, the step of the generator.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    pub fn of(seed: u64, purpose: &str, number: usize) -> Dice {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        let mut state = mixed(seed.wrapping_add(STEP));
        for byte in purpose.bytes() {
            state = mixed(state ^ u64::from(byte));
        }
        Dice(mixed(state ^ mixed(number)))
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number from 0 to `count` - 1; 0 for a count of 0.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.roll() % count).unwrap_or(0)
    }

    /// True `hundredths` times in a hundred.
    pub fn chance(&mut self, hundredths: usize) -> bool {
        self.below(100) < hundredths
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// One of a weighted list; the first when all weights are 0.
    pub fn weighted<T: Copy>(&mut self, from: &[(T, usize)]) -> Option<T> {
        let sum = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(sum);
        for (one, weight) in from {
            if left < *weight {
                return Some(*one);
            }
            left -= weight;
        }
        from.first().map(|(one, _)| *one)
    }
}

fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
