/** The popup: how the program is, the two things one comes for, and what is being watched. */

import { ask } from "../shared/ask.js";
import { byId, make } from "../shared/dom.js";
import { Failure } from "../shared/failure.js";
import { SAVING_KEY } from "../shared/saving.js";
import { fillWords, words, wordsForFailure } from "../shared/words.js";

/** @typedef {import("../generated/wire.js").DaemonStatusResult} DaemonStatus */
/** @typedef {import("../generated/wire.js").FolderState} FolderState */
/** @typedef {import("../shared/saving.js").SavingState} SavingState */

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
/** Share of the whole that is done when a step begins; the full page takes longest. */
/** @type {ReadonlyMap<string, [number, number]>} */
const SHARES = new Map([
  ["prepare", [0, 3]],
  ["window", [3, 6]],
  ["frames", [6, 60]],
  ["full_page", [6, 80]],
  ["mhtml", [80, 86]],
  ["snapshot", [86, 92]],
  ["text", [92, 94]],
  ["seal", [94, 100]],
]);

const saveButton = /** @type {HTMLButtonElement} */ (byId("save"));
const pauseButton = /** @type {HTMLButtonElement} */ (byId("watching-pause"));
const savingProgress = /** @type {HTMLProgressElement} */ (byId("saving-progress"));
let isConnected = false;
let isPaused = false;

fillWords(document);
saveButton.addEventListener("click", () => void save());
byId("saving-stop").addEventListener("click", () => void ask("saving.stop", {}));
byId("saved-dismiss").addEventListener("click", () => void dismiss());
byId("daemon-retry").addEventListener("click", () => void showDaemon());
pauseButton.addEventListener("click", () => void togglePause());
chrome.storage.session.onChanged.addListener((changes) => {
  const change = changes[SAVING_KEY];
  if (change) showSaving(/** @type {SavingState | undefined} */ (change.newValue));
});
void showDaemon();
void showShortcut();
void showStoredSaving();

async function showDaemon() {
  const patience = setTimeout(() => showState("looking"), PATIENCE_MS);
  try {
    const status = await ask("daemon.status", {});
    isConnected = true;
    byId("daemon-help").hidden = true;
    showState(status.is_watching_paused ? "paused" : "ready");
    showWatching(status.is_watching_paused, status.folders);
  } catch (thrown) {
    isConnected = false;
    showDaemonHelp(Failure.from(thrown).code);
  } finally {
    clearTimeout(patience);
    saveButton.disabled = !isConnected;
  }
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

async function save() {
  saveButton.disabled = true;
  try {
    showSaving(await ask("saving.start", {}));
    byId("saving-title").focus();
  } catch (thrown) {
    showSaving({ state: "failed", code: Failure.from(thrown).code });
  }
}

async function dismiss() {
  showSaving(undefined);
  saveButton.focus();
  await ask("saving.dismiss", {});
}

async function showStoredSaving() {
  const found = await chrome.storage.session.get(SAVING_KEY);
  showSaving(/** @type {SavingState | undefined} */ (found[SAVING_KEY]));
}

/** @param {SavingState | undefined} saving */
function showSaving(saving) {
  const isRunning = saving?.state === "running";
  saveButton.hidden = isRunning;
  saveButton.disabled = isRunning || !isConnected;
  byId("saving").hidden = !isRunning;
  byId("saved").hidden = saving === undefined || isRunning;
  if (saving === undefined) return;
  if (saving.state === "running") showRunning(saving);
  else if (saving.state === "sealed") showSealed(saving.sealed);
  else showFailed(saving.code);
  byId("told").textContent = isRunning ? "" : byId("saved-title").textContent;
}

/** @param {import("../shared/saving.js").Running} running */
function showRunning({ step, done, total }) {
  byId("saving-title").textContent = words("popup_saving");
  const [from, to] = SHARES.get(step) ?? [0, 0];
  const value = from + (total > 0 ? (done / total) * (to - from) : 0);
  // A page may need one of two long steps or both: the bar never goes back.
  savingProgress.value = step === "prepare" ? value : Math.max(savingProgress.value, value);
  byId("saving-step").textContent = words(`popup_step_${step}`);
}

/** @param {import("../generated/wire.js").CaptureSealed} sealed */
function showSealed({ missing, size_bytes, sealed_at_utc }) {
  byId("saved").dataset["state"] = "sealed";
  byId("saved-title").textContent = words("popup_sealed");
  const time = new Date(sealed_at_utc).toLocaleTimeString([], { timeStyle: "short" });
  byId("saved-text").textContent = words("popup_sealed_text", megabytes(size_bytes), time);
  byId("saved-missing").hidden = missing.length === 0;
  byId("saved-missing-title").textContent = words("popup_missing_parts", missing.length);
  byId("saved-missing-list").replaceChildren(
    ...missing.map(({ name, why }) => make("li", {}, `${name}: ${why}`)),
  );
}

/** @param {string} code */
function showFailed(code) {
  byId("saved").dataset["state"] = "failed";
  byId("saved-title").textContent = words("popup_not_saved");
  byId("saved-text").textContent = wordsForFailure(code);
  byId("saved-missing").hidden = true;
}

/** @param {number} bytes */
function megabytes(bytes) {
  const format = new Intl.NumberFormat([], {
    style: "unit",
    unit: "megabyte",
    maximumFractionDigits: 1,
  });
  return format.format(Math.max(bytes / 1e6, 0.1));
}

async function showShortcut() {
  const commands = await chrome.commands.getAll();
  const keys = commands.find(({ name }) => name === "capture")?.shortcut;
  byId("save-keys").hidden = !keys;
  byId("save-keys").textContent = keys ?? "";
}
