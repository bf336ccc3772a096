// Draws every chart in the theme of the moment, and again when that changes. A chart is as wide as
// its place, which it follows by itself.
const charts = JSON.parse(document.getElementById("charts").textContent);
const themes = JSON.parse(document.getElementById("themes").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let drawn = [];

async function draw() {
  for (const view of drawn.splice(0)) view.finalize();
  const theme = dark.matches ? "dark" : "light";
  for (const place of document.querySelectorAll("[data-chart]")) {
    // The timelines have one key for all.
    const disable = place.closest(".timelines") !== null;
    const config = { ...themes[theme], legend: { ...themes[theme].legend, disable } };
    const result = await window.vegaEmbed(place, charts[place.dataset.chart], {
      actions: false,
      config,
      renderer: "svg",
      tooltip: { theme },
    });
    drawn.push(result);
  }
  document.documentElement.dataset.drawn = theme;
}

// One drawing after the other, should the theme change meanwhile.
let drawing = draw();
dark.addEventListener("change", () => { drawing = drawing.then(draw); });
