import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BanDialog } from "./ban-dialog.tsx";

let answer: (type: string) => unknown;
let asked: [type: string, data: unknown][] = [];
const client = {
  request: async (type: string, data: unknown) => {
    asked.push([type, data]);
    return answer(type);
  },
};
vi.mock("@hubbub/client/react", () => ({ useClient: () => client }));

const preview = {
  cidr: "203.0.113.0/24",
  users: 2,
  admins: 1,
  sample: ["ada", "bob"],
  liveConnections: 3,
  reportedUsers: 0,
};

beforeEach(() => {
  asked = [];
});
afterEach(cleanup);

function openRange() {
  const onDone = vi.fn();
  render(<BanDialog open onOpenChange={() => undefined} onDone={onDone} />);
  fireEvent.click(screen.getByRole("tab", { name: "Addresses" }));
  fireEvent.change(screen.getByLabelText("Reason"), { target: { value: "a bot farm" } });
  fireEvent.change(screen.getByLabelText("Address or range"), { target: { value: "203.0.113.9/24" } });
  return onDone;
}

const next = () => screen.getByRole("button", { name: "Continue" });
const bans = () => asked.filter(([type]) => type === "mod.ban");

it("bans a range only after whom it hits was shown and repeated", async () => {
  answer = (type) => (type === "mod.preview" ? preview : {});
  const onDone = openRange();
  expect(next().hasAttribute("disabled")).toBe(true);
  await waitFor(() => expect(next().hasAttribute("disabled")).toBe(false));
  fireEvent.click(next());
  await screen.findByText("1 administrator uses these addresses.");
  await screen.findByText("3 live connections are closed within two seconds.");
  expect(bans()).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Ban" }));
  await waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(bans()[0]?.[1]).toMatchObject({ cidr: "203.0.113.9/24", reason: "a bot farm", mode: "enforce" });
});

it("does not go on with a range that the server refuses, and says why", async () => {
  answer = () => {
    throw Object.assign(new Error("this range is too wide"), { kind: "refused", reason: "RANGE_REFUSED" });
  };
  openRange();
  await screen.findByText("This range is too wide.");
  await screen.findByText(/Choose a narrower range/);
  expect(next().hasAttribute("disabled")).toBe(true);
});
