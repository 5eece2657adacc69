package dev.tenon.op.tabular.model;

import dev.tenon.error.InvalidOperandException;

/** The test that a node of a tree makes on a feature {@code x} with the node's value {@code t}. */
public enum NodeMode {
    /** {@code x <= t}. */
    BRANCH_LEQ,
    /** {@code x < t}. */
    BRANCH_LT,
    /** {@code x >= t}. */
    BRANCH_GTE,
    /** {@code x > t}. */
    BRANCH_GT,
    /** {@code x == t}. */
    BRANCH_EQ,
    /** {@code x != t}; true if x is NaN. */
    BRANCH_NEQ,
    /** x is in the node's set. */
    BRANCH_MEMBER;

    /** The name of a node without a test. */
    static final String LEAF = "LEAF";

    /** The test with a name; null for a leaf. */
    static NodeMode of(String thing, String name) {
        if (name.equals(LEAF)) {
            return null;
        }
        for (NodeMode m : values()) {
            if (m.name().equals(name) && m != BRANCH_MEMBER) {
                return m;
            }
        }
        throw new InvalidOperandException(
                thing,
                "node mode '" + name + "'",
                "BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT, BRANCH_EQ, BRANCH_NEQ or LEAF",
                null);
    }

    /** The test with a number. */
    static NodeMode of(String thing, long code) {
        if (code < 0 || code >= values().length) {
            throw new InvalidOperandException(thing, "node mode " + code, "0 to " + (values().length - 1), null);
        }
        return values()[(int) code];
    }

    /**
     * Makes the test.
     *
     * @param x the feature
     * @param t the value of the node
     * @param members the set of the node, null except for {@link #BRANCH_MEMBER}
     * @return whether the path continues at the true child; missing values may take another way
     */
    boolean test(double x, double t, double[] members) {
        return switch (this) {
            case BRANCH_LEQ -> x <= t;
            case BRANCH_LT -> x < t;
            case BRANCH_GTE -> x >= t;
            case BRANCH_GT -> x > t;
            case BRANCH_EQ -> x == t;
            case BRANCH_NEQ -> x != t;
            case BRANCH_MEMBER -> {
                boolean found = false;
                for (double m : members) {
                    found |= x == m;
                }
                yield found;
            }
        };
    }
}
