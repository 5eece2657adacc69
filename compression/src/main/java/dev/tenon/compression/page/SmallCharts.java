package dev.tenon.compression.page;

import java.util.List;

/** Charts of a few numbers, of which a page has many. They fill the width that they are given. */
public final class SmallCharts {
    private static final int WIDTH = 240;
    private static final int HEIGHT = 70;

    private SmallCharts() {}

    /**
     * A histogram on a logarithmic scale, with lines where values are clipped, and the parts outside in another colour.
     *
     * @param counts how many values are in equal parts from the least to the greatest
     * @param least the least value
     * @param greatest the greatest value
     * @param low values below are clipped
     * @param high values above are clipped
     * @param about the description for readers that do not see it
     * @return an SVG element
     */
    public static String histogram(
            List<Long> counts, double least, double greatest, double low, double high, String about) {
        StringBuilder out = begin(about);
        double most =
                Math.log1p(counts.stream().mapToLong(Long::longValue).max().orElse(1));
        double width = (double) WIDTH / Math.max(1, counts.size());
        double range = greatest > least ? greatest - least : 1;
        for (int i = 0; i < counts.size(); i++) {
            if (counts.get(i) > 0) {
                double middle = least + (i + 0.5) / counts.size() * range;
                double height = Math.max(1, Math.log1p(counts.get(i)) / most * HEIGHT);
                out.append("<rect class=\"").append(middle < low || middle > high ? "clipped" : "bin");
                out.append("\" x=\"").append(text(i * width)).append("\" y=\"").append(text(HEIGHT - height));
                out.append("\" width=\"")
                        .append(text(width * 0.86))
                        .append("\" height=\"")
                        .append(text(height));
                out.append("\"/>");
            }
        }
        for (double clip : new double[] {low, high}) {
            if (clip > least && clip < greatest) {
                String x = text((clip - least) / range * WIDTH);
                out.append("<line class=\"clip\" x1=\"")
                        .append(x)
                        .append("\" x2=\"")
                        .append(x);
                out.append("\" y1=\"0\" y2=\"").append(HEIGHT).append("\"/>");
            }
        }
        return out.append("</svg>").toString();
    }

    /**
     * Two lines of numbers over the same places, on a scale from 0 to the largest number of each line.
     *
     * @param before the numbers of the first line
     * @param after those of the second
     * @param about the description for readers that do not see it
     * @return an SVG element
     */
    public static String profile(List<Double> before, List<Double> after, String about) {
        StringBuilder out = begin(about);
        line(out, "before", before);
        line(out, "after", after);
        return out.append("</svg>").toString();
    }

    private static void line(StringBuilder out, String style, List<Double> values) {
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        double scale = most > 0 ? (HEIGHT - 2) / most : 0;
        double width = (double) WIDTH / Math.max(1, values.size());
        out.append("<path class=\"").append(style).append("\" d=\"M0 ").append(HEIGHT);
        for (int i = 0; i < values.size(); i++) {
            out.append('V')
                    .append(text(HEIGHT - values.get(i) * scale))
                    .append('H')
                    .append(text((i + 1) * width));
        }
        out.append('V').append(HEIGHT).append("\"/>");
    }

    private static StringBuilder begin(String about) {
        return new StringBuilder("<svg class=\"small\" preserveAspectRatio=\"none\" viewBox=\"0 0 ")
                .append(WIDTH)
                .append(' ')
                .append(HEIGHT)
                .append("\" role=\"img\" aria-label=\"")
                .append(HtmlText.escaped(about))
                .append("\">");
    }

    private static String text(double value) {
        return HtmlText.number("%.1f", value);
    }
}
