const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** Let a form send its file with a progress bar, take what is dropped on it, and say how to export. */
export function uploads(form) {
  const file = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  for (const one of form.querySelectorAll("[data-scripted]")) one.hidden = false;
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) file.files = event.dataTransfer.files;
    file.focus();
  });
  const format = form.querySelector("#format");
  const how = form.querySelector("[data-how-shown]");
  const first = how.textContent;
  const tell = () => {
    how.textContent = format.selectedOptions[0].dataset.how || first;
  };
  format.addEventListener("change", tell);
  tell();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, event.submitter);
  });
}

function send(form, button) {
  const shown = form.querySelector("[data-progress]");
  const said = shown.querySelector("[data-said]");
  const bar = shown.querySelector("progress");
  const wrong = form.querySelector("[data-wrong]");
  const stop = form.querySelector("[data-stop]");
  const buttons = [...form.querySelectorAll("button[name]")];
  const data = new FormData(form, button);
  data.delete("csrf");
  const request = new XMLHttpRequest();
  const end = (text) => {
    for (const one of buttons) one.disabled = false;
    shown.hidden = stop.hidden = true;
    wrong.hidden = !text;
    wrong.textContent = text;
    button.focus();
  };
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
    said.textContent = loaded < total ? `${size(loaded)} of ${size(total)} sent` : "It is all here; one moment.";
  });
  request.addEventListener("load", () => {
    let told = {};
    try {
      told = JSON.parse(request.responseText);
    } catch { /* what answers is no program of ours */ }
    if (request.status === 202) location.assign(`/imports/${told.id}`);
    else end(told.detail ? `That did not work: ${told.detail}.` : "That did not work. Please try again.");
  });
  request.addEventListener("error", () => end("The connection was lost. Nothing was kept; please send it again."));
  request.addEventListener("abort", () => end(""));
  stop.onclick = () => request.abort();
  for (const one of buttons) one.disabled = true;
  wrong.hidden = true;
  shown.hidden = stop.hidden = false;
  said.textContent = "Sending";
  bar.value = 0;
  stop.focus();
  request.open("POST", "/api/v1/imports");
  request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf-token]")?.content ?? "");
  request.send(data);
}
