package dev.tenon.benchmarks;

import java.util.List;
import java.util.Locale;

/** Comparisons as a picture: for each case a bar as long as our time, where the peer's time is one. */
final class ComparisonSvg {
    private static final int WIDTH = 960;
    private static final int HEAD = 64;
    private static final int ROW = 26;
    private static final int FOOT = 34;
    private static final int LEFT = 262;
    private static final int PEER = 200;
    /** Longer bars are cut, and say so by their number. */
    private static final double LONGEST = 2;

    private static final double P50 = 0.5;

    private ComparisonSvg() {}

    /**
     * Draws.
     *
     * @param comparisons what was measured
     * @return an SVG document for light and dark surroundings
     */
    static String draw(List<Comparison> comparisons) {
        int height = HEAD + ROW * comparisons.size() + FOOT;
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(Locale.ROOT, """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" \
            aria-label="Time of Tenon against ONNX Runtime">
            <style>
            text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1b2330; } .soft { fill: #64708a; font-size: 12px; }
            .title { font-size: 15px; font-weight: 600; } .page { fill: #ffffff; stroke: #d9dee7; } .faster { fill: #2f9e62; }
            .slower { fill: #d9822b; } .wrong { fill: #c62f2f; } .one { stroke: #64708a; stroke-dasharray: 4 3; }
            @media (prefers-color-scheme: dark) { text { fill: #e5eaf2; } .soft { fill: #93a0b8; }
            .page { fill: #161b22; stroke: #303948; } }
            </style>
            <rect class="page" x="0.5" y="0.5" width="%3$d" height="%4$d" rx="8"/>
            <text class="title" x="16" y="26">Time of a call, where ONNX Runtime takes 1 (shorter is better)</text>
            <text class="soft" x="16" y="46">minimum of all forks; in brackets the ratio of medians</text>
            """, WIDTH, height, WIDTH - 1, height - 1));
        int y = HEAD;
        for (Comparison c : comparisons) {
            row(svg, c, y);
            y += ROW;
        }
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"one\" x1=\"%1$d\" x2=\"%1$d\" y1=\"%2$d\" y2=\"%3$d\"/>%n",
                LEFT + PEER,
                HEAD - 6,
                y));
        double mean = geometricMean(comparisons);
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"soft\" x=\"16\" y=\"%d\">geometric mean %s</text>%n</svg>%n",
                y + 20,
                number("%.2f", mean)));
        return svg.toString();
    }

    private static void row(StringBuilder svg, Comparison c, int y) {
        double ratio = c.ratio(0);
        boolean agree = c.agreement().holds(c.benchmark());
        double length = Double.isNaN(ratio) ? 0 : Math.min(ratio, LONGEST) * PEER;
        String label = c.benchmark().model() + " " + c.benchmark().sizes()
                + (c.benchmark().threads() > 1 ? ", " + c.benchmark().threads() + " threads" : "");
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><rect class=\"%s\" x=\"%d\" y=\"%d\""
                        + " width=\"%.1f\" height=\"16\" rx=\"3\"/><text x=\"%.1f\" y=\"%d\">%s (%s)<tspan class=\"soft\">"
                        + " %s ms, %s GFLOP/s%s</tspan></text>%n",
                LEFT - 10,
                y + 13,
                escape(shortened(label)),
                agree ? ratio <= 1 ? "faster" : "slower" : "wrong",
                LEFT,
                y,
                length,
                LEFT + Math.max(length, ratio <= 1 ? 0 : length) + 8,
                y + 13,
                number("%.2f", ratio),
                number("%.2f", c.ratio(P50)),
                number("%.3g", c.ours().min()),
                number("%.0f", c.gflops()),
                agree ? "" : ", outputs differ"));
    }

    /** The geometric mean of the ratios of minima that were measured. */
    static double geometricMean(List<Comparison> comparisons) {
        double sum = 0;
        int count = 0;
        for (Comparison c : comparisons) {
            if (!Double.isNaN(c.ratio(0))) {
                sum += Math.log(c.ratio(0));
                count++;
            }
        }
        return Math.exp(sum / count);
    }

    private static String number(String format, double x) {
        return Double.isNaN(x) ? "-" : String.format(Locale.ROOT, format, x);
    }

    private static String shortened(String label) {
        int most = 32;
        return label.length() <= most ? label : label.substring(0, most - 1) + "…";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
