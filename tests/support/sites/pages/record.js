// What the page saw of its files, for a test to read: `seen` in order, `sent` when it was uploaded.
"use strict";

/* exported watch, sendForm, sendRaw, sendXhr */

const seen = [];
const sent = [];

const describe = (file) => ({
  name: file.name,
  type: file.type,
  size: file.size,
  last_modified: file.lastModified,
  path: file.webkitRelativePath,
});

/** The types and texts of a drop or paste, and its items, as a page is shown them. */
function carried({ dataTransfer, clipboardData }) {
  const given = dataTransfer ?? clipboardData;
  if (!given) return [];
  const words = [...given.types].map((type) =>
    type === "Files" ? type : `${type}: ${given.getData(type)}`,
  );
  return [...words, ...[...given.items].map(({ kind, type }) => `${kind} ${type}`)];
}

function note(event, files) {
  seen.push({
    type: event.type,
    carried: carried(event),
    is_composed: event.composed,
    bubbles: event.bubbles,
    files: [...files].map(describe),
  });
}

function watch(input) {
  for (const type of ["input", "change", "cancel"]) {
    input.addEventListener(type, (event) => note(event, input.files));
  }
}

async function sendForm(files) {
  const form = new FormData();
  for (const file of files) form.append("photo", file);
  const answer = await fetch("/upload", { method: "POST", body: form });
  sent.push(...(await answer.json()));
}

async function sendRaw(file) {
  const answer = await fetch(`/raw?name=${encodeURIComponent(file.name)}`, {
    method: "POST",
    body: file,
    headers: { "Content-Type": file.type || "application/octet-stream" },
  });
  sent.push(...(await answer.json()));
}

function sendXhr(files) {
  const form = new FormData();
  for (const file of files) form.append("photo", file);
  const request = new XMLHttpRequest();
  request.responseType = "json";
  request.addEventListener("load", () => sent.push(...request.response));
  request.open("POST", "/upload");
  request.send(form);
}
