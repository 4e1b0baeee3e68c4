import type { ConnectionRow, ServiceRow } from "../shapes.ts";

export interface GatewayCount {
  readonly gateway: string;
  readonly count: number;
}

/** How many connections each gateway holds; always in the same order, so that the eye finds it again. */
export function byGateway(rows: readonly Pick<ConnectionRow, "gateway">[]): GatewayCount[] {
  const counts = new Map<string, number>();
  for (const { gateway } of rows) counts.set(gateway, (counts.get(gateway) ?? 0) + 1);
  return [...counts]
    .map(([gateway, count]) => ({ gateway, count }))
    .sort((one, other) => one.gateway.localeCompare(other.gateway, "en", { numeric: true }));
}

/** Slower than this and people notice. */
const SLOW_MS = 250;

export type ServiceTone = "good" | "warn" | "danger";

export function toneOf({ isUp, latencyMs }: ServiceRow): ServiceTone {
  if (!isUp) return "danger";
  return (latencyMs ?? 0) > SLOW_MS ? "warn" : "good";
}

/** The whole in one sentence. */
export function healthWords(services: readonly ServiceRow[]): string {
  const down = services.filter((service) => !service.isUp).map((service) => service.name);
  if (down.length > 0) return `${down.join(", ")} ${down.length === 1 ? "does" : "do"} not answer`;
  const slow = services.filter((service) => toneOf(service) === "warn").map((service) => service.name);
  if (slow.length > 0) return `${slow.join(", ")} ${slow.length === 1 ? "answers" : "answer"} slowly`;
  return services.length === 0 ? "No service is known" : "All services answer";
}

export function latencyWords(latencyMs: number | undefined): string {
  if (latencyMs === undefined) return "–";
  return latencyMs < 1 ? "< 1 ms" : `${Math.round(latencyMs).toLocaleString("en")} ms`;
}
