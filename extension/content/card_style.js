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
  --on-accent: light-dark(#ffffff, #06261f);
  --accent-soft: light-dark(#e2f1ed, #1f3a35);
  --warm: light-dark(#9a4a07, #f6bd72);
  --warm-soft: light-dark(#fdf0dd, #40311c);
  box-sizing: border-box;
  width: min(432px, calc(100vw - 32px));
  max-height: min(736px, calc(100dvh - 32px));
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
}
dialog[open] { display: flex; flex-direction: column; }
.main {
  flex: 0 1 auto;
  min-height: 0;
  overflow: hidden auto;
  overscroll-behavior: contain;
  scrollbar-width: thin;
}
.main:focus-visible { outline: 2px solid var(--accent); outline-offset: -3px; border-radius: 18px; }
dialog::backdrop { background: rgb(15 18 20 / 52%); }
* { box-sizing: border-box; margin: 0; }
h1, p, ul, li, dl, dt, dd { padding: 0; font: inherit; list-style: none; }
.picture {
  display: flex;
  height: 176px;
  background: var(--raised);
  border-block-end: 1px solid var(--line);
}
.picture canvas { display: block; width: 100%; height: 100%; }
.strip { display: flex; gap: 2px; height: 104px; }
.cell { flex: 1 1 0; min-width: 0; height: 100%; display: grid; place-items: center; }
.cell canvas { object-fit: cover; }
.strip .cell { background: var(--raised); }
.rest {
  flex: 0 0 72px;
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
.name { font-weight: 550; line-height: 1.35; }
.row .line { color: var(--quiet); font-size: 0.9333em; line-height: 1.35; }
.row .line::first-letter { text-transform: uppercase; }
.files { margin-block-start: 18px; display: grid; gap: 12.8px; }
.files:empty { display: none; }
.choices {
  position: relative;
  flex: none;
  display: grid;
  grid-template-columns: 1fr 1fr;
  gap: 8px;
  padding: 14px 24px;
  background: var(--surface);
}
.choices::before {
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
  .choices { padding-inline: 18px; }
  .picture { height: 144px; }
}
@media (max-width: 19rem) {
  .choices { grid-template-columns: 1fr; }
}
@media (max-height: 34rem) {
  .picture { height: 96px; }
  dialog { overflow: hidden auto; }
  .main, .choices, .foot { overflow: visible; flex: none; }
}
@media (max-height: 24rem) {
  .picture { display: none; }
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
  .choices::before { display: none; }
  .mark { border: 1px solid CanvasText; }
}
`;
