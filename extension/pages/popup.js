/** The popup: how the program is, the two things one comes for, and what is being watched. */

import { ask } from "../shared/ask.js";
import { byId, make } from "../shared/dom.js";
import { Failure } from "../shared/failure.js";
import { originOf, siteName } from "../shared/sharing.js";
import { fillWords, words, wordsForFailure } from "../shared/words.js";
import { showAccess } from "./popup/access.js";
import { SavingView } from "./popup/saving.js";
import { showSite } from "./popup/site.js";
import { showUnchecked } from "./popup/unchecked.js";

/** @typedef {import("../generated/wire.js").DaemonStatusResult} DaemonStatus */
/** @typedef {import("../generated/wire.js").FolderState} FolderState */

/** What a person types to mend it; the same everywhere, so not for translation. */
/** @type {ReadonlyMap<string, string>} */
const COMMANDS = new Map([
  ["host_missing", "python3 installers"],
  ["host_forbidden", "sharewise-host register"],
  ["caller_refused", "sharewise-host register"],
  ["protocol_mismatch", "python3 installers"],
]);
const REPAIR = "sharewise doctor";
/** Until then nothing is said of the connection: most often it is there by then. */
const PATIENCE_MS = 400;
const pauseButton = /** @type {HTMLButtonElement} */ (byId("watching-pause"));
const saving = new SavingView();
let isPaused = false;

fillWords(document);
byId("daemon-retry").addEventListener("click", () => void showDaemon());
byId("daemon-help-copy").addEventListener("click", () => void copyCommand());
pauseButton.addEventListener("click", () => void togglePause());
void showDaemon();
void showShortcut();
void saving.start();
void showAccess();
void showTabAndToday();

async function showDaemon() {
  let isConnected = false;
  const patience = setTimeout(() => showState("looking"), PATIENCE_MS);
  try {
    const status = await ask("daemon.status", {});
    isConnected = showVault(status.vault_problem ?? null);
    byId("daemon-help").hidden = true;
    showState(status.is_watching_paused ? "paused" : "ready");
    showWatching(status.is_watching_paused, status.folders);
  } catch (thrown) {
    showDaemonHelp(Failure.from(thrown).code);
  } finally {
    clearTimeout(patience);
    saving.setConnected(isConnected);
  }
}

/**
 * @param {string | null} problem why nothing can be sealed, if so
 * @returns {boolean} whether it can
 */
function showVault(problem) {
  byId("vault-problem").hidden = problem === null;
  if (problem === "busy") byId("vault-problem").textContent = words("popup_vault_held");
  else if (problem !== null) byId("vault-problem").textContent = wordsForFailure(problem);
  return problem === null;
}

/** @param {"looking" | "ready" | "paused" | "away" | "missing"} state */
function showState(state) {
  byId("daemon-state").dataset["state"] = state === "missing" ? "away" : state;
  byId("daemon-state").textContent = words(`popup_state_${state}`);
}

/** @param {string} code */
function showDaemonHelp(code) {
  showState(code === "host_missing" ? "missing" : "away");
  byId("watching").hidden = true;
  byId("daemon-help").hidden = false;
  byId("daemon-help-title").textContent = words(
    code === "host_missing" ? "popup_missing_title" : "popup_away_title",
  );
  byId("daemon-help-text").textContent = wordsForFailure(code);
  byId("daemon-help-command").textContent = COMMANDS.get(code) ?? REPAIR;
}

/**
 * @param {boolean} isPausedNow
 * @param {readonly FolderState[]} folders
 */
function showWatching(isPausedNow, folders) {
  isPaused = isPausedNow;
  const watched = folders.filter(({ mode }) => mode !== "off");
  const others = folders.length - watched.length;
  byId("watching").hidden = false;
  byId("watching-failed").hidden = true;
  byId("folders").replaceChildren(...watched.map(folderLine));
  byId("watching-none").hidden = watched.length > 0;
  byId("watching-none").textContent =
    others > 0 ? words("popup_folders_found", others) : words("popup_no_folders");
  byId("watching-paused").hidden = !isPaused || watched.length === 0;
  pauseButton.hidden = watched.length === 0;
  pauseButton.textContent = words(isPaused ? "popup_go_on" : "popup_pause");
  showToday(watched);
}

/** @param {FolderState} folder */
function folderLine({ path, provider, mode, is_reachable, private_count, cleaned_count }) {
  const name = path.split(/[/\\]/).findLast((segment) => segment !== "") ?? path;
  const counts = [];
  if (provider !== "folder") counts.push(provider);
  if (cleaned_count > 0) counts.push(words("popup_cleaned", cleaned_count));
  if (private_count > 0) counts.push(words("popup_private", private_count));
  const line = make(
    "li",
    { class: "folder", title: path },
    make("span", { class: "folder-name", dir: "auto" }, name),
    is_reachable
      ? make("span", { class: "folder-mode" }, words(`popup_mode_${mode}`))
      : make("span", { class: "folder-mode folder-away" }, words("popup_unreachable")),
  );
  if (counts.length > 0) line.append(make("span", { class: "folder-counts" }, counts.join(" · ")));
  return line;
}

/** @param {readonly FolderState[]} folders */
function showToday(folders) {
  const cleaned = folders.reduce((sum, { cleaned_count }) => sum + cleaned_count, 0);
  byId("today").hidden = cleaned === 0;
  byId("today").textContent = words("popup_cleaned_total", cleaned);
}

async function togglePause() {
  pauseButton.disabled = true;
  try {
    const { is_paused, folders } = await ask("watch.pause", { is_paused: !isPaused });
    showState(is_paused ? "paused" : "ready");
    showWatching(is_paused, folders);
  } catch (thrown) {
    byId("watching-failed").hidden = false;
    byId("watching-failed").textContent = wordsForFailure(Failure.from(thrown).code);
  } finally {
    pauseButton.disabled = false;
  }
}

async function copyCommand() {
  await navigator.clipboard.writeText(byId("daemon-help-command").textContent ?? "");
  byId("told").textContent = words("popup_copied");
  byId("daemon-help-copy").textContent = words("popup_copied");
}

async function showTabAndToday() {
  const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
  const origin = originOf(tab?.url);
  if (origin !== null) await showSite(origin, siteName(origin));
  if (origin !== null && tab?.id !== undefined) void showUnchecked(tab.id);
  const { today } = await ask("sharing.overview", {});
  byId("shared-today").hidden = today.found === 0;
  byId("shared-today").textContent = words("popup_today", today.found, today.cleaned);
}

async function showShortcut() {
  const commands = await chrome.commands.getAll();
  const keys = commands.find(({ name }) => name === "capture")?.shortcut;
  byId("save-keys").hidden = !keys;
  byId("save-keys").textContent = keys ?? "";
}
