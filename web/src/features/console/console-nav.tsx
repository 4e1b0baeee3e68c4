import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import styles from "./console-nav.module.css";

const SECTIONS = [
  ["overview", "Overview"],
  ["reports", "Reports"],
  ["users", "People"],
  ["bans", "Bans"],
  ["audit", "Audit log"],
  ["connections", "Connections"],
  ["delivery", "Delivery"],
  ["filters", "Word filters"],
] as const;

/** Links and not tabs: each section is a page with an address of its own. */
export function ConsoleNav() {
  const [location] = useLocation();
  const here = useRef<HTMLAnchorElement>(null);
  // On a phone the row is wider than the screen.
  useEffect(() => {
    here.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [location]);
  return (
    <nav aria-label="Console" className={styles["nav"]}>
      <ul className={styles["list"]}>
        {SECTIONS.map(([path, label]) => {
          const isHere = location === `/console/${path}` || location.startsWith(`/console/${path}/`);
          return (
            <li key={path}>
              <Link
                href={`/console/${path}`}
                ref={isHere ? here : undefined}
                aria-current={isHere ? "page" : undefined}
                className={styles["link"]}
              >
                {label}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
