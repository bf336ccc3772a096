// Draws every chart in the theme of the moment and for the screen of the moment, and again when either
// changes. A chart is as wide as its place, which it follows by itself; its legends do not, and are cut
// off unless they stand one below the other where there is little room.
const charts = JSON.parse(document.getElementById("charts").textContent);
const themes = JSON.parse(document.getElementById("themes").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const narrow = window.matchMedia("(max-width: 40em)");
let drawn = [];

async function draw() {
  for (const view of drawn.splice(0)) view.finalize();
  const theme = dark.matches ? "dark" : "light";
  for (const place of document.querySelectorAll("[data-chart]")) {
    // The timelines have one key for all.
    const disable = place.closest(".timelines") !== null;
    const stacked = narrow.matches ? { columns: 1, layout: { top: { direction: "vertical" } } } : {};
    const config = { ...themes[theme], legend: { ...themes[theme].legend, ...stacked, disable } };
    const result = await window.vegaEmbed(place, charts[place.dataset.chart], {
      actions: false,
      ast: true, // expressions are interpreted: the page's policy forbids making code of text
      config,
      renderer: "svg",
      tooltip: { theme },
    });
    drawn.push(result);
  }
  document.documentElement.dataset.drawn = theme;
}

// One drawing after the other, should either change meanwhile.
let drawing = draw();
for (const each of [dark, narrow]) each.addEventListener("change", () => { drawing = drawing.then(draw); });
