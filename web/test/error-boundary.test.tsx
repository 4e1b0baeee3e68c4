import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ErrorBoundary } from "../src/app/error-boundary.tsx";

let isBroken = true;

function Part() {
  if (isBroken) throw new Error("broken");
  return <p>All is well</p>;
}

beforeEach(() => {
  isBroken = true;
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("what failed is told and can be tried again", () => {
  render(
    <ErrorBoundary>
      <Part />
    </ErrorBoundary>,
  );
  expect(screen.getByRole("alert")).toBeTruthy();
  isBroken = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(screen.getByText("All is well")).toBeTruthy();
});

test("another place begins anew", () => {
  const shown = (place: string) => (
    <ErrorBoundary place={place}>
      <Part />
    </ErrorBoundary>
  );
  const { rerender } = render(shown("/a"));
  isBroken = false;
  rerender(shown("/b"));
  expect(screen.getByText("All is well")).toBeTruthy();
});
