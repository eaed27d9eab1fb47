// Ways in which pages take files and send them on: way.html?way=NAME or ?library=NAME.
"use strict";

/* global note, sendForm, sendRaw, sendXhr */

const root = document.getElementById("way");
const LOGGED = ["input", "change", "cancel", "drop", "dragleave", "paste", "submit"];

const filesOf = (event) =>
  event.dataTransfer?.files ?? event.clipboardData?.files ?? event.target?.files ?? [];
for (const type of LOGGED) {
  window.addEventListener(type, (event) => note(event, filesOf(event)), true);
}

const element = (name, fields = {}, ...inner) => {
  const made = Object.assign(document.createElement(name), fields);
  made.append(...inner);
  return made;
};
const field = (fields) => element("input", { type: "file", id: "target", ...fields });
const onPick = (input, send) => {
  input.addEventListener("change", () => {
    if (input.files.length > 0) send(input.files);
  });
  return input;
};
const formOf = (file) => {
  const made = new FormData();
  made.append("photo", file);
  return made;
};
const bytesToSend = (file) => new Uint8Array(file);
const form = (input, ...rest) => {
  root.append(
    element(
      "form",
      { action: "/upload", method: "post", enctype: "multipart/form-data", target: "sink" },
      input,
      ...rest,
    ),
    element("iframe", { name: "sink", hidden: true }),
  );
  return input;
};
const named = () => field({ name: "photo" });

async function sendParts([file]) {
  const size = 300;
  for (let at = 0; at < file.size; at += size) {
    const last = at + size >= file.size ? 1 : 0;
    const query = new URLSearchParams({ name: file.name, last });
    await fetch(`/part?${query}`, { method: "POST", body: file.slice(at, at + size) });
  }
}

function sendJson([file]) {
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    const body = JSON.stringify({ name: file.name, address: reader.result });
    fetch("/json", { method: "POST", body, headers: { "Content-Type": "application/json" } });
  });
  reader.readAsDataURL(file);
}

function sendByWorker([file]) {
  const script = `onmessage = ({ data }) => {
    fetch("${location.origin}/raw?name=w", { method: "POST", body: data });
  };`;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  worker.postMessage(file);
}

function sendBySocket([file]) {
  const socket = new WebSocket(`ws://${location.host}/socket`);
  socket.addEventListener("open", async () => socket.send(bytesToSend(await file.arrayBuffer())));
}

function button(open) {
  root.append(element("button", { id: "target", type: "button", onclick: open }, "Choose"));
}

/** A frame whose own script takes the file; what it saw comes by message. */
function frameOf(fields, sandbox) {
  const script = `
    const input = document.querySelector("input");
    for (const type of ["input", "change", "cancel"]) {
      input.addEventListener(type, (event) => {
        const files = [...input.files].map(({ name, type: kind }) => ({ name, type: kind }));
        (window.opener || parent).postMessage({ type: event.type, files }, "*");
      });
    }
    input.addEventListener("change", () => {
      if (!input.files.length) return;
      const form = new FormData();
      form.append("photo", input.files[0]);
      fetch("${location.origin}/upload", { method: "POST", body: form, mode: "no-cors" });
    });`;
  const html = `<!doctype html><title>x</title><input type="file"><script>${script}</${"script"}>`;
  const frame = element("iframe", { id: "target" });
  frame.style.cssText = "width: 300px; height: 60px";
  if (sandbox) frame.sandbox = sandbox;
  window.addEventListener("message", ({ data }) => {
    if (data?.files) note({ type: data.type }, data.files);
  });
  fields(frame, html);
  root.append(frame);
  return { frame, html };
}

const blobOf = (html) => URL.createObjectURL(new Blob([html], { type: "text/html" }));
const write = (target, html) => {
  target.open();
  target.write(html);
  target.close();
};

function zone(onDrop) {
  const place = element("div", { id: "target", className: "zone" }, "Drop here");
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    onDrop(event);
  });
  root.append(place);
}

function walk(entry) {
  if (entry.isFile) entry.file((file) => sendForm([file]));
  else entry.createReader().readEntries((inner) => inner.forEach(walk));
}

const WAYS = {
  form: () => form(named(), element("button", { id: "send" }, "Send")),
  "form-submit": () =>
    onPick(form(named()), () => HTMLFormElement.prototype.submit.call(document.forms[0])),
  "form-request-submit": () => onPick(form(named()), () => document.forms[0].requestSubmit()),
  "form-submit-at-once": () => {
    const input = form(named());
    let isDone = false;
    // Whatever happens first after the picker closes.
    for (const type of ["focus", "pointermove", "input", "change"]) {
      addEventListener(type, () => {
        if (isDone || input.files.length === 0) return;
        isDone = true;
        input.form.submit();
      });
    }
  },
  fetch: () => root.append(onPick(field(), (files) => sendForm(files))),
  "fetch-raw": () => root.append(onPick(field(), ([file]) => sendRaw(file))),
  xhr: () => root.append(onPick(field({ multiple: true }), sendXhr)),
  beacon: () =>
    root.append(onPick(field(), ([file]) => navigator.sendBeacon("/upload", formOf(file)))),
  websocket: () => root.append(onPick(field(), sendBySocket)),
  worker: () => root.append(onPick(field(), sendByWorker)),
  json: () => root.append(onPick(field(), sendJson)),
  parts: () => root.append(onPick(field(), sendParts)),
  polling: () => {
    const input = field();
    root.append(input);
    const timer = setInterval(() => {
      if (input.files.length === 0) return;
      clearInterval(timer);
      sendForm(input.files);
    }, 5);
  },
  "detached-listener": () =>
    button(() => {
      const input = onPick(field({ id: "" }), sendForm);
      for (const type of LOGGED) input.addEventListener(type, (event) => note(event, input.files));
      input.click();
    }),
  "detached-onchange": () =>
    button(() => {
      const input = field({ id: "" });
      input.onchange = (event) => {
        note(event, input.files);
        sendForm(input.files);
      };
      input.click();
    }),
  "detached-polling": () =>
    button(() => {
      const input = field({ id: "" });
      const timer = setInterval(() => {
        if (input.files.length === 0) return;
        clearInterval(timer);
        sendForm(input.files);
      }, 5);
      input.click();
    }),
  "shadow-open": () => shadow("open"),
  "shadow-closed": () => shadow("closed"),
  "folder-input": () => root.append(onPick(field({ webkitdirectory: true }), sendForm)),
  "frame-srcdoc": () => frameOf((frame, html) => Object.assign(frame, { srcdoc: html })),
  "frame-blob": () => frameOf((frame, html) => Object.assign(frame, { src: blobOf(html) })),
  "frame-data": () =>
    frameOf((frame, html) =>
      Object.assign(frame, { src: `data:text/html,${encodeURIComponent(html)}` }),
    ),
  "frame-sandboxed": () =>
    frameOf((frame, html) => Object.assign(frame, { srcdoc: html }), "allow-scripts"),
  "frame-cross-site": () =>
    frameOf((frame) => {
      const site = `${location.protocol}//localhost:${location.port}`;
      Object.assign(frame, { src: `${site}/framed.html?${encodeURIComponent(location.origin)}` });
    }),
  "frame-written": () => {
    const { frame, html } = frameOf(() => undefined);
    write(frame.contentDocument, html);
  },
  "frame-written-later": () => {
    const { frame, html } = frameOf(() => undefined);
    setTimeout(() => write(frame.contentDocument, html), 200);
  },
  drop: () => zone((event) => sendForm(event.dataTransfer.files)),
  "drop-items": () =>
    zone((event) => {
      const items = [...event.dataTransfer.items].filter(({ kind }) => kind === "file");
      sendForm(items.map((item) => item.getAsFile()));
    }),
  "drop-entries": () =>
    zone((event) => [...event.dataTransfer.items].forEach((item) => walk(item.webkitGetAsEntry()))),
  "drop-entries-poisoned": () => {
    // What a script that replaces natives would stumble over: each description inherits these.
    for (const name of ["set", "get"]) {
      Object.defineProperty(Object.prototype, name, { configurable: true, get: () => undefined });
    }
    WAYS["drop-entries"]();
  },
  "drop-handles": () =>
    zone(async (event) => {
      const [item] = event.dataTransfer.items;
      const handle = await item.getAsFileSystemHandle();
      sendForm([await handle.getFile()]);
    }),
  "drop-folder-handles": () =>
    zone(async (event) => {
      const folder = await event.dataTransfer.items[0].getAsFileSystemHandle();
      for await (const handle of folder.values()) sendForm([await handle.getFile()]);
    }),
  "drop-on-input": () => root.append(onPick(field(), sendForm)),
  paste: () => {
    const place = element("div", { id: "target", className: "zone", tabIndex: 0 }, "Paste here");
    place.addEventListener("paste", (event) => {
      event.preventDefault();
      sendForm(event.clipboardData.files);
    });
    root.append(place);
  },
  picker: () =>
    button(async () => {
      const [handle] = await window.showOpenFilePicker();
      sendForm([await handle.getFile()]);
    }),
  "folder-picker": () =>
    button(async () => {
      const folder = await window.showDirectoryPicker();
      for await (const handle of folder.values()) sendForm([await handle.getFile()]);
    }),
  "keep-handle": () =>
    zone(async (event) => {
      const handle = await event.dataTransfer.items[0].getAsFileSystemHandle();
      const request = indexedDB.open("handles");
      request.onupgradeneeded = () => request.result.createObjectStore("handles");
      request.onsuccess = () => {
        const done = request.result.transaction("handles", "readwrite");
        done.objectStore("handles").put(handle, "one");
        done.oncomplete = () => note({ type: "kept" }, []);
      };
    }),
};

function shadow(mode) {
  const host = element("div", { id: "target" });
  root.append(host);
  const input = onPick(field({ id: "" }), sendForm);
  for (const type of ["input", "change"]) {
    input.addEventListener(type, (event) => note({ type: `${event.type} inside` }, input.files));
  }
  host.attachShadow({ mode }).append(input);
}

const asked = new URLSearchParams(location.search);
if (asked.has("library")) {
  document.body.append(element("script", { src: `/library-${asked.get("library")}.js` }));
} else {
  WAYS[asked.get("way")]();
}
