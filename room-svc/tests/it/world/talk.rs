//! What people do with messages.

use std::sync::Arc;

use proto::{
    id::SessionId,
    room::{room_service_server::RoomService, *},
};
use room_svc::App;
use rpc::Caller;
use sqlx::PgPool;
use tonic::Status;

use super::{Person, World, inner, key, message};
use crate::auth;

impl Person {
    /// Says something in a thread.
    pub(crate) async fn answers(
        &self,
        room: &str,
        thread: &str,
        body: &str,
    ) -> Result<SendMessageResponse, Status> {
        self.sends(SendMessageRequest {
            thread: thread.into(),
            ..message(room, body)
        })
        .await
    }

    /// The newest messages of a room, outside threads.
    pub(crate) async fn history(&self, room: &str) -> Vec<Message> {
        let request = ListMessagesRequest {
            room: room.into(),
            limit: 100,
            ..ListMessagesRequest::default()
        };
        self.reads(request).await.expect("a page").messages
    }

    /// The messages of a thread.
    pub(crate) async fn thread(&self, room: &str, thread: &str) -> Vec<Message> {
        let request = ListMessagesRequest {
            room: room.into(),
            limit: 100,
            thread: thread.into(),
            ..ListMessagesRequest::default()
        };
        self.reads(request).await.expect("a page").messages
    }

    pub(crate) async fn finds(&self, message_id: &str) -> Result<Message, Status> {
        let request = GetMessageRequest {
            message_id: message_id.into(),
        };
        let found = inner(self.app.get_message(self.request(request)).await)?;
        Ok(found.message.expect("a message"))
    }

    pub(crate) async fn edits(
        &self,
        request: EditMessageRequest,
    ) -> Result<EditMessageResponse, Status> {
        inner(self.app.edit_message(self.request(request)).await)
    }

    pub(crate) async fn deletes(
        &self,
        request: DeleteMessageRequest,
    ) -> Result<DeleteMessageResponse, Status> {
        inner(self.app.delete_message(self.request(request)).await)
    }

    /// Takes a message from everyone.
    pub(crate) async fn retracts(
        &self,
        room: &str,
        message_id: &str,
    ) -> Result<DeleteMessageResponse, Status> {
        self.deletes(deletion(room, message_id, DeleteScope::Everyone))
            .await
    }

    /// Takes a message from one's own devices.
    pub(crate) async fn hides(
        &self,
        room: &str,
        message_id: &str,
    ) -> Result<DeleteMessageResponse, Status> {
        self.deletes(deletion(room, message_id, DeleteScope::Me))
            .await
    }

    pub(crate) async fn reacts(
        &self,
        room: &str,
        message_id: &str,
        emoji: &str,
        is_on: bool,
    ) -> Result<SetReactionResponse, Status> {
        let request = SetReactionRequest {
            room: room.into(),
            message_id: message_id.into(),
            emoji: emoji.into(),
            is_on,
            key: key(),
        };
        self.sets_reaction(request).await
    }

    pub(crate) async fn sets_reaction(
        &self,
        request: SetReactionRequest,
    ) -> Result<SetReactionResponse, Status> {
        inner(self.app.set_reaction(self.request(request)).await)
    }

    pub(crate) async fn pins(
        &self,
        room: &str,
        message_id: &str,
        is_pinned: bool,
    ) -> Result<(), Status> {
        let request = PinMessageRequest {
            room: room.into(),
            message_id: message_id.into(),
            is_pinned,
            key: key(),
        };
        self.sets_pin(request).await
    }

    pub(crate) async fn sets_pin(&self, request: PinMessageRequest) -> Result<(), Status> {
        inner(self.app.pin_message(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn lists_pins(&self, room: &str) -> Result<Vec<Message>, Status> {
        let request = ListPinsRequest { room: room.into() };
        inner(self.app.list_pins(self.request(request)).await).map(|listed| listed.messages)
    }

    pub(crate) async fn searches(
        &self,
        request: SearchMessagesRequest,
    ) -> Result<SearchMessagesResponse, Status> {
        inner(self.app.search_messages(self.request(request)).await)
    }

    /// Opens a thread with a title.
    pub(crate) async fn opens(&self, room: &str, title: &str) -> Result<Thread, Status> {
        let request = CreateThreadRequest {
            room: room.into(),
            title: title.into(),
            key: key(),
        };
        let opened = self.creates_thread(request).await?;
        Ok(opened.thread.expect("a thread"))
    }

    pub(crate) async fn creates_thread(
        &self,
        request: CreateThreadRequest,
    ) -> Result<CreateThreadResponse, Status> {
        inner(self.app.create_thread(self.request(request)).await)
    }

    pub(crate) async fn lists_threads(
        &self,
        request: ListThreadsRequest,
    ) -> Result<ListThreadsResponse, Status> {
        inner(self.app.list_threads(self.request(request)).await)
    }

    /// All threads of a room.
    pub(crate) async fn threads(&self, room: &str) -> Vec<Thread> {
        let request = ListThreadsRequest {
            room: room.into(),
            ..ListThreadsRequest::default()
        };
        self.lists_threads(request).await.expect("threads").threads
    }

    pub(crate) async fn marks(&self, request: MarkReadRequest) -> Result<MarkReadResponse, Status> {
        inner(self.app.mark_read(self.request(request)).await)
    }

    /// Says how far one has read a room.
    pub(crate) async fn has_read(&self, room: &str, seq: i64) -> Result<Counter, Status> {
        let request = MarkReadRequest {
            room: room.into(),
            thread: String::new(),
            seq,
            key: key(),
        };
        let marked = self.marks(request).await?;
        Ok(marked.counter.expect("a counter"))
    }

    pub(crate) async fn delivers(&self, delivered: Vec<Delivered>) -> Result<(), Status> {
        let request = MarkDeliveredRequest { delivered };
        inner(self.app.mark_delivered(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn lists_receipts(&self, room: &str) -> Result<Vec<Receipt>, Status> {
        let request = ListReceiptsRequest { room: room.into() };
        inner(self.app.list_receipts(self.request(request)).await).map(|listed| listed.receipts)
    }

    /// What one has not read of a room that one is in.
    pub(crate) async fn counter(&self, room_id: &str) -> Counter {
        let mine = self.lists_own().await;
        let found = mine.into_iter().find(|mine| {
            mine.room
                .as_ref()
                .is_some_and(|room| room.room_id == room_id)
        });
        found.and_then(|mine| mine.counter).expect("a counter")
    }
}

impl World {
    /// The same person on another device.
    pub(crate) async fn device_of(&self, person: &Person) -> Person {
        let caller = Caller {
            session_id: SessionId::generate(),
            ..person.caller.clone()
        };
        auth::begin_session(&self.db, &caller).await;
        Person {
            app: Arc::clone(&person.app),
            caller,
        }
    }

    /// Another replica, over a pool of its own on the same database.
    pub(crate) fn app_over(&self, pool: PgPool) -> Arc<App> {
        Arc::new(App::new(self.app.config.clone(), pool, &self.kit))
    }
}

pub(crate) fn edit(room: &str, message_id: &str, body: &str, rev: u32) -> EditMessageRequest {
    EditMessageRequest {
        room: room.into(),
        message_id: message_id.into(),
        body: body.into(),
        rev,
        key: key(),
    }
}

fn deletion(room: &str, message_id: &str, scope: DeleteScope) -> DeleteMessageRequest {
    DeleteMessageRequest {
        room: room.into(),
        message_id: message_id.into(),
        scope: scope.into(),
        key: key(),
    }
}

/// The text of a message.
pub(crate) fn body(message: &Message) -> String {
    let data = super::json(&message.data);
    data["body"].as_str().expect("a body").into()
}

/// The texts of messages.
pub(crate) fn bodies(messages: &[Message]) -> Vec<String> {
    messages.iter().map(body).collect()
}
