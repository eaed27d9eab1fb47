/**
 * The guide: calm steps, by what the person answers. It works without the program and without the
 * internet. Nothing is written anywhere: answers live in this page's memory and end with it.
 *
 * It is made for the add-on's own window: that one is no visit, so no history holds it (measured in
 * Chromium 156 and Firefox ESR 153). A tab leaves a row in Chromium's; erasing it would need the
 * permission "history", whose warning says that we read everything the person visits. So the page
 * says it instead, and the tab is only opened by whoever chooses it.
 */

import { byId, make } from "../shared/dom.js";
import { fillWords, words } from "../shared/words.js";
import { audienceOf, partsFor } from "./guide/branch.js";
import {
  contactsFor,
  countriesOf,
  dayInWords,
  drawContact,
  emergencyOf,
} from "./guide/contacts.js";
import { drawPart } from "./guide/parts.js";
import { leaver, leaveOnShift } from "./guide/quick_exit.js";

/** @typedef {import("./guide/branch.js").Answers} Answers */
/** @typedef {import("./guide/branch.js").Reply} Reply */
/** @typedef {import("./guide/data.js").Plan} Plan */
/** @typedef {import("./guide/data.js").Contact} Contact */
/** @typedef {import("./guide/data.js").Emergency} Emergency */

/** The questions after the first one, each with the words of its replies. */
/** @type {[Exclude<keyof Answers, "device">, Reply[]][]} */
const QUESTIONS = [
  ["danger", ["yes", "no"]],
  ["minor", ["no", "yes", "unsure"]],
  ["posted", ["no", "yes", "unsure"]],
  ["known", ["no", "yes", "unsure"]],
];
const SCREENS = ["screen-safety", "screen-questions", "screen-steps"];

const isPopup = new URLSearchParams(location.search).get("in") === "popup";
const leave = leaver({ window, isPopup });
const country = /** @type {HTMLSelectElement} */ (byId("country"));
/** @type {Answers} */
let answers = noAnswers();

// First of all, before anything is drawn or fetched: the way out.
byId("leave").addEventListener("click", leave);
leaveOnShift({ target: document, leave, now: () => performance.now() });

fillWords(document);
document.documentElement.dataset["in"] = isPopup ? "popup" : "tab";
byId("hides-where").textContent = words(isPopup ? "guide_hides_popup" : "guide_hides_tab");
byId("open-in-tab").hidden = !isPopup;
const language = document.documentElement.lang;
if (!language.startsWith("en")) sayItIsEnglish();
const data = await loadData();
drawCountries();
drawQuestions();
showEmergency();
for (const button of document.querySelectorAll("[data-device]")) {
  button.addEventListener("click", () => {
    answers = {
      ...noAnswers(),
      device: button.getAttribute("data-device") === "no" ? "no" : "yes",
    };
    byId("device-advice").hidden = answers.device === "no";
    show("screen-questions");
  });
}
byId("questions").addEventListener("submit", (event) => {
  event.preventDefault();
  readAnswers();
  drawSteps();
  show("screen-steps");
});
country.addEventListener("change", () => {
  showEmergency();
  drawContacts();
});
byId("print").addEventListener("click", () => window.print());
byId("again").addEventListener("click", () => {
  answers = noAnswers();
  drawQuestions();
  show("screen-safety");
});
byId("screen-steps").addEventListener("click", openLinkedPart);
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.part")) {
    /** @type {HTMLDetailsElement} */ (part).open = true;
  }
});

/** @returns {Answers} */
function noAnswers() {
  return {
    device: "unsure",
    danger: "unsure",
    minor: "unsure",
    posted: "unsure",
    known: "unsure",
  };
}

/** The steps and contacts are in English so far: said, and read aloud and laid out as English. */
function sayItIsEnglish() {
  byId("in-english").hidden = false;
  for (const id of ["opening-title", "opening", "parts", "contacts", "closing"]) {
    byId(id).lang = "en";
    byId(id).dir = "ltr";
  }
}

/** Files of the add-on itself: nothing is asked of the network. */
async function loadData() {
  const [plan, emergency, { contacts }] = await Promise.all(
    ["plan.en.json", "emergency.json", "contacts.en.json"].map(async (name) => {
      const response = await fetch(`guide/${name}`);
      return response.json();
    }),
  );
  return {
    plan: /** @type {Plan} */ (plan),
    emergency: /** @type {Emergency} */ (emergency),
    contacts: /** @type {Contact[]} */ (contacts),
  };
}

/** @param {string} screen */
function show(screen) {
  for (const id of SCREENS) byId(id).hidden = id !== screen;
  window.scrollTo(0, 0);
  const title = byId(screen).querySelector("h1");
  title?.focus();
}

function drawCountries() {
  const countries = countriesOf(data.contacts, data.emergency, language);
  country.replaceChildren(
    make("option", { value: "" }, words("guide_country_choose")),
    ...countries.map(({ code, name }) => make("option", { value: code }, name)),
    make("option", { value: "other" }, words("guide_country_other")),
  );
}

/** The number stays in sight; where we do not know it, the page says how to find it. */
function showEmergency() {
  const found = emergencyOf(data.emergency, country.value);
  const isChosen = country.value !== "";
  byId("emergency-now").textContent = found
    ? words("guide_emergency", found.number)
    : words(isChosen ? "guide_emergency_unknown" : "guide_emergency_choose");
  const checked = dayInWords(data.emergency.checked, language);
  if (found) {
    byId("emergency-note").textContent = found.is_verified
      ? words("guide_checked", checked)
      : words("guide_emergency_unverified", checked);
  } else {
    byId("emergency-note").textContent = isChosen ? words("guide_emergency_elsewhere") : "";
  }
}

function drawQuestions() {
  const questions = QUESTIONS.map(([name, replies]) => {
    const options = replies.map((reply) => {
      const input = make("input", { type: "radio", name, value: reply });
      return make("label", {}, input, make("span", {}, words(`guide_${name}_${reply}`)));
    });
    const legend = make("legend", {}, words(`guide_${name}`));
    return make("fieldset", {}, legend, make("div", { class: "replies" }, ...options));
  });
  byId("questions").replaceChildren(
    ...questions,
    make("button", { type: "submit", class: "main-button" }, words("guide_show_steps")),
    make("p", { class: "small" }, words("guide_skip")),
  );
}

function readAnswers() {
  const form = new FormData(/** @type {HTMLFormElement} */ (byId("questions")));
  for (const [name] of QUESTIONS) {
    const reply = form.get(name);
    answers[name] = reply === "yes" || reply === "no" ? reply : "unsure";
  }
}

function drawSteps() {
  const { plan } = data;
  const audience = audienceOf(answers);
  const parts = new Map([...plan.steps, ...plan.sections].map((part) => [part.id, part]));
  const stepIds = plan.steps.map(({ id }) => id);
  byId("opening-title").textContent = plan.opening.title;
  byId("opening").replaceChildren(...plan.opening.text.map((text) => make("p", {}, text)));
  const drawn = partsFor(answers).flatMap((id, index) => {
    const part = parts.get(id);
    const step = stepIds.indexOf(id);
    const number = step < 0 ? null : step + 1;
    return part ? [drawPart(part, { audience, number, isOpen: index === 0 })] : [];
  });
  byId("parts").replaceChildren(...drawn);
  byId("closing").textContent = plan.closing;
  drawContacts();
}

function drawContacts() {
  const chosen = contactsFor(data.contacts, country.value, audienceOf(answers));
  byId("contacts").replaceChildren(...chosen.map((contact) => drawContact(contact, language)));
  byId("contacts-none").hidden = country.value !== "";
}

/** @param {MouseEvent} event a link from one part to another, which may be folded or not there */
function openLinkedPart(event) {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  if (!link) return;
  event.preventDefault();
  const id = link.getAttribute("href")?.slice(1) ?? "";
  if (!document.getElementById(id)) addPart(id);
  const part = /** @type {HTMLDetailsElement | null} */ (document.getElementById(id));
  if (!part) return;
  part.open = true;
  part.scrollIntoView();
  part.querySelector("summary")?.focus();
}

/** @param {string} id of a part that the answers left out */
function addPart(id) {
  const part = data.plan.sections.find((section) => section.id === id);
  if (!part) return;
  byId("parts").append(
    drawPart(part, { audience: audienceOf(answers), number: null, isOpen: true }),
  );
}
