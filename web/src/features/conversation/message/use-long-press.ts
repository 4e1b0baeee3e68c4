import { useEffect, useRef, type PointerEvent } from "react";

const HOLD_MS = 450;
/** A finger that moves farther scrolls. */
const STILL_PX = 8;

/** Calls back when a finger rests on an element. A mouse has its own ways. */
export function useLongPress(onPress: () => void) {
  const held = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined);
  const release = () => {
    clearTimeout(held.current?.timer);
    held.current = undefined;
  };
  useEffect(() => release, []);
  return {
    onPointerDown(event: PointerEvent) {
      release();
      if (event.pointerType !== "touch") return;
      held.current = { timer: setTimeout(onPress, HOLD_MS), x: event.clientX, y: event.clientY };
    },
    onPointerMove(event: PointerEvent) {
      const from = held.current;
      if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX) release();
    },
    onPointerUp: release,
    onPointerCancel: release,
  };
}
