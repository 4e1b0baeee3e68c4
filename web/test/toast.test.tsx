import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Toaster, toast } from "../src/design/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  act(() => vi.runAllTimers());
  cleanup();
  vi.useRealTimers();
});

test("a toast goes by itself, unless someone reads it", () => {
  render(<Toaster />);
  act(() => void toast({ title: "Saved" }));
  const row = screen.getByText("Saved").closest("li") as HTMLElement;
  fireEvent.pointerEnter(row);
  act(() => vi.advanceTimersByTime(60_000));
  expect(screen.queryByText("Saved")).toBeTruthy();
  fireEvent.pointerLeave(row);
  act(() => vi.advanceTimersByTime(60_000));
  expect(screen.queryByText("Saved")).toBeNull();
});

test("the same thing is told once", () => {
  render(<Toaster />);
  act(() => void toast({ key: "x", title: "One" }));
  act(() => void toast({ key: "x", title: "Two" }));
  expect(screen.queryByText("One")).toBeNull();
  expect(screen.getAllByRole("listitem")).toHaveLength(1);
});

test("an action ends it", () => {
  const onSelect = vi.fn();
  render(<Toaster />);
  act(() => void toast({ title: "New version", lasts: null, action: { label: "Reload", onSelect } }));
  act(() => vi.advanceTimersByTime(600_000));
  fireEvent.click(screen.getByRole("button", { name: "Reload" }));
  expect(onSelect).toHaveBeenCalledOnce();
  expect(screen.queryByText("New version")).toBeNull();
});
