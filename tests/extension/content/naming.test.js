import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { load } from "./load.js";

const naming = load("sharewiseNaming", "naming.js");

const NAMES = [
  "IMG_20250503_140211.jpg",
  "2025-05-03 at 14.02.05.png",
  "20250503.jpg",
  "120250503.jpg",
  "1714745000123.jpg",
  "DSC_0042.JPG",
  "IMG-20250503-WA0001.jpg",
  "photo_2025-05-03.jpg",
  "signal-attachment.jpg",
  "Screenshot.png",
  "beach.jpg",
  "Anna 7.jpg",
  ".hidden",
  "photo-1.jpg",
];

/** @param {string} name */
function photo(name, { type = "image/jpeg", path = "" } = {}) {
  const file = new File(["x"], name, { type, lastModified: 5 });
  // Node's File has no path; the browser's is empty but for a picked folder.
  return Object.defineProperty(file, "webkitRelativePath", { value: path });
}

test("a name gives away here what it gives away to the daemon", () => {
  const script =
    "import json,sys;from sharewise.formats.filename import inspect_name;" +
    "print(json.dumps([[f.value for f in inspect_name(n)] for n in json.load(sys.stdin)]))";
  const python = process.env["SHAREWISE_PYTHON"] ?? "python3";
  const cwd = fileURLToPath(new URL("../../../daemon/", import.meta.url));
  const found = JSON.parse(
    execFileSync(python, ["-c", script], { cwd, input: JSON.stringify(NAMES), encoding: "utf8" }),
  );
  NAMES.forEach((name, index) => {
    const told = naming.tells(name);
    assert.equal(told !== null, found[index].length > 0, name);
    const dates = found[index].filter((value) => /^\d{4}-\d\d-\d\d/.test(value ?? ""));
    assert.equal(told?.date ?? undefined, dates[0]?.slice(0, 16), name);
  });
});

test("neutral names count by kind and keep the ending", () => {
  const files = [
    photo("IMG_2041.JPG"),
    photo("letter.txt", { type: "text/plain" }),
    photo("clip.mov", { type: "video/quicktime" }),
    photo("no ending"),
    photo("in a folder.jpg", { path: "holiday/in a folder.jpg" }),
  ];
  const named = naming.neutralised(files, { names: true, dates: false });
  assert.deepEqual(
    named.map(({ name }) => name),
    ["photo-1.jpg", "letter.txt", "video-1.mov", "photo-2.jpg", "in a folder.jpg"],
  );
  assert.equal(named[0].type, "image/jpeg");
  assert.equal(named[0].lastModified, 5);
  assert.equal(named[1], files[1]);
});

test("a neutral date is the same for every photo; without the wish nothing changes", () => {
  const file = photo("a.jpg");
  const [dated] = naming.neutralised([file], { names: false, dates: true });
  assert.equal(dated.lastModified, Date.UTC(2000, 0, 1, 12));
  assert.equal(dated.name, "a.jpg");
  assert.deepEqual(naming.neutralised([file], { names: false, dates: false }), [file]);
});
