import { Avatar, classes } from "../../../design/index.ts";
import styles from "./suggestion-list.module.css";
import type { Suggestion, Suggestions } from "./use-suggestions.ts";

interface SuggestionListProps {
  id: string;
  suggestions: Suggestions;
  onChoose: (suggestion: Suggestion) => void;
}

export const optionId = (list: string, index: number) => `${list}-${index}`;

/** What can be put in the place of what is being written. The focus stays in the text. */
export function SuggestionList({ id, suggestions, onChoose }: SuggestionListProps) {
  const { completing, all, index } = suggestions;
  if (!completing) return null;
  return (
    <ul
      id={id}
      role="listbox"
      aria-label={completing.kind === "person" ? "People" : "Emoji"}
      className={styles["list"]}
    >
      {all.map((suggestion, at) => (
        <li
          key={suggestion.id}
          id={optionId(id, at)}
          role="option"
          aria-selected={at === index}
          className={classes(styles["option"], at === index && styles["chosen"])}
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(suggestion);
          }}
        >
          {suggestion.emoji ? (
            <span className={styles["emoji"]}>{suggestion.emoji}</span>
          ) : (
            <Avatar name={suggestion.label} id={suggestion.id} size="tiny" />
          )}
          {suggestion.label}
        </li>
      ))}
    </ul>
  );
}
