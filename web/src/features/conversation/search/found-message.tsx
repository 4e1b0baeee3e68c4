import { Fragment } from "react";
import type { Message } from "@hubbub/client/store";
import { Avatar } from "../../../design/index.ts";
import { plainText } from "../markdown/plain-text.ts";
import { exactTime, shortMoment } from "../timeline/times.ts";
import styles from "./found-message.module.css";
import { highlight } from "./highlight.ts";

interface FoundMessageProps {
  message: Message;
  /** What is marked in it. */
  words: readonly string[];
  /** Where it stands, if that is not plain. */
  place?: string | undefined;
  onOpen: () => void;
}

/** A message in a list of messages from here and there; leads to its place. */
export function FoundMessage({ message, words, place, onOpen }: FoundMessageProps) {
  return (
    <button type="button" className={styles["found"]} onClick={onOpen}>
      <Avatar name={message.author.name} id={message.author.id} size="small" />
      <span className={styles["words"]}>
        <span className={styles["head"]}>
          <strong>{message.author.name}</strong>
          {place && <span className={styles["place"]}>{place}</span>}
          <time dateTime={new Date(message.at).toISOString()} title={exactTime(message.at)}>
            {shortMoment(message.at, Date.now())}
          </time>
        </span>
        <span className={styles["text"]} dir="auto">
          {highlight(plainText(message.body), words).map((stretch, at) =>
            stretch.isFound ? <mark key={at}>{stretch.text}</mark> : <Fragment key={at}>{stretch.text}</Fragment>,
          )}
        </span>
      </span>
    </button>
  );
}
