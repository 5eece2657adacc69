package dev.tenon.samples.text;

import java.text.BreakIterator;
import java.util.Locale;

/**
 * The number of columns that text takes in a terminal. Ideographs, kana, Hangul, full-width forms and emoji take two
 * columns, marks and format characters none, other characters one (Unicode's UAX 11 and UTS 51, as far as the JDK knows
 * them).
 */
final class DisplayWidth {
    private static final String ELLIPSIS = "\u2026";
    private static final int EMOJI_STYLE = 0xFE0F;
    private static final int HALF_WIDTH_VOICED = 0xFF9E;
    private static final int HALF_WIDTH_SEMI_VOICED = 0xFF9F;

    private DisplayWidth() {}

    /** The number of columns of a text. */
    static int of(String text) {
        BreakIterator clusters = clusters(text);
        int width = 0;
        int from = clusters.first();
        for (int to = clusters.next(); to != BreakIterator.DONE; to = clusters.next()) {
            width += ofCluster(text, from, to);
            from = to;
        }
        return width;
    }

    /**
     * Shortens a text to a number of columns. A text that fits is unchanged; a longer one keeps its beginning and gets
     * an ellipsis. The cut is between two grapheme clusters.
     *
     * @param text the text
     * @param columns the most columns, at least 1
     * @return the text or its beginning
     */
    static String fit(String text, int columns) {
        if (of(text) <= columns) {
            return text;
        }
        BreakIterator clusters = clusters(text);
        int used = 1;
        int from = clusters.first();
        for (int to = clusters.next(); to != BreakIterator.DONE; to = clusters.next()) {
            used += ofCluster(text, from, to);
            if (used > columns) {
                break;
            }
            from = to;
        }
        return text.substring(0, from).stripTrailing() + ELLIPSIS;
    }

    private static BreakIterator clusters(String text) {
        BreakIterator clusters = BreakIterator.getCharacterInstance(Locale.ROOT);
        clusters.setText(text);
        return clusters;
    }

    // A terminal draws a cluster as one glyph, as wide as its widest part. Only half-width sound marks take a column of
    // their own.
    private static int ofCluster(String text, int from, int to) {
        int width = 0;
        for (int i = from; i < to; ) {
            int c = text.codePointAt(i);
            if (c == HALF_WIDTH_VOICED || c == HALF_WIDTH_SEMI_VOICED) {
                width++;
            } else {
                width = Math.max(width, c == EMOJI_STYLE && i > from ? 2 : ofCodePoint(c));
            }
            i += Character.charCount(c);
        }
        return width;
    }

    private static int ofCodePoint(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT, Character.CONTROL -> 0;
            default -> isWide(c) ? 2 : 1;
        };
    }

    private static boolean isWide(int c) {
        if (c < 0x1100) {
            return false;
        }
        return c <= 0x115F
                || (c >= 0x2E80 && c <= 0x303E)
                || (c >= 0x3041 && c <= 0x4DBF)
                || (c >= 0x4E00 && c <= 0xA4CF)
                || (c >= 0xA960 && c <= 0xA97F)
                || (c >= 0xAC00 && c <= 0xD7A3)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0xFE30 && c <= 0xFE6F)
                || (c >= 0xFF01 && c <= 0xFF60)
                || (c >= 0xFFE0 && c <= 0xFFE6)
                || (c >= 0x17000 && c <= 0x18CFF)
                || (c >= 0x1B000 && c <= 0x1B2FF)
                || (c >= 0x20000 && c <= 0x3FFFD)
                || Character.isEmojiPresentation(c);
    }
}
