//! A machine that sleeps and a wall clock that is set, with time sources that the tests control.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// Time sources that follow the runtime's timers, and jump when a test says so.
#[derive(Clone, Debug)]
struct Hand {
    timers: Instant,
    slept_ms: Arc<AtomicU64>,
    wall: Arc<AtomicU64>,
}

const START: u64 = 1_800_000_000_000;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

impl Hand {
    fn new() -> (Self, Clock) {
        let hand = Self {
            timers: Instant::now(),
            slept_ms: Arc::default(),
            wall: Arc::new(AtomicU64::new(START)),
        };
        let clock = Clock::of(Box::new(hand.clone()));
        (hand, clock)
    }

    fn sleep(&self, ms: u64) {
        self.slept_ms.fetch_add(ms, Ordering::SeqCst);
    }

    fn set(&self, by_ms: i64) {
        let wall = self.wall.load(Ordering::SeqCst);
        let wall = wall.checked_add_signed(by_ms).expect("a date");
        self.wall.store(wall, Ordering::SeqCst);
    }
}

impl Sources for Hand {
    fn elapsed(&self) -> Duration {
        self.timers.elapsed() + Duration::from_millis(self.slept_ms.load(Ordering::SeqCst))
    }

    fn wall(&self) -> Millis {
        let wall = Millis(self.wall.load(Ordering::SeqCst));
        wall.plus(self.elapsed().as_millis() as u64)
    }
}

async fn pass(ms: u64) {
    tokio::time::advance(Duration::from_millis(ms)).await;
}

#[tokio::test(start_paused = true)]
async fn sleep_is_counted_and_noticed_once() {
    let (hand, clock) = Hand::new();
    pass(5_000).await;
    assert_eq!(clock.look(), []);
    let before = clock.now();
    hand.sleep(DAY_MS);
    assert_eq!(clock.now().since(before), DAY_MS);
    assert_eq!(clock.date(), clock.now());
    let day = Duration::from_millis(DAY_MS);
    assert_eq!(clock.look(), [Jump::Slept(day)]);
    assert_eq!(clock.look(), []);
    // A stopped process is no sleep, because its timers went on.
    pass(60_000).await;
    assert_eq!(clock.look(), []);
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_woken_when_the_machine_is() {
    let (hand, clock) = Hand::new();
    let at = clock.now().plus(60_000);
    let waiting = clock.clone();
    let waiting = tokio::spawn(async move { waiting.until(Some(at)).await });
    tokio::task::yield_now().await;
    hand.sleep(60_000);
    assert!(!waiting.is_finished());
    clock.look();
    waiting.await.expect("it is woken");
    // A moment in the past needs no wait, even though the clocks were not compared since.
    hand.sleep(60_000);
    let start = Instant::now();
    clock.until(Some(clock.now())).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_set_moves_the_date_and_not_the_time() {
    let (hand, clock) = Hand::new();
    for by_ms in [40 * DAY_MS as i64, -(80 * DAY_MS as i64), 2_000, -1_000] {
        let (now, date) = (clock.now(), clock.date());
        hand.set(by_ms);
        pass(10).await;
        assert_eq!(clock.now(), now.plus(10));
        assert_eq!(clock.date(), moved(date, by_ms).plus(10));
        let by = Duration::from_millis(by_ms.unsigned_abs());
        let jump = if by_ms > 0 {
            Jump::Forward(by)
        } else {
            Jump::Back(by)
        };
        assert_eq!(clock.look(), [jump], "{by_ms}");
        assert_eq!(clock.look(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn small_adjustments_are_said_once_they_add_up() {
    let (hand, clock) = Hand::new();
    for _ in 0..3 {
        hand.set(300);
        assert_eq!(clock.look(), []);
    }
    hand.set(300);
    let all = Duration::from_millis(1_200);
    assert_eq!(clock.look(), [Jump::Forward(all)]);
}

#[tokio::test(start_paused = true)]
async fn asleep_and_set_at_once_are_told_apart() {
    let (hand, clock) = Hand::new();
    hand.sleep(10_000);
    hand.set(-5_000);
    let [slept, back] = [10, 5].map(Duration::from_secs);
    assert_eq!(clock.look(), [Jump::Slept(slept), Jump::Back(back)]);
}

#[test]
fn the_machines_clocks_go_on() {
    let machine = Machine::start();
    let (elapsed, wall) = (machine.elapsed(), machine.wall());
    assert!(machine.elapsed() >= elapsed);
    // Later than the day on which this test was written.
    assert!(wall.0 > 1_750_000_000_000);
}
