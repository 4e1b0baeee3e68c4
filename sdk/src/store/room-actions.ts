/** What one does in a room: shown at once, kept in the outbox, taken back with the reason when it is refused. */

import type { Answers, Commands, Message } from "../gen/protocol.ts";
import type { CommandName, Pending } from "../types.ts";
import type { Context } from "./context.ts";
import { buried, shown, toggled } from "./messages-state.ts";
import type { Overlay, Overlays } from "./overlays.ts";
import type { Drafts } from "./drafts.ts";
import type { Resource } from "./resource.ts";
import type { Outcome, RoomActions, TimelineMessage } from "./types.ts";

/** What the actions need of their room. */
export interface Acting {
  readonly id: string;
  readonly drafts: Drafts;
  readonly overlays: Overlays;
  readonly pins: Resource<readonly Message[]>;
  /** A message as it is shown, wherever it is. */
  find(message: string): TimelineMessage | undefined;
  /** A message of one's own that the server has stored. */
  confirm(message: TimelineMessage): void;
  /** Changes a message for good, wherever it is; `null` takes it away. */
  amend(message: string, change: Overlay["change"]): void;
  showLatest(thread: string | undefined): void;
  typing(on: boolean): void;
  sent(): void;
  markRead(seq: number, thread: string | undefined): void;
}

export function roomActions(context: Context, room: Acting): RoomActions {
  return {
    send: (body, options = {}) => send(context, room, { room: room.id, body, ...options }),
    edit: (message, body) => edit(context, room, message, body),
    delete: (message, scope) => {
      const change: Overlay["change"] = scope === "me" ? () => null : buried;
      return alter(context, room, "message.delete", { room: room.id, message, scope }, { message, change });
    },
    react: (message, emoji, on) => {
      const type = on ? "reaction.add" : "reaction.remove";
      const overlay: Overlay = { message, change: (shownNow) => toggled(shownNow, emoji, on) };
      return alter(context, room, type, { room: room.id, message, emoji }, overlay);
    },
    pin: (message, on) => pin(room, message, on),
    typing: (on) => room.typing(on),
    markRead: (seq, thread) => room.markRead(seq, thread),
  };
}

function send(context: Context, room: Acting, data: Commands["message.send"]): Pending<"message.send"> {
  const { outbox } = context.client;
  const { body, replyTo, thread } = data;
  const pending = context.client.enqueue("message.send", data, { lane: room.id });
  const { key } = pending;
  const references = { ...(replyTo !== undefined && { replyTo }), ...(thread !== undefined && { thread }) };
  const draft = room.drafts.add({ key, body, at: Date.now(), ...references });
  room.sent();
  room.showLatest(thread);
  const { me } = context;
  pending.then(
    ({ message, seq, at }) => {
      if (me !== context.me) return;
      const stored = { ...draft, message, seq, at, key };
      room.confirm(shown(stored, me));
      room.drafts.settle(key);
    },
    () => {
      // What was refused stays in the outbox, and here, until it is retried or discarded.
      if (!outbox.items.get().some((item) => item.key === key)) room.drafts.settle(key);
    },
  );
  return pending;
}

async function edit(context: Context, room: Acting, message: string, body: string): Outcome {
  let rev = room.find(message)?.rev;
  try {
    rev ??= (await context.request("message.get", { message })).message.rev;
  } catch (error) {
    return context.fail("message.edit", error);
  }
  const next = rev + 1;
  const at = Date.now();
  const change: Overlay["change"] = (before) =>
    before.rev >= next || before.deleted ? before : { ...before, body, rev: next, editedAt: at };
  return alter(context, room, "message.edit", { room: room.id, message, body, rev }, { message, change });
}

/** Shows a change of a message, and asks for it through the outbox. */
function alter<K extends CommandName>(
  context: Context,
  room: Acting,
  type: K,
  data: Commands[K],
  overlay: Overlay,
): Outcome {
  return context.attempt<K>(
    type,
    () => kept(context, type, data, room.id),
    () => {
      room.overlays.add(overlay);
      return (answer) => {
        if (answer !== undefined) room.amend(overlay.message, overlay.change);
        room.overlays.remove(overlay);
      };
    },
  );
}

/** Asks through the outbox; what is refused does not stay there. Writing goes on beside it: it has its own lane. */
async function kept<K extends CommandName>(
  context: Context,
  type: K,
  data: Commands[K],
  room: string,
): Promise<Answers[K]> {
  const { client, awaited } = context;
  const pending = client.enqueue(type, data, { lane: `${room}/changes` });
  awaited.add(pending.key);
  const done = () => awaited.delete(pending.key);
  try {
    const answer = await pending;
    done();
    return answer;
  } catch (error) {
    void Promise.resolve(client.outbox.discard(pending.key)).then(done, done);
    throw error;
  }
}

function pin(room: Acting, message: string, on: boolean): Outcome {
  const found = room.find(message);
  return room.pins.attempt(on ? "message.pin" : "message.unpin", { room: room.id, message }, (pins) => {
    const others = pins.filter((each) => each.message !== message);
    return on && found ? [found, ...others] : on ? pins : others;
  });
}
