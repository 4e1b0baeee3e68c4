import { Compass } from "lucide-react";
import { useLocation } from "wouter";
import { Button, EmptyState, Page } from "../design/index.ts";

export function NotFound() {
  const [, navigate] = useLocation();
  return (
    <Page title="Nothing here" width="full">
      <EmptyState
        icon={<Compass />}
        title="This page does not exist"
        action={
          <Button variant="primary" onClick={() => navigate("/")}>
            Go to your rooms
          </Button>
        }
      >
        The link may be old, or mistyped.
      </EmptyState>
    </Page>
  );
}
