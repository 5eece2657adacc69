package dev.tenon.testkit;

/** Sizes at which the loops of kernels end in different ways, whatever the width of the machine's vectors. */
public final class Tails {
    /** Around vectors of 4, 8 and 16 elements, around two of them, and around four. */
    private static final int[] SIZES = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65};

    private Tails() {}

    /** {@return the sizes, in ascending order} */
    public static int[] sizes() {
        return SIZES.clone();
    }
}
