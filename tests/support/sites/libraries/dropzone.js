import { Dropzone } from "dropzone";

const zone = document.createElement("div");
zone.id = "target";
zone.className = "zone";
zone.textContent = "Drop here or click";
document.getElementById("way").append(zone);
new Dropzone(zone, { url: "/upload", paramName: "photo", createImageThumbnails: false });
