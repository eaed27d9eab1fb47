/* global sharewiseOnce */
/* exported sharewiseNaming */

/**
 * What the name and the date of a file give away, and neutral ones instead. Pure.
 *
 * @typedef {{names: boolean, dates: boolean}} Neutral what is to be made neutral
 */
const sharewiseNaming = sharewiseOnce(() => {
  /** 2000-01-01 12:00 UTC, as `sharewise clean --neutral-dates` sets it. */
  const NEUTRAL_TIME_MS = Date.UTC(2000, 0, 1, 12);

  // As the daemon's formats/filename.py, which never hears of names; a test compares them.
  const DATED =
    /(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?:(?:[-_ T]| at )+([01]\d|2[0-3])[-_.:h]?([0-5]\d)(?:[-_.:m]?[0-5]\d)?)?(?!\d{5})/;
  const TELLING = [
    /(?<!\d)1[0-9]{9}(?:\d{3})?(?!\d)/,
    /^(?:IMG|DSC[FN]?|DSC_|PICT|P\d|MVI|GOPR|GX|GH|DJI|PXL|VID|MOV|SAM|_DSC|_MG)[-_]?\d{3,}/i,
    /^(?:IMG|VID|AUD|PTT|STK)-\d{8}-WA\d+|whatsapp/i,
    /^photo_\d{4}-\d\d-\d\d|telegram/i,
    /^signal-/i,
    /^FB_IMG_|^received_\d+/i,
    /^Snapchat-/i,
    /screen[ _-]?shot|bildschirmfoto|capture d.écran|captura de pantalla/i,
  ];

  /** @type {ReadonlyMap<string, string>} */
  const ENDINGS = new Map([
    ["image/jpeg", "jpg"],
    ["image/png", "png"],
    ["image/apng", "png"],
    ["image/webp", "webp"],
    ["image/gif", "gif"],
    ["image/heic", "heic"],
    ["image/heif", "heif"],
    ["image/avif", "avif"],
    ["image/jxl", "jxl"],
    ["image/tiff", "tiff"],
    ["image/svg+xml", "svg"],
    ["video/mp4", "mp4"],
    ["video/quicktime", "mov"],
    ["video/webm", "webm"],
  ]);

  /**
   * @param {string} name
   * @returns {{date: string | null} | null} what it gives away: a date ("2025-05-03T14:02"), or
   *   something else; null for nothing
   */
  function tells(name) {
    const stem = name.replace(/(?<=.)\.[^.]*$/, "");
    const dated = DATED.exec(stem);
    if (dated !== null) {
      const [, year, month, day, hour, minute] = dated;
      const clock = hour === undefined ? "" : `T${hour}:${minute}`;
      return { date: `${year}-${month}-${day}${clock}` };
    }
    return TELLING.some((pattern) => pattern.test(stem)) ? { date: null } : null;
  }

  /**
   * @param {File} file
   * @returns {"photo" | "video" | null} null for what keeps its name: documents, whose names say
   *   what they are, and files of a picked folder, whose names are part of their path
   */
  function kindOf(file) {
    if (file.webkitRelativePath !== "") return null;
    if (file.type.startsWith("image/")) return "photo";
    return file.type.startsWith("video/") ? "video" : null;
  }

  /**
   * @param {File} file
   * @param {number} number
   * @returns {string} such as "photo-1.jpg"; its own name for what keeps it
   */
  function neutralName(file, number) {
    const kind = kindOf(file);
    if (kind === null) return file.name;
    const own = /\.([a-z0-9]{2,5})$/i.exec(file.name)?.[1]?.toLowerCase();
    const ending = own ?? ENDINGS.get(file.type);
    return ending === undefined ? `${kind}-${number}` : `${kind}-${number}.${ending}`;
  }

  /**
   * The same bytes under neutral names and with neutral dates, as far as that is wanted.
   *
   * @param {readonly File[]} files
   * @param {Neutral} wanted
   * @returns {File[]} the files themselves where nothing changes
   */
  function neutralised(files, { names, dates }) {
    const counts = { photo: 0, video: 0 };
    return files.map((file) => {
      const kind = kindOf(file);
      if (kind === null) return file;
      counts[kind] += 1;
      const name = names ? neutralName(file, counts[kind]) : file.name;
      const lastModified = dates ? NEUTRAL_TIME_MS : file.lastModified;
      if (name === file.name && lastModified === file.lastModified) return file;
      return new File([file], name, { type: file.type, lastModified });
    });
  }

  return Object.freeze({ kindOf, neutralName, neutralised, tells });
});
