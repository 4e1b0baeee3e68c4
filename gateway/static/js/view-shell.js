// The three columns: rooms, talk, people. On a phone one of them at a time.

import { el } from "./dom.js";
import { count } from "./format.js";
import { membersView } from "./view-members.js";
import { roomView } from "./view-room.js";
import { roomsView } from "./view-rooms.js";

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

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target.closest("dialog")) return;
    element.classList.remove("shows-people");
    if (store.notice) store.tell(null);
  });

  function drawBar() {
    const { state, retryAt } = store.connection;
    const seconds = retryAt ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) : 0;
    const text = condition(store, seconds);
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

// What is not as it should be with the connection; empty when all is well.
function condition({ connection, outbox }, seconds) {
  const { state, reason } = connection;
  const waiting = outbox.waiting > 0 ? ` · ${count(outbox.waiting, "message")} waiting` : "";
  if (state === "connecting") return `Connecting…${waiting}`;
  if (state === "closed") return `Disconnected: ${String(reason).replaceAll("_", " ")}${waiting}`;
  if (state !== "recovering") return "";
  if (!navigator.onLine) return `You are offline${waiting}`;
  return `${seconds > 0 ? `Connection lost. Reconnecting in ${seconds} s` : "Reconnecting…"}${waiting}`;
}
