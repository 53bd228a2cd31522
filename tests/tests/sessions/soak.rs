//! People join, work and leave, over and over: the relay keeps only their records. A minute of it in the
//! ordinary run; `TAPCUE_SOAK_MINUTES` sets more.

use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use plotters::prelude::*;
use serde_json::{Value, json};
use tapcue_tests::folder::target;
use tapcue_tests::http;
use tapcue_tests::pair::Pair;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;
use tapcue_tests::usage::{descriptors, memory_kib};
use tapcue_tests::wait;
use tokio::time::{Instant, interval};

/// Pairs at work at any time.
const PAIRS: usize = 12;

/// How often the test takes a sample.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How much memory may grow from the second quarter to the last, in KiB. It covers sessions that ended in the
/// last minute, and the allocator's reserve. A leak per session exceeds it in an hour, in which some thousand
/// sessions run.
const GROWTH_KIB: f64 = 6_144.0;

/// The relay's use of resources at one moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    seconds: f64,
    memory_mib: f64,
    descriptors: f64,
}

/// A whole session, from the code to the end.
async fn work(relay: &Arc<Relay>, round: u64) {
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    for cue in ["slower", "left", "ease_up"] {
        let id = pair.receiver.cue(cue);
        let seen = |state: &Value| state["cue"]["id"] == json!(id);
        pair.helper.until(cue, seen).await;
        pair.helper.seen(&id).await;
    }
    let _ = pair.receiver.cue("stop");
    pair.hands_off().await;
    let token = pair.helper.welcome_text("token");
    pair.helper = Peer::resume("helper again", &url, &token).await;
    pair.hands_off().await;
    pair.both_ready().await;
    let session = pair.receiver.welcome_text("session");
    let bearer = format!("Bearer {token}");
    // Some pairs leave without ending, and some delete their record.
    if !round.is_multiple_of(3) {
        pair.receiver.send(json!({"type": "end"}));
        pair.helper.until_phase("ended").await;
        let path = format!("/api/v1/sessions/{session}/transcript");
        let headers = [("Authorization", bearer.as_str())];
        let answer = http::request(relay.addr(), "GET", &path, &headers).await;
        assert_eq!(answer.status, 200);
        if round % 3 == 1 {
            let path = format!("/api/v1/sessions/{session}");
            let answer = http::request(relay.addr(), "DELETE", &path, &headers).await;
            assert_eq!(answer.status, 204);
        }
    }
}

/// The numbers from the relay's last line about what is in use: tasks, sessions, connections.
fn in_use(logs: &str) -> Option<[u64; 3]> {
    let line = logs.lines().rev().find(|line| line.contains("in use"))?;
    let field = |name: &str| {
        let rest = line.split_once(&format!("{name}="))?.1;
        rest.split_whitespace().next()?.parse().ok()
    };
    Some([field("tasks")?, field("sessions")?, field("connections")?])
}

/// The relay's open files without the journal's connections, which open with concurrent reads and stay open.
/// The journal has a test for their number.
fn unshared(relay: &Relay) -> Vec<String> {
    let mut open = descriptors(relay.pid());
    open.retain(|of| !of.contains("/journal.db"));
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_of_who_is_gone() {
    let minutes = std::env::var("TAPCUE_SOAK_MINUTES").map_or(1.0, |text| {
        text.parse::<f64>()
            .expect("TAPCUE_SOAK_MINUTES is a number")
    });
    let flags = [
        "--sessions-per-minute",
        "100000",
        "--log",
        "warn,tapcue_server::server=debug",
    ];
    let relay = Arc::new(Relay::start_with(&flags, &[]).await);
    let idle = wait::until("what is in use before", async || in_use(&relay.logs())).await;
    work(&relay, 1).await;
    work(&relay, 2).await;
    wait::until("the first two gone", async || {
        let [_, sessions, connections] = in_use(&relay.logs())?;
        (sessions > 0 && connections == 0).then_some(())
    })
    .await;
    let open = unshared(&relay);
    let began = Instant::now();
    let time = Duration::from_secs_f64(60.0 * minutes);
    let done = Arc::new(AtomicU64::new(0));
    let people: Vec<_> = (0..PAIRS)
        .map(|_| {
            let (relay, done) = (Arc::clone(&relay), Arc::clone(&done));
            tokio::spawn(async move {
                while began.elapsed() < time {
                    let round = done.fetch_add(1, Ordering::Relaxed);
                    work(&relay, round).await;
                }
            })
        })
        .collect();
    let mut samples = Vec::new();
    let mut look = interval(LOOK_EVERY);
    while began.elapsed() < time {
        look.tick().await;
        samples.push(Sample {
            seconds: began.elapsed().as_secs_f64(),
            memory_mib: memory_kib(relay.pid()) as f64 / 1_024.0,
            descriptors: descriptors(relay.pid()).len() as f64,
        });
    }
    for people in people {
        people.await.expect("their last session");
    }
    wait::until("the descriptors of before", async || {
        (unshared(&relay).len() <= open.len()).then_some(())
    })
    .await;
    // A session's task lives as long as the session is in memory; no other task is left.
    let left = wait::within(
        Duration::from_secs(40),
        "no task left but of sessions",
        async || {
            let [tasks, sessions, connections] = in_use(&relay.logs())?;
            (connections == 0 && tasks <= idle[0] + sessions).then_some([tasks, sessions])
        },
    )
    .await;
    let sessions = done.load(Ordering::Relaxed);
    let quarter = samples.len() / 4;
    let mean = |part: Range<usize>| {
        let part = &samples[part];
        part.iter().map(|sample| sample.memory_mib).sum::<f64>() / part.len() as f64
    };
    let (early, late) = (mean(quarter..2 * quarter), mean(3 * quarter..samples.len()));
    let picture = draw(&samples).expect("a picture");
    println!(
        "{sessions} sessions in {minutes} minutes: memory {early:.1} MiB in the second quarter, \
         {late:.1} MiB in the last; descriptors back to {}; tasks {} with {} sessions in memory, \
         {} before. Picture: {}",
        open.len(),
        left[0],
        left[1],
        idle[0],
        picture.display()
    );
    assert!(
        (late - early) * 1_024.0 <= GROWTH_KIB,
        "memory grew from {early:.1} to {late:.1} MiB"
    );
}

/// Draws memory and descriptors over time, as an SVG in the target folder.
fn draw(samples: &[Sample]) -> Result<PathBuf, Box<dyn Error>> {
    let folder = target().join("soak");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("soak.svg");
    let end = samples.last().map_or(1.0, |sample| sample.seconds);
    let most = |of: fn(&Sample) -> f64| 1.2 * samples.iter().map(of).fold(1.0, f64::max);
    let memory = most(|sample| sample.memory_mib);
    let files = most(|sample| sample.descriptors);
    plot(&path, end, memory, files, samples)?;
    Ok(path)
}

fn plot(
    path: &Path,
    end: f64,
    memory: f64,
    files: f64,
    samples: &[Sample],
) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (900, 360)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .right_y_label_area_size(64)
        .build_cartesian_2d(0.0..end / 60.0, 0.0..memory)?
        .set_secondary_coord(0.0..end / 60.0, 0.0..files);
    chart
        .configure_mesh()
        .x_desc("minutes")
        .y_desc("memory, MiB")
        .light_line_style(TRANSPARENT)
        .draw()?;
    chart
        .configure_secondary_axes()
        .y_desc("descriptors")
        .draw()?;
    let minutes = |sample: &Sample| sample.seconds / 60.0;
    let line = samples
        .iter()
        .map(|sample| (minutes(sample), sample.memory_mib));
    chart
        .draw_series(LineSeries::new(line, BLUE.stroke_width(2)))?
        .label("memory")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], BLUE));
    let line = samples
        .iter()
        .map(|sample| (minutes(sample), sample.descriptors));
    chart
        .draw_secondary_series(LineSeries::new(line, RED))?
        .label("descriptors")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], RED));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE)
        .draw()?;
    root.present()?;
    Ok(())
}
