package dev.tenon.text.normalize;

import dev.tenon.text.stage.AlignedText;
import dev.tenon.text.stage.Changes;
import dev.tenon.text.stage.TextNormalizer;
import dev.tenon.text.unicode.UnicodeNormalization;
import java.util.Arrays;

/** The normalization forms of Unicode. */
public enum UnicodeForm implements TextNormalizer {
    /** Canonical decomposition. */
    NFD(false, false),
    /** Compatibility decomposition. */
    NFKD(true, false),
    /** Canonical decomposition, then composition. */
    NFC(false, true),
    /** Compatibility decomposition, then canonical composition. */
    NFKC(true, true);

    /** No code point below this one decomposes canonically, composes with another or is a mark. */
    private static final int FIRST_CANONICAL = 0xC0;

    private static final int FIRST_COMPATIBLE = 0xA0;

    private final boolean compatible;
    private final boolean composing;

    UnicodeForm(boolean compatible, boolean composing) {
        this.compatible = compatible;
        this.composing = composing;
    }

    @Override
    public void normalize(AlignedText text) {
        int first = compatible ? FIRST_COMPATIBLE : FIRST_CANONICAL;
        int[] all = text.codePoints();
        boolean plain = true;
        for (int i = 0; i < text.length() && plain; i++) {
            plain = all[i] < first;
        }
        if (plain) {
            return;
        }
        Changes decomposed = decompose(text);
        text.transform(composing ? compose(decomposed) : decomposed);
    }

    private Changes decompose(AlignedText text) {
        Changes out = text.changes();
        int[] all = text.codePoints();
        int sorted = 0;
        for (int i = 0; i < text.length(); i++) {
            int[] parts = UnicodeNormalization.decomposition(all[i], compatible);
            if (parts == null) {
                sorted = append(out, all[i], 0, sorted);
                continue;
            }
            for (int j = 0; j < parts.length; j++) {
                sorted = append(out, parts[j], j == 0 ? 0 : 1, sorted);
            }
        }
        sort(out, sorted, out.size());
        return out;
    }

    // Marks before a starter are sorted when it comes. Returns the index of the first code point that is not sorted
    // yet.
    private static int append(Changes out, int c, int change, int sorted) {
        int before = out.size();
        out.add(c, change);
        if (UnicodeNormalization.combiningClass(c) != 0) {
            return sorted;
        }
        sort(out, sorted, before);
        return before + 1;
    }

    private static void sort(Changes out, int from, int to) {
        if (to - from < 2) {
            return;
        }
        // Class, then index: the sort keeps the order of marks of the same class.
        long[] keys = new long[to - from];
        boolean ascending = true;
        for (int i = from; i < to; i++) {
            keys[i - from] = (long) UnicodeNormalization.combiningClass(out.codePoint(i)) << 32 | i - from;
            ascending &= i == from || keys[i - from] >>> 32 >= keys[i - from - 1] >>> 32;
        }
        if (ascending) {
            return;
        }
        Arrays.sort(keys);
        Changes sorted = new Changes(keys.length);
        for (long key : keys) {
            sorted.add(out.codePoint(from + (int) key), out.change(from + (int) key));
        }
        out.replace(from, sorted);
    }

    /**
     * Composes as Unicode says. A composed code point has the sum of the changes of its parts less one: it stands for both.
     */
    private static Changes compose(Changes in) {
        Changes out = new Changes(in.size());
        Changes blocked = new Changes(in.size());
        int starter = -1;
        int change = 0;
        int last = -1;
        for (int i = 0; i < in.size(); i++) {
            int c = in.codePoint(i);
            int combining = UnicodeNormalization.combiningClass(c);
            if (starter < 0) {
                if (combining == 0) {
                    starter = c;
                    change = in.change(i);
                } else {
                    out.add(c, in.change(i));
                }
                continue;
            }
            int made = last < combining ? UnicodeNormalization.composition(starter, c) : -1;
            if (made >= 0) {
                starter = made;
                change += in.change(i) - 1;
            } else if (combining == 0) {
                out.add(starter, change);
                out.addAll(blocked);
                blocked.clear();
                starter = c;
                change = in.change(i);
                last = -1;
            } else {
                blocked.add(c, in.change(i));
                last = combining;
            }
        }
        if (starter >= 0) {
            out.add(starter, change);
        }
        out.addAll(blocked);
        return out;
    }
}
