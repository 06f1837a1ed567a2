// Writing a page: what is typed is kept as it is typed, and leaving with something unsaved asks.

const KEEP_AFTER = 1500; // milliseconds after the last key
const TRY_AGAIN = 10_000;
const A_DOUBLE_CLICK = 2_000;
const LONGEST = 10_000; // that the site may take to answer
const LOGGED_OUT = "Not kept: you are logged out. What you wrote stays here; log in again in another tab.";

const kept = document.querySelector("[data-keep]");
const form = kept?.closest("form");

if (form) {
  // What comes back with an error is as unsaved as when it was sent.
  const cameBack = Boolean(form.querySelector(".errornote"));
  let touched = cameBack; // by a person: the editor also writes when it begins
  let unsaved = cameBack || Boolean(document.querySelector(".typed-before"));
  let timer;
  let sending = null; // what is on its way to be kept
  let waits = false;

  for (const kind of ["keydown", "pointerdown", "paste", "drop"]) {
    form.addEventListener(kind, () => { touched = true; }, { capture: true });
  }

  const send = async () => {
    kept.classList.remove("trouble");
    // Whoever has logged in again, in another tab, has another.
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token() || input.value;
    try {
      const answer = await fetch(kept.dataset.keep, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-CSRFToken": token() },
        redirect: "manual",
        signal: AbortSignal.timeout(LONGEST),
      });
      const isLoggedOut = answer.type === "opaqueredirect";
      kept.classList.toggle("trouble", !answer.ok);
      kept.textContent = isLoggedOut ? LOGGED_OUT : (await answer.json()).words;
      if (isLoggedOut) later(TRY_AGAIN);
    } catch {
      kept.classList.add("trouble");
      kept.textContent = "Not kept: the site does not answer. Do not close this page; it is tried again.";
      later(TRY_AGAIN);
    }
    sending = null;
  };

  const keep = async () => {
    while (sending) await sending;
    sending = send();
  };

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(keep, pause);
  };

  form.addEventListener("input", () => {
    if (!touched) return;
    unsaved = true;
    kept.textContent = "…";
    later(KEEP_AFTER);
  });

  // The calendar writes into its field without a word, and goes there.
  for (const field of form.querySelectorAll(".vDateField")) {
    let known = field.value;
    field.addEventListener("input", () => { known = field.value; });
    field.addEventListener("focus", () => {
      if (field.value !== known) field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  if (cameBack) later(KEEP_AFTER);

  // What is saved or forgotten needs no keeping: what were kept after that would come back as if it were not.
  document.addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (target !== form && target.id !== "discard") return; // it leaves the page, and what is typed
    if (event.defaultPrevented) return; // it waits, and may not be sent
    clearTimeout(timer);
    if (sending) {
      event.preventDefault();
      if (waits) return;
      waits = true;
      sending.then(() => {
        waits = false;
        target.requestSubmit(submitter);
      });
      return;
    }
    unsaved = false;
  });

  window.addEventListener("beforeunload", (event) => {
    if (unsaved && touched) event.preventDefault();
  });
}

// What is wrong with an answer may stand far down the page.
const wrong = document.querySelector(".asks .errorlist");
if (wrong) {
  wrong.tabIndex = -1;
  (wrong.closest(".answer")?.querySelector("input, textarea") ?? wrong).focus();
}

// A second click would be refused, as if somebody else had been quicker.
document.addEventListener("submit", (event) => {
  const { dataset } = event.target;
  if (event.defaultPrevented) return;
  if (dataset.sent) return event.preventDefault();
  dataset.sent = "1";
  setTimeout(() => { delete dataset.sent; }, A_DOUBLE_CLICK);
});

for (const button of document.querySelectorAll("[data-copy-from]")) {
  const field = document.getElementById(button.dataset.copyFrom);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  });
}
