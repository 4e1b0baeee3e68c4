import { useSyncExternalStore } from "react";
import { theme, type Theme } from "../../app/theme.ts";
import { Choices } from "../people/choices.tsx";
import { density, type Density } from "./density.ts";
import { Group } from "./section-parts.tsx";

const THEMES: readonly { value: Theme; label: string; hint: string }[] = [
  { value: "system", label: "As the system", hint: "Light by day and dark by night, if your system does that" },
  { value: "light", label: "Light", hint: "Dark on white" },
  { value: "dark", label: "Dark", hint: "White on dark" },
];

const DENSITIES: readonly { value: Density; label: string; hint: string }[] = [
  { value: "comfortable", label: "Comfortable", hint: "Room between messages" },
  { value: "compact", label: "Compact", hint: "More on one screen" },
];

export function AppearanceSection() {
  const shade = useSyncExternalStore(theme.subscribe, theme.get);
  const room = useSyncExternalStore(density.subscribe, density.get);
  return (
    <>
      <Group title="Theme">
        <div>
          <Choices legend="Theme" hideLegend value={shade} options={THEMES} onChange={theme.set} />
        </div>
      </Group>
      <Group title="Density">
        <div>
          <Choices legend="Density" hideLegend value={room} options={DENSITIES} onChange={density.set} />
        </div>
      </Group>
    </>
  );
}
