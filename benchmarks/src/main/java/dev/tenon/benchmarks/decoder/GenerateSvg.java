package dev.tenon.benchmarks.decoder;

import dev.tenon.benchmarks.results.SvgPage;
import java.util.List;
import java.util.Locale;

/** Figures of {@link GenerateRun} as a picture: a bar is the time or memory of Tenon, where llama.cpp takes 1. */
final class GenerateSvg {
    private static final int HEAD = 76;
    private static final int TITLE = 28;
    private static final int ROW = 24;
    private static final int GAP = 14;
    private static final int LEFT = 190;
    private static final int PEER = 200;
    private static final int WIDTH = 900;
    /** The length at which bars are cut. */
    private static final double LONGEST = 2;

    private GenerateSvg() {}

    /**
     * Draws figures.
     *
     * @param all the figures, measured beside llama.cpp
     * @return an SVG document for light and dark backgrounds
     */
    static String draw(List<GenerateFigures> all) {
        int height = HEAD
                + all.stream()
                        .mapToInt(f -> TITLE + ROW * f.rows().size() + GAP)
                        .sum();
        StringBuilder svg = new StringBuilder(SvgPage.head(
                WIDTH,
                height,
                "Generation by Tenon against llama.cpp",
                "Time of texts, where llama.cpp takes 1 (shorter is better)",
                "the least of all rounds; numbers of Tenon, then of llama.cpp"));
        int y = HEAD;
        for (GenerateFigures figures : all) {
            svg.append(String.format(
                    Locale.ROOT, "<text class=\"title\" x=\"16\" y=\"%d\">%s</text>%n", y + 14, figures.title()));
            y += TITLE;
            int top = y;
            for (GenerateFigures.Row row : figures.rows()) {
                svg.append(bar(row, y));
                y += ROW;
            }
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"one\" x1=\"%1$d\" x2=\"%1$d\" y1=\"%2$d\" y2=\"%3$d\"/>%n",
                    LEFT + PEER,
                    top - 4,
                    y));
            y += GAP;
        }
        return svg.append(SvgPage.FOOT).toString();
    }

    private static String bar(GenerateFigures.Row row, int y) {
        double ratio = 1 / row.gain();
        double length = Double.isNaN(ratio) ? 0 : Math.min(ratio, LONGEST) * PEER;
        return String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\""
                        + " height=\"15\" rx=\"3\"/><text x=\"%.1f\" y=\"%d\">%.2f<tspan class=\"soft\"> %.0f and %.0f"
                        + " %s%s</tspan></text>%n",
                LEFT - 10,
                y + 12,
                row.what(),
                ratio <= 1 ? "faster" : "slower",
                LEFT,
                y,
                length,
                LEFT + Math.max(length, PEER) + 8,
                y + 12,
                ratio,
                row.ours(),
                row.theirs(),
                row.unit(),
                row.note().isEmpty() ? "" : "; " + row.note());
    }
}
