import { Cookie, Heart } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "../../design/index.ts";
import styles from "./welcome-picture.module.css";

interface Line {
  name: string;
  text: string;
  own?: boolean;
  reaction?: ReactNode;
  count?: number;
}

const LINES: readonly Line[] = [
  { name: "Ada Lind", text: "The kettle is on. Who is in?" },
  { name: "Grace H", text: "Two minutes. I bring the biscuits.", reaction: <Cookie />, count: 3 },
  { name: "You", text: "On my way!", own: true },
  { name: "Linus", text: "Stuck on a train. Tell me everything later?" },
  { name: "You", text: "It will all be here when you are back.", own: true, reaction: <Heart />, count: 2 },
];

/** A picture of what goes on inside. It says nothing that the form does not. */
export function WelcomePicture() {
  return (
    <div className={styles["picture"]} aria-hidden>
      <div className={styles["lines"]}>
        {LINES.map((line) => (
          <div key={line.text} className={styles["line"]} data-own={line.own}>
            {!line.own && <Avatar name={line.name} />}
            <div className={styles["bubble"]}>
              {!line.own && <span className={styles["name"]}>{line.name}</span>}
              {line.text}
              {line.reaction && (
                <span className={styles["reaction"]}>
                  {line.reaction}
                  {line.count}
                </span>
              )}
            </div>
          </div>
        ))}
        <div className={styles["typing"]}>
          <span />
          <span />
          <span />
        </div>
      </div>
    </div>
  );
}
