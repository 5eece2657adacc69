package dev.tenon.benchmarks.results;

import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.engine.Engines;
import java.util.List;
import java.util.Locale;

/**
 * Comparisons as a picture: a chart for each number of threads, with the cases of each group together, real networks first. The
 * length of the bar of a case is the time of Tenon, in units of the time of ONNX Runtime.
 */
public final class ComparisonSvg {
    private static final int HEAD = 80;
    private static final int ROW = 26;
    private static final int FOOT = 34;
    /** The height of the number of threads above its chart. */
    private static final int TITLE = 30;

    private static final int MARGIN = 16;
    /** The space between a label and its bar. */
    private static final int GAP = 10;
    /** The width of a character of a label, with a little reserve. */
    private static final double CHARACTER = 7.6;

    /** The most characters of a label. Longer names are shortened. */
    private static final int MAX_LABEL = 34;

    private static final int LEAST_NAME = 16;
    private static final int PEER = 200;
    /** The right end of the longest bars. */
    private static final int RIGHT = 578;
    /** The length at which bars are cut. The number beside a bar is that of its whole length. */
    private static final double LONGEST = 2;

    private static final double P50 = 0.5;

    private final StringBuilder svg = new StringBuilder();
    private final int left;
    private int y = HEAD;

    private ComparisonSvg(List<Comparison> comparisons) {
        int longest = comparisons.stream().mapToInt(c -> label(c).length()).reduce(MAX_LABEL, Math::max);
        left = (int) Math.ceil(MARGIN + longest * CHARACTER) + GAP;
    }

    /**
     * Draws comparisons.
     *
     * @param comparisons the comparisons
     * @return an SVG document for light and dark backgrounds
     */
    public static String draw(List<Comparison> comparisons) {
        return new ComparisonSvg(comparisons).document(comparisons);
    }

    private String document(List<Comparison> comparisons) {
        List<Comparison.Group> groups = Comparison.groups(comparisons);
        List<Integer> threads = groups.stream()
                .map(Comparison.Group::threads)
                .distinct()
                .sorted()
                .toList();
        int width = left + PEER + RIGHT;
        int height = HEAD + TITLE * threads.size() + ROW * comparisons.size() + FOOT * groups.size();
        String peer = Engines.title(Engines.ONNXRUNTIME);
        svg.append(SvgPage.head(
                width,
                height,
                "Time of " + Engines.title(Engines.TENON) + " against " + peer,
                "Time of a call, where " + peer + " takes 1 (shorter is better)",
                "minimum of all forks; in brackets the ratio of medians; in per cent the share of the peak that"
                        + " multiply-adds on registers reach on as many threads",
                "GFLOP/s count products of bytes too, and those of a direct convolution where Winograd's needs fewer: that"
                        + " share may be above 100 %"));
        for (int count : threads) {
            text("title", ComparisonText.threads(count), 14);
            y += TITLE;
            for (Comparison.Group group : groups) {
                if (group.threads() == count) {
                    rows(Comparison.in(comparisons, group));
                    text("soft", mean(comparisons, group), 14);
                    y += FOOT;
                }
            }
        }
        return svg.append(SvgPage.FOOT).toString();
    }

    private void rows(List<Comparison> comparisons) {
        int top = y;
        for (Comparison c : comparisons) {
            row(c);
            y += ROW;
        }
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"one\" x1=\"%1$d\" x2=\"%1$d\" y1=\"%2$d\" y2=\"%3$d\"/>%n",
                left + PEER,
                top - 6,
                y));
    }

    private void text(String style, String text, int below) {
        svg.append(
                String.format(Locale.ROOT, "<text class=\"%s\" x=\"16\" y=\"%d\">%s</text>%n", style, y + below, text));
    }

    private static String mean(List<Comparison> comparisons, Comparison.Group group) {
        return (group.title().isEmpty() ? "" : group.title() + ": ") + "geometric mean "
                + ComparisonText.number("%.2f", Comparison.geometricMean(comparisons, group));
    }

    private void row(Comparison c) {
        double ratio = c.ratio();
        boolean agree = c.agrees();
        double length = Double.isNaN(ratio) ? 0 : Math.min(ratio, LONGEST) * PEER;
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><rect class=\"%s\" x=\"%d\" y=\"%d\""
                        + " width=\"%.1f\" height=\"16\" rx=\"3\"/><text x=\"%.1f\" y=\"%d\">%s (%s)<tspan class=\"soft\">"
                        + " %s ms, %s GFLOP/s, %s%s</tspan></text>%n",
                left - GAP,
                y + 13,
                SvgPage.escape(label(c)),
                agree ? ratio <= 1 ? "faster" : "slower" : "wrong",
                left,
                y,
                length,
                left + Math.max(length, PEER) + 8,
                y + 13,
                ComparisonText.number("%.2f", ratio),
                ComparisonText.number("%.2f", c.ratio(Engines.ONNXRUNTIME, P50)),
                ComparisonText.number("%.3g", c.ours().min()),
                ComparisonText.number("%.0f", c.gflops()),
                ComparisonText.number("%.0f %%", 100 * c.shareOfPeak()),
                agree ? "" : ", outputs differ"));
    }

    /**
     * The label of a row: the name, shortened if necessary, then sizes, which distinguish rows of the same name.
     */
    private static String label(Comparison c) {
        BenchmarkCase its = c.benchmark();
        String behind = " " + its.sizes();
        String name = its.model();
        int most = Math.max(LEAST_NAME, MAX_LABEL - behind.length());
        return (name.length() <= most ? name : name.substring(0, most - 1) + "…") + behind;
    }
}
