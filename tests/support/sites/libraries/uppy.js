import Uppy from "@uppy/core";
import Dashboard from "@uppy/dashboard";
import XHRUpload from "@uppy/xhr-upload";

const place = document.createElement("div");
place.id = "target";
document.getElementById("way").append(place);
new Uppy({ autoProceed: true })
  .use(Dashboard, { target: place, inline: true, height: 300, disableThumbnailGenerator: true })
  .use(XHRUpload, { endpoint: "/upload", fieldName: "photo" });
