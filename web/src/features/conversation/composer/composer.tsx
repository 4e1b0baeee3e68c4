import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { ArrowUp, Check, Smile } from "lucide-react";
import { useMembers, useStores } from "@hubbub/client/react";
import type { Timeline, TimelineStore } from "@hubbub/client/store";
import { Button, classes, IconButton, Popover } from "../../../design/index.ts";
import { EmojiPicker } from "../emoji/emoji-picker.tsx";
import { useConversation } from "../screen/conversation-context.ts";
import { countdown } from "../timeline/times.ts";
import { charactersLeft, isSendable } from "./body.ts";
import styles from "./composer.module.css";
import { ModeBar, type Mode } from "./mode-bar.tsx";
import { insert, type Editing } from "./shortcuts.ts";
import { complete } from "./completion.ts";
import { optionId, SuggestionList } from "./suggestion-list.tsx";
import { TypingMarks } from "./typing-marks.ts";
import { useDraft } from "./use-draft.ts";
import { useKeys } from "./use-keys.ts";
import { useSubmit } from "./use-submit.ts";
import { useSuggestions, type Suggestion } from "./use-suggestions.ts";
import { useVoice, type Voice } from "./use-voice.ts";

interface ComposerProps {
  timeline: Timeline;
  store: TimelineStore;
  mode: Mode | undefined;
  onMode: (mode: Mode | undefined) => void;
  placeholder: string;
}

/** The field grows with its text up to this height. */
const TALLEST_PX = 260;

/** In the place of the composer, where one may not write. */
function Silence({ voice }: { voice: Voice }) {
  const { people } = useStores();
  const { blocked } = voice;
  return (
    <div className={styles["silence"]} role="note">
      <span>{voice.silence}</span>
      {blocked && (
        <Button size="small" onClick={() => void people.unblock(blocked.id)}>
          Unblock
        </Button>
      )}
    </div>
  );
}

/** Told to others while one writes a new message in a room; the protocol has no marks for threads. */
function useTyping() {
  const { room, thread } = useConversation();
  const marks = useMemo(() => new TypingMarks((on) => thread === undefined && room.actions.typing(on)), [room, thread]);
  useEffect(() => () => marks.stopped(), [marks]);
  return marks;
}

/** Where the next message is written. */
export function Composer(props: ComposerProps) {
  const voice = useVoice(props.timeline.items);
  if (voice.silence !== undefined) return <Silence voice={voice} />;
  return <Field {...props} voice={voice} />;
}

function Field({ timeline, store, mode, onMode, placeholder, voice }: ComposerProps & { voice: Voice }) {
  const { room, thread, me } = useConversation();
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [isPicking, setPicking] = useState(false);
  const edited = useMemo(
    () => (mode?.kind === "edit" ? { id: mode.message.id, body: mode.message.body } : undefined),
    [mode],
  );
  const draft = useDraft(field, me.id, thread === undefined ? room.id : `${room.id}/${thread}`, edited);
  const marks = useTyping();
  const suggestions = useSuggestions(useMembers(room.id));
  const isWaiting = voice.wait > 0 && mode?.kind !== "edit";
  const submit = useSubmit({ draft, mode, onMode, store, timeline, marks, isWaiting });

  const put = (editing: Editing) => {
    draft.put(editing);
    suggestions.close();
    field.current?.focus();
  };
  const choose = ({ words }: Suggestion) => {
    if (suggestions.completing) put(complete(draft.now(), suggestions.completing, words));
  };
  const onKeyDown = useKeys({ draft, put, mode, onMode, submit, suggestions, choose, timeline, me: me.id });

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, TALLEST_PX)}px`;
  }, [draft.text]);
  useEffect(() => {
    if (mode) field.current?.focus();
  }, [mode]);

  const left = charactersLeft(draft.text);
  return (
    <div className={styles["composer"]}>
      <SuggestionList id={listId} suggestions={suggestions} onChoose={choose} />
      <div className={styles["box"]}>
        {mode && <ModeBar mode={mode} onCancel={() => onMode(undefined)} />}
        <div className={styles["line"]}>
          <textarea
            ref={field}
            rows={1}
            aria-label="Message"
            aria-autocomplete="list"
            aria-controls={suggestions.completing ? listId : undefined}
            aria-activedescendant={suggestions.completing ? optionId(listId, suggestions.index) : undefined}
            className={styles["field"]}
            placeholder={placeholder}
            dir="auto"
            enterKeyHint="send"
            value={draft.text}
            onChange={(event) => {
              draft.type(event.target.value);
              marks.typed(event.target.value);
              const { selectionStart: start, selectionEnd: end } = event.target;
              suggestions.look({ text: event.target.value, start, end });
            }}
            onKeyDown={onKeyDown}
            onBlur={() => {
              suggestions.close();
              marks.stopped();
            }}
          />
          {left !== undefined && (
            <span className={classes(styles["left"], left < 0 && styles["over"])} aria-live="polite">
              {left}
              <span className="unseen"> characters left</span>
            </span>
          )}
          <Popover
            label="Choose an emoji"
            side="top"
            align="end"
            open={isPicking}
            onOpenChange={setPicking}
            trigger={
              <IconButton label="Emoji" active={isPicking}>
                <Smile />
              </IconButton>
            }
          >
            <EmojiPicker
              onPick={(emoji) => {
                setPicking(false);
                put(insert(draft.now(), emoji));
              }}
            />
          </Popover>
          <Button
            variant="primary"
            className={styles["send"]}
            aria-label={mode?.kind === "edit" ? "Save" : "Send"}
            disabled={!isSendable(draft.text) || isWaiting}
            onPointerDown={(event) => event.preventDefault()}
            onClick={submit}
          >
            {mode?.kind === "edit" ? <Check aria-hidden /> : <ArrowUp aria-hidden />}
          </Button>
        </div>
      </div>
      <p className={styles["note"]} aria-live="polite">
        {isWaiting ? `Slow mode: ${countdown(voice.wait)}` : voice.note}
      </p>
    </div>
  );
}
