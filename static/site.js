// What the pages can do without, and do better with. Nothing is stored, nothing is sent.

const NEAR_THE_TOP = 160; // pixels: where a link in the contents brings a heading, and a little more

const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// "Open now, until 17:30" goes when its time is over: better no line than a wrong one.
function hideWhatNoLongerHolds() {
  each("[data-until]", (line) => {
    line.hidden = Date.now() >= Date.parse(line.dataset.until);
  });
}

// Trouble first: the summary of errors takes the focus, so that it is read out and seen.
function goToTrouble() {
  document.querySelector(".error-summary, .trouble, .time-gone")?.focus();
}

// Tab goes from a day to its times. Of itself it would pass them by when another time is chosen.
function tabIntoTheTimesOfADay() {
  each("details.day > summary", (summary) => summary.addEventListener("keydown", (event) => {
    const day = summary.parentElement;
    if (event.key !== "Tab" || event.shiftKey || !day.open) return;
    event.preventDefault();
    (day.querySelector(":checked") ?? day.querySelector("input")).focus();
  }));
}

// The part being read is the last one whose heading has come to the top of the window.
function followReading() {
  const links = [...document.querySelectorAll(".contents ol a")];
  const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
  if (!links.length || headings.includes(null)) return;

  const mark = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < NEAR_THE_TOP);
    links.forEach((link, index) => {
      if (index === passed.length - 1) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    });
  };
  let waiting = false;
  const markSoon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  };
  addEventListener("scroll", markSoon, { passive: true });
  addEventListener("resize", markSoon);
  mark();

  // On a phone the list folds again behind the reader who has chosen from it.
  const fold = document.querySelector(".contents-fold");
  links.forEach((link) => link.addEventListener("click", () => { fold.open = false; }));
}

function offerSharing() {
  const said = document.querySelector(".share-said");
  each("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.parentElement.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        said.textContent = "The link is copied.";
      } catch {
        said.textContent = `Please copy it yourself: ${button.dataset.copy}`;
      }
    });
  });
  each("[data-share]", (button) => {
    if (!navigator.share) return;
    button.parentElement.hidden = false;
    button.addEventListener("click", () => {
      const { share: url, title } = button.dataset;
      navigator.share({ url, title }).catch(() => {}); // closed again without sharing: as they wish
    });
  });
}

// A browser that gives back what was typed does so into folded fields too: unfold what was typed.
function unfoldWhatWasTyped() {
  each("details.more", (more) => {
    const fields = [...more.querySelectorAll("input, textarea")];
    if (fields.some((field) => field.value !== field.defaultValue)) more.open = true;
  });
}

function foldMenuOnEscape() {
  const menu = document.querySelector("details.menu");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.firstElementChild.focus();
  });
}

// The bar's "Request a Callback" leads to the form; beside the form it would pass for its button.
function stepAsideForTheForm() {
  const bar = document.querySelector(".call-bar");
  const form = document.getElementById("callback-form");
  if (!bar || !form) return;
  new IntersectionObserver(([seen]) => { bar.hidden = seen.isIntersecting; }).observe(form);
}

hideWhatNoLongerHolds();
stepAsideForTheForm();
setInterval(hideWhatNoLongerHolds, 15_000);
addEventListener("pageshow", () => {
  hideWhatNoLongerHolds();
  unfoldWhatWasTyped();
});
goToTrouble();
tabIntoTheTimesOfADay();
followReading();
offerSharing();
foldMenuOnEscape();
