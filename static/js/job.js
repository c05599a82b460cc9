// A job that runs: ask for its progress every second or two, and draw the page anew when it is over. Without
// JavaScript the page reloads itself.
"use strict";

const shown = document.querySelector("[data-job]");

async function follow() {
  const answer = await fetch(shown.dataset.job, { cache: "no-store" }).catch(() => null);
  if (answer && !answer.ok) return; // signed out, or not ours any more
  const now = answer ? await answer.json().catch(() => null) : null;
  if (now && now.over) {
    location.reload();
    return;
  }
  if (now) {
    shown.querySelector("[data-job-text]").textContent = now.text;
    document.querySelector("[data-job-state]").textContent = now.state;
    const bar = shown.querySelector("progress");
    if (now.total) {
      bar.max = now.total;
      bar.value = Math.min(now.done, now.total);
    }
  }
  setTimeout(follow, now ? 1500 : 5000);
}

if (shown) setTimeout(follow, 1000);
