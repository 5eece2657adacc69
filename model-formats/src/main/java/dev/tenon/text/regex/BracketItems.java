package dev.tenon.text.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/** The items of a class in brackets: ranges and predicates. For one thread at a time. */
final class BracketItems {
    private final List<IntPredicate> predicates = new ArrayList<>();
    private long[] ranges = new long[8];
    private int size;

    /** Adds a range, both ends included. */
    void add(int from, int to) {
        if (size == ranges.length) {
            ranges = Arrays.copyOf(ranges, 2 * size);
        }
        ranges[size++] = (long) from << Integer.SIZE | to;
    }

    void add(IntPredicate predicate) {
        predicates.add(predicate);
    }

    /** {@return the characters of all items; no item is added any more} */
    IntPredicate set() {
        IntPredicate inRanges = merged();
        if (predicates.isEmpty()) {
            return inRanges;
        }
        IntPredicate[] all = predicates.toArray(IntPredicate[]::new);
        return c -> {
            if (inRanges.test(c)) {
                return true;
            }
            for (IntPredicate one : all) {
                if (one.test(c)) {
                    return true;
                }
            }
            return false;
        };
    }

    // Ranges that overlap become one, so that a binary search finds the only one that may have a character.
    private IntPredicate merged() {
        Arrays.sort(ranges, 0, size);
        int[] starts = new int[size];
        int[] ends = new int[size];
        int count = 0;
        for (int i = 0; i < size; i++) {
            int from = (int) (ranges[i] >>> Integer.SIZE);
            int to = (int) ranges[i];
            if (count > 0 && from <= ends[count - 1]) {
                ends[count - 1] = Math.max(ends[count - 1], to);
            } else {
                starts[count] = from;
                ends[count++] = to;
            }
        }
        int[] first = Arrays.copyOf(starts, count);
        int[] last = Arrays.copyOf(ends, count);
        return c -> {
            int at = Arrays.binarySearch(first, c);
            return at >= 0 || at < -1 && c <= last[-at - 2];
        };
    }
}
