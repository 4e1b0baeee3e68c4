import { useEffect, useState } from "react";
import { Check, Copy } from "lucide-react";
import { IconButton } from "../../../design/index.ts";
import styles from "./message-text.module.css";

/** How long the button says that it was done. */
const THANKS_MS = 1_600;

/** Code with a button that copies it. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), THANKS_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
  };
  return (
    <div className={styles["block"]}>
      {/* It scrolls sideways, so the keyboard must reach it. */}
      <pre tabIndex={0} role="region" aria-label={language ? `Code, ${language}` : "Code"}>
        <code>{code}</code>
      </pre>
      <span className={styles["copy"]}>
        <IconButton label={isCopied ? "Copied" : "Copy code"} size="small" bare onClick={() => void copy()}>
          {isCopied ? <Check /> : <Copy />}
        </IconButton>
      </span>
    </div>
  );
}
