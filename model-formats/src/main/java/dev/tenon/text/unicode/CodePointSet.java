package dev.tenon.text.unicode;

import java.util.Arrays;

/** An immutable set of code points, stored as sorted ranges. */
public final class CodePointSet {
    private final int[] starts;
    private final int[] ends;

    private CodePointSet(int[] starts, int[] ends) {
        this.starts = starts;
        this.ends = ends;
    }

    /**
     * Parses ranges in ascending order, separated by white space, such as {@code 41-5a 61-7a aa}.
     *
     * @param ranges hexadecimal code points, or ranges that include both ends
     * @return the set
     * @throws IllegalArgumentException if they are not in ascending order
     */
    public static CodePointSet of(String ranges) {
        String[] parts = ranges.strip().split("\\s+", -1);
        int[] starts = new int[parts.length];
        int[] ends = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            int dash = parts[i].indexOf('-');
            starts[i] = Integer.parseInt(dash < 0 ? parts[i] : parts[i].substring(0, dash), 16);
            ends[i] = dash < 0 ? starts[i] : Integer.parseInt(parts[i].substring(dash + 1), 16);
            if (ends[i] < starts[i] || (i > 0 && starts[i] <= ends[i - 1])) {
                throw new IllegalArgumentException("range " + parts[i] + " is not in ascending order");
            }
        }
        return new CodePointSet(starts, ends);
    }

    /**
     * Tells whether a code point is in the set.
     *
     * @param codePoint the code point
     * @return whether it is
     */
    public boolean contains(int codePoint) {
        int at = Arrays.binarySearch(starts, codePoint);
        if (at >= 0) {
            return true;
        }
        int before = -at - 2;
        return before >= 0 && codePoint <= ends[before];
    }
}
