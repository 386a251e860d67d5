//! The pool: what was freed, by size, kept to be used again.
//!
//! Fresh memory is dear: the system zeroes it and maps it page by page, which for a sum of two large vectors takes five
//! times as long as the sum. So sizes are rounded up to classes, four to each doubling, and what is freed is put on the
//! shelf of its class, up to a bound in bytes; what has lain longest goes first.

use std::collections::VecDeque;

/// The classes: multiples of 64 bytes up to 256, then four to a doubling, up to 2 to the 46.
const CLASSES: usize = 4 * (46 - 7);

/// What small things may take on one shelf, and how many of them are worth keeping.
const SMALL_SHELF: usize = 1 << 20;
const SMALL_COUNT: usize = 256;

/// A size class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(usize);

impl Class {
    /// The smallest class that has room for so many bytes; none for what no machine has.
    #[inline]
    pub(super) fn of(bytes: usize) -> Option<Class> {
        let top = bytes.max(1) - 1;
        let class = match top.checked_ilog2() {
            // `top` is 2^n and a rest, of which the two highest bits choose the quarter.
            Some(n @ 8..) => 4 * (n as usize - 7) + ((top >> (n - 2)) & 3),
            _ => top / 64,
        };
        (class < CLASSES).then_some(Class(class))
    }

    /// How many bytes a block of the class has.
    #[inline]
    pub(super) fn size(self) -> usize {
        match self.0 {
            class @ 0..4 => (class + 1) * 64,
            class => (5 + class % 4) << (class / 4 + 5),
        }
    }

    /// How many blocks of the class are kept at most; the large ones are bounded in bytes alone.
    fn most(self) -> usize {
        if self.size() <= SMALL_SHELF / SMALL_COUNT {
            SMALL_COUNT
        } else if self.size() >= SMALL_SHELF {
            usize::MAX
        } else {
            (SMALL_SHELF / self.size()).clamp(4, SMALL_COUNT)
        }
    }
}

/// Freed things on the shelves of their classes.
pub(super) struct Pool<T> {
    shelves: [VecDeque<(u64, T)>; CLASSES],
    held: usize,
    clock: u64,
}

impl<T> Pool<T> {
    /// An empty one.
    pub(super) const fn new() -> Pool<T> {
        Pool { shelves: [const { VecDeque::new() }; CLASSES], held: 0, clock: 0 }
    }

    /// The bytes on all shelves.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Takes what was put on a shelf last: it is the likeliest to be in the cache.
    #[inline]
    pub(super) fn take(&mut self, class: Class) -> Option<T> {
        let (_, item) = self.shelves[class.0].pop_back()?;
        self.held -= class.size();
        Some(item)
    }

    /// Puts something on its shelf; what does not fit below the bound with it is let go, the oldest first.
    pub(super) fn put(&mut self, class: Class, item: T, bound: usize) {
        if class.size() > bound {
            return;
        }
        self.shrink(bound - class.size());
        let shelf = &mut self.shelves[class.0];
        if shelf.len() >= class.most() {
            shelf.pop_front();
            self.held -= class.size();
        }
        shelf.push_back((self.clock, item));
        self.clock += 1;
        self.held += class.size();
    }

    /// Lets the oldest go until no more than `bytes` are left.
    pub(super) fn shrink(&mut self, bytes: usize) {
        while self.held > bytes {
            let age = |shelf: &VecDeque<(u64, T)>| shelf.front().map(|(age, _)| *age);
            let ages =
                self.shelves.iter().enumerate().filter_map(|(class, shelf)| Some((age(shelf)?, class)));
            let Some((_, class)) = ages.min() else { return };
            self.shelves[class].pop_front();
            self.held -= Class(class).size();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_is_asked_and_little_more() {
        let mut last = 0;
        for class in (0..CLASSES).map(Class) {
            let size = class.size();
            assert!(size > last && size % 64 == 0);
            assert_eq!((Class::of(last + 1), Class::of(size)), (Some(class), Some(class)));
            assert!(last < 256 || size <= last / 4 * 5, "{size} after {last}");
            last = size;
        }
        assert_eq!(Class::of(0), Some(Class(0)));
        assert_eq!(Class::of(last + 1), None);
        assert_eq!(Class::of(usize::MAX), None);
    }

    #[test]
    fn the_last_is_taken_first_and_the_oldest_let_go_first() {
        let class = Class::of(1 << 20).unwrap();
        let other = Class::of(1 << 21).unwrap();
        let mut pool = Pool::new();
        for (item, class) in [(1, class), (2, other), (3, class), (4, class)] {
            pool.put(class, item, 5 << 20);
        }
        assert_eq!(pool.held(), 5 << 20);
        assert_eq!(pool.take(class), Some(4));
        pool.put(other, 5, 5 << 20);
        assert_eq!((pool.held(), pool.take(class), pool.take(class)), (5 << 20, Some(3), None));
        pool.shrink(3 << 20);
        assert_eq!((pool.take(other), pool.take(other), pool.held()), (Some(5), None, 0));
        pool.put(other, 6, 1 << 20);
        assert_eq!(pool.held(), 0);
    }

    #[test]
    fn few_small_things_are_kept() {
        let class = Class::of(64).unwrap();
        let mut pool = Pool::new();
        (0..1000).for_each(|item| pool.put(class, item, usize::MAX));
        assert_eq!(pool.held(), 64 * SMALL_COUNT);
        assert_eq!(pool.take(class), Some(999));
    }
}
