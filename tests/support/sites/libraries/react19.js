import { createElement, useState } from "react";
import { createRoot } from "react-dom/client";

function Field() {
  const [count, setCount] = useState(0);
  return createElement(
    "label",
    null,
    createElement("input", {
      type: "file",
      id: "target",
      multiple: true,
      onChange: (event) => {
        setCount(event.target.files.length);
        window.sendForm(event.target.files);
      },
    }),
    `${count} chosen`,
  );
}

createRoot(document.getElementById("way")).render(createElement(Field));
