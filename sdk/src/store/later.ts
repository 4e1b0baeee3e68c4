/** One-time timers that do not keep a Node process alive. */

export interface Timer {
  stop(): void;
}

export function later(ms: number, act: () => void): Timer {
  const timer: unknown = setTimeout(act, ms);
  if (typeof timer === "object" && timer && "unref" in timer) (timer as { unref(): void }).unref();
  return { stop: () => clearTimeout(timer as ReturnType<typeof setTimeout>) };
}
