// A paper that is still being made: ask every few seconds, and when it is there say so. Fetching it stays the
// person's own click, because the first download of a decision is its delivery. Without JavaScript the page
// reloads itself.
"use strict";

const page = document.querySelector("[data-waiting]");

async function look() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer && answer.ok && answer.headers.get("Content-Type") === "application/pdf") {
    page.querySelectorAll("[data-busy]").forEach((part) => (part.hidden = true));
    page.querySelector("[data-ready]").hidden = false;
    return;
  }
  setTimeout(look, Number(page.dataset.waiting) * 1000);
}

if (page) setTimeout(look, Number(page.dataset.waiting) * 1000);
