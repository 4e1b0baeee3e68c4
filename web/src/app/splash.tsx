import { useEffect, useState } from "react";
import { Spinner } from "../design/index.ts";
import styles from "./splash.module.css";

const LONG_MS = 5_000;

/** While nothing is known yet. It fades in, so that a quick start shows nothing at all. */
export function Splash() {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles["splash"]}>
      <img src="./icon.svg" alt="" width="56" height="56" />
      <Spinner label="Starting Hubbub" />
      <p className={styles["long"]} role="status">
        {isLong && "The server does not answer yet. This goes on by itself as soon as it does."}
      </p>
    </div>
  );
}
