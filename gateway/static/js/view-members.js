// The right column: who is in the room.

import { el, icon, reconcile } from "./dom.js";
import { count, hue, initials } from "./format.js";

const RANKS = ["owner", "moderator", "member"];

export function membersView(store, { togglePeople }) {
  const title = el("h2");
  const list = el("ul", { class: "people" });
  const invite = inviteForm(store);
  const element = el("aside", { class: "members", "aria-label": "Members" }, el("header", {}, title, el("button", { class: "round only-narrow", "aria-label": "Back to the room", onclick: togglePeople }, icon("back"))), list, invite.element);

  return {
    element,
    update() {
      const room = store.current;
      const members = store.isIn(room?.id) ? room.members : [];
      element.hidden = !store.isIn(room?.id);
      invite.element.hidden = room?.kind !== "private";
      invite.update(room);
      title.textContent = count(members.length, "member");
      const byRank = (one, other) => RANKS.indexOf(one.role) - RANKS.indexOf(other.role) || one.name.localeCompare(other.name);
      const rows = [...members].sort(byRank).map((member) => ({
        key: member.id,
        sign: `${member.name}\n${member.role}`,
        make: () =>
          el(
            "li",
            {},
            el("span", { class: "avatar small", "data-hue": hue(member.name), "aria-hidden": "true" }, initials(member.name)),
            el("span", { class: "person" }, member.name),
            member.role !== "member" && el("span", { class: "role" }, member.role),
          ),
      }));
      reconcile(list, rows);
    },
  };
}

// A private room is entered by invitation only.
function inviteForm(store) {
  const name = el("input", { "aria-label": "Name of the person to invite", placeholder: "Invite by name", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "64" });
  const told = el("p", { class: "hint", role: "status" });
  const element = el("form", { class: "invite", onsubmit: submit }, name, el("button", { class: "quiet", type: "submit" }, "Invite"), told);
  let shownId = null;

  async function submit(event) {
    event.preventDefault();
    const person = name.value.trim();
    if (person === "") return;
    try {
      await store.invite(store.currentId, person);
      told.textContent = `${person} may join now`;
      name.value = "";
    } catch (error) {
      told.textContent = error.message === "not connected" ? "Not connected: try again in a moment" : error.message;
    }
  }

  return {
    element,
    update(room) {
      if (room?.id === shownId) return;
      shownId = room?.id ?? null;
      name.value = told.textContent = "";
    },
  };
}
