import { Info } from "lucide-react";
import { WelcomePicture } from "./welcome-picture.tsx";
import { WelcomeForm, type WelcomeFormProps } from "./welcome-form.tsx";
import styles from "./welcome-screen.module.css";

interface WelcomeScreenProps extends WelcomeFormProps {
  /** Why one stands here again: a session that ended. */
  notice: string | undefined;
  /** Said when the page came by a link that needs an account. */
  invited: boolean;
}

export function WelcomeScreen({ notice, invited, ...form }: WelcomeScreenProps) {
  return (
    <div className={styles["screen"]}>
      <main className={styles["side"]}>
        <div className={styles["column"]}>
          <p className={styles["brand"]}>
            <img src="./icon.svg" alt="" width="36" height="36" />
            Hubbub
          </p>
          <h1 className={styles["title"]}>{invited ? "You are invited" : "Talk with your people"}</h1>
          <p className={styles["lead"]}>
            {invited
              ? "Sign up or log in, and the door of the room opens."
              : "Rooms, direct conversations and threads that arrive at once, and wait for you when you are away."}
          </p>
          {notice && (
            <p className={styles["notice"]} role="status">
              <Info aria-hidden />
              {notice}
            </p>
          )}
          <WelcomeForm {...form} />
        </div>
      </main>
      <WelcomePicture />
    </div>
  );
}
