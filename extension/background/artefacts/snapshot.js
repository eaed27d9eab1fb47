import { loadIntoPage, runInPage } from "../page_script.js";

const PIECE_CHARACTERS = 4 * 1024 * 1024;

/** The page as it stands, as one HTML file that fetches nothing and holds no script or secret. */
/** @type {import("./artefact.js").Artefact} */
export const SNAPSHOT = {
  step: "snapshot",
  part: "page.html",
  hasPictures: true,
  isAvailable: () => true,
  async take(context) {
    const { id } = context.tab;
    await loadIntoPage(id, "background/artefacts/in_page/snapshot.js");
    // Where the browser writes MHTML that holds the pictures of other sites already.
    const isAnySite = !("pageCapture" in chrome);
    const taken = await runInPage(id, (any) => globalThis.sharewiseSnapshot?.take(any), isAnySite);
    if (!taken) throw new Error("the page was replaced");
    const pieces = [];
    for (let from = 0; from < taken.length; from += PIECE_CHARACTERS) {
      context.check();
      pieces.push(await runInPage(id, piece, from, from + PIECE_CHARACTERS));
      await context.progress(from, taken.length);
    }
    await runInPage(id, () => globalThis.sharewiseSnapshot?.release());
    await context.send(SNAPSHOT.part, new Blob(pieces));
    const { is_cut, images_left_out, images_total, frames_left_out } = taken;
    if (is_cut) context.miss(SNAPSHOT.part, "missing_snapshot_cut");
    if (images_left_out > 0 && isAnySite) {
      context.miss(SNAPSHOT.part, "missing_pictures", images_left_out, images_total);
    }
    if (frames_left_out > 0) context.miss(SNAPSHOT.part, "missing_frames", frames_left_out);
  },
};

/**
 * Runs in the page.
 * @param {number} from
 * @param {number} to
 */
function piece(from, to) {
  return globalThis.sharewiseSnapshot?.piece(from, to) ?? "";
}
