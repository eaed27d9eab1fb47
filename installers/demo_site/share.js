"use strict";

// As many sites do it: the file input is made when the button is pressed, and never in the page.
const byId = (id) => document.getElementById(id);
let chosen = null;

byId("pick").addEventListener("click", () => {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.addEventListener("change", () => {
    [chosen] = input.files;
    if (!chosen) return;
    byId("picture").src = URL.createObjectURL(chosen);
    byId("picture").hidden = false;
    byId("post").disabled = false;
  });
  input.click();
});

byId("post").addEventListener("click", async () => {
  byId("post").disabled = true;
  const form = new FormData();
  form.append("photo", chosen);
  const answer = await fetch("/upload", { method: "POST", body: form });
  const [received] = await answer.json();
  const lines = received.learned.length ? received.learned : ["nothing but the picture itself"];
  byId("told").replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }),
  );
  byId("received").hidden = false;
  byId("received").scrollIntoView({ block: "nearest" });
});
