// What this page knows, and how events change it. Views read it and redraw on "change".

import * as api from "./api.js";
import { Connection } from "./connection.js";
import { Outbox, newKey } from "./outbox.js";
import { Room } from "./room.js";

const PAGE = 50;
// Remembers only that somebody was here, so that a stranger's first visit asks for nothing.
const VISITED = "hubbub.visited";

export class Store extends EventTarget {
  user = null;
  rooms = new Map();
  // Rooms the user is not in.
  others = [];
  query = "";
  currentId = null;
  notice = null;
  #syncing = new Map();

  constructor() {
    super();
    this.connection = new Connection(() => this.#cursors());
    this.outbox = new Outbox({
      request: (type, data, key) => this.connection.request(type, data, key),
      changed: () => this.changed(),
      stored: (entry, answer) => this.#stored(entry, answer),
    });
    this.connection.addEventListener("state", () => this.changed());
    this.connection.addEventListener("welcome", (event) => this.#welcome(event.detail));
    this.connection.addEventListener("frame", (event) => this.#frame(event.detail));
    this.connection.addEventListener("signedout", () => this.#forget("Your session is over. Please log in again."));
  }

  get current() {
    return this.rooms.get(this.currentId) ?? this.others.find((room) => room.id === this.currentId) ?? null;
  }

  get joined() {
    return [...this.rooms.values()].sort((one, other) => one.name.localeCompare(other.name));
  }

  isIn(id) {
    return this.rooms.has(id);
  }

  async resumeVisit() {
    if (!localStorage.getItem(VISITED)) return;
    try {
      this.#begin((await api.account()).user);
    } catch (error) {
      if (error.status === 401) localStorage.removeItem(VISITED);
      else this.tell(error.message);
    }
  }

  async signIn(name, password, isNew) {
    const granted = await (isNew ? api.signUp(name, password) : api.logIn(name, password));
    this.#begin(granted.user);
  }

  async signOut() {
    await api.logOut();
    this.#forget(null);
  }

  select(id) {
    this.currentId = id;
    const room = this.current;
    if (room instanceof Room) {
      room.unread = 0;
      if (!room.isLoaded) this.#load(room);
    }
    this.changed();
  }

  async search(query) {
    this.query = query;
    const { rooms } = await api.listRooms(query);
    if (query !== this.query) return;
    this.others = rooms.filter((room) => !room.joined && !this.rooms.has(room.id));
    this.changed();
  }

  async create(name, topic, isPrivate) {
    const { room } = await api.createRoom({ name, topic, private: isPrivate }, newKey());
    await this.join(room.id);
  }

  async join(id) {
    const answer = await this.connection.request("room.join", { room: id }, newKey());
    const room = this.rooms.get(id) ?? new Room(answer.room);
    this.rooms.set(id, room);
    this.others = this.others.filter((other) => other.id !== id);
    room.advance(answer.head, answer.cursor);
    room.members = answer.members;
    room.takeNewest(answer.messages, answer.messages.length >= PAGE);
    if (this.query) this.search("").catch(() => {});
    this.select(id);
  }

  // `name` is a person's, with or without @.
  async invite(id, name) {
    await this.connection.request("room.invite", { room: id, user: `@${name.replace(/^@/, "")}` }, newKey());
  }

  async leave(id) {
    await this.connection.request("room.leave", { room: id }, newKey());
    this.#drop(id);
    this.search(this.query).catch(() => {});
  }

  async loadOlder(room) {
    if (!room.hasMore || room.isLoadingOlder || !room.oldestSeq) return;
    room.isLoadingOlder = true;
    this.changed();
    try {
      const page = await this.connection.request("history.get", { room: room.id, before: room.oldestSeq, limit: PAGE });
      room.takeOlder(page.messages, page.more);
    } catch (error) {
      this.tell(error.message);
    }
    room.isLoadingOlder = false;
    this.changed();
  }

  tell(notice) {
    this.notice = notice;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  #begin(user) {
    localStorage.setItem(VISITED, "1");
    this.user = user;
    this.notice = null;
    this.connection.start();
    this.changed();
  }

  #forget(notice) {
    localStorage.removeItem(VISITED);
    this.connection.stop();
    this.outbox.clear();
    this.rooms.clear();
    Object.assign(this, { user: null, others: [], currentId: null, query: "", notice });
    this.changed();
  }

  #cursors() {
    return Object.fromEntries([...this.rooms].map(([id, room]) => [id, room.cursor]));
  }

  #welcome({ rooms, resumed }) {
    const known = this.rooms;
    this.rooms = new Map(rooms.map((each) => [each.id, known.get(each.id) ?? new Room(each)]));
    if (!resumed) for (const each of rooms) this.#restart(this.rooms.get(each.id), each.head, each.cursor);
    this.others = this.others.filter((room) => !this.rooms.has(room.id));
    if (this.currentId && !this.current) this.currentId = null;
    if (!this.currentId && rooms.length > 0 && matchMedia("(min-width: 720px)").matches) this.select(this.joined[0].id);
    else if (this.current instanceof Room && !this.current.isLoaded) this.#load(this.current);
    this.outbox.pumpAll();
    this.search(this.query).catch(() => {});
    this.changed();
  }

  // Continuity is not given: take the newest page when the room is looked at.
  #restart(room, head, id) {
    room.cursor = [head, id];
    room.isLoaded = false;
    if (room.id === this.currentId) this.#load(room);
  }

  #frame(frame) {
    const room = this.rooms.get(frame.room);
    if (frame.type === "room.invited") return this.#invited(frame.data);
    if (!room) return frame.seq && frame.room ? this.#discover(frame) : undefined;
    if (frame.type === "room.gap" || frame.type === "room.reset") {
      this.#restart(room, frame.data.head, "");
    } else if (frame.seq) {
      this.#durable(room, frame);
    }
    this.changed();
  }

  #durable(room, frame) {
    const waiting = this.#syncing.get(room.id);
    if (waiting) return waiting.push(frame);
    const verdict = room.judge(frame);
    if (verdict === "sync") return this.#sync(room, frame);
    if (verdict === "drop") return;
    this.#apply(room, frame);
  }

  #apply(room, frame) {
    room.apply(frame);
    const { data } = frame;
    if (frame.type === "message.new") {
      if (data.author.id === this.user.id) this.outbox.seen(room.id, data.key);
      else if (room.id !== this.currentId || document.hidden) room.unread += 1;
    }
    if (frame.type === "room.memberLeft" && data.user.id === this.user.id) this.#drop(room.id);
  }

  // Something is missing before `frame`: fetch it, then go on with what came meanwhile.
  async #sync(room, frame) {
    const waiting = [frame];
    this.#syncing.set(room.id, waiting);
    try {
      for (let head = frame.seq; room.cursor[0] < head; ) {
        const before = room.cursor[0];
        const answer = await this.connection.request("history.sync", { room: room.id, after: before, limit: 100 });
        for (const event of answer.events) if (room.judge(event) !== "drop") this.#apply(room, event);
        head = answer.head;
        if (room.cursor[0] === before) break;
      }
      this.#syncing.delete(room.id);
      for (const each of waiting) room.judge(each) === "sync" ? this.#apply(room, each) : this.#durable(room, each);
    } catch {
      this.#syncing.delete(room.id);
      const last = waiting.at(-1);
      this.#restart(room, last.seq, last.cursor);
    }
    this.changed();
  }

  async #load(room) {
    try {
      const [page, { members }, got] = await Promise.all([
        this.connection.request("history.get", { room: room.id, limit: PAGE }),
        this.connection.request("room.members", { room: room.id, limit: 100 }),
        this.connection.request("room.get", { room: room.id }),
      ]);
      room.topic = got.room.topic;
      room.members = members;
      room.takeNewest(page.messages, page.more);
      this.changed();
    } catch (error) {
      // A lost connection loads again when it is back.
      if (error instanceof api.Refusal) this.tell(error.message);
    }
  }

  // Another window of the same person joined a room.
  async #discover(frame) {
    const id = frame.room;
    const waiting = this.#syncing.get(id);
    if (waiting) return waiting.push(frame);
    const seen = [frame];
    this.#syncing.set(id, seen);
    const answer = await this.connection.request("room.get", { room: id }).catch(() => null);
    this.#syncing.delete(id);
    if (!answer?.room.joined || this.rooms.has(id)) return;
    // What was said until here is read as a page when the room is opened.
    const { seq, cursor } = seen.at(-1);
    this.rooms.set(id, new Room({ ...answer.room, head: seq, cursor }));
    this.others = this.others.filter((room) => room.id !== id);
    this.changed();
  }

  #invited({ name, by }) {
    this.tell(`${by.name} invited you to ${name}`);
    this.search(this.query).catch(() => {});
  }

  #drop(id) {
    this.rooms.delete(id);
    if (this.currentId === id) this.currentId = null;
    this.changed();
  }

  // The answer came before the event: show the message in its place already.
  #stored(entry, { message, seq, at }) {
    const author = { id: this.user.id, name: this.user.name };
    this.rooms.get(entry.room)?.insert([{ message, seq, at, author, body: entry.body, key: entry.key }]);
    this.changed();
  }
}
