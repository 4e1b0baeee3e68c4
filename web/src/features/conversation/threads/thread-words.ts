import type { Message, Thread } from "@hubbub/client/store";
import { plainText } from "../markdown/plain-text.ts";

/** What a thread is called: its title, or the words of the message it began with. */
export function threadTitle(thread: Pick<Thread, "title"> | undefined, root: Message | undefined): string {
  if (thread?.title) return thread.title;
  if (root?.deleted) return "Deleted message";
  return (root && plainText(root.body)) || "Thread";
}

export const countOfMessages = (count: number): string => (count === 1 ? "1 message" : `${count} messages`);
