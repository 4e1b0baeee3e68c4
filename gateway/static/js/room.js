// One room as this page knows it: what was said, who is here, and up to which seq that is complete.

export class Room {
  // By seq, oldest first; messages and notices of coming and going.
  items = [];
  members = [];
  unread = 0;
  isLoaded = false;
  hasMore = false;
  isLoadingOlder = false;
  // [seq, id]: everything up to here was applied.
  cursor = [0, ""];

  constructor({ id, name, kind, topic, head, cursor }) {
    Object.assign(this, { id, name, kind, topic: topic ?? "" });
    this.cursor = [head ?? 0, cursor ?? ""];
  }

  // Says what to do with a durable event: "apply", "drop" (seen), or "sync" (something before it is missing).
  judge({ seq, prev }) {
    if (seq <= this.cursor[0]) return "drop";
    return prev <= this.cursor[0] ? "apply" : "sync";
  }

  advance(seq, id) {
    if (seq > this.cursor[0]) this.cursor = [seq, id];
  }

  apply(frame) {
    this.advance(frame.seq, frame.cursor);
    const { data } = frame;
    switch (frame.type) {
      case "message.new":
        return this.insert([{ ...data, seq: frame.seq }]);
      case "message.edited":
        return this.change(data.message, { body: data.body, rev: data.rev, editedAt: data.at });
      case "message.deleted":
        return this.change(data.message, { body: "", deleted: true });
      case "room.updated":
        return Object.assign(this, { name: data.name ?? this.name, topic: data.topic ?? this.topic });
      case "room.memberJoined":
        if (!this.members.some((member) => member.id === data.user.id)) this.members.push({ ...data.user, role: data.role });
        return this.insert([{ notice: `${data.user.name} joined`, seq: frame.seq, at: data.at }]);
      case "room.memberLeft":
        this.members = this.members.filter((member) => member.id !== data.user.id);
        return this.insert([{ notice: `${data.user.name} left`, seq: frame.seq, at: data.at }]);
      case "room.roleChanged":
        this.members = this.members.map((member) => (member.id === data.user.id ? { ...member, role: data.role } : member));
        return this.insert([{ notice: `${data.user.name} is now ${data.role}`, seq: frame.seq, at: data.at }]);
    }
  }

  // Changes a message that is shown; one that is not will come changed with its page.
  change(message, changes) {
    this.items = this.items.map((item) => (item.message === message ? { ...item, ...changes } : item));
  }

  // Puts items in their places; the same seq is the same thing.
  insert(items) {
    const bySeq = new Map(this.items.map((item) => [item.seq, item]));
    for (const item of items) bySeq.set(item.seq, item);
    this.items = [...bySeq.values()].sort((one, other) => one.seq - other.seq);
  }

  // Takes the newest page. Where it does not touch what is known, the old part is let go: no hole is ever shown.
  takeNewest(messages, more) {
    const newestKnown = this.items.at(-1)?.seq ?? 0;
    const touches = !more || messages.some((message) => message.seq <= newestKnown);
    if (!touches) this.items = this.items.filter((item) => item.seq > messages[0].seq);
    if (!touches || !this.isLoaded) this.hasMore = more;
    this.insert(messages);
    this.isLoaded = true;
  }

  takeOlder(messages, more) {
    this.insert(messages);
    this.hasMore = more;
  }

  get oldestSeq() {
    return this.items.find((item) => !item.notice)?.seq ?? 0;
  }
}
