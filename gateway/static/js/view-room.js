// The middle column: the room's head, what is said, and where to say something.

import { el, icon } from "./dom.js";
import { messagesView } from "./view-messages.js";

const BODY_MAX = 4_000;

const SIGILS = { private: "", direct: "@" };
const sigil = (room) => SIGILS[room.kind] ?? "#";

export function roomView(store, { togglePeople }) {
  const title = el("h2");
  const topic = el("p", { class: "topic" });
  const people = el("button", { class: "round only-narrow", title: "Members", "aria-label": "Members", onclick: togglePeople }, icon("people"));
  const leave = el("button", { class: "round", title: "Leave this room", "aria-label": "Leave this room", onclick: () => attempt(() => store.leave(store.currentId)) }, icon("leave"));
  const back = el("button", { class: "round only-phone", "aria-label": "All rooms", onclick: () => store.select(null) }, icon("back"));
  const messages = messagesView(store);
  const composer = composerView(store);
  const join = el("button", { class: "primary", onclick: () => attempt(() => store.join(store.currentId)) }, "Join this room");
  const invitation = el("div", { class: "middle" }, el("p", {}, "You can read and write here once you are in."), join);
  const nothing = el("div", { class: "middle" }, el("p", { class: "big" }, "Pick a room to begin"), el("p", {}, "or make one with the plus sign at the top left."));
  const head = el("header", { class: "room-head" }, back, el("div", { class: "titles" }, title, topic), people, leave);
  const element = el("main", { class: "talk" }, head, nothing, invitation, messages.element, composer.element);

  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      store.tell(error.message === "not connected" ? "Not connected: try again in a moment" : error.message);
    }
  }

  let shownId = null;
  return {
    element,
    update() {
      const room = store.current;
      const isIn = store.isIn(room?.id);
      head.hidden = nothing.hidden = room === null;
      nothing.hidden = room !== null;
      invitation.hidden = room === null || isIn;
      messages.element.hidden = composer.element.hidden = leave.hidden = people.hidden = !isIn;
      document.title = room ? `${room.name} · Hubbub` : "Hubbub";
      if (!room) {
        shownId = null;
        return;
      }
      title.textContent = `${sigil(room)}${room.name}`;
      topic.textContent = room.topic;
      join.disabled = store.connection.state !== "online";
      const isNew = isIn && shownId !== room.id;
      shownId = isIn ? room.id : null;
      if (!isIn) return;
      messages.update(room, isNew);
      composer.update(room, isNew);
    },
  };
}

function composerView(store) {
  const drafts = new Map();
  const input = el("textarea", { rows: "1", "aria-label": "Message", oninput: typed, onkeydown: pressed });
  const left = el("span", { class: "left", role: "status" });
  const send = el("button", { class: "round send", type: "submit", "aria-label": "Send" }, icon("send"));
  const element = el("form", { class: "composer", onsubmit: submit }, input, left, send);

  // The server counts characters, not UTF-16 units.
  const length = () => [...input.value].length;

  function typed() {
    drafts.set(store.currentId, input.value);
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
    const over = length() - BODY_MAX;
    left.textContent = over > -200 ? String(-over) : "";
    left.classList.toggle("over", over > 0);
    send.disabled = input.value.trim() === "" || over > 0;
  }

  function pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit(event);
  }

  function submit(event) {
    event.preventDefault();
    if (send.disabled) return;
    store.outbox.add(store.currentId, input.value.trim());
    input.value = "";
    typed();
  }

  return {
    element,
    update(room, isNew) {
      input.placeholder = `Message ${sigil(room)}${room.name}`;
      if (!isNew) return;
      input.value = drafts.get(room.id) ?? "";
      typed();
      if (matchMedia("(hover: hover)").matches) input.focus();
    },
  };
}
