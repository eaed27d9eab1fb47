/** A case as one file for the police, a lawyer or an advocate. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";
import { readWhole } from "./pictures.js";

const form = /** @type {HTMLFormElement} */ (byId("export-form"));
const recipient = /** @type {HTMLInputElement} */ (byId("export-recipient"));
const blur = /** @type {HTMLInputElement} */ (byId("export-blur"));
const originals = /** @type {HTMLInputElement} */ (byId("export-originals"));
const progress = /** @type {HTMLProgressElement} */ (byId("export-progress"));

/** @param {string} caseId @param {(thrown: unknown) => void} fail */
export function showExport(caseId, fail) {
  form.reset();
  form.hidden = false;
  progress.hidden = true;
  byId("export-done").hidden = true;
  form.onsubmit = (event) => {
    event.preventDefault();
    setBusy(true);
    exportCase(caseId)
      .catch(fail)
      .finally(() => setBusy(false));
  };
}

/** @param {boolean} isBusy */
function setBusy(isBusy) {
  progress.hidden = !isBusy;
  progress.removeAttribute("value");
  for (const button of form.querySelectorAll("button")) button.disabled = isBusy;
}

/** @param {string} caseId */
async function exportCase(caseId) {
  const to = recipient.value.trim();
  const made = await ask("export.make", {
    case_id: caseId,
    blur_pictures: blur.checked,
    include_originals: originals.checked,
    recipient: to === "" ? null : to,
  });
  try {
    const { export_id } = made;
    const file = await readWhole(
      (offset) => ask("export.read", { export_id, offset }),
      "application/octet-stream",
      (share) => {
        progress.value = share;
      },
    );
    saveAs(file, made.name);
  } finally {
    await ask("export.close", { export_id: made.export_id }).catch(() => undefined);
  }
  byId("export-key").textContent = made.key_fingerprint;
  byId("export-hash").textContent = made.sha256;
  byId("export-stamp").hidden = (made.stamp ?? "off") === "off";
  byId("export-stamp").textContent = words(
    made.stamp === "stamped" ? "evidence_export_stamped" : "evidence_export_not_stamped",
  );
  form.hidden = true;
  byId("export-done").hidden = false;
  byId("export-done").querySelector("h2")?.focus();
}

/**
 * @param {Blob} file
 * @param {string} name
 */
function saveAs(file, name) {
  const url = URL.createObjectURL(file);
  make("a", { href: url, download: name }).click();
  // The browser has begun to write it long before.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
