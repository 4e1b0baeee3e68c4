import { Route as Way, SearchCheck } from "lucide-react";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Button, EmptyState, Skeleton, Tag, TextField } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { Moment } from "../moment.tsx";
import { PersonName, RoomName } from "../names.tsx";
import { isAborted, problemOf, type Problem } from "../problem.ts";
import { Section } from "../section.tsx";
import type { Delivery, DeliveryRule, DeliverySocket } from "../shapes.ts";
import { Trouble } from "../trouble.tsx";
import { messageOf, outcomeWords, placeWords, progressWords, toneOf } from "./delivery-words.ts";
import styles from "./delivery.module.css";

export interface DeliveryPageProps {
  message: string | undefined;
  /** An id or `@name`. */
  user: string | undefined;
}

/** Why somebody has a message, or has not. */
export function DeliveryPage({ message, user }: DeliveryPageProps) {
  return (
    <Section title="Delivery">
      <div className={styles["scroll"]}>
        <Question message={message} user={user} />
        {message && user ? (
          <Answer message={message} user={user} />
        ) : (
          <EmptyState icon={<Way />} title="What became of a message?">
            Name a message and somebody who should have it: you see its whole way to them, and what stands in between.
          </EmptyState>
        )}
      </div>
    </Section>
  );
}

function Question({ message, user }: DeliveryPageProps) {
  const [, navigate] = useLocation();
  const [link, setLink] = useState(message ?? "");
  const [name, setName] = useState(user?.replace(/^@/, "") ?? "");
  const [trouble, setTrouble] = useState<string>();
  const ask = (event: FormEvent) => {
    event.preventDefault();
    const id = messageOf(link);
    if (!id) return setTrouble("No id of a message is in this.");
    const person = messageOf(name) ?? `@${name.trim().replace(/^@/, "")}`;
    navigate(`/console/delivery/${id}/${encodeURIComponent(person)}`);
  };
  const isReady = link.trim() !== "" && name.trim() !== "";
  return (
    <form className={styles["question"]} onSubmit={ask}>
      <TextField
        label="Message"
        autoComplete="off"
        spellCheck={false}
        value={link}
        hint="Its id, or its link: “Copy link” in the message's menu."
        error={trouble}
        onChange={(event) => {
          setLink(event.target.value);
          setTrouble(undefined);
        }}
      />
      <TextField
        label="Person"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" variant="primary" disabled={!isReady} icon={<SearchCheck aria-hidden />}>
        Explain
      </Button>
    </form>
  );
}

type Reading = { readonly delivery?: Delivery; readonly problem?: Problem };

function Answer({ message, user }: { message: string; user: string }) {
  const api = useConsoleApi();
  const [reading, setReading] = useState<Reading>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    api.explain(message, user, stop.signal).then(
      (delivery) => setReading({ delivery }),
      (error: unknown) => isAborted(error) || setReading({ problem: problemOf(error) }),
    );
    return () => stop.abort();
  }, [api, message, user, round]);
  const again = () => {
    setReading({});
    setRound(round + 1);
  };
  if (reading.problem) return <Trouble problem={reading.problem} retry={again} />;
  if (!reading.delivery) {
    return (
      <div className={styles["bones"]} role="status" aria-label="Loading">
        <Skeleton width="60%" height="20px" />
        <Skeleton width="40%" height="14px" />
      </div>
    );
  }
  return <Explanation delivery={reading.delivery} again={again} />;
}

function Explanation({ delivery, again }: { delivery: Delivery; again: () => void }) {
  return (
    <article className={styles["answer"]} aria-label="Explanation">
      <p className={styles["verdict"]}>
        <Tag tone={toneOf(delivery.outcome)}>{delivery.outcome}</Tag>
        <span>{outcomeWords(delivery)}</span>
        <Button size="small" onClick={again}>
          Ask again
        </Button>
      </p>
      <dl className={styles["facts"]}>
        <Fact name="Stored">
          <Moment at={delivery.at} /> in <RoomName id={delivery.room} />, no. {delivery.seq}
          {delivery.isDeleted && ", deleted since"}
        </Fact>
        <Fact name="Written by">
          <PersonName person={{ id: delivery.author }} />
        </Fact>
        <Fact name="On their devices">{placeWords(delivery.delivered)}</Fact>
        <Fact name="Read">{placeWords(delivery.read)}</Fact>
      </dl>
      <h3 className={styles["heading"]}>Their connections</h3>
      {delivery.sockets.length === 0 ? (
        <p className={styles["quiet"]}>None at the moment.</p>
      ) : (
        <ul className={styles["sockets"]}>
          {delivery.sockets.map((socket) => (
            <Socket key={socket.connection.id} socket={socket} rule={delivery.rule} />
          ))}
        </ul>
      )}
    </article>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Socket = ({ socket, rule }: { socket: DeliverySocket; rule: DeliveryRule | undefined }) => (
  <li>
    <strong>{progressWords(socket.progress, rule)}</strong>
    <span className={styles["quiet"]}>
      gateway {socket.connection.gateway}, <code>{socket.connection.address}</code>, told up to no. {socket.told},{" "}
      {socket.waiting} waiting
    </span>
  </li>
);
