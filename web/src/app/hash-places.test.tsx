// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Link, Route, Router, useLocation } from "wouter";
import { useHashPlace, useHashSearch } from "./hash-places.ts";

function Place() {
  const [path, navigate] = useLocation();
  const search = useHashSearch();
  return (
    <>
      <p>{`${path} ${search}`}</p>
      <Link href="/rooms/a?x=1">go</Link>
      <button onClick={() => navigate("/search?q=a%20b", { replace: true })}>search</button>
      <Route path="/rooms/:id">{({ id }) => <p>room {id}</p>}</Route>
    </>
  );
}

const open = (hash: string) => {
  location.hash = hash;
  render(
    <Router hook={useHashPlace} searchHook={useHashSearch}>
      <Place />
    </Router>,
  );
};

const moved = () => act(() => new Promise((resolve) => addEventListener("hashchange", resolve, { once: true })));

afterEach(cleanup);

test("an address that was typed has its path and its search", () => {
  open("#/search?q=tea?");
  screen.getByText("/search q=tea?");
});

test("links and navigation keep both behind #", async () => {
  open("");
  screen.getByText("/");
  const link = screen.getByRole("link", { name: "go" });
  expect(link.getAttribute("href")).toBe("#/rooms/a?x=1");
  const first = moved();
  link.click();
  await first;
  screen.getByText("/rooms/a x=1");
  screen.getByText("room a");
  const second = moved();
  screen.getByRole("button").click();
  await second;
  screen.getByText("/search q=a%20b");
  expect(location.search).toBe("");
});
