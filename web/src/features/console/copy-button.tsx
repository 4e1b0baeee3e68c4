import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton, toast } from "../../design/index.ts";

const SHOWN_MS = 1_500;

export function CopyButton({ label, text }: { label: string; text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setIsCopied(true);
    } catch {
      // Without leave to write the clipboard the text is at least shown whole, to be copied by hand.
      toast({ title: "The browser does not let this page copy", body: text, lasts: null });
    }
  };
  return (
    <IconButton size="small" label={isCopied ? "Copied" : label} onClick={() => void copy()}>
      {isCopied ? <Check /> : <Copy />}
    </IconButton>
  );
}
