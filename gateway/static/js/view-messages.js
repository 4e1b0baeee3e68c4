// The list of messages: grouped by author and minute, days set apart, pending ones marked, older ones loaded upward.

import { el, icon, reconcile } from "./dom.js";
import { day, exactly, hue, initials, isSameDay, shortTime, time } from "./format.js";

// Messages of one author within this time share a head.
const GROUP_MS = 5 * 60_000;
const NEAR_END = 80;
const NEAR_START = 240;

export function messagesView(store) {
  const older = el("p", { class: "older", role: "status" });
  const list = el("ol", { class: "messages", role: "log", "aria-live": "polite", "aria-label": "Messages" });
  const scroller = el("div", { class: "scroller", tabindex: "0", "aria-label": "Conversation", onscroll: scrolled }, older, list);
  const jump = el("button", { class: "jump", hidden: true, onclick: toEnd }, icon("down"), el("span", {}, "New messages"));
  const element = el("div", { class: "stage" }, scroller, jump);
  let room = null;
  let isAtEnd = true;
  let lastSeq = 0;

  function toEnd() {
    scroller.scrollTop = scroller.scrollHeight;
    jump.hidden = true;
  }

  function scrolled() {
    isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
    if (isAtEnd) jump.hidden = true;
    if (room && scroller.scrollTop < NEAR_START) store.loadOlder(room);
  }

  // Keyboards and other elements that take room away must not hide the newest message.
  new ResizeObserver(() => isAtEnd && toEnd()).observe(scroller);

  function draw() {
    const heightBefore = scroller.scrollHeight;
    const topBefore = scroller.scrollTop;
    const firstBefore = list.firstElementChild;
    older.textContent = room.isLoadingOlder ? "Loading…" : !room.isLoaded ? "Loading…" : room.hasMore ? "" : `This is the beginning of ${room.name}`;
    reconcile(list, rows(room, store));
    if (isAtEnd) return toEnd();
    // What was added above must not push away what is being read.
    if (firstBefore !== list.firstElementChild) scroller.scrollTop = topBefore + (scroller.scrollHeight - heightBefore);
  }

  return {
    element,
    update(next, isNew) {
      room = next;
      if (isNew) isAtEnd = true;
      const newest = room.items.at(-1)?.seq ?? 0;
      if (!isNew && !isAtEnd && newest > lastSeq) jump.hidden = false;
      lastSeq = newest;
      draw();
      if (isAtEnd && scroller.scrollHeight <= scroller.clientHeight + NEAR_START) store.loadOlder(room);
    },
  };
}

function rows(room, store) {
  const out = [];
  let before = null;
  // A page of history can bring a message before its answer or its event does.
  const stored = new Set(room.items.map((item) => item.key).filter(Boolean));
  const isOnline = store.connection.state === "online";
  const pending = store.outbox
    .of(room.id)
    .filter((entry) => !stored.has(entry.key))
    .map((entry) => ({ ...entry, author: store.user, isPending: true, isWaiting: !isOnline, progress: isOnline ? "Sending…" : "Waiting for the connection" }));
  for (const item of [...room.items, ...pending]) {
    if (!before || !isSameDay(before.at, item.at)) {
      const label = day(item.at);
      out.push({ key: `day-${new Date(item.at).toDateString()}`, sign: label, make: () => el("li", { class: "day" }, el("span", {}, label)) });
      before = null;
    }
    if (item.notice) out.push({ key: `seq-${item.seq}`, sign: item.notice, make: () => notice(item) });
    else out.push(message(item, isContinued(before, item), store));
    before = item;
  }
  return out;
}

const isContinued = (before, item) => Boolean(before?.author && before.author.id === item.author.id && item.at - before.at < GROUP_MS);

function message(item, continued, store) {
  const isMine = item.author.id === store.user.id;
  // The same key before and after it is stored: the bubble stays where it is.
  const key = item.key ? `${item.author.id}-${item.key}` : `seq-${item.seq}`;
  const sign = [item.deleted ? "deleted" : item.body, item.rev ?? 1, continued, Boolean(item.isPending), item.problem ?? "", item.progress ?? item.at].join("\n");
  const make = () =>
    el(
      "li",
      { class: ["message", continued && "continued", isMine && "mine", item.isPending && "pending", item.problem && "failed"].filter(Boolean).join(" "), "data-seq": item.seq ?? null },
      continued ? el("span", { class: "gutter", "aria-hidden": "true" }, shortTime(item.at)) : el("span", { class: "avatar", "data-hue": hue(item.author.name), "aria-hidden": "true" }, initials(item.author.name)),
      el(
        "div",
        { class: "content" },
        !continued && el("div", { class: "by" }, el("strong", {}, item.author.name), el("time", { datetime: new Date(item.at).toISOString(), title: exactly(item.at) }, time(item.at))),
        item.deleted
          ? el("p", { class: "body gone" }, "This message was deleted")
          : el("p", { class: "body" }, item.body, item.editedAt && el("span", { class: "edited" }, " (edited)")),
        item.isPending && !item.problem && el("span", { class: item.isWaiting ? "sending waiting" : "sending" }, item.progress),
        item.problem && problem(item, store),
      ),
    );
  return { key, sign, make };
}

function problem(item, store) {
  return el(
    "p",
    { class: "trouble" },
    `Not sent: ${item.problem}. `,
    el("button", { class: "link", onclick: () => store.outbox.retry(item.key) }, "Try again"),
    " ",
    el("button", { class: "link", onclick: () => store.outbox.discard(item.key) }, "Discard"),
  );
}

function notice(item) {
  return el("li", { class: "notice" }, el("span", {}, item.notice), " ", el("time", { datetime: new Date(item.at).toISOString() }, time(item.at)));
}
