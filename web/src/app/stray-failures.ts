import { toast } from "../design/index.ts";

/** What is no failure: someone stopped waiting. */
function isQuiet(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  return ("name" in error && error.name === "AbortError") || ("kind" in error && error.kind === "aborted");
}

/**
 * What nobody caught is told in a toast, once for the same text: the page goes on.
 * A piece of the page that could not be loaded is mostly an old page after a new version was put up.
 */
export function tellStrayFailures() {
  window.addEventListener("unhandledrejection", ({ reason }: PromiseRejectionEvent) => {
    if (isQuiet(reason)) return;
    const body = reason instanceof Error && "reason" in reason ? reason.message : undefined;
    toast({ key: `stray-${body ?? ""}`, tone: "danger", title: "Something did not work", body });
  });
  window.addEventListener("vite:preloadError", () => {
    toast({
      key: "preload",
      tone: "danger",
      title: "A part of the page could not be loaded",
      body: "You may be offline, or there is a new version.",
      action: { label: "Reload", onSelect: () => location.reload() },
      lasts: null,
    });
  });
}
