import { BareIconButton, type BareIconButtonProps } from "./bare-icon-button.tsx";
import { Tooltip } from "./tooltip.tsx";

/** The label is its name for everyone: the accessible name, and the tooltip. */
export interface IconButtonProps extends BareIconButtonProps {
  /** Without a tooltip where one would be in the way. */
  bare?: boolean | undefined;
  side?: "top" | "right" | "bottom" | "left" | undefined;
}

export function IconButton({ bare, side, ...rest }: IconButtonProps) {
  const button = <BareIconButton {...rest} />;
  return bare ? (
    button
  ) : (
    <Tooltip label={rest.label} side={side}>
      {button}
    </Tooltip>
  );
}
