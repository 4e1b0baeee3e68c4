import { CalendarDays, Ellipsis, Info, MessagesSquare, Pin, Search } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useThreads } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { usePhone } from "../../../app/use-media.ts";
import { IconButton, Menu, MenuItem, Popover } from "../../../design/index.ts";
import { DateDialog, DatePicker } from "./date-picker.tsx";
import styles from "./header-actions.module.css";

export type PanelName = "threads" | "pins" | "details";

interface HeaderActionsProps {
  summary: RoomSummary;
  panel: PanelName | undefined;
  onPanel: (panel: PanelName | undefined) => void;
  onDate: (at: number) => void;
}

/** The buttons at the end of a conversation's bar. */
export function HeaderActions(props: HeaderActionsProps) {
  return usePhone() ? <OnPhone {...props} /> : <OnDesktop {...props} />;
}

function useActions({ summary, panel, onPanel }: HeaderActionsProps) {
  const [, navigate] = useLocation();
  const unread = useThreads(summary.id).some((thread) => thread.unread > 0);
  return {
    unread,
    search: () => navigate(`/search?room=${summary.id}`),
    toggle: (name: PanelName) => () => onPanel(panel === name ? undefined : name),
  };
}

function OnDesktop(props: HeaderActionsProps) {
  const { unread, search, toggle } = useActions(props);
  const [isPicking, setPicking] = useState(false);
  const pressed = (name: PanelName) => ({
    active: props.panel === name,
    "aria-expanded": props.panel === name,
    onClick: toggle(name),
  });
  return (
    <>
      <span className={styles["marked"]} data-unread={unread || undefined}>
        <IconButton label={unread ? "Threads, some unread" : "Threads"} {...pressed("threads")}>
          <MessagesSquare />
        </IconButton>
      </span>
      <IconButton label="Pinned messages" {...pressed("pins")}>
        <Pin />
      </IconButton>
      <Popover
        label="Jump to a date"
        align="end"
        open={isPicking}
        onOpenChange={setPicking}
        trigger={
          <IconButton label="Jump to a date" active={isPicking}>
            <CalendarDays />
          </IconButton>
        }
      >
        <DatePicker
          onPick={(at) => {
            setPicking(false);
            props.onDate(at);
          }}
        />
      </Popover>
      <IconButton label="Search in this conversation" onClick={search}>
        <Search />
      </IconButton>
      <IconButton label="Details" {...pressed("details")}>
        <Info />
      </IconButton>
    </>
  );
}

/** There is room for one button beside the name. */
function OnPhone(props: HeaderActionsProps) {
  const { unread, search, toggle } = useActions(props);
  const [isPicking, setPicking] = useState(false);
  return (
    <>
      <span className={styles["marked"]} data-unread={unread || undefined}>
        <IconButton label={unread ? "Threads, some unread" : "Threads"} bare onClick={toggle("threads")}>
          <MessagesSquare />
        </IconButton>
      </span>
      <Menu
        trigger={
          <IconButton label="More" bare>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<Pin />} onSelect={toggle("pins")}>
          Pinned messages
        </MenuItem>
        <MenuItem icon={<Search />} onSelect={search}>
          Search in this conversation
        </MenuItem>
        <MenuItem icon={<CalendarDays />} onSelect={() => setPicking(true)}>
          Jump to a date
        </MenuItem>
        <MenuItem icon={<Info />} onSelect={toggle("details")}>
          Details
        </MenuItem>
      </Menu>
      <DateDialog
        isOpen={isPicking}
        onOpenChange={setPicking}
        onPick={(at) => {
          setPicking(false);
          props.onDate(at);
        }}
      />
    </>
  );
}
