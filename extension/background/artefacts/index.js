import { FRAMES } from "./frames.js";
import { FULL_PAGE } from "./full_page.js";
import { MHTML } from "./mhtml.js";
import { SNAPSHOT } from "./snapshot.js";
import { TEXT } from "./text.js";
import { WINDOW } from "./window.js";

/** In the order in which they are taken: what may vanish comes first. */
/** @type {readonly import("./artefact.js").Artefact[]} */
export const ARTEFACTS = [WINDOW, FRAMES, FULL_PAGE, MHTML, SNAPSHOT, TEXT];
