import type { Timeline, TimelineStore } from "@hubbub/client/store";
import { useConversation } from "../screen/conversation-context.ts";
import { bodyToSend, isSendable } from "./body.ts";
import type { Mode } from "./mode-bar.tsx";
import type { TypingMarks } from "./typing-marks.ts";
import type { Draft } from "./use-draft.ts";

interface SubmitOf {
  draft: Draft;
  mode: Mode | undefined;
  onMode: (mode: Mode | undefined) => void;
  store: TimelineStore;
  timeline: Timeline;
  marks: TypingMarks;
  isWaiting: boolean;
}

/** What is refused is told at the message itself. */
const ignore = () => {};

/** Sends what was written, or stores the changed text. */
export function useSubmit({ draft, mode, onMode, store, timeline, marks, isWaiting }: SubmitOf): () => void {
  const { room, thread, ask } = useConversation();

  const change = ({ message }: Mode, body: string) => {
    // A message without words is one that was taken away: that is asked for first.
    if (!body.trim()) return ask({ kind: "delete", message });
    if (!isSendable(body)) return;
    if (body !== message.body) void room.actions.edit(message.message, body);
    onMode(undefined);
  };
  const send = (body: string) => {
    if (isWaiting || !isSendable(body)) return;
    const options = {
      ...(mode ? { replyTo: mode.message.message } : {}),
      ...(thread === undefined ? {} : { thread }),
    };
    void room.actions.send(body, options).then(ignore, ignore);
    draft.type("");
    marks.stopped();
    onMode(undefined);
    if (timeline.hasNewer) void store.toLatest();
  };
  return () => {
    const body = bodyToSend(draft.text);
    if (mode?.kind === "edit") change(mode, body);
    else send(body);
  };
}
