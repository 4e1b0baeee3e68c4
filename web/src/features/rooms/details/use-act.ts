import { useState } from "react";
import { sayWhy } from "../refusal.ts";

/** One deed at a time, with what was refused. */
export function useAct(): {
  busy: boolean;
  problem: string | undefined;
  act: (deed: () => Promise<unknown>) => Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const act = async (deed: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await deed();
      return true;
    } catch (error) {
      setProblem(sayWhy(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, act };
}
