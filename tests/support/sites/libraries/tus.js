import { Upload } from "tus-js-client";

const input = document.createElement("input");
Object.assign(input, { type: "file", id: "target" });
document.getElementById("way").append(input);
input.addEventListener("change", () => {
  const upload = new Upload(input.files[0], {
    endpoint: "/tus",
    chunkSize: 400,
    storeFingerprintForResuming: false,
    urlStorage: undefined,
  });
  upload.start();
});
