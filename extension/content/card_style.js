/* exported sharewiseCardStyle */

/**
 * How the card looks; one sheet, adopted by its closed shadow root. No rem: the page sets that.
 */
const sharewiseCardStyle = `
:host {
  all: initial !important;
  display: block !important;
  position: fixed !important;
  inset: 0 auto auto 0 !important;
  width: 0 !important;
  height: 0 !important;
  color-scheme: light dark !important;
}
dialog {
  --surface: light-dark(#ffffff, #1d2025);
  --raised: light-dark(#f5f6f4, #272b31);
  --line: light-dark(#e4e6e1, #363b43);
  --text: light-dark(#1a1d1f, #eef0f1);
  --quiet: light-dark(#565d61, #a9b1b8);
  --accent: light-dark(#0e6654, #62d6b9);
  --accent-strong: light-dark(#0a5344, #7fe3ca);
  --accent-ink: light-dark(#0a4a3c, #b9efe1);
  --on-accent: light-dark(#ffffff, #06261f);
  --accent-soft: light-dark(#e2f1ed, #1f3a35);
  --warm: light-dark(#9a4a07, #f6bd72);
  --water: light-dark(#d3e3ea, #14222a);
  --land: light-dark(#fbfaf5, #323a3d);
  --border: light-dark(#c6bfae, #566066);
  --warm-soft: light-dark(#fdf0dd, #40311c);
  box-sizing: border-box;
  width: min(432px, calc(100vw - 32px));
  max-height: min(800px, calc(100dvh - 32px));
  margin: auto;
  padding: 0;
  overflow: hidden;
  overscroll-behavior: contain;
  border: 1px solid var(--line);
  border-radius: 20px;
  outline: none;
  background: var(--surface);
  color: var(--text);
  box-shadow: 0 1px 2px rgb(0 0 0 / 8%), 0 24px 64px -12px rgb(0 0 0 / 34%);
  font: 400 0.9375em/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  text-align: start;
  cursor: default;
  scrollbar-width: thin;
  scrollbar-color: var(--line) transparent;
}
dialog[open] { display: flex; flex-direction: column; }
.main {
  flex: 0 1 auto;
  min-height: 0;
  overflow: hidden auto;
  overscroll-behavior: contain;
  scrollbar-width: thin;
  scrollbar-color: var(--line) transparent;
}
.main:focus-visible { outline: 2px solid var(--accent); outline-offset: -3px; border-radius: 18px; }
dialog::backdrop { background: rgb(15 18 20 / 52%); }
* { box-sizing: border-box; margin: 0; }
h1, p, ul, li, dl, dt, dd { padding: 0; font: inherit; list-style: none; }
.top {
  display: flex;
  gap: 2px;
  height: 176px;
  background: var(--line);
  border-block-end: 1px solid var(--line);
}
.picture { flex: 1 1 0; min-width: 0; display: flex; background: var(--raised); }
.picture canvas { display: block; width: 100%; height: 100%; object-fit: cover; }
.strip { gap: 2px; background: var(--line); }
.top:has(.strip) { height: 112px; }
.cell {
  flex: 1 1 0;
  min-width: 0;
  height: 100%;
  display: grid;
  grid-template-rows: minmax(0, 1fr);
  place-items: center;
}
.strip .cell { background: var(--raised); }
.where-map { flex: 0 0 50%; min-width: 0; overflow: hidden; background: var(--water); }
.top:has(.strip) .where-map { flex-basis: 42%; }
.map { display: block; width: 100%; height: 100%; }
.land { fill: var(--land); }
.borders { fill: none; stroke: var(--border); stroke-width: 1; stroke-linejoin: round; }
.dot { fill: var(--warm); stroke: var(--surface); stroke-width: 2; }
.halo { fill: var(--warm); opacity: 0.2; }
.town {
  fill: var(--text);
  stroke: var(--land);
  stroke-width: 3px;
  paint-order: stroke;
  font-size: 12px;
  font-weight: 650;
}
.rest {
  flex: 0 0 56px;
  background: var(--raised);
  display: grid;
  place-items: center;
  color: var(--quiet);
  font-weight: 600;
}
.body { padding: 22px 24px 12px; }
h1 {
  font-size: 1.4em;
  font-weight: 650;
  line-height: 1.25;
  letter-spacing: -0.012em;
  text-wrap: balance;
  overflow-wrap: anywhere;
}
.caption { margin-block-start: 4.8px; color: var(--quiet); font-size: 0.8667em; }
.top:empty, .caption:empty { display: none; }
.caption, .name { overflow-wrap: anywhere; }
.note { margin-block-start: 14px; color: var(--text); }
.note:empty { display: none; }
.facts { margin-block-start: 18px; display: grid; gap: 14px; }
.facts:empty { display: none; }
.fact { display: grid; grid-template-columns: 36px 1fr; column-gap: 14px; align-items: start; }
.mark {
  display: grid;
  place-items: center;
  width: 36px;
  height: 36px;
  border-radius: 50%;
  background: var(--accent-soft);
  color: var(--accent);
}
.mark.where, .mark.hidden, .mark.doubt { background: var(--warm-soft); color: var(--warm); }
.mark.wait, .mark.picture { background: var(--raised); color: var(--quiet); }
.mark svg { width: 18px; height: 18px; }
.label { color: var(--quiet); font-size: 0.8667em; line-height: 1.3; }
.line { overflow-wrap: anywhere; }
.line.first { font-weight: 550; }
.line.more { color: var(--quiet); font-size: 0.9333em; }
.name { font-weight: 550; line-height: 1.35; text-align: start; }
.row .line { color: var(--quiet); font-size: 0.9333em; line-height: 1.35; }
.row .line::first-letter { text-transform: uppercase; }
.files { margin-block-start: 18px; display: grid; gap: 12.8px; }
.files:empty { display: none; }
.row { grid-template-columns: 36px minmax(0, 1fr) auto; align-items: center; }
.fates { grid-column: 2 / -1; display: flex; flex-wrap: wrap; gap: 6px; margin-block-start: 8px; }
button.fate, button.pill {
  min-height: 32px;
  padding: 4px 12px;
  border: 1px solid var(--line);
  border-radius: 16px;
  font-size: 0.8667em;
  font-weight: 550;
}
button.fate { display: flex; align-items: center; gap: 7px; color: var(--quiet); }
button.fate::after {
  content: "";
  width: 6px;
  height: 6px;
  margin-block-start: -3px;
  border: solid currentColor;
  border-width: 0 1.6px 1.6px 0;
  transform: rotate(45deg);
}
button.fate[aria-expanded="true"]::after { margin-block-start: 3px; transform: rotate(225deg); }
button.pill[aria-pressed="true"] {
  border-color: var(--accent);
  background: var(--accent-soft);
  color: var(--accent-ink);
}
progress {
  display: block;
  appearance: none;
  width: 100%;
  height: 6px;
  margin-block-start: 14px;
  border: 0;
  border-radius: 3px;
  overflow: hidden;
  background: var(--accent-soft);
  accent-color: var(--accent);
}
progress[hidden] { display: none; }
progress::-webkit-progress-bar { background: var(--accent-soft); }
progress::-webkit-progress-value { border-radius: 3px; background: var(--accent); }
progress::-moz-progress-bar { border-radius: 3px; background: var(--accent); }
.checks, .choices { position: relative; flex: none; background: var(--surface); }
.checks { display: grid; padding: 8px 24px 0; }
.checks:empty { display: none; }
button.check {
  display: grid;
  grid-template-columns: 22px minmax(0, 1fr);
  gap: 12px;
  align-items: center;
  min-height: 40px;
  margin-inline: -8px;
  padding: 6px 8px 6px 15px;
  font-size: 0.9333em;
  font-weight: 450;
  text-align: start;
  overflow-wrap: anywhere;
}
dialog[dir="rtl"] button.check { padding: 6px 15px 6px 8px; }
.box {
  display: grid;
  place-items: center;
  width: 22px;
  height: 22px;
  border: 1.6px solid var(--quiet);
  border-radius: 6px;
}
.box svg { width: 16px; height: 16px; visibility: hidden; }
.check[aria-checked="true"] .box {
  border-color: var(--accent);
  background: var(--accent);
  color: var(--on-accent);
}
.check[aria-checked="true"] .box svg { visibility: visible; }
.choices {
  display: grid;
  grid-template-columns: 1fr 1fr;
  gap: 8px;
  padding: 14px 24px;
}
.checks:not(:empty) + .choices { padding-block-start: 8px; }
.checks::before, .checks:empty + .choices::before {
  content: "";
  position: absolute;
  inset: -20px 0 100%;
  background: linear-gradient(to top, var(--surface), transparent);
  pointer-events: none;
}
button {
  min-height: 46px;
  padding: 9px 10px;
  border: 1px solid transparent;
  border-radius: 12px;
  background: transparent;
  color: var(--text);
  font: inherit;
  font-weight: 550;
  line-height: 1.25;
  cursor: pointer;
  -webkit-tap-highlight-color: transparent;
}
button:hover { background: var(--raised); }
button.primary {
  grid-column: 1 / -1;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 620;
}
button.primary:hover { background: var(--accent-strong); }
button.only { grid-column: 1 / -1; }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dialog[aria-busy="true"] button.primary { opacity: 0.62; cursor: progress; }
.foot {
  flex: none;
  padding: 0 24px 18px;
  color: var(--quiet);
  font-size: 0.8em;
  text-align: center;
}
@media (max-width: 26rem) {
  dialog { width: calc(100vw - 16px); max-height: calc(100dvh - 16px); border-radius: 18px; }
  .body { padding-inline: 18px; }
  .checks, .choices { padding-inline: 18px; }
  .top { height: 144px; }
}
@media (max-width: 19rem) {
  .choices { grid-template-columns: 1fr; }
  .row { grid-template-columns: 36px minmax(0, 1fr); }
  .row .fate { grid-column: 2; justify-self: start; margin-block-start: 6px; }
}
@media (max-height: 46rem) {
  .top, .top:has(.strip) { height: 100px; }
}
@media (max-height: 34rem) {
  .top, .top:has(.strip) { height: 88px; }
  dialog { overflow: hidden auto; }
  .main, .checks, .choices, .foot { overflow: visible; flex: none; }
}
@media (max-height: 24rem) {
  .top, .top:has(.strip) { display: none; }
}
@media (prefers-reduced-motion: no-preference) {
  dialog[open] { animation: rise 180ms cubic-bezier(0.2, 0.7, 0.2, 1); }
  dialog[open]::backdrop { animation: dim 180ms ease-out; }
  button { transition: background-color 120ms ease-out; }
}
@keyframes rise { from { opacity: 0; transform: translateY(10px) scale(0.985); } }
@keyframes dim { from { opacity: 0; } }
@media (prefers-contrast: more) {
  dialog { --quiet: var(--text); --line: var(--text); }
  button { border-color: var(--text); }
}
@media (forced-colors: active) {
  button { border-color: ButtonText; }
  button.primary { forced-color-adjust: none; background: ButtonText; color: ButtonFace; }
  button:focus-visible { outline-color: Highlight; }
  .checks::before, .choices::before { display: none; }
  .mark, .box { border: 1px solid CanvasText; }
  button.pill[aria-pressed="true"] { border-width: 3px; }
}
`;
