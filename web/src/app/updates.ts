import { registerSW } from "virtual:pwa-register";
import { toast } from "../design/index.ts";

const HOUR_MS = 3_600_000;

/**
 * The service worker keeps the files of the page, so that it opens without a network. A new version waits until someone
 * says so: a page that reloads by itself takes away what is being written.
 */
export function watchForUpdates() {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const update = registerSW({
    onNeedRefresh() {
      toast({
        key: "update",
        title: "A new version is ready",
        action: { label: "Reload", onSelect: () => void update(true) },
        lasts: null,
      });
    },
    onRegisteredSW(_url, registration) {
      // A page that stays open for days asks now and then.
      if (registration) setInterval(() => void registration.update().catch(() => {}), HOUR_MS);
    },
  });
}
