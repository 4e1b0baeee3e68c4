import { createContext, lazy, Suspense, useContext, useState, type ReactNode } from "react";

/** Several places open the one dialog: the sidebar, the switcher, the list of all rooms. */
const NewRoomContext = createContext<() => void>(() => {});

const NewRoomDialog = lazy(() =>
  import("../../features/rooms/new-room-dialog.tsx").then((module) => ({ default: module.NewRoomDialog })),
);

export const useNewRoom = (): (() => void) => useContext(NewRoomContext);

export function NewRoomProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState(false);
  const begin = () => {
    setWanted(true);
    setOpen(true);
  };
  return (
    <NewRoomContext value={begin}>
      {children}
      {wanted && (
        <Suspense>
          <NewRoomDialog open={open} onOpenChange={setOpen} />
        </Suspense>
      )}
    </NewRoomContext>
  );
}
