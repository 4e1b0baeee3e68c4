// The left column: who I am, my rooms, and rooms to find.

import { el, icon, reconcile } from "./dom.js";
import { count, hue, initials } from "./format.js";

const LABELS = { online: "Online", connecting: "Connecting…", recovering: "Reconnecting…", closed: "Disconnected", idle: "Not connected" };

export function roomsView(store) {
  const mine = el("ul", { class: "rooms", "aria-label": "Your rooms" });
  const others = el("ul", { class: "rooms", "aria-label": "Rooms to join" });
  const emptyMine = el("p", { class: "empty" }, "You are in no room yet. Make one, or join one below.");
  const emptyOthers = el("p", { class: "empty" }, "Nothing else here.");
  const search = el("input", { type: "search", placeholder: "Find a room", "aria-label": "Find a room", oninput: later(() => store.search(search.value.trim()).catch((error) => store.tell(error.message))) });
  const dialog = newRoom(store);
  const state = el("span", { class: "state" });
  const me = el("span", { class: "avatar", "aria-hidden": "true" });
  const name = el("strong");
  const element = el(
    "nav",
    { class: "side", "aria-label": "Rooms" },
    el("header", { class: "side-head" }, el("img", { src: "/static/icon.svg", alt: "", width: "26", height: "26" }), el("h1", {}, "Hubbub"), el("button", { class: "round", title: "New room", "aria-label": "New room", onclick: () => dialog.open() }, icon("plus"))),
    el("div", { class: "side-body" }, search, el("h2", {}, "Your rooms"), mine, emptyMine, el("h2", {}, "More rooms"), others, emptyOthers),
    el("footer", { class: "side-foot" }, me, el("span", { class: "who" }, name, state), el("button", { class: "quiet", onclick: () => store.signOut().catch((error) => store.tell(error.message)) }, "Log out")),
    dialog.element,
  );

  function row(room, isMine) {
    const isCurrent = room.id === store.currentId;
    const unread = isMine ? room.unread : 0;
    const sign = [room.name, room.kind, unread, isCurrent, isMine ? "" : room.members].join("\n");
    const make = () =>
      el(
        "li",
        {},
        el(
          "button",
          { class: "room", "aria-current": isCurrent ? "page" : null, onclick: () => store.select(room.id) },
          el("span", { class: "sigil", "aria-hidden": "true" }, room.kind === "private" ? icon("lock") : room.kind === "direct" ? "@" : "#"),
          el("span", { class: "room-name" }, room.name),
          unread > 0 && el("span", { class: "badge", "aria-label": `${unread} unread` }, unread > 99 ? "99+" : String(unread)),
          !isMine && el("span", { class: "room-size" }, count(room.members, "member")),
        ),
      );
    return { key: room.id, sign, make };
  }

  return {
    element,
    update() {
      if (!store.query && document.activeElement !== search) search.value = "";
      const matches = (room) => room.name.toLowerCase().includes(store.query.toLowerCase());
      const joined = store.joined.filter(matches);
      reconcile(mine, joined.map((room) => row(room, true)));
      reconcile(others, store.others.map((room) => row(room, false)));
      emptyMine.hidden = joined.length > 0 || store.query !== "" || store.connection.state === "connecting";
      emptyOthers.hidden = store.others.length > 0;
      name.textContent = store.user.name;
      me.textContent = initials(store.user.name);
      me.dataset.hue = hue(store.user.name);
      state.textContent = LABELS[store.connection.state];
      state.dataset.state = store.connection.state;
    },
  };
}

function newRoom(store) {
  const name = el("input", { id: "room-name", required: true, maxlength: "64", autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: "general" });
  const topic = el("input", { id: "room-topic", maxlength: "200", autocomplete: "off", placeholder: "What is it about?" });
  const isPrivate = el("input", { type: "checkbox", id: "room-private" });
  const problem = el("p", { class: "problem", role: "alert" });
  const action = el("button", { class: "primary", type: "submit" }, "Create");
  const form = el(
    "form",
    { onsubmit: submit, novalidate: true },
    el("h2", { id: "new-room" }, "New room"),
    el("div", { class: "field" }, el("label", { for: "room-name" }, "Name"), name),
    el("div", { class: "field" }, el("label", { for: "room-topic" }, "Topic ", el("span", { class: "hint" }, "optional")), topic),
    el("label", { class: "check" }, isPrivate, "Private: only invited people may join"),
    problem,
    el("div", { class: "actions" }, el("button", { class: "quiet", type: "button", onclick: () => element.close() }, "Cancel"), action),
  );
  const element = el("dialog", { "aria-labelledby": "new-room" }, form);

  async function submit(event) {
    event.preventDefault();
    action.disabled = true;
    try {
      await store.create(name.value.trim().replace(/^#/, ""), topic.value.trim(), isPrivate.checked);
      element.close();
    } catch (error) {
      problem.textContent = error.message;
      name.focus();
    }
    action.disabled = false;
  }

  return {
    element,
    open() {
      form.reset();
      problem.textContent = "";
      element.showModal();
      name.focus();
    },
  };
}

function later(work) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, 200);
  };
}
