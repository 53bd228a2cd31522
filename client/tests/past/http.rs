//! A relay's HTTP side with scripted answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// A request to the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The method and the path.
    pub(crate) what: String,
    /// The value of `Authorization`.
    pub(crate) bearer: Option<String>,
    pub(crate) body: String,
}

/// Gives the scripted answers in turn, and repeats the last one.
pub(crate) struct HttpRelay {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: AbortHandle,
}

impl HttpRelay {
    pub(crate) async fn start(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::default();
        let answers = answers
            .iter()
            .map(|(status, body)| (*status, (*body).into()));
        let answering = answer(listener, Arc::clone(&asked), answers.collect());
        Self {
            address,
            asked,
            task: tokio::spawn(answering).abort_handle(),
        }
    }

    /// The requests so far, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for HttpRelay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    listener: TcpListener,
    asked: Arc<Mutex<Vec<Asked>>>,
    mut answers: VecDeque<(u16, String)>,
) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = request(&mut stream).await;
        asked.lock().unwrap().push(request);
        let (status, body) = answers.front().cloned().unwrap();
        if answers.len() > 1 {
            answers.pop_front();
        }
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

async fn request(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    let head = loop {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            break head.to_owned();
        }
    };
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(is, _)| is.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    };
    let length: usize = header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head.len() + 4 + length {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
    }
    let what = head.lines().next().unwrap();
    Asked {
        what: what.trim_end_matches(" HTTP/1.1").to_owned(),
        bearer: header("authorization"),
        body: String::from_utf8(bytes[head.len() + 4..].to_vec()).unwrap(),
    }
}
