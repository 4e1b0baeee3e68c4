import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { Badge } from "./badge.tsx";
import { classes } from "./classes.ts";
import styles from "./tabs.module.css";

export interface TabItem<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly count?: number | undefined;
  /** Left out, the tabs only choose what stands elsewhere. */
  readonly panel?: ReactNode;
}

export interface TabsProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  items: readonly TabItem<T>[];
  /** `line` for the parts of a page, `pill` for a choice of two or three inside a form. */
  look?: "line" | "pill" | undefined;
  className?: string | undefined;
}

export function Tabs<T extends string>({ label, value, onChange, items, look = "line", className }: TabsProps<T>) {
  return (
    <Base.Root value={value} onValueChange={(next: T) => onChange(next)} className={classes(styles["root"], className)}>
      <Base.List aria-label={label} className={classes(styles["list"], styles[look])} activateOnFocus>
        {items.map((item) => (
          <Base.Tab key={item.value} value={item.value} className={styles["tab"]}>
            {item.label}
            {item.count ? <Badge count={item.count} label="" tone="plain" /> : null}
          </Base.Tab>
        ))}
      </Base.List>
      {items.map(
        (item) =>
          item.panel !== undefined && (
            <Base.Panel key={item.value} value={item.value} className={styles["panel"]}>
              {item.panel}
            </Base.Panel>
          ),
      )}
    </Base.Root>
  );
}
