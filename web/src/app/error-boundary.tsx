import { Component, type ReactNode } from "react";
import { Button, EmptyState } from "../design/index.ts";
import { TriangleAlert } from "lucide-react";

interface ErrorBoundaryProps {
  children: ReactNode;
  /** When this changes, what failed is tried again: the place in the page. */
  place?: string;
}

interface ErrorBoundaryState {
  failed: boolean;
  place: string | undefined;
}

/** Catches what failed below it, so that the rest of the page stays, and offers ways out. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { failed: false, place: this.props.place };

  static getDerivedStateFromError(): Partial<ErrorBoundaryState> {
    return { failed: true };
  }

  static getDerivedStateFromProps(props: ErrorBoundaryProps, state: ErrorBoundaryState) {
    return props.place === state.place ? null : { failed: false, place: props.place };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div role="alert" style={{ display: "flex", flex: 1, minHeight: "100%", overflow: "auto" }}>
        <EmptyState
          icon={<TriangleAlert />}
          title="This part of the page failed"
          action={
            <>
              <Button onClick={() => this.setState({ failed: false })}>Try again</Button>
              <Button variant="primary" onClick={() => location.reload()}>
                Reload the page
              </Button>
            </>
          }
        >
          Nothing you wrote is lost: what was not sent yet is kept on this device.
        </EmptyState>
      </div>
    );
  }
}
