/** What every artefact of a capture is, and what it is given. One module each, listed in index.js. */

import type { Tile } from "../../generated/wire.js";
import type { Step } from "../../shared/saving.js";
import type { PageMeasure } from "./in_page/page_tools.js";

export interface CaptureContext {
  readonly tab: { readonly id: number; readonly windowId: number };
  readonly page: PageMeasure;
  /** Tells the document that was there at the click from any other. */
  readonly token: string;
  /** Goes into the record; an artefact adds to it. */
  readonly tiles: Tile[];
  scroll_steps: number;
  page_size: { width: number; height: number };
  /** Somebody in the pictures may be under 18: no picture is taken of anything. */
  readonly is_text_only: boolean;
  /** The words of the part that scrolls by itself, "" where there is none. */
  pane_text: string;
  /** Send a part to the daemon, whole. */
  send(name: string, data: { base64: string } | Blob): Promise<void>;
  /** Tell the daemon where a shot belongs that was sent whole: it stitches meanwhile. */
  place(tile: Tile): Promise<void>;
  /** Note what could not be had; `wordsKey` and its values are words of `_locales`. */
  miss(name: string, wordsKey: string, ...values: (string | number)[]): void;
  /** Tell how far this artefact is. */
  progress(done: number, total: number): Promise<void>;
  /** Throws a Failure if the person stopped, closed the tab or left the page. */
  check(): void;
}

export interface Artefact {
  readonly step: Step;
  /** The part that is missing if `take` throws. */
  readonly part: string;
  /** Whether it holds pictures, or could: then it is not taken where only text may be kept. */
  readonly hasPictures: boolean;
  isAvailable(context: CaptureContext): boolean;
  take(context: CaptureContext): Promise<void>;
}
