// @vitest-environment happy-dom

import { act, cleanup, render, screen } from "@testing-library/react";
import { type ReactElement, type ReactNode, StrictMode } from "react";
import { afterEach, expect, test } from "vitest";

import { FakeClient, ada, bob, message, room, settled, welcomeRoom } from "../../test/fake-client.ts";
import { type Stores, createStores } from "../store/index.ts";
import * as hooks from "./index.ts";

afterEach(cleanup);

function start() {
  const client = new FakeClient();
  client.answer("history.get", () => ({ messages: [message(1), message(2)], more: false }));
  client.answer("room.members", () => ({ members: [{ ...bob, role: "owner" }] }));
  client.answer("presence.watch", () => ({ users: [{ user: bob.id, status: "online" }], count: 1 }));
  const stores = createStores(client);
  client.online([welcomeRoom({ head: 2, read: 2 })]);
  return { client, stores };
}

/** The tests' client has what the stores and hooks need, and nothing more. */
function Page({ client, stores, children }: { client: FakeClient; stores: Stores; children: ReactNode }): ReactElement {
  return (
    <hooks.HubbubProvider client={client as never} stores={stores}>
      {children}
    </hooks.HubbubProvider>
  );
}

function Messages(): ReactElement {
  const [timeline] = hooks.useTimeline(room);
  return (
    <ol>
      {timeline.items.map((item) => (
        <li key={item.id} data-status={item.status}>
          {item.body}
        </li>
      ))}
    </ol>
  );
}

const rows = () => screen.queryAllByRole("listitem").map((row) => row.textContent);

test("a message is on the page in the tick that sends it, and keeps its element", async () => {
  const { client, stores } = start();
  render(<Messages />, { wrapper: ({ children }) => <Page {...{ client, stores }}>{children}</Page> });
  await act(settled);
  expect(rows()).toEqual(["text 1", "text 2"]);
  // A pending message can be awaited, which `act` would do.
  act(() => void stores.room(room).actions.send("hello"));
  const element = screen.getByText("hello");
  expect(element.dataset["status"]).toBe("pending");
  const key = client.queue.get()[0]?.key ?? "";
  await act(async () => {
    client.acknowledge(key, { message: "m3", room, seq: 3, at: 9 });
    await settled();
  });
  act(() => client.posts(3, { author: ada, key, body: "hello" }));
  expect(screen.getByText("hello")).toBe(element);
  expect(element.dataset["status"]).toBe("sent");
  expect(rows()).toEqual(["text 1", "text 2", "hello"]);
});

test("effects that run twice load once, and nothing is watched after the page is gone", async () => {
  const { client, stores } = start();
  const { unmount } = render(
    <StrictMode>
      <Page {...{ client, stores }}>
        <Messages />
      </Page>
    </StrictMode>,
  );
  await act(settled);
  expect(client.count("history.get")).toBe(1);
  expect(rows()).toEqual(["text 1", "text 2"]);
  unmount();
  let isTold = false;
  const timeline = stores.room(room).timeline();
  const before = timeline.get();
  client.posts(3);
  expect(timeline.get()).not.toBe(before);
  timeline.subscribe(() => (isTold = true))();
  client.posts(4);
  expect(isTold).toBe(false);
});

test("all parts of a page show the same state", async () => {
  const { client, stores } = start();
  const seen: string[] = [];
  const Part = () => <b>{hooks.useTimeline(room)[0].items.length}</b>;
  const Whole = () => {
    seen.push(`${hooks.useTimeline(room)[0].items.length} ${hooks.useRooms()[0]?.unread}`);
    return (
      <>
        <Part />
        <Part />
      </>
    );
  };
  const { container } = render(
    <Page {...{ client, stores }}>
      <Whole />
    </Page>,
  );
  await act(settled);
  act(() => {
    for (let seq = 3; seq < 50; seq += 1) client.posts(seq);
  });
  expect([...container.querySelectorAll("b")].map((part) => part.textContent)).toEqual(["49", "49"]);
  expect(seen.at(-1)).toBe("49 47");
  // A burst is one rendering.
  expect(seen.length).toBeLessThan(8);
});

test("every hook gives a value that stays the same until something changes", async () => {
  const { client, stores } = start();
  let renders = 0;
  const seen: Record<string, unknown> = {};
  const All = () => {
    renders += 1;
    const [timeline] = hooks.useTimeline(room, "thread");
    Object.assign(seen, {
      timeline,
      connection: hooks.useConnection(),
      me: hooks.useMe(),
      rooms: hooks.useRooms(),
      room: hooks.useRoom(room),
      typing: hooks.useTyping(room),
      members: hooks.useMembers(room),
      threads: hooks.useThreads(room),
      pins: hooks.usePins(room),
      receipts: hooks.useReceipts(room),
      friends: hooks.useFriends(),
      blocks: hooks.useBlocks(),
      notifications: hooks.useNotifications(),
      settings: hooks.useSettings(),
      ownPresence: hooks.useOwnPresence(),
      presence: hooks.usePresence(bob.id),
      person: hooks.usePerson(bob.id),
      summary: hooks.useReadable(hooks.useRoom(room).summary),
      client: hooks.useClient(),
    });
    return null;
  };
  const page = (
    <Page {...{ client, stores }}>
      <All />
    </Page>
  );
  const { rerender } = render(page);
  await act(() => new Promise((resolve) => setTimeout(resolve, 100)));
  expect(renders).toBeLessThan(10);
  const before = { ...seen };
  rerender(<Page {...{ client, stores }}>{<All />}</Page>);
  for (const [name, value] of Object.entries(before))
    expect([name, Object.is(seen[name], value)]).toEqual([name, true]);
  expect(seen).toMatchObject({ members: [bob], me: ada, presence: { status: "online" }, connection: { waiting: 0 } });
  act(() => void stores.room(room).actions.send("x"));
  expect(seen["connection"]).toMatchObject({ phase: "online", waiting: 1 });
  expect(seen["client"]).toBe(client);
});

test("hooks without a provider say so", () => {
  const Lost = () => <>{hooks.useRooms().length}</>;
  expect(() => render(<Lost />)).toThrow("<HubbubProvider>");
});

test("a provider makes the stores of its client, once", () => {
  const { client } = start();
  const seen: Stores[] = [];
  const Look = () => {
    seen.push(hooks.useStores());
    return null;
  };
  const page = (
    <StrictMode>
      <hooks.HubbubProvider client={client as never}>
        <Look />
      </hooks.HubbubProvider>
    </StrictMode>
  );
  render(page);
  render(page);
  expect(new Set(seen).size).toBe(1);
});
