import type { Person, Readable } from "@hubbub/client";
import { useReadable, useStores } from "@hubbub/client/react";
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { Link } from "wouter";
import { Tag } from "../../design/index.ts";
import { useConsoleApi } from "./api.ts";
import { isId, shortId } from "./audit-words.ts";
import { Directory } from "./directory.ts";
import styles from "./names.module.css";
import type { PersonRef } from "./shapes.ts";

const DirectoryContext = createContext<Directory | undefined>(undefined);

export function DirectoryProvider({ children }: { children: ReactNode }) {
  const api = useConsoleApi();
  const [directory] = useState(() => new Directory(api.roomName));
  return <DirectoryContext value={directory}>{children}</DirectoryContext>;
}

export function useDirectory(): Directory {
  const directory = use(DirectoryContext);
  if (!directory) throw new Error("the directory stands around the console");
  return directory;
}

const NOBODY: Readable<Person | undefined> = { get: () => undefined, subscribe: () => () => undefined };

function useRemembered(id: string | undefined): string | undefined {
  const directory = useDirectory();
  return useSyncExternalStore(directory.subscribe, () => (id ? directory.get(id) : undefined));
}

/** A person's name, as soon as it is known: from the console's lists, else the client asks for it. */
export function usePersonName(id: string | undefined): string | undefined {
  const stores = useStores();
  const remembered = useRemembered(id);
  const person = useReadable(id && !remembered && isId(id) ? stores.person(id) : NOBODY);
  return remembered ?? person?.name;
}

export function useRoomName(id: string): string | undefined {
  const directory = useDirectory();
  const name = useRemembered(id);
  useEffect(() => directory.want(id), [directory, id]);
  return name;
}

/** Remembers the people of a list for the other pages. */
export function useRemember(people: readonly (PersonRef | undefined)[]) {
  const directory = useDirectory();
  useEffect(() => directory.remember(people.filter((person) => person !== undefined)), [directory, people]);
}

export interface PersonNameProps {
  person: PersonRef;
  /** Without the way to their page, where the whole row is one. */
  plain?: boolean | undefined;
}

export function PersonName({ person, plain }: PersonNameProps) {
  const known = usePersonName(person.name ? undefined : person.id);
  const name = person.name ?? known;
  const words = name ?? <code title={person.id}>{shortId(person.id)}</code>;
  if (plain) return <span className={styles["name"]}>{words}</span>;
  return (
    <Link href={`/console/users/${person.id}`} className={styles["link"]}>
      {words}
    </Link>
  );
}

export function RoomName({ id }: { id: string }) {
  const name = useRoomName(id);
  return name ? <span className={styles["name"]}>#{name}</span> : <code title={id}>{shortId(id)}</code>;
}

/** Who did it, when it may have been nobody. */
export function ActorName({ id }: { id: string | undefined }) {
  return id ? <PersonName person={{ id }} /> : <Tag>system</Tag>;
}
