import react from "@vitejs/plugin-react";
import type { ProxyOptions } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

const gateway = process.env["HUBBUB_GATEWAY"] ?? "http://localhost:3001";

/** What the gateway answers itself. The service worker must leave these alone, and the dev server hands them on. */
const served = [
  "v1",
  "signup",
  "login",
  "logout",
  "account",
  "rooms",
  "users",
  "docs",
  "healthz",
  "readyz",
  "socket.io",
];

const toGateway: ProxyOptions = {
  target: gateway,
  changeOrigin: true,
  ws: true,
  // The gateway compares the Origin with its own list; the page of the dev server is not on it.
  configure: (proxy) => {
    const rewrite = (request: { setHeader(name: string, value: string): void }) =>
      request.setHeader("origin", new URL(gateway).origin);
    proxy.on("proxyReq", rewrite);
    proxy.on("proxyReqWs", rewrite);
  },
};

const proxy = Object.fromEntries(served.map((path) => [`^/${path.replace(".", "\\.")}(/|\\?|$)`, toGateway]));

export default defineConfig({
  base: "./",
  resolve: { conditions: ["hubbub-source", "module", "browser", "development|production"] },
  build: {
    target: "es2022",
    assetsDir: "assets",
    // The policy of the gateway lets in files of its own alone, no `data:`.
    assetsInlineLimit: 0,
    sourcemap: true,
  },
  server: { strictPort: true, proxy },
  preview: { strictPort: true, proxy },
  plugins: [
    react(),
    VitePWA({
      registerType: "prompt",
      injectRegister: false,
      manifest: false,
      workbox: {
        globPatterns: ["**/*.{js,css,html,svg,png,webmanifest}"],
        globIgnores: ["_headers"],
        navigateFallback: "index.html",
        // The one page of the site is the directory itself; places in it stand behind the `#`.
        navigateFallbackAllowlist: [/\/(index\.html)?(\?.*)?$/],
        navigateFallbackDenylist: served.map((path) => new RegExp(`^/${path.replace(".", "\\.")}(/|\\?|$)`)),
        cleanupOutdatedCaches: true,
        sourcemap: false,
      },
    }),
  ],
  test: {
    environment: "happy-dom",
    include: ["{src,test}/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 20_000,
  },
});
