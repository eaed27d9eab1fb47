/** What the scripts of this folder leave in the isolated world of a page. */

export interface Position {
  x: number;
  y: number;
}

export interface PageMeasure {
  url: string;
  viewport: { width: number; height: number };
  page: { width: number; height: number };
  device_pixel_ratio: number;
  /** The address of the document as it was loaded, which pushState does not change. */
  loaded_from: string | null;
  /** A part that fills most of the window and scrolls by itself, such as a chat. */
  has_inner_pane: boolean;
}

/** Which of the elements that stay put on the screen a tile shows. */
export type Place = "only" | "first" | "middle" | "last";

export interface Step extends Position {
  page: { width: number; height: number };
}

export interface SnapshotSummary {
  length: number;
  images_total: number;
  images_left_out: number;
  frames_left_out: number;
  is_cut: boolean;
}

/** Answers null where the token is not that of this document: another one was loaded since. */
export interface ScrollTools {
  begin(token: string): PageMeasure;
  step(token: string, x: number, y: number, place: Place): Promise<Step | null>;
  position(token: string): Position | null;
  /** As the person left it: scroll position and styles. False in another document. */
  putBack(token: string): boolean;
}

export interface SnapshotTools {
  /** isAnySite: ask also for pictures of other sites, where the browser lets an add-on do so. */
  take(isAnySite: boolean): Promise<SnapshotSummary>;
  piece(from: number, to: number): string;
  release(): void;
}

declare global {
  var sharewiseScroll: ScrollTools | undefined;
  var sharewiseSnapshot: SnapshotTools | undefined;
}
