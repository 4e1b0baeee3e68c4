import { useEffect } from "react";
import { useLocation } from "wouter";
import { useClient, useStores } from "@hubbub/client/react";
import { noticeChoices } from "./notice-choices.ts";
import { isHeard, noticeOf, type Circumstances, type Happening, type Notice } from "./notice.ts";
import { placeOf } from "./notification-place.ts";
import { playNotice } from "./sound.ts";

/** Tells the system what happens while the page is not looked at. Stands once in the page and shows nothing in it. */
export function BrowserNotices() {
  const client = useClient();
  const stores = useStores();
  const [, navigate] = useLocation();

  useEffect(() => {
    const circumstances = (): Circumstances => ({
      choices: noticeChoices.get(),
      isHidden: document.hidden,
      isPermitted: "Notification" in window && Notification.permission === "granted",
      isUndisturbed: stores.ownPresence.get()?.status === "dnd",
    });
    const tell = (happening: Happening) => {
      const now = circumstances();
      const notice = noticeOf(happening, now);
      if (notice) show(notice, navigate);
      if (isHeard(now)) playNotice();
    };
    const stops = [
      // One's own status decides what is told, so it has to be known.
      stores.ownPresence.subscribe(() => {}),
      client.on("notify.new", ({ data, cursor, replayed }) => {
        if (replayed) return;
        tell({ tag: cursor ?? data.title, title: data.title, text: data.body, place: placeOf(data) });
      }),
      client.on("message.new", ({ data, replayed }) => {
        const room = stores.rooms.get().find((each) => each.id === data.room);
        const isMine = data.author.id === client.me.get()?.id;
        if (replayed || isMine || room?.kind !== "direct") return;
        const place = `/rooms/${encodeURIComponent(data.room)}`;
        tell({ tag: data.message, title: data.author.name, text: data.body, place });
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, stores, navigate]);
  return null;
}

function show({ title, body, tag, place }: Notice, navigate: (to: string) => void) {
  try {
    const shown = new Notification(title, { body, tag, icon: "icon.svg" });
    shown.addEventListener("click", () => {
      window.focus();
      if (place) navigate(place);
      shown.close();
    });
  } catch {
    // Browsers on phones let only a service worker show notices; there the page itself is told of nothing.
  }
}
