// Starts the page: who is here decides which of the two views is shown.

import { Store } from "./store.js";
import { shell } from "./view-shell.js";
import { welcome } from "./view-welcome.js";

const store = new Store();
const root = document.getElementById("app");
let shown = null;
let view = null;
let isDue = false;

// Many changes in one moment are one redraw. A hidden page gets no frames, so there a task does it.
function redraw() {
  if (isDue) return;
  isDue = true;
  const draw = () => {
    isDue = false;
    const wanted = store.user ? shell : welcome;
    if (wanted !== shown) {
      shown = wanted;
      view = wanted(store);
      root.replaceChildren(view.element);
      view.entered?.();
    }
    view.update();
  };
  if (document.hidden) setTimeout(draw, 0);
  else requestAnimationFrame(draw);
}

store.addEventListener("change", redraw);
window.addEventListener("beforeunload", (event) => {
  if (store.user && store.outbox.waiting > 0) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && store.currentId && store.isIn(store.currentId)) store.select(store.currentId);
});

await store.resumeVisit();
redraw();
