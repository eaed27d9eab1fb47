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
  /** For the scripts beside this one. */
  innerPanes(): HTMLElement[];
  imagesOnScreen(): Promise<unknown>;
  override(element: HTMLElement, properties: Record<string, string>): void;
  restore(element: HTMLElement): void;
}

export interface PaneClimb {
  is_at_top: boolean;
  /** How many steps it takes from the top to the bottom, and from the top to where one was. */
  steps: number;
  steps_above: number;
  other_panes: number;
}

export interface PaneStep {
  top: number;
  is_at_end: boolean;
  steps: number;
}

/** One step on; so many steps below the top; or where it stood before. */
export type PaneTarget = "next" | { steps: number } | { top: number };

/** Null where the token is of another document, or where the pane is gone. */
export interface PaneTools {
  /** Go to the top of the pane and wait a little for what is loaded only then. */
  climb(token: string): Promise<PaneClimb | null>;
  /** Go somewhere, wait until it is drawn, and read what is there. */
  step(token: string, to: PaneTarget): Promise<PaneStep | null>;
  /** Where it stands now. */
  top(token: string): number | null;
  /** Everything that was readable at any step, in its order, each line once. */
  text(token: string): string | null;
  /** As the person left it. */
  putBack(token: string): Promise<void>;
}

export interface SnapshotTools {
  /** isAnySite: ask also for pictures of other sites, where the browser lets an add-on do so. */
  take(isAnySite: boolean): Promise<SnapshotSummary>;
  piece(from: number, to: number): string;
  release(): void;
}

declare global {
  var sharewiseScroll: ScrollTools | undefined;
  var sharewisePane: PaneTools | undefined;
  var sharewiseSnapshot: SnapshotTools | undefined;
}
