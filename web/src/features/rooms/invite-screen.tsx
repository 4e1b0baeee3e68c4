import { MailOpen, MailX } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useStores } from "@hubbub/client/react";
import { Button, EmptyState, Page } from "../../design/index.ts";
import { reasonOf, sayWhy } from "./refusal.ts";

/** Where the link of an invitation leads. Nothing happens until one says so: a link can be opened by mistake. */
export function InviteScreen({ code }: { code: string }) {
  const { roomCommands } = useStores();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const accept = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { room } = await roomCommands.acceptInvite(code);
      navigate(`/rooms/${room.id}`, { replace: true });
    } catch (error) {
      const isOver = reasonOf(error) === "INVITE_INVALID";
      setProblem(
        isOver
          ? "The link has ended, was used up or taken back. Ask the person who sent it for another."
          : sayWhy(error),
      );
      setBusy(false);
    }
  };

  return (
    <Page title="Invitation" width="full" onBack={() => navigate("/")}>
      {problem ? (
        <EmptyState
          icon={<MailX />}
          title="This invitation does not work"
          action={
            <>
              <Button onClick={() => void accept()} busy={busy}>
                Try again
              </Button>
              <Button variant="primary" onClick={() => navigate("/rooms")}>
                Browse rooms
              </Button>
            </>
          }
        >
          {problem}
        </EmptyState>
      ) : (
        <EmptyState
          icon={<MailOpen />}
          title="You are invited to a room"
          action={
            <Button variant="primary" size="big" busy={busy} onClick={() => void accept()}>
              Join room
            </Button>
          }
        >
          Whoever gave you this link would like you to join. Its members will see your name.
        </EmptyState>
      )}
    </Page>
  );
}
