import { useState, type FormEvent } from "react";
import { useClient, useMe } from "@hubbub/client/react";
import { Button, TextField, toast } from "../../design/index.ts";
import { asRefusal, refusalWords } from "../people/refusal-words.ts";
import styles from "./form.module.css";
import { passwordProblem } from "./password-rules.ts";

type Problems = Partial<Record<"current" | "next" | "form", string>>;

export function PasswordForm() {
  const client = useClient();
  const me = useMe();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Problems>({});

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const wrong = passwordProblem(next, me?.name ?? "");
    if (wrong) return setProblems({ next: wrong });
    setBusy(true);
    setProblems({});
    try {
      await client.api.changePassword({ current, next });
      setCurrent("");
      setNext("");
      toast({ title: "Your password is changed", body: "All your other sessions were ended.", tone: "good" });
    } catch (error) {
      const reason = asRefusal(error)?.reason;
      const field = { CREDENTIALS_INVALID: "current", FIELD_INVALID: "next" }[reason ?? ""] ?? "form";
      setProblems({ [field]: refusalWords(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)} noValidate>
      {/* Password managers want to know whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={me?.name ?? ""} readOnly hidden />
      <TextField
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={current}
        error={problems.current}
        onChange={(event) => setCurrent(event.target.value)}
      />
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        value={next}
        error={problems.next}
        hint="At least 8 characters. Three or four unrelated words are easy to remember and hard to guess."
        onChange={(event) => setNext(event.target.value)}
      />
      {problems.form && (
        <p role="alert" className={styles["problem"]}>
          {problems.form}
        </p>
      )}
      <div className={styles["buttons"]}>
        <Button type="submit" busy={busy} disabled={!current || !next}>
          Change password
        </Button>
        <p className={styles["aside"]}>Your other sessions are ended by it.</p>
      </div>
    </form>
  );
}
