import { useState } from "react";
import { Download } from "lucide-react";
import { useClient, useMe } from "@hubbub/client/react";
import { session } from "../../app/session.ts";
import { Button, toast } from "../../design/index.ts";
import { refusalWords } from "../people/refusal-words.ts";
import { DeactivateDialog } from "./deactivate-dialog.tsx";
import { EraseDialog } from "./erase-dialog.tsx";
import { PasswordForm } from "./password-form.tsx";
import { exportName, saveFile } from "./save-file.ts";
import { Group, Setting } from "./section-parts.tsx";

export function AccountSection() {
  const [asked, setAsked] = useState<"deactivate" | "erase">();
  const close = () => setAsked(undefined);
  return (
    <>
      <Group title="Password">
        <PasswordForm />
      </Group>
      <Group title="Your data">
        <ExportSetting />
      </Group>
      <Group title="Log out">
        <Setting label="Log out on this device" hint="What was kept here for reading offline is removed.">
          <Button onClick={() => void session.logOut()}>Log out</Button>
        </Setting>
      </Group>
      <Group title="Leave" tone="danger">
        <Setting
          label="Deactivate the account"
          hint="Hides you and ends all sessions. Logging in again brings everything back."
        >
          <Button onClick={() => setAsked("deactivate")}>Deactivate…</Button>
        </Setting>
        <Setting label="Erase the account" hint="Removes you and what you wrote. This cannot be undone.">
          <Button variant="danger" onClick={() => setAsked("erase")}>
            Erase…
          </Button>
        </Setting>
      </Group>
      <DeactivateDialog open={asked === "deactivate"} onOpenChange={close} />
      <EraseDialog open={asked === "erase"} onOpenChange={close} />
    </>
  );
}

function ExportSetting() {
  const client = useClient();
  const me = useMe();
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      saveFile(await client.api.export(), exportName(me?.name ?? "me", new Date()));
      toast({ title: "Your data is saved", tone: "good" });
    } catch (error) {
      toast({ title: "Your data was not exported", body: refusalWords(error), tone: "danger" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Setting
      label="Export my data"
      hint="Everything that is held of you: account, sessions, friends, settings, reports, messages and rooms, as one JSON file."
    >
      <Button icon={<Download />} busy={busy} onClick={() => void download()}>
        Export
      </Button>
    </Setting>
  );
}
