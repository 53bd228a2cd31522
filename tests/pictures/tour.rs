//! A session from the first screen to the last, on one page; the other device is scripted. The page is first
//! the receiver's, then the helper's.

use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::Connection;
use serde_json::{Value, json};
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;

use crate::camera::Camera;

/// The screens of the tour, in order.
const STOPS: [&str; 34] = [
    "start",
    "start-options",
    "start-device",
    "keys",
    "join",
    "pair",
    "signs",
    "advice",
    "setup-receiver",
    "rehearse-receiver",
    "stopped-receiver",
    "ready-receiver",
    "live-receiver",
    "shown-receiver",
    "end-ask",
    "unrecorded",
    "ask-receiver",
    "held-cues",
    "pad",
    "thumb",
    "lost",
    "end",
    "join-link",
    "setup-helper",
    "rehearse-helper",
    "stop-helper",
    "ready-helper",
    "live-helper",
    "slower-helper",
    "more-helper",
    "stay-helper",
    "left-helper",
    "ask-helper",
    "unrecorded-helper",
];

/// Takes a tour in one language. It skips parts of which no picture is wanted.
pub(crate) async fn take(camera: &mut Camera, language: &'static str) -> Result<()> {
    let (receiver, helper) = STOPS.split_at(23);
    let wanted = |stops: &[&str]| stops.iter().any(|stop| camera.wants(stop, language));
    let (receives, helps) = (wanted(receiver), wanted(helper));
    if receives {
        let mut tour = Tour::begin(camera, language).await?;
        tour.alone().await?;
        tour.receiving().await?;
        tour.pad().await?;
        tour.thumb().await?;
        tour.losing().await?;
    }
    if helps {
        let mut tour = Tour::begin(camera, language).await?;
        tour.helping().await?;
    }
    Ok(())
}

struct Tour<'a> {
    camera: &'a mut Camera,
    language: &'static str,
    relay: Relay,
}

/// An expression: the page shows this screen.
fn screen(name: &str) -> String {
    format!("document.body.dataset.screen === '{name}'")
}

/// An expression: the page shows this element.
fn sees(selector: &str) -> String {
    format!("document.querySelector('{selector}')?.checkVisibility()")
}

impl<'a> Tour<'a> {
    async fn begin(camera: &'a mut Camera, language: &'static str) -> Result<Self> {
        let relay = Relay::start().await;
        let tour = Self {
            camera,
            language,
            relay,
        };
        tour.home().await?;
        Ok(tour)
    }

    fn url(&self) -> String {
        format!("http://{}/", self.relay.addr())
    }

    /// The first screen, on a device that has been here before and has stored this language.
    async fn home(&self) -> Result<()> {
        let window = &self.camera.window;
        // No page runs at this address that would store its place again.
        window.go(&format!("{}version", self.url())).await?;
        let keep = "
            sessionStorage.clear();
            localStorage.clear();
            localStorage.setItem('tapcue.language', JSON.stringify(arguments[0]));
        ";
        window.run(keep, vec![json!(self.language)]).await?;
        window.go(&self.url()).await?;
        window.until(&screen("start")).await
    }

    async fn shoot(&mut self, name: &str, is: &str) -> Result<()> {
        self.camera.take(name, self.language, is).await
    }

    async fn tap(&self, selector: &str, done: &str) -> Result<()> {
        self.camera.tap(selector, done).await
    }

    async fn alone(&mut self) -> Result<()> {
        self.shoot("start", &screen("start")).await?;
        for (name, panel, inside) in [
            ("start-options", ".options", "select"),
            ("start-device", ".device", ".can li"),
            ("keys", "[data-panel=keys]", ".keys-panel"),
        ] {
            let open = "
                for (const panel of document.querySelectorAll('details')) panel.open = panel.matches(arguments[0]);
                document.querySelector(arguments[0]).scrollIntoView();
            ";
            self.camera.window.run(open, vec![json!(panel)]).await?;
            let there = sees(&format!("{panel} {inside}"));
            let scrolled = format!("(document.querySelector('{panel}').scrollIntoView(), {there})");
            self.shoot(name, &scrolled).await?;
        }
        self.home().await?;
        self.tap("[data-action=join]", &screen("join")).await?;
        self.shoot("join", &screen("join")).await
    }

    /// The receiver's page, up to a session that is held.
    async fn receiving(&mut self) -> Result<()> {
        self.home().await?;
        self.tap("[data-action=create-receiver]", &screen("pair"))
            .await?;
        self.shoot("pair", &screen("pair")).await?;
        let code = "return document.querySelector('#code').textContent;";
        let code = self.camera.window.run(code, vec![]).await?;
        let code = code.as_str().context("a code")?;
        let mut helper = Peer::join("helper", &self.relay.ws(), code).await;
        self.shoot("signs", &sees("[data-action=signs-none]"))
            .await?;
        let advice = sees("[data-step=advice]");
        self.tap("[data-action=signs-apply]", &advice).await?;
        self.shoot("advice", &advice).await?;
        let list = sees("[data-step=list]");
        self.tap("[data-action=signs-change]", &list).await?;
        self.shoot("setup-receiver", &list).await?;
        self.tap("[data-action=setup-done]", &screen("rehearse"))
            .await?;
        helper.confirm("set_up", true);
        self.shoot("rehearse-receiver", &screen("rehearse")).await?;
        self.tap("#stop", &screen("held")).await?;
        stopped(&mut helper).await;
        self.shoot("stopped-receiver", &screen("held")).await?;
        helper.hands_off().await;
        let ready = sees("[data-action=ready]");
        self.camera
            .window
            .until(&sees("[data-need=hands_off][data-done=true]"))
            .await?;
        self.shoot("ready-receiver", &ready).await?;
        self.live(&mut helper).await?;
        self.shoot("live-receiver", &screen("live")).await?;
        self.camera.window.press("[data-cue=slower]").await?;
        let slower = helper
            .until("slower", |state| state["cue"]["cue"] == "slower")
            .await;
        let id = slower["cue"]["id"].as_str().context("its id")?.to_owned();
        helper.shown(&id);
        // The earliest time at which a person can have seen it.
        tokio::time::sleep(Duration::from_millis(900)).await;
        helper.acknowledge(&id);
        self.shoot(
            "shown-receiver",
            &sees(".lamp[data-lamp=acknowledged][data-on=true]"),
        )
        .await?;
        self.tap("[data-action=end]", &sees("[data-action=end-confirm]"))
            .await?;
        self.shoot("end-ask", &sees("[data-action=end-confirm]"))
            .await?;
        self.tap("[data-action=end-cancel]", &sees("[data-action=end]"))
            .await?;
        self.unrecorded("unrecorded", "[data-cue=slower]", &mut helper)
            .await?;
        let _ = helper.cue("check_in");
        self.shoot("ask-receiver", &sees(".question")).await?;
        helper.skip();
        self.end().await
    }

    /// An unrecorded cue: another program locks the relay's database.
    async fn unrecorded(&mut self, name: &str, cue: &str, other: &mut Peer) -> Result<()> {
        if !self.camera.wants(name, self.language) {
            return Ok(());
        }
        let held = Connection::open(self.relay.database())?;
        held.execute_batch("BEGIN EXCLUSIVE")?;
        self.tap(cue, &sees("#toast[data-about=unavailable]"))
            .await?;
        // Keeps the notice visible for its pictures.
        let stay = "document.querySelector('#toast').hidden = false";
        let said = format!("({stay}, {})", sees("#toast"));
        self.shoot(name, &said).await?;
        held.execute_batch("ROLLBACK")?;
        let again = "!document.querySelector('.unrecorded')?.checkVisibility()";
        self.camera.window.until(again).await?;
        other.skip();
        Ok(())
    }

    async fn pad(&mut self) -> Result<()> {
        let mut helper = self.over(waived(), "receiver").await?;
        let more = "[data-action=more-cues]";
        let cues = sees(".held [data-cue=slower]");
        self.tap(more, &cues).await?;
        self.shoot("held-cues", &cues).await?;
        self.tap(more, &sees(".held-surface")).await?;
        self.live(&mut helper).await?;
        self.tap("[data-action=eyes-free-on]", &sees(".pad-view"))
            .await?;
        self.shoot("pad", &sees(".pad-view")).await?;
        drop(helper);
        Ok(())
    }

    async fn thumb(&mut self) -> Result<()> {
        let mut options = waived();
        options["hold_to_consent"] = json!(true);
        let helper = self.over(options, "receiver").await?;
        self.shoot("thumb", &sees(".thumb-surface")).await?;
        drop(helper);
        Ok(())
    }

    /// The relay has ended.
    async fn losing(&mut self) -> Result<()> {
        let mut helper = self.over(waived(), "receiver").await?;
        self.live(&mut helper).await?;
        self.relay.kill().await;
        self.shoot("lost", &screen("lost")).await?;
        self.relay.start_again().await;
        Ok(())
    }

    async fn helping(&mut self) -> Result<()> {
        let mut receiver = Peer::create(&self.relay.ws(), "receiver", Value::Null).await;
        let link = format!("{}#join={}", self.url(), receiver.link_secret());
        self.camera.window.go("about:blank").await?;
        self.camera.window.go(&link).await?;
        self.shoot("join-link", &screen("join")).await?;
        self.tap("[data-action=join]", &screen("setup")).await?;
        receiver.confirm("warning_signs", false);
        receiver.confirm("set_up", true);
        let list = sees("[data-action=setup-done]");
        self.camera.window.until(&list).await?;
        self.shoot("setup-helper", &list).await?;
        self.tap("[data-action=setup-done]", &screen("rehearse"))
            .await?;
        self.shoot("rehearse-helper", &screen("rehearse")).await?;
        let _ = receiver.cue("stop");
        self.shoot("stop-helper", &sees("[data-action=hands-off]"))
            .await?;
        self.tap("[data-action=hands-off]", &sees("[data-action=ready]"))
            .await?;
        self.shoot("ready-helper", &sees("[data-action=ready]"))
            .await?;
        self.live(&mut receiver).await?;
        self.shoot("live-helper", &screen("live")).await?;
        for (name, cue, colour) in [
            ("slower-helper", "slower", "slow"),
            ("more-helper", "more_pressure", "more"),
            ("stay-helper", "stay", "stay"),
            ("left-helper", "left", "dir"),
        ] {
            let _ = receiver.cue(cue);
            self.shoot(name, &sees(&format!(".surface[data-colour={colour}]")))
                .await?;
        }
        let asks = sees(".surface[data-colour=ask]");
        self.tap("[data-action=check-in]", &asks).await?;
        self.shoot("ask-helper", &asks).await?;
        self.unrecorded("unrecorded-helper", "#stop", &mut receiver)
            .await
    }

    /// Both say ready, and the session goes live.
    async fn live(&self, other: &mut Peer) -> Result<()> {
        other.ready().await;
        self.tap("[data-action=ready]", &screen("live")).await?;
        other.until_phase("live").await;
        Ok(())
    }

    /// A session that scripted devices opened; the page takes the place of one.
    async fn over(&mut self, options: Value, role: &str) -> Result<Peer> {
        let mut receiver = Peer::create(&self.relay.ws(), "receiver", options).await;
        let helper = Peer::join("helper", &self.relay.ws(), &receiver.welcome_text("code")).await;
        receiver
            .until("both", |state| state["peers"]["helper"] == "here")
            .await;
        let (mine, mut other) = match role {
            "receiver" => (receiver, helper),
            _ => (helper, receiver),
        };
        let place = json!({
            "session": mine.welcome("session"),
            "role": role,
            "token": mine.welcome("token"),
            "at": 0,
        });
        self.home().await?;
        let keep = "sessionStorage.setItem('tapcue.place', arguments[0]);";
        let window = &self.camera.window;
        window.run(keep, vec![json!(place.to_string())]).await?;
        window.reload().await?;
        window.until(&screen("held")).await?;
        other
            .until("the page", |state| state["peers"][role] == "here")
            .await;
        Ok(other)
    }

    async fn end(&mut self) -> Result<()> {
        let sure = sees("[data-action=end-confirm]");
        self.tap("[data-action=end]", &sure).await?;
        self.tap("[data-action=end-confirm]", &screen("end"))
            .await?;
        self.shoot("end", &screen("end")).await
    }
}

/// Waits for the stop on the helper's screen, and reports it as shown.
async fn stopped(helper: &mut Peer) {
    let state = helper
        .until("the stop", |state| state["hold"]["reason"] == "stop")
        .await;
    if let Some(id) = state["hold"]["id"].as_str() {
        helper.shown(id);
    }
}
