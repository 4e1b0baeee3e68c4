import styles from "./keyboard-section.module.css";
import { Group } from "./section-parts.tsx";
import { SHORTCUTS } from "./shortcuts.ts";

export function KeyboardSection() {
  return SHORTCUTS.map(({ place, list }) => (
    <Group key={place} title={place}>
      {list.map(({ keys, does }) => (
        <div key={does} className={styles["row"]}>
          <span>{does}</span>
          <span className={styles["keys"]}>
            {keys.map((key) => (
              <kbd key={key} className={styles["key"]}>
                {key}
              </kbd>
            ))}
          </span>
        </div>
      ))}
    </Group>
  ));
}
