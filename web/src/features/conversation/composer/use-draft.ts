import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { readDraft, writeDraft } from "./drafts.ts";
import type { Editing } from "./shortcuts.ts";

export interface Draft {
  readonly text: string;
  /** What one types by hand. */
  readonly type: (text: string) => void;
  /** What a key or a choice puts there: the caret goes along. */
  readonly put: (editing: Editing) => void;
  /** What stands in the field, with the chosen stretch. */
  readonly now: () => Editing;
}

/**
 * The text of a composer. It is kept from place to place and over a reload; while an older message is changed, that
 * message's text stands in the field and the kept one waits.
 */
export function useDraft(
  field: RefObject<HTMLTextAreaElement | null>,
  me: string,
  place: string,
  edited: { readonly id: string; readonly body: string } | undefined,
): Draft {
  const [text, setText] = useState(() => readDraft(me, place));
  const caret = useRef<Editing>(undefined);
  const [shown, setShown] = useState(edited?.id);
  if (shown !== edited?.id) {
    setShown(edited?.id);
    setText(edited ? edited.body : readDraft(me, place));
  }

  const type = useCallback(
    (next: string) => {
      setText(next);
      if (!edited) writeDraft(me, place, next);
    },
    [edited, me, place],
  );
  const put = useCallback(
    (editing: Editing) => {
      caret.current = editing;
      type(editing.text);
    },
    [type],
  );
  useLayoutEffect(() => {
    const editing = caret.current;
    caret.current = undefined;
    if (editing && field.current) field.current.setSelectionRange(editing.start, editing.end);
  }, [field, text]);
  const now = () => {
    const { selectionStart: start = text.length, selectionEnd: end = text.length } = field.current ?? {};
    return { text, start, end };
  };
  return { text, type, put, now };
}
