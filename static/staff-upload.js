// Whoever chooses a picture to upload sees it before it is sent, and hears at once if it is too large.
const MOST_BYTES = 10_000_000;

const said = (input, sentence) => {
  let note = input.parentElement.querySelector(".upload-note");
  if (!note) {
    note = document.createElement("p");
    note.className = "upload-note";
    note.setAttribute("role", "status");
    input.after(note);
  }
  note.textContent = sentence;
};

// Drawn on a canvas: a picture at a blob: address would need a hole in the content security policy.
const draw = async (input) => {
  input.parentElement.querySelector("canvas")?.remove();
  const [file] = input.files;
  if (!file) return said(input, "");
  const size = `${(file.size / 1_000_000).toFixed(1)} MB`;
  input.setCustomValidity(file.size > MOST_BYTES ? "A picture may have at most 10 MB." : "");
  if (file.size > MOST_BYTES) return said(input, `This file has ${size}: at most 10 MB can be taken. Save it smaller.`);
  try {
    const picture = await createImageBitmap(file);
    const canvas = document.createElement("canvas");
    canvas.height = Math.min(320, picture.height);
    canvas.width = Math.max(1, Math.round((picture.width * canvas.height) / picture.height));
    canvas.className = "upload-preview";
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    if (input.files[0] !== file) return;
    input.after(canvas);
    said(input, `${picture.width} × ${picture.height} pixels, ${size}`);
  } catch {
    said(input, "This cannot be shown here. Choose a JPEG, PNG or WebP file.");
  }
};

document.addEventListener("change", ({ target }) => {
  if (target.matches("input[type=file][data-picture]")) draw(target);
});
