import * as FilePond from "filepond";

const place = document.createElement("div");
place.id = "target";
place.className = "zone";
document.getElementById("way").append(place);
FilePond.create(place, {
  allowMultiple: true,
  credits: false,
  server: {
    process: (_field, file, _metadata, load) => {
      window.sendForm([file]).then(() => load("1"));
      return { abort: () => undefined };
    },
  },
});
