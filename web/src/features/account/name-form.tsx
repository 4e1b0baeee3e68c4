import { useState, type FormEvent } from "react";
import { useClient, useMe } from "@hubbub/client/react";
import { Button, TextField, toast } from "../../design/index.ts";
import { asRefusal, refusalWords } from "../people/refusal-words.ts";
import { nameProblem } from "../people/relation.ts";
import styles from "./form.module.css";

type Problems = Partial<Record<"name" | "password", string>>;

/** A new name. The password is asked for once there is one, so that the form stays quiet until then. */
export function NameForm() {
  const client = useClient();
  const me = useMe();
  const [name, setName] = useState(me?.name ?? "");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  const isNew = name.trim() !== me?.name;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    const wrong = nameProblem(wanted);
    if (busy || wrong) return setProblems(wrong ? { name: wrong } : {});
    setBusy(true);
    setProblems({});
    try {
      const { user } = await client.request("account.rename", { name: wanted, password });
      setName(user.name);
      setPassword("");
      toast({ title: `You are called ${user.name} now`, tone: "good" });
    } catch (error) {
      const isPassword = asRefusal(error)?.reason === "CREDENTIALS_INVALID";
      setProblems({ [isPassword ? "password" : "name"]: refusalWords(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label="Name"
        value={name}
        error={problems.name}
        hint="What others call you, and what you log in with."
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={32}
        onChange={(event) => setName(event.target.value)}
      />
      {isNew && (
        <>
          <TextField
            label="Password"
            type="password"
            autoComplete="current-password"
            hint="To be sure that it is you."
            value={password}
            error={problems.password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <div className={styles["buttons"]}>
            <Button type="submit" variant="primary" busy={busy} disabled={!password || !name.trim()}>
              Change name
            </Button>
            <Button variant="quiet" onClick={() => setName(me?.name ?? "")}>
              Cancel
            </Button>
          </div>
        </>
      )}
    </form>
  );
}
