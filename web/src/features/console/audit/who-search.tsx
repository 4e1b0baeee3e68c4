import { useState } from "react";
import { useLocation } from "wouter";
import { SelectField, toast } from "../../../design/index.ts";
import { useConsoleApi, type ConsoleApi } from "../api.ts";
import { isId } from "../audit-words.ts";
import { problemOf } from "../problem.ts";
import { SearchField } from "../search-field.tsx";
import styles from "./audit.module.css";

type Side = "subject" | "actor";

const SIDES = [
  { value: "subject", label: "Done to" },
  { value: "actor", label: "Done by" },
] as const;

/** The log holds ids. A name is turned into one here, so that nobody has to know it. */
async function idOf(api: ConsoleApi, typed: string): Promise<string | undefined> {
  if (isId(typed)) return typed;
  const name = typed.replace(/^@/, "");
  const { rows } = await api.users(name, { limit: 20 });
  return rows.find((user) => user.name.toLowerCase() === name.toLowerCase())?.id;
}

export function WhoSearch() {
  const api = useConsoleApi();
  const [, navigate] = useLocation();
  const [side, setSide] = useState<Side>("subject");
  const search = async (typed: string) => {
    if (!typed) return;
    try {
      const id = await idOf(api, typed);
      if (id) navigate(`/console/audit/${side}/${id}`);
      else toast({ title: `Nobody is called ${typed}`, body: "The whole name is needed here, or an id." });
    } catch (error) {
      toast({ title: "The name could not be looked up", body: problemOf(error).message, tone: "danger" });
    }
  };
  return (
    <>
      <SelectField
        label="Which side"
        hideLabel
        className={styles["side"]}
        value={side}
        options={SIDES}
        onChange={setSide}
      />
      <SearchField label="Name or id" placeholder="Name or id" onSubmit={(typed) => void search(typed)} />
    </>
  );
}
