import jQuery from "jquery";

import "blueimp-file-upload/js/vendor/jquery.ui.widget.js";
import "blueimp-file-upload/js/jquery.fileupload.js";

const input = document.createElement("input");
Object.assign(input, { type: "file", id: "target", name: "photo", multiple: true });
document.getElementById("way").append(input);
jQuery(input).fileupload({ url: "/upload", dataType: "json", dropZone: jQuery(document.body) });
