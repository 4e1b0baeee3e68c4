//! The bus's own protocol, spoken by hand: a client library would keep refusals to itself.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use serde_json::{Value, json};
use testkit::PATIENCE;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// One connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: BufReader<TcpStream>,
    /// What the server said of itself.
    pub(crate) info: Value,
    subscriptions: usize,
}

impl Line {
    /// Connects with a key, or as nobody.
    pub(crate) async fn connect(url: &str, key: Option<&KeyPair>) -> Result<Self, String> {
        let address = url.trim_start_matches("nats://");
        let stream = TcpStream::connect(address).await.expect("the bus is there");
        let mut line = Self {
            stream: BufReader::new(stream),
            info: Value::Null,
            subscriptions: 0,
        };
        let greeting = line.read().await;
        let info = greeting.strip_prefix("INFO ").expect("a greeting");
        line.info = serde_json::from_str(info).expect("JSON");
        let nonce = line.info["nonce"].as_str().unwrap_or_default();
        let sign = |key: &KeyPair| {
            let signature = key.sign(nonce.as_bytes()).expect("signed");
            URL_SAFE_NO_PAD.encode(signature)
        };
        let hello = json!({
            "verbose": false, "pedantic": false, "lang": "test", "version": "1", "protocol": 1,
            "headers": true, "no_responders": true,
            "nkey": key.map(KeyPair::public_key), "sig": key.map(sign),
        });
        line.write(&format!("CONNECT {hello}\r\nPING\r\n")).await;
        match line.read().await.as_str() {
            "PONG" => Ok(line),
            refusal => Err(refusal.to_owned()),
        }
    }

    /// Says something and returns everything that came back until the server has read it.
    pub(crate) async fn say(&mut self, text: &str) -> Vec<String> {
        self.write(&format!("{text}\r\nPING\r\n")).await;
        let mut heard = Vec::new();
        loop {
            match self.read().await {
                pong if pong == "PONG" => return heard,
                line => heard.push(line),
            }
        }
    }

    /// Publishes nothing to a subject; whether that was let through.
    pub(crate) async fn may_publish(&mut self, subject: &str) -> bool {
        let heard = self.say(&format!("PUB {subject} 0\r\n")).await;
        !is_refused(&heard)
    }

    /// Subscribes; whether that was let through.
    pub(crate) async fn may_subscribe(&mut self, subject: &str, queue: &str) -> bool {
        self.subscriptions += 1;
        let sid = self.subscriptions;
        let heard = self.say(&format!("SUB {subject} {queue} {sid}")).await;
        !is_refused(&heard)
    }

    /// Reads one line: of the protocol, or what of a payload comes before a line's end.
    pub(crate) async fn read(&mut self) -> String {
        let mut line = Vec::new();
        timeout(PATIENCE, self.stream.read_until(b'\n', &mut line))
            .await
            .expect("the bus says something")
            .expect("the bus is there");
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    async fn write(&mut self, text: &str) {
        let stream = self.stream.get_mut();
        stream.write_all(text.as_bytes()).await.expect("sent");
    }
}

/// Whether the server refused something by the table, and nothing else.
pub(crate) fn is_refused(heard: &[String]) -> bool {
    let errors: Vec<&String> = heard
        .iter()
        .filter(|line| line.starts_with("-ERR"))
        .collect();
    for error in &errors {
        assert!(error.contains("Permissions Violation"), "{error}");
    }
    !errors.is_empty()
}
