// Signing up and logging in.

import { el } from "./dom.js";

const TEXTS = {
  login: { title: "Welcome back", action: "Log in", other: "New here?", switch: "Create an account", auto: "current-password" },
  signup: { title: "Create your account", action: "Sign up", other: "Already have one?", switch: "Log in", auto: "new-password" },
};

export function welcome(store) {
  let mode = "signup";
  const title = el("h1");
  const problem = el("p", { class: "problem", role: "alert" });
  const name = field("username", "Name", { autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "64" });
  const password = field("password", "Password", { type: "password", maxlength: "256" });
  const hint = el("p", { class: "hint" }, "At least 8 characters. A few words make a good one.");
  const action = el("button", { class: "primary wide", type: "submit" });
  const other = el("span");
  const change = el("button", { class: "link", type: "button", onclick: () => turn(mode === "login" ? "signup" : "login") });
  const form = el("form", { class: "card", novalidate: true, onsubmit: submit }, title, name.row, password.row, hint, problem, action, el("p", { class: "switch" }, other, " ", change));
  const element = el("main", { class: "welcome" }, el("div", { class: "brand" }, el("img", { src: "/static/icon.svg", alt: "", width: "44", height: "44" }), el("span", {}, "Hubbub")), form, el("p", { class: "foot" }, el("a", { href: "/docs/" }, "API")));

  function turn(next) {
    mode = next;
    const text = TEXTS[mode];
    title.textContent = text.title;
    action.textContent = text.action;
    other.textContent = text.other;
    change.textContent = text.switch;
    password.input.autocomplete = text.auto;
    hint.hidden = mode === "login";
    show({});
  }

  function show({ message, fields = {} }) {
    name.say(fields.username);
    password.say(fields.password);
    problem.textContent = fields.username || fields.password ? "" : (message ?? "");
  }

  async function submit(event) {
    event.preventDefault();
    show({ fields: { username: name.input.value ? "" : "is needed", password: password.input.value ? "" : "is needed" } });
    if (!name.input.value || !password.input.value) return;
    action.disabled = true;
    try {
      await store.signIn(name.input.value, password.input.value, mode === "signup");
    } catch (error) {
      show(error);
      name.input.focus();
    }
    action.disabled = false;
  }

  return {
    element,
    update() {
      if (store.notice && !problem.textContent) problem.textContent = store.notice;
    },
    entered() {
      turn(mode);
      name.input.focus();
    },
  };
}

function field(id, label, attributes) {
  const input = el("input", { id, name: id, required: true, "aria-describedby": `${id}-why`, ...attributes });
  const why = el("span", { id: `${id}-why`, class: "why" });
  const row = el("div", { class: "field" }, el("label", { for: id }, label), input, why);
  const say = (text) => {
    why.textContent = text ? `${label} ${text}` : "";
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return { row, input, say };
}
