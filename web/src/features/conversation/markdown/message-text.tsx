import { Fragment, memo, useMemo, type ReactNode } from "react";
import type { Token, Tokens } from "marked";
import { classes } from "../../../design/index.ts";
import { CodeBlock } from "./code-block.tsx";
import { isEmojiOnly } from "./emoji-only.ts";
import { tokensOf } from "./lexer.ts";
import { isMisleading, safeHref, targetOf } from "./links.ts";
import styles from "./message-text.module.css";
import { Mention, RoomReference } from "./references.tsx";

/** Children of a token that has any. */
const within = (token: Token): readonly Token[] => ("tokens" in token && token.tokens ? token.tokens : []);

function all(tokens: readonly Token[]): ReactNode {
  return tokens.map((token, at) => <Fragment key={at}>{one(token)}</Fragment>);
}

function link(
  href: string,
  title: string | null | undefined,
  words: ReactNode,
  spelled: string,
  raw: string,
): ReactNode {
  const safe = safeHref(href);
  if (safe === undefined) return raw;
  return (
    <>
      <a href={safe} title={title ?? undefined} target="_blank" rel="noopener noreferrer">
        {words}
      </a>
      {isMisleading(spelled, safe) && <span className={styles["target"]}>{` (${targetOf(safe)})`}</span>}
    </>
  );
}

function list(token: Tokens.List): ReactNode {
  const items = token.items.map((item, at) => (
    <li key={at}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} disabled aria-label="Task" />}
      {all(item.tokens.filter((each) => each.type !== "checkbox"))}
    </li>
  ));
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol {...(typeof token.start === "number" ? { start: token.start } : {})}>{items}</ol>;
}

/** The marks that hold other marks, and the elements they become. */
const WRAPPERS = { paragraph: "p", blockquote: "blockquote", strong: "strong", em: "em", del: "del" } as const;

const isWrapper = (type: string): type is keyof typeof WRAPPERS => Object.hasOwn(WRAPPERS, type);

function one(token: Token): ReactNode {
  if (isWrapper(token.type)) {
    const Element = WRAPPERS[token.type];
    return <Element>{all(within(token))}</Element>;
  }
  switch (token.type) {
    case "text":
      return within(token).length > 0 ? all(within(token)) : String(token["text"]);
    case "escape":
      return String(token["text"]);
    case "codespan":
      return <code>{String(token["text"])}</code>;
    case "code":
      return <CodeBlock code={String(token["text"])} language={String(token["lang"] ?? "")} />;
    case "br":
      return <br />;
    case "space":
      return null;
    case "list":
      return list(token as Tokens.List);
    case "link":
      return link(String(token["href"]), token["title"], all(within(token)), String(token["text"]), token.raw);
    case "image":
      // Loading it would tell its host who reads: it is a link to it.
      return link(String(token["href"]), token["title"], token["text"] || String(token["href"]), "", token.raw);
    case "mention":
      return <Mention name={String(token["name"])} />;
    case "room":
      return <RoomReference name={String(token["name"])} />;
    default:
      return token.raw;
  }
}

/** The text of a message as elements. Nothing in it ever becomes HTML by itself. */
export const MessageText = memo(function MessageText({ body }: { body: string }) {
  const content = useMemo(() => all(tokensOf(body)), [body]);
  return (
    <div data-body dir="auto" className={classes(styles["text"], isEmojiOnly(body) && styles["large"])}>
      {content}
    </div>
  );
});
