import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../design/tokens.css";
import "../design/base.css";
import "../features/account/density.ts";
import "./theme.ts";
import { App, loadShell } from "./app.tsx";
import { session } from "./session.ts";
import { tellStrayFailures } from "./stray-failures.ts";
import { watchForUpdates } from "./updates.ts";

tellStrayFailures();
session.start();
// While the server is asked who this is, the rest of the page is on its way.
if (session.get().phase === "starting") void loadShell();

const place = document.getElementById("app");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

watchForUpdates();
