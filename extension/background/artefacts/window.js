import { captureWindow } from "../screenshot.js";

/** What the person sees at the click. Comes first: a message may vanish. */
/** @type {import("./artefact.js").Artefact} */
export const WINDOW = {
  step: "window",
  part: "screenshot-window.png",
  hasPictures: true,
  isAvailable: () => true,
  async take(context) {
    await context.send(WINDOW.part, { base64: await captureWindow(context.tab) });
  },
};
