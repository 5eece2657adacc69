package dev.tenon.text.unicode;

import java.text.BreakIterator;
import java.util.Locale;

/** Extended grapheme clusters of a text, one after the other. For one thread at a time. */
public final class Graphemes {
    private final int[] text;
    private final int length;
    private final BreakIterator breaks;
    private int at;
    private int units;

    /**
     * The clusters of a text.
     *
     * @param text code points
     * @param length how many of them count
     */
    public Graphemes(int[] text, int length) {
        this.text = text;
        this.length = length;
        boolean plain = true;
        for (int i = 0; i < length && plain; i++) {
            plain = text[i] < 0x300 && text[i] != '\r';
        }
        breaks = plain ? null : BreakIterator.getCharacterInstance(Locale.ROOT);
        if (!plain) {
            breaks.setText(new String(text, 0, length));
        }
    }

    /**
     * Goes to the next cluster.
     *
     * @return the index after its last code point, or -1 at the end
     */
    public int next() {
        if (at == length) {
            return -1;
        }
        if (breaks == null) {
            return ++at;
        }
        int end = breaks.next();
        while (units < end) {
            units += Character.charCount(text[at++]);
        }
        return at;
    }
}
