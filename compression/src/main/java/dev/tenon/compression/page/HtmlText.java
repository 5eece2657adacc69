package dev.tenon.compression.page;

import java.util.Locale;

/** Texts and numbers as a page has them. */
public final class HtmlText {
    private static final int DELETE = 0x7F;

    private HtmlText() {}

    /**
     * Text as content or attribute of an element. Control characters, which HTML does not allow, become a mark.
     *
     * @param text any text
     * @return the text with references in the place of characters that have a meaning
     */
    public static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '@' -> out.append("&#64;");
                default -> out.append(c < ' ' && c != '\n' && c != '\t' || c == DELETE ? '\uFFFD' : c);
            }
        }
        return out.toString();
    }

    /**
     * A number as text, with a point as decimal sign.
     *
     * @param format a format of one number
     * @param value the number
     * @return the text; a word if it is no number
     */
    public static String number(String format, double value) {
        return Double.isNaN(value) ? "unknown" : String.format(Locale.ROOT, format, value);
    }

    /**
     * Bytes as text with three digits.
     *
     * @param bytes the bytes
     * @return the text
     */
    public static String bytes(double bytes) {
        return bytes < 1000 ? number("%.0f bytes", bytes) : scaled(bytes) + "B";
    }

    /**
     * A count as text with three digits and a prefix: 1.23 M.
     *
     * @param value the count
     * @return the text
     */
    public static String scaled(double value) {
        String[] prefixes = {"", "k", "M", "G", "T", "P"};
        double rest = value;
        int i = 0;
        while (rest >= 999.5 && i < prefixes.length - 1) {
            rest /= 1000;
            i++;
        }
        String digits = number(i == 0 || rest >= 99.95 ? "%.0f" : rest >= 9.995 ? "%.1f" : "%.2f", rest);
        return digits + " " + prefixes[i];
    }

    /**
     * A text that fits: the end of a long one, which tells names of layers apart, after a mark.
     *
     * @param text any text
     * @param most the most characters
     * @return the text or its end
     */
    public static String end(String text, int most) {
        return text.length() <= most ? text : "…" + text.substring(text.length() - most + 1);
    }

    /**
     * Adds a cell of a table. On a narrow page the row is a list, and the label stands before the cell.
     *
     * @param out receives the cell
     * @param style its style; may be empty
     * @param label the title of its column
     * @param html its content
     */
    public static void cell(StringBuilder out, String style, String label, String html) {
        out.append("<td").append(style.isEmpty() ? "" : " class=\"" + style + "\"");
        out.append(" data-l=\"").append(label).append("\">").append(html).append("</td>");
    }
}
