/** Types of the scripts that run in the page's own realm. */

/** What a hook does in the place of a native. */
export type Trap = (native: Function, self: any, given: any[]) => unknown;

/** A window, of the page or of a frame that it reaches. */
export type Realm = any;
