// Writing a page: what is typed is kept as it is typed, and leaving with something unsaved asks.

const KEEP_AFTER = 1500; // milliseconds after the last key
const TRY_AGAIN = 10_000;
const LOGGED_OUT = "Not kept: you are logged out. What you wrote stays here; log in again in another tab.";

const kept = document.querySelector("[data-keep]");
const form = kept?.closest("form");

if (form) {
  let touched = false; // by a person: the editor also writes when it begins
  let unsaved = Boolean(document.querySelector(".typed-before"));
  let timer;
  let keeping = Promise.resolve();

  for (const kind of ["keydown", "pointerdown", "paste", "drop"]) {
    form.addEventListener(kind, () => { touched = true; }, { capture: true });
  }

  const keep = () => {
    keeping = keeping.then(async () => {
      kept.classList.remove("trouble");
      try {
        const answer = await fetch(kept.dataset.keep, {
          method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token() }, redirect: "manual",
        });
        kept.classList.toggle("trouble", !answer.ok);
        kept.textContent = answer.type === "opaqueredirect" ? LOGGED_OUT : (await answer.json()).words;
      } catch {
        kept.classList.add("trouble");
        kept.textContent = "Not kept: the site does not answer. Do not close this page; it is tried again.";
        timer = setTimeout(keep, TRY_AGAIN);
      }
    });
  };

  form.addEventListener("input", () => {
    if (!touched) return;
    unsaved = true;
    kept.textContent = "…";
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_AFTER);
  });

  // What is saved needs no keeping; a draft kept after the save would come back as if it were not.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return; // it waits, and may not be sent
    unsaved = false;
    clearTimeout(timer);
  });

  window.addEventListener("beforeunload", (event) => {
    if (unsaved && touched) event.preventDefault();
  });
}

for (const button of document.querySelectorAll("[data-copy-from]")) {
  const field = document.getElementById(button.dataset.copyFrom);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  });
}
