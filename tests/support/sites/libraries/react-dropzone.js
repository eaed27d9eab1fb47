import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { useDropzone } from "react-dropzone";

function Zone() {
  const { getInputProps, getRootProps } = useDropzone({
    onDrop: (files) => window.sendForm(files),
  });
  return createElement(
    "div",
    { ...getRootProps(), className: "zone", id: "target" },
    createElement("input", getInputProps()),
    "Drop here or click",
  );
}

createRoot(document.getElementById("way")).render(createElement(Zone));
