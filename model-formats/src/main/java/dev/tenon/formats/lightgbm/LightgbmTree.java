package dev.tenon.formats.lightgbm;

/** The arrays of a tree as the file has them. Children are nodes, or {@code ~n} for leaf n. */
final class LightgbmTree {
    private static final double[] NONE = {};
    private static final long[] NO_INTEGERS = {};
    private static final int MOST_LEAVES = 1 << 28;
    private static final int WORD_BITS = 32;
    private static final Missing[] MISSING = Missing.values();

    int leaves;
    double[] leafValues = NONE;
    long[] left = NO_INTEGERS;
    long[] right = NO_INTEGERS;
    long[] features = NO_INTEGERS;
    double[] thresholds = NONE;
    long[] decisions = NO_INTEGERS;
    private long categories;
    private long[] boundaries = NO_INTEGERS;
    private long[] words = NO_INTEGERS;

    boolean linear;
    double[] constants = NONE;
    long[] coefficientCounts = NO_INTEGERS;
    long[] coefficientFeatures = NO_INTEGERS;
    double[] coefficients = NONE;

    /** The sets that were asked for. */
    private double[][] sets;

    /** Reads the lines up to the next empty one. */
    static LightgbmTree read(TextLines in, int columns) {
        LightgbmTree t = new LightgbmTree();
        while (in.next() && !in.isEmpty()) {
            switch (in.key()) {
                case "num_leaves" -> t.leaves = in.integer(MOST_LEAVES);
                case "num_cat" -> t.categories = in.integer(MOST_LEAVES);
                case "leaf_value" -> t.leafValues = in.doubles();
                case "left_child" -> t.left = in.integers();
                case "right_child" -> t.right = in.integers();
                case "split_feature" -> t.features = in.integers();
                case "threshold" -> t.thresholds = in.doubles();
                case "decision_type" -> t.decisions = in.integers();
                case "cat_boundaries" -> t.boundaries = in.integers();
                case "cat_threshold" -> t.words = in.integers();
                case "is_linear" -> t.linear = in.integer(1) == 1;
                case "leaf_const" -> t.constants = in.doubles();
                case "num_features" -> t.coefficientCounts = in.integers();
                case "leaf_features" -> t.coefficientFeatures = in.integers();
                case "leaf_coeff" -> t.coefficients = in.doubles();
                default -> {}
            }
        }
        t.check(in, columns);
        return t;
    }

    private void check(TextLines in, int columns) {
        if (leaves < 1) {
            throw in.malformed("a tree of " + leaves + " leaves", "at least 1");
        }
        sized(in, "leaf_value", leafValues.length, leaves);
        if (leaves > 1) {
            checkNodes(in, columns);
        }
        if (linear) {
            checkLinear(in, columns);
        }
    }

    private void checkNodes(TextLines in, int columns) {
        int n = leaves - 1;
        sized(in, "left_child", left.length, n);
        sized(in, "right_child", right.length, n);
        sized(in, "split_feature", features.length, n);
        sized(in, "threshold", thresholds.length, n);
        if (decisions.length == 0) {
            decisions = new long[n];
        }
        sized(in, "decision_type", decisions.length, n);
        sets = new double[categories == 0 ? 0 : Math.max(0, boundaries.length - 1)][];
        if (categories > 0) {
            sized(in, "cat_boundaries", boundaries.length, categories + 1);
            checkSets(in);
        }
        for (int i = 0; i < n; i++) {
            for (long child : new long[] {left[i], right[i]}) {
                if (child >= n || child < -leaves) {
                    throw in.malformed("node " + i + " with the child " + child, "nodes and leaves of the tree");
                }
            }
            if (features[i] < 0 || features[i] >= columns) {
                throw in.malformed("a test of feature " + features[i], "features 0 to " + (columns - 1));
            }
            if (Double.isNaN(thresholds[i])) {
                throw in.malformed("the threshold NaN", "a number");
            }
            if (isCategorical(i)) {
                checkSet(in, i);
            } else if (missing(i) == Missing.UNKNOWN) {
                throw in.malformed("the decision type " + decisions[i], "a missing type of None, Zero or NaN");
            }
        }
    }

    /** Checks that the sets follow one another in the words, so that all of them together are no longer than these. */
    private void checkSets(TextLines in) {
        long before = 0;
        for (long boundary : boundaries) {
            if (boundary < before || boundary > words.length) {
                throw in.malformed(
                        "'cat_boundaries' of " + before + " and " + boundary, "ascending, 0 to " + words.length);
            }
            before = boundary;
        }
        for (long word : words) {
            if (word < 0 || word >= 1L << WORD_BITS) {
                throw in.malformed("'cat_threshold' of " + word, "numbers of 32 bits");
            }
        }
    }

    private void checkSet(TextLines in, int node) {
        int set = (int) thresholds[node];
        if (set < 0 || set >= sets.length) {
            throw in.malformed("node " + node + " with the set of categories " + set, "sets of 'cat_boundaries'");
        }
    }

    private void checkLinear(TextLines in, int columns) {
        constants = constants.length == 0 ? new double[leaves] : constants;
        coefficientCounts = coefficientCounts.length == 0 ? new long[leaves] : coefficientCounts;
        sized(in, "leaf_const", constants.length, leaves);
        sized(in, "num_features", coefficientCounts.length, leaves);
        long sum = 0;
        for (long count : coefficientCounts) {
            if (count < 0 || count > coefficients.length) {
                throw in.malformed("a leaf with " + count + " coefficients", "at most " + coefficients.length);
            }
            sum += count;
        }
        sized(in, "leaf_coeff", coefficients.length, sum);
        sized(in, "leaf_features", coefficientFeatures.length, sum);
        for (long f : coefficientFeatures) {
            if (f < 0 || f >= columns) {
                throw in.malformed("a coefficient of feature " + f, "features 0 to " + (columns - 1));
            }
        }
    }

    private static void sized(TextLines in, String name, long found, long size) {
        if (found != size) {
            throw in.malformed(found + " numbers of '" + name + "' in the tree before", size + "");
        }
    }

    /** The values that a node treats as missing. */
    enum Missing {
        /** None: NaN counts as 0. */
        NONE,
        /** NaN and numbers next to 0. */
        ZERO,
        /** NaN. */
        NAN,
        /** A code that LightGBM does not write. */
        UNKNOWN
    }

    boolean isCategorical(int node) {
        return (decisions[node] & 1) != 0;
    }

    boolean isDefaultLeft(int node) {
        return (decisions[node] & 2) != 0;
    }

    Missing missing(int node) {
        return MISSING[(int) (decisions[node] >> 2 & 3)];
    }

    /** How many members the set of a node has. */
    long setSize(int node) {
        int set = (int) thresholds[node];
        long size = 0;
        for (long at = boundaries[set]; at < boundaries[set + 1]; at++) {
            size += Long.bitCount(words[(int) at]);
        }
        return size;
    }

    /** The categories that go left, ascending. Nodes with the same set share the array. */
    double[] members(int node) {
        int set = (int) thresholds[node];
        if (sets[set] == null) {
            double[] members = new double[Math.toIntExact(setSize(node))];
            int count = 0;
            for (long at = boundaries[set]; at < boundaries[set + 1]; at++) {
                for (int bit = 0; bit < WORD_BITS; bit++) {
                    if ((words[(int) at] >> bit & 1) != 0) {
                        members[count++] = (double) ((at - boundaries[set]) * WORD_BITS + bit);
                    }
                }
            }
            sets[set] = members;
        }
        return sets[set];
    }
}
