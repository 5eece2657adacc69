package dev.tenon.op.reduce;

/** Logarithms of sums. */
final class Logarithms {
    private Logarithms() {}

    static double ofSumOfExp(Group group, boolean integers) {
        double max = Double.NEGATIVE_INFINITY;
        for (long i = 0; i < group.size(); i++) {
            max = Math.max(max, element(group, i, integers));
        }
        if (Double.isInfinite(max)) {
            return max;
        }
        double sum = 0;
        for (long i = 0; i < group.size(); i++) {
            sum += Math.exp(element(group, i, integers) - max);
        }
        return max + Math.log(sum);
    }

    private static double element(Group group, long i, boolean integers) {
        return integers ? group.integer(i) : group.real(i);
    }

    /** A result for an integer type: truncated, or the least value of the type if it is below it or NaN. */
    static long truncate(double value, Group group) {
        return value < group.least() || Double.isNaN(value) ? group.least() : (long) value;
    }
}
