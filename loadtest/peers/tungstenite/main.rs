//! A naive broadcast server over tokio-tungstenite, as a measure: rooms in memory, defaults everywhere, one write per
//! message and member. It listens on the loopback address at the port that is its only argument.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use futures::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedSender, unbounded_channel},
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

type Rooms = Arc<Mutex<HashMap<String, Vec<UnboundedSender<Message>>>>>;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Asked {
    Join { room: String },
    Send { id: u32, room: String, body: String },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Told<'a> {
    Joined { room: &'a str },
    Ack { id: u32 },
    Message { room: &'a str, body: &'a str },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port = std::env::args().nth(1).context("which port?")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let rooms = Rooms::default();
    loop {
        let (stream, _) = listener.accept().await?;
        let rooms = rooms.clone();
        // A client that breaks off is no concern of the others.
        tokio::spawn(async move { serve(stream, rooms).await.ok() });
    }
}

async fn serve(stream: TcpStream, rooms: Rooms) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let (mut sink, mut source) = accept_async(stream).await?.split();
    let (out, mut queue) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = queue.recv().await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    while let Some(message) = source.next().await {
        if let Message::Text(text) = message? {
            answer(serde_json::from_str(&text)?, &rooms, &out)?;
        }
    }
    Ok(())
}

fn answer(asked: Asked, rooms: &Rooms, out: &UnboundedSender<Message>) -> anyhow::Result<()> {
    let mut rooms = rooms.lock().unwrap_or_else(PoisonError::into_inner);
    match asked {
        Asked::Join { room } => {
            out.send(frame(&Told::Joined { room: &room })?)?;
            rooms.entry(room).or_default().push(out.clone());
        }
        Asked::Send { id, room, body } => {
            let (room, body) = (room.as_str(), body.as_str());
            let message = frame(&Told::Message { room, body })?;
            if let Some(members) = rooms.get_mut(room) {
                members.retain(|member| member.send(message.clone()).is_ok());
            }
            out.send(frame(&Told::Ack { id })?)?;
        }
    }
    Ok(())
}

fn frame(told: &Told<'_>) -> anyhow::Result<Message> {
    Ok(Message::text(serde_json::to_string(told)?))
}
