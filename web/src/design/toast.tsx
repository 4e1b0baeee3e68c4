import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { BareIconButton } from "./bare-icon-button.tsx";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./toast.module.css";
import { dismissToast, hold, linger, toastList, type ToastItem } from "./toast-list.ts";

function ToastRow({ item }: { item: ToastItem }) {
  const { id, title, body, tone = "plain", action } = item;
  return (
    <li
      className={classes(styles["toast"], styles[tone])}
      onPointerEnter={() => hold(id)}
      onPointerLeave={() => linger(id)}
      onFocus={() => hold(id)}
      onBlur={() => linger(id)}
    >
      {tone === "danger" && <CircleAlert className={styles["icon"]} aria-hidden />}
      {tone === "good" && <CircleCheck className={styles["icon"]} aria-hidden />}
      <div className={styles["words"]}>
        <p className={styles["title"]}>{title}</p>
        {body && <p className={styles["body"]}>{body}</p>}
      </div>
      {action && (
        <Button
          size="small"
          onClick={() => {
            dismissToast(id);
            action.onSelect();
          }}
        >
          {action.label}
        </Button>
      )}
      <BareIconButton label="Dismiss" size="small" onClick={() => dismissToast(id)}>
        <X />
      </BareIconButton>
    </li>
  );
}

/** Stands once in the page. */
export function Toaster() {
  const items = useSyncExternalStore(toastList.subscribe, toastList.get);
  return createPortal(
    <section aria-label="Notices" aria-live="polite" aria-relevant="additions" className={styles["region"]}>
      <ol className={styles["list"]}>
        {items.map((item) => (
          <ToastRow key={item.id} item={item} />
        ))}
      </ol>
    </section>,
    document.body,
  );
}
