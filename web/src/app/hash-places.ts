/**
 * Where one is, behind `#`: `#/search?q=tea`. The router's own hook for `#` keeps what stands behind `?` before the `#`,
 * so that an address that was typed, kept or sent would match nothing.
 */

import { useSyncExternalStore } from "react";
import type { BaseLocationHook, BaseSearchHook } from "wouter";

function place(): { path: string; search: string } {
  const [path = "", search = ""] = location.hash.replace(/^#/, "").split(/\?(.*)/s);
  return { path: path.startsWith("/") ? path : `/${path}`, search };
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

function navigate(to: string, options?: { replace?: boolean }): void {
  if (!options?.replace) {
    location.hash = to;
    return;
  }
  history.replaceState(null, "", `#${to}`);
  dispatchEvent(new Event("hashchange"));
}

/** The router's `hook`. */
export const useHashPlace: BaseLocationHook & { hrefs: (to: string) => string } = Object.assign(
  () => [useSyncExternalStore(subscribe, () => place().path), navigate] as [string, typeof navigate],
  { hrefs: (to: string) => `#${to}` },
);

/** The router's `searchHook`: what stands behind `?`, without it. */
export const useHashSearch: BaseSearchHook = () => useSyncExternalStore(subscribe, () => place().search);
