/** Tells when the page may be gone the next moment: there is no later. Where there is no page, never. */
export function onLeaving(act: () => void): () => void {
  const hidden = () => {
    if (globalThis.document?.visibilityState === "hidden") act();
  };
  globalThis.addEventListener?.("pagehide", act);
  globalThis.document?.addEventListener("visibilitychange", hidden);
  return () => {
    globalThis.removeEventListener?.("pagehide", act);
    globalThis.document?.removeEventListener("visibilitychange", hidden);
  };
}
