/** A package from somebody else is checked: what is wrong, what is proved, what is not. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";
import { handIn } from "./intake.js";

/** @typedef {import("../../generated/wire.js").PackageVerifyResult} PackageVerifyResult */

const progress = /** @type {HTMLProgressElement} */ (byId("check-progress"));
const chosen = /** @type {HTMLInputElement} */ (byId("check-file"));
const key = /** @type {HTMLInputElement} */ (byId("check-key"));

/** @param {(thrown: unknown) => void} fail */
export function setUpCheck(fail) {
  const drop = byId("check-drop");
  /** @param {File | undefined | null} file */
  const begin = (file) => {
    if (file) check(file).catch(fail);
  };
  chosen.addEventListener("change", () => begin(chosen.files?.[0]));
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.dataset["over"] = "yes";
  });
  drop.addEventListener("dragleave", () => delete drop.dataset["over"]);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    delete drop.dataset["over"];
    begin(event.dataTransfer?.files[0]);
  });
}

/** @param {File} file */
async function check(file) {
  const result = byId("check-result");
  result.hidden = true;
  progress.hidden = false;
  progress.value = 0;
  try {
    const expected = key.value.replace(/[\s:]/g, "").toLowerCase();
    const found = await handIn(file, tell, (intake_id) => {
      progress.removeAttribute("value");
      return ask("package.verify", { intake_id, expected_key: expected === "" ? null : expected });
    });
    draw(result, found);
  } finally {
    progress.hidden = true;
    chosen.value = "";
  }
}

/** @param {number} share */
function tell(share) {
  progress.value = share;
}

/**
 * @param {HTMLElement} place
 * @param {PackageVerifyResult} found
 */
function draw(place, found) {
  const { is_verified, problems, problem_count, proved, limits, signed_by } = found;
  const title = words(is_verified ? "evidence_check_good" : "evidence_check_bad", problem_count);
  place.replaceChildren(make("h2", { tabindex: "-1" }, title));
  place.dataset["state"] = is_verified ? "good" : "bad";
  if (problems.length > 0) {
    place.append(
      make(
        "ul",
        { class: "problems" },
        ...problems.map(({ member, meaning }) =>
          make("li", {}, make("code", { dir: "ltr" }, member), " ", meaning),
        ),
      ),
    );
  }
  for (const [titleKey, lines] of /** @type {[string, string[]][]} */ ([
    ["evidence_check_proved", proved],
    ["evidence_check_limits", limits],
  ])) {
    if (lines.length === 0) continue;
    place.append(
      make("h3", {}, words(titleKey)),
      make("ul", {}, ...lines.map((line) => make("li", {}, line))),
    );
  }
  if (signed_by !== null) {
    place.append(
      make("h3", {}, words("evidence_check_signed")),
      make("p", {}, make("code", { dir: "ltr" }, signed_by)),
    );
  }
  place.hidden = false;
  place.querySelector("h2")?.focus();
}
