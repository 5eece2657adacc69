package dev.tenon.op.text.regex;

import java.util.Arrays;

/**
 * An immutable set of Unicode code points, stored as the ascending places where membership changes. Code point 0 is
 * outside unless it is the first of these places.
 */
public final class CodePoints {
    /** One above the greatest code point. */
    public static final int END = 0x110000;

    private final int[] bounds;

    private CodePoints(int[] bounds) {
        this.bounds = bounds;
    }

    /**
     * A set of one.
     *
     * @param codePoint the code point
     * @return the set
     */
    public static CodePoints of(int codePoint) {
        return new CodePoints(new int[] {codePoint, codePoint + 1});
    }

    /**
     * Ranges, in any order.
     *
     * @param firstAndLast the first and the last code point of each range
     * @return the set
     */
    public static CodePoints ranges(int... firstAndLast) {
        Collector all = new Collector();
        for (int i = 0; i < firstAndLast.length; i += 2) {
            all.add(firstAndLast[i], firstAndLast[i + 1]);
        }
        return all.toSet();
    }

    /**
     * Reads ranges, separated by white space, such as {@code 41-5a 61-7a aa}.
     *
     * @param ranges hexadecimal code points, or ranges that include both ends, in any order
     * @return the set
     */
    public static CodePoints parse(String ranges) {
        Collector all = new Collector();
        for (String part : ranges.strip().split("\\s+", -1)) {
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash), 16);
            all.add(first, dash < 0 ? first : Integer.parseInt(part.substring(dash + 1), 16));
        }
        return all.toSet();
    }

    /**
     * Tells whether a code point is in the set.
     *
     * @param codePoint the code point
     * @return whether it is
     */
    public boolean contains(int codePoint) {
        int i = Arrays.binarySearch(bounds, codePoint);
        return ((i >= 0 ? i + 1 : -i - 1) & 1) == 1;
    }

    /**
     * The other code points.
     *
     * @return all that are not in this set
     */
    public CodePoints complement() {
        boolean first = bounds.length > 0 && bounds[0] == 0;
        boolean last = bounds.length > 0 && bounds[bounds.length - 1] == END;
        int[] inverse = new int[bounds.length + (first ? -1 : 1) + (last ? -1 : 1)];
        int at = 0;
        if (!first) {
            inverse[at++] = 0;
        }
        int from = first ? 1 : 0;
        int count = bounds.length - from - (last ? 1 : 0);
        System.arraycopy(bounds, from, inverse, at, count);
        if (!last) {
            inverse[at + count] = END;
        }
        return new CodePoints(inverse);
    }

    /**
     * The number of places where membership changes.
     *
     * @return twice the number of ranges
     */
    public int size() {
        return bounds.length;
    }

    /**
     * A place where membership changes.
     *
     * @param i its index
     * @return the first code point of a range for an even index, the one after its last for an odd index
     */
    public int bound(int i) {
        return bounds[i];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodePoints that && Arrays.equals(bounds, that.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    /** Collects ranges. It takes no more memory than a few times that of the resulting set. */
    public static final class Collector {
        private static final int FIRST_CAPACITY = 16;

        private long[] ranges = new long[FIRST_CAPACITY];
        private int size;

        /** Nothing so far. */
        public Collector() {}

        /**
         * Adds a range.
         *
         * @param first its first code point
         * @param last its last code point
         */
        public void add(int first, int last) {
            if (size == ranges.length) {
                merge();
                if (size > ranges.length / 2) {
                    ranges = Arrays.copyOf(ranges, ranges.length * 2);
                }
            }
            ranges[size++] = (long) first << Integer.SIZE | last + 1L;
        }

        /**
         * Adds a set.
         *
         * @param set the set
         */
        public void addAll(CodePoints set) {
            for (int i = 0; i < set.bounds.length; i += 2) {
                add(set.bounds[i], set.bounds[i + 1] - 1);
            }
        }

        private static int first(long range) {
            return (int) (range >>> Integer.SIZE);
        }

        private static int end(long range) {
            return (int) range;
        }

        private void merge() {
            Arrays.sort(ranges, 0, size);
            int merged = 0;
            for (int i = 0; i < size; i++) {
                long range = ranges[i];
                if (merged > 0 && first(range) <= end(ranges[merged - 1])) {
                    int end = Math.max(end(ranges[merged - 1]), end(range));
                    ranges[merged - 1] = (long) first(ranges[merged - 1]) << Integer.SIZE | end;
                } else {
                    ranges[merged++] = range;
                }
            }
            size = merged;
        }

        /**
         * The set of all that was added.
         *
         * @return the set
         */
        public CodePoints toSet() {
            merge();
            int[] bounds = new int[2 * size];
            for (int i = 0; i < size; i++) {
                bounds[2 * i] = first(ranges[i]);
                bounds[2 * i + 1] = end(ranges[i]);
            }
            return new CodePoints(bounds);
        }
    }
}
