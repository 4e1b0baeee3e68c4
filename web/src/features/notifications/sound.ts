let context: AudioContext | undefined;

/** Two soft notes, made here: no file to load. A browser that allows no sound yet stays silent. */
export function playNotice() {
  try {
    context ??= new AudioContext();
    const at = context.currentTime;
    for (const [step, frequency] of [660, 880].entries()) {
      const begin = at + step * 0.11;
      const note = context.createOscillator();
      const loudness = context.createGain();
      note.type = "sine";
      note.frequency.value = frequency;
      loudness.gain.setValueAtTime(0, begin);
      loudness.gain.linearRampToValueAtTime(0.08, begin + 0.015);
      loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.28);
      note.connect(loudness).connect(context.destination);
      note.start(begin);
      note.stop(begin + 0.3);
    }
  } catch {
    // A browser without sound has nothing to play it with.
  }
}
