/* Files: drop them onto the field, see their names and sizes, watch the upload.

   data-drop             on the box around <input type="file"> (components/field.html draws it): files may be dropped
                         on it; what is chosen is listed below with its size
   data-max-bytes="N"    on the input: a larger file is named at once, before anything is sent
   data-upload           on <form>: sent in the background with a progress bar, to the form's own action; the answer's
                         <main> replaces the page's. Without JavaScript the form is simply sent
   data-upload-now       on <form data-upload>: sent as soon as files are chosen or dropped

   The server checks everything again; nothing here is a guard. */
"use strict";

(function () {
  const words = {
    vi: { tooBig: "Tệp lớn hơn %n, mời chọn tệp khác.", sending: "Đang tải lên…", checking: "Đang kiểm tra tệp…", failed: "Chưa tải lên được. Kiểm tra kết nối rồi thử lại." },
    en: { tooBig: "Larger than %n, choose another file.", sending: "Uploading…", checking: "Checking the file…", failed: "The upload failed. Check the connection and try again." },
  };
  const say = words[document.documentElement.lang] || words.vi;
  const { make, start } = window.Hoso;

  function size(bytes) {
    const [n, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KB"] : [bytes / 1024 / 1024, "MB"];
    return n.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 }) + " " + unit;
  }

  function list(box) {
    const input = box.querySelector("input[type=file]");
    box.querySelector(".files")?.remove();
    if (!input.files.length) return true;
    const max = Number(input.dataset.maxBytes || 0);
    let good = true;
    const rows = Array.from(input.files, (file) => {
      const row = make("li", {}, make("span", { textContent: "•" }), make("span", { className: "name", textContent: file.name }), make("span", { className: "sub", textContent: size(file.size) }));
      if (max && file.size > max) {
        good = false;
        row.append(make("p", { className: "error", textContent: say.tooBig.replace("%n", size(max)) }));
      }
      return row;
    });
    box.append(make("ul", { className: "files" }, ...rows));
    return good;
  }

  function chosen(box) {
    const good = list(box);
    const form = box.closest("form");
    const input = box.querySelector("input[type=file]");
    if (good && input.files.length && form && "uploadNow" in form.dataset) form.requestSubmit();
  }

  function box(event) {
    return event.target instanceof Element ? event.target.closest("[data-drop]") : null;
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-drop] input[type=file]")) chosen(box(event));
  });
  document.addEventListener("dragover", (event) => {
    const over = box(event);
    if (!over || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    over.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    const left = box(event);
    if (left && !left.contains(event.relatedTarget)) left.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    const onto = box(event);
    if (!onto) return;
    event.preventDefault();
    onto.classList.remove("over");
    const input = onto.querySelector("input[type=file]");
    const transfer = new DataTransfer();
    const files = Array.from(event.dataTransfer.files);
    (input.multiple ? files : files.slice(0, 1)).forEach((file) => transfer.items.add(file));
    if (!transfer.files.length) return;
    input.files = transfer.files;
    chosen(onto);
  });

  function send(form) {
    const bar = make("progress", { max: 100, value: 0 });
    const line = make("span", { textContent: say.sending });
    const box = make("div", { className: "progress" }, line, bar);
    bar.setAttribute("aria-label", say.sending);
    line.setAttribute("role", "status");
    form.querySelector(".progress, .upload-error")?.remove();
    form.append(box);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = (100 * event.loaded) / event.total;
      if (event.loaded === event.total) line.textContent = say.checking;
    });
    request.addEventListener("load", () => replace(form, box, request));
    request.addEventListener("error", () => fail(form, box));
    request.send(new FormData(form));
  }

  function fail(form, box) {
    delete form.dataset.sent;
    const error = make("p", { className: "error upload-error", textContent: say.failed });
    error.setAttribute("role", "alert");
    box.replaceWith(error);
  }

  function replace(form, box, request) {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.getElementById("content");
    if (!main || request.status >= 500) return fail(form, box);
    const place = form.id || form.closest("[id]:not(#content)")?.id;
    document.getElementById("content").replaceWith(document.adoptNode(main));
    document.title = page.title;
    if (request.responseURL && request.responseURL !== location.href && !request.responseURL.endsWith(form.getAttribute("action"))) {
      history.replaceState(null, "", request.responseURL);
    }
    start(main);
    ready(main);
    /* Back to where the person was, unless an error summary has taken the focus. */
    if (!main.querySelector("[data-focus]")) document.getElementById(place)?.querySelector("input[type=file], a, button")?.focus();
    return undefined;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("upload" in form.dataset) || event.defaultPrevented) return;
    const tooBig = Array.from(form.querySelectorAll("[data-drop]")).some((each) => !list(each));
    event.preventDefault();
    delete form.dataset.sent;
    if (!tooBig) send(form);
  });

  function ready(root) {
    root.querySelectorAll("[data-drop]").forEach((each) => each.classList.add("ready"));
  }
  ready(document.body);
})();
