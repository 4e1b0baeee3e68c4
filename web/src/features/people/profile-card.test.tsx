import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ProfileCard } from "./profile-card.tsx";

const bob = { id: "b", name: "bob" };
const nobody = { friends: [], incoming: [], outgoing: [], loaded: true };
const known = vi.hoisted(() => ({ friends: {} as object, blocks: [] as object[], people: { accept: vi.fn() } }));
vi.mock("@hubbub/client/react", () => ({
  useMe: () => ({ id: "a", name: "ada", role: "USER" }),
  useFriends: () => known.friends,
  useBlocks: () => known.blocks,
  usePresence: () => ({ user: "b", status: "away", text: "Lunch" }),
  useStores: () => ({ people: known.people }),
}));

beforeEach(() => {
  known.friends = nobody;
  known.blocks = [];
});
afterEach(cleanup);

const onAsk = vi.fn();
const open = () => render(<ProfileCard person={bob} onAsk={onAsk} onDone={() => {}} />);
const deeds = () => screen.getAllByRole("button").map((button) => button.textContent);

it("offers a stranger's friendship", () => {
  open();
  expect(deeds()).toEqual(["Message", "Add friend", "Block", "Report"]);
  fireEvent.click(screen.getByText("Add friend"));
  expect(onAsk).toHaveBeenCalledWith("add", bob);
});

it("answers whoever asked", () => {
  known.friends = { ...nobody, incoming: [{ user: bob, note: "", at: 1 }] };
  open();
  fireEvent.click(screen.getByText("Accept"));
  expect(known.people.accept).toHaveBeenCalledWith("b");
});

it("lets a friend be removed, and shows what they say", () => {
  known.friends = { ...nobody, friends: [bob] };
  open();
  expect(deeds()).toEqual(["Message", "Remove", "Block", "Report"]);
  expect(screen.getByText("Lunch")).toBeDefined();
});

it("shows nothing of someone blocked but the way back", () => {
  known.blocks = [{ user: bob, mutual: false, at: 1 }];
  open();
  expect(deeds()).toEqual(["Unblock", "Report"]);
  expect(screen.queryByText("Lunch")).toBeNull();
});

it("has nothing to do with oneself", () => {
  render(<ProfileCard person={{ id: "a", name: "ada" }} onAsk={onAsk} onDone={() => {}} />);
  expect(screen.queryAllByRole("button")).toEqual([]);
});
