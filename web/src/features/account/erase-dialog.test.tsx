import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { EraseDialog } from "./erase-dialog.tsx";

const request = vi.hoisted(() => vi.fn());
vi.mock("@hubbub/client/react", () => ({
  useClient: () => ({ request }),
  useMe: () => ({ id: "1", name: "ada", role: "USER" }),
}));

afterEach(() => {
  cleanup();
  request.mockReset();
});

const button = () => screen.getByRole("button", { name: "Erase for ever" });
const type = (label: RegExp | string, text: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } });

it("erases nothing before the name is typed exactly", () => {
  render(<EraseDialog open onOpenChange={() => {}} />);
  type("Password", "correct horse");
  type(/Type your name/u, "Ada");
  expect(button()).toHaveProperty("disabled", true);
  type(/Type your name/u, "ada");
  expect(button()).toHaveProperty("disabled", false);
});

it("tells a refusal beside the password", async () => {
  request.mockRejectedValue({ reason: "CREDENTIALS_INVALID", message: "no" });
  render(<EraseDialog open onOpenChange={() => {}} />);
  type(/Type your name/u, "ada");
  type("Password", "wrong");
  fireEvent.click(button());
  await waitFor(() => screen.getByText("The password is not right."));
  expect(request).toHaveBeenCalledWith("account.erase", { password: "wrong" });
});

it("says who cannot be spared", async () => {
  request.mockRejectedValue({ reason: "PERMISSION_DENIED", message: "no" });
  render(<EraseDialog open onOpenChange={() => {}} />);
  type(/Type your name/u, "ada");
  type("Password", "correct horse");
  fireEvent.click(button());
  await waitFor(() => screen.getByText(/last administrator/u));
});
