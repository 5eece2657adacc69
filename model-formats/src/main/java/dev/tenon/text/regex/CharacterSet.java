package dev.tenon.text.regex;

import java.util.function.IntPredicate;

/** A set of code points, which answers fast for ASCII. Immutable. */
final class CharacterSet {
    private static final int ASCII = 128;

    private final long low;
    private final long high;
    private final IntPredicate rest;

    private CharacterSet(IntPredicate all) {
        long first = 0;
        long second = 0;
        for (int c = 0; c < Long.SIZE; c++) {
            first |= all.test(c) ? 1L << c : 0;
            second |= all.test(c + Long.SIZE) ? 1L << c : 0;
        }
        low = first;
        high = second;
        rest = all;
    }

    static CharacterSet of(IntPredicate all) {
        return new CharacterSet(all);
    }

    /** The set with the other cases of its code points, by simple folding. */
    static CharacterSet ignoringCase(IntPredicate all) {
        return new CharacterSet(c -> {
            if (all.test(c)) {
                return true;
            }
            int upper = Character.toUpperCase(c);
            int lower = Character.toLowerCase(upper);
            return all.test(upper) || all.test(lower) || all.test(Character.toLowerCase(c));
        });
    }

    boolean contains(int c) {
        if (c < ASCII) {
            return ((c < Long.SIZE ? low : high) >>> c & 1) != 0;
        }
        return rest.test(c);
    }
}
