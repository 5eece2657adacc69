package dev.tenon.benchmarks.results;

import java.util.Locale;

/** The page of a chart of bars, for light and dark backgrounds, with a title and notes. */
public final class SvgPage {
    /** The end of a page. */
    public static final String FOOT = String.format("</svg>%n");

    private static final int FIRST_NOTE = 46;
    private static final int NOTE = 16;

    private SvgPage() {}

    /**
     * The beginning of a page. Its styles are {@code title}, {@code soft}, {@code faster}, {@code slower}, {@code wrong} and {@code one}.
     *
     * @param width the width of the page
     * @param height the height
     * @param label what a reader for the blind says
     * @param title the title
     * @param notes the lines below it
     * @return the text
     */
    public static String head(int width, int height, String label, String title, String... notes) {
        StringBuilder head = new StringBuilder(
                String.format(Locale.ROOT, """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" \
            aria-label="%5$s">
            <style>
            text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1b2330; } .soft { fill: #64708a; font-size: 12px; }
            .title { font-size: 15px; font-weight: 600; } .page { fill: #ffffff; stroke: #d9dee7; } .faster { fill: #2f9e62; }
            .slower { fill: #d9822b; } .wrong { fill: #c62f2f; } .one { stroke: #64708a; stroke-dasharray: 4 3; }
            @media (prefers-color-scheme: dark) { text { fill: #e5eaf2; } .soft { fill: #93a0b8; }
            .page { fill: #161b22; stroke: #303948; } }
            </style>
            <rect class="page" x="0.5" y="0.5" width="%3$d" height="%4$d" rx="8"/>
            <text class="title" x="16" y="26">%6$s</text>
            """, width, height, width - 1, height - 1, escape(label), escape(title)));
        for (int i = 0; i < notes.length; i++) {
            head.append(String.format(
                    Locale.ROOT,
                    "<text class=\"soft\" x=\"16\" y=\"%d\">%s</text>%n",
                    FIRST_NOTE + i * NOTE,
                    escape(notes[i])));
        }
        return head.toString();
    }

    /** {@return a text without what has a meaning in XML} */
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
