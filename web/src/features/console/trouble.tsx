import { CloudOff, PackageX, ShieldAlert } from "lucide-react";
import { Button, EmptyState } from "../../design/index.ts";
import type { Problem } from "./problem.ts";

const TITLES = {
  missing: "Not offered by this server",
  refused: "This was refused",
  unknown: "This could not be loaded",
} as const;

const ICONS = { missing: <PackageX />, refused: <ShieldAlert />, unknown: <CloudOff /> } as const;

/** In the place of what could not be loaded. Where asking again cannot help there is no button for it. */
export function Trouble({ problem, retry }: { problem: Problem; retry: () => void }) {
  return (
    <div role="alert">
      <EmptyState
        icon={ICONS[problem.kind]}
        title={TITLES[problem.kind]}
        action={problem.kind === "missing" ? undefined : <Button onClick={retry}>Try again</Button>}
      >
        {problem.kind === "unknown" ? "No answer came from the server." : problem.message}
      </EmptyState>
    </div>
  );
}
