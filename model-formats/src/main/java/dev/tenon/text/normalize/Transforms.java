package dev.tenon.text.normalize;

import dev.tenon.text.stage.AlignedText;
import dev.tenon.text.stage.Changes;

/** Changes that replace each code point by some others. */
public final class Transforms {
    /** The replacement of a code point. */
    @FunctionalInterface
    public interface Expansion {
        /**
         * Replaces a code point.
         *
         * @param c the code point
         * @param out receives others: the first with change 0, the rest with change 1
         */
        void expand(int c, Changes out);
    }

    private Transforms() {}

    /**
     * Replaces each code point by one or more.
     *
     * @param text the text
     * @param expansion gives them
     */
    public static void expand(AlignedText text, Expansion expansion) {
        Changes out = text.changes();
        int[] all = text.codePoints();
        for (int i = 0; i < text.length(); i++) {
            expansion.expand(all[i], out);
        }
        text.transform(out);
    }

    /**
     * Converts a text to lower case: the full mapping of each code point, without context.
     *
     * @param text the text
     */
    public static void lowerCase(AlignedText text) {
        int[] all = text.codePoints();
        boolean dotted = false;
        for (int i = 0; i < text.length() && !dotted; i++) {
            dotted = all[i] == 0x130;
        }
        if (!dotted) {
            text.map(Character::toLowerCase);
            return;
        }
        // Of all code points, only U+0130 becomes two.
        expand(text, (c, out) -> {
            if (c == 0x130) {
                out.add('i', 0);
                out.add(0x307, 1);
            } else {
                out.add(Character.toLowerCase(c), 0);
            }
        });
    }
}
