import { act, renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { PageOf } from "./shapes.ts";
import { initialListing, reduceListing, useListing, type Load } from "./use-listing.ts";

const PAGES: Record<string, PageOf<number>> = { first: { rows: [1, 2], next: "second" }, second: { rows: [3] } };

describe("useListing", () => {
  it("reads page after page", async () => {
    const load: Load<number> = async (page) => PAGES[page ?? "first"]!;
    const { result } = renderHook(() => useListing(load));
    expect(result.current.phase).toBe("loading");
    await waitFor(() => expect(result.current.rows).toEqual([1, 2]));
    act(() => result.current.more());
    await waitFor(() => expect(result.current.rows).toEqual([1, 2, 3]));
    expect(result.current.next).toBeUndefined();
  });

  it("drops the answer to a question that is no longer asked", async () => {
    let answer: (page: PageOf<number>) => void = () => undefined;
    const slow = new Promise<PageOf<number>>((resolve) => (answer = resolve));
    const loads: Record<string, Load<number>> = { slow: () => slow, fast: async () => ({ rows: [9] }) };
    const { result, rerender } = renderHook(({ which }) => useListing(loads[which]!), {
      initialProps: { which: "slow" },
    });
    rerender({ which: "fast" });
    await waitFor(() => expect(result.current.rows).toEqual([9]));
    await act(async () => answer({ rows: [1] }));
    expect(result.current.rows).toEqual([9]);
  });

  it("fails, and comes back when it is asked again", async () => {
    let isDown = true;
    const load: Load<number> = async () => {
      if (isDown) throw Object.assign(new Error("no"), { kind: "refused", reason: "ADMIN_REQUIRED" });
      return { rows: [1] };
    };
    const { result } = renderHook(() => useListing(load));
    await waitFor(() => expect(result.current.phase).toBe("failed"));
    expect(result.current.problem?.message).toBe("You are no longer an administrator.");
    isDown = false;
    act(() => result.current.reload());
    await waitFor(() => expect(result.current.rows).toEqual([1]));
  });
});

it("keeps what is shown when the next page fails", () => {
  const ready = reduceListing(initialListing<number>(), { type: "loaded", page: { rows: [1], next: "n" } });
  const problem = { kind: "unknown", reason: "", message: "…", fields: {} } as const;
  expect(reduceListing(ready, { type: "failed", problem })).toMatchObject({
    phase: "ready",
    rows: [1],
    next: "n",
    problem,
  });
});
