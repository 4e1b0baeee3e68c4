import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HubbubError } from "@hubbub/client";
import { WelcomeForm, type WelcomeFormProps } from "../src/features/welcome/welcome-form.tsx";
import { problemsOf } from "../src/features/welcome/problems.ts";

afterEach(cleanup);

function fill(name: string, password: string) {
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: name } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: password } });
}

const show = (onSubmit: WelcomeFormProps["onSubmit"], first: WelcomeFormProps["first"] = "signup") =>
  render(<WelcomeForm first={first} onSubmit={onSubmit} />);

describe("signing up", () => {
  test("asks for both before it asks the server", () => {
    const submit = vi.fn();
    show(submit);
    fireEvent.click(screen.getByRole("button", { name: "Sign up" }));
    expect(submit).not.toHaveBeenCalled();
    expect(screen.getByText("Write your name.")).toBeTruthy();
    expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
  });

  test("says at the field what the server refuses", async () => {
    const fields = { password: "at least 8 characters" };
    show(() => Promise.reject(new HubbubError("refused", { reason: "FIELD_INVALID", fields })));
    fill("ada", "short");
    fireEvent.click(screen.getByRole("button", { name: "Sign up" }));
    await waitFor(() => expect(screen.getByText("At least 8 characters.")).toBeTruthy());
  });

  test("hands over a name without the spaces around it", async () => {
    const submit = vi.fn(() => Promise.resolve());
    show(submit, "login");
    fill(" ada ", " secret ");
    fireEvent.click(screen.getByRole("button", { name: "Log in" }));
    await waitFor(() => expect(submit).toHaveBeenCalledWith("login", "ada", " secret "));
  });

  test("shows on demand what is typed", () => {
    show(vi.fn());
    fireEvent.click(screen.getByRole("button", { name: "Show characters" }));
    expect(screen.getByLabelText("Password").getAttribute("type")).toBe("text");
  });
});

test.each([
  [new HubbubError("refused", { reason: "CREDENTIALS_INVALID" }), { whole: "Wrong name or password." }],
  [new HubbubError("refused", { reason: "USERNAME_TAKEN" }), { name: "This name is taken. Choose another." }],
  [
    new HubbubError("refused", { reason: "RATE_LIMITED", retryAfterMs: 4_200 }),
    { whole: "Too many attempts. Try again in 5 s." },
  ],
])("a refusal is told in words (%#)", (error, problems) => expect(problemsOf(error)).toEqual(problems));

test("no answer is told as such", () =>
  expect(problemsOf(new HubbubError("unknown", { reason: "NETWORK" })).whole).toContain("cannot be reached"));
