// The right column: who is in the room.

import { el, icon, reconcile } from "./dom.js";
import { count, hue, initials } from "./format.js";

const RANKS = ["owner", "moderator", "member"];

export function membersView(store, { togglePeople }) {
  const title = el("h2");
  const list = el("ul", { class: "people" });
  const element = el("aside", { class: "members", "aria-label": "Members" }, el("header", {}, title, el("button", { class: "round only-narrow", "aria-label": "Back to the room", onclick: togglePeople }, icon("back"))), list);

  return {
    element,
    update() {
      const room = store.current;
      const members = store.isIn(room?.id) ? room.members : [];
      element.hidden = !store.isIn(room?.id);
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
