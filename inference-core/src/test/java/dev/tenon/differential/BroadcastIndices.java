package dev.tenon.differential;

/** Indices of elements of broadcast operands. */
public final class BroadcastIndices {
    private BroadcastIndices() {}

    /** The dimensions that two shapes broadcast to. */
    public static long[] broadcast(long[] a, long[] b) {
        long[] longer = a.length >= b.length ? a : b;
        long[] shorter = a.length >= b.length ? b : a;
        long[] all = longer.clone();
        for (int k = 1; k <= shorter.length; k++) {
            long n = shorter[shorter.length - k];
            if (n != 1) {
                all[all.length - k] = n;
            }
        }
        return all;
    }

    /** The index in an operand of the element that element i of the result is computed from. */
    public static long from(long i, long[] all, long[] operand) {
        long rest = i;
        long at = 0;
        long stride = 1;
        for (int k = 1; k <= operand.length; k++) {
            long n = all[all.length - k];
            long own = operand[operand.length - k];
            at += own == 1 ? 0 : rest % n * stride;
            stride *= own;
            rest /= n;
        }
        return at;
    }
}
