// The three columns: rooms, talk, people. On a phone one of them at a time.

import { el } from "./dom.js";
import { membersView } from "./view-members.js";
import { roomView } from "./view-room.js";
import { roomsView } from "./view-rooms.js";

const STATES = {
  idle: "Not connected",
  connecting: "Connecting…",
  online: "",
  recovering: "Connection lost",
  closed: "Disconnected",
};

export function shell(store) {
  const rooms = roomsView(store);
  const room = roomView(store, { togglePeople });
  const members = membersView(store, { togglePeople });
  const bar = el("div", { class: "bar", role: "status" });
  const element = el("div", { class: "shell" }, bar, rooms.element, room.element, members.element);
  let ticker = null;

  function togglePeople() {
    element.classList.toggle("shows-people");
  }

  function drawBar() {
    const { state, reason, retryAt } = store.connection;
    const seconds = retryAt ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) : 0;
    let text = STATES[state];
    if (state === "recovering") text += retryAt && seconds > 0 ? `. Trying again in ${seconds} s` : ". Reconnecting…";
    if (state === "recovering" && !navigator.onLine) text = "You are offline. Messages wait here until you are back";
    if (state === "closed") text += ` (${reason})`;
    const action =
      state === "recovering" && seconds > 0
        ? el("button", { class: "link", onclick: () => store.connection.retryNow() }, "Try now")
        : state === "closed" && el("button", { class: "link", onclick: () => store.connection.start() }, "Connect again");
    const notice = store.notice && el("button", { class: "link", onclick: () => store.tell(null) }, "Dismiss");
    bar.replaceChildren(...[text || store.notice, text ? action : notice].filter(Boolean));
    bar.dataset.state = text ? state : "notice";
    bar.hidden = !text && !store.notice;
    clearTimeout(ticker);
    if (seconds > 0) ticker = setTimeout(drawBar, 1000);
  }

  return {
    element,
    update() {
      element.classList.toggle("shows-room", store.current !== null);
      if (!store.current) element.classList.remove("shows-people");
      drawBar();
      rooms.update();
      room.update();
      members.update();
    },
  };
}
