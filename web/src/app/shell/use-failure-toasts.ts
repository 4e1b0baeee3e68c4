import { useEffect } from "react";
import { useStores } from "@hubbub/client/react";
import { toast } from "../../design/index.ts";
import { failureTitle } from "./failure-title.ts";

/** What was shown as done and then refused is told, with the reason. */
export function useFailureToasts() {
  const { failures } = useStores();
  useEffect(
    () =>
      failures.subscribe(({ what, reason, message }) =>
        toast({ key: `${what}-${reason}`, tone: "danger", title: failureTitle(what), body: message }),
      ),
    [failures],
  );
}
