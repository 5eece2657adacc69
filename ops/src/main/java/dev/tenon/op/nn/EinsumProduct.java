package dev.tenon.op.nn;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The sums of products of {@link Einsum}, two operands at a time. A label is summed over as soon as no later operand
 * needs it. Intermediate results are held in double or in 64-bit integers.
 */
final class EinsumProduct {
    private EinsumProduct() {}

    /** A tensor with a label for each dimension. */
    record Labelled(Tensor data, int[] labels) {}

    /** The product of all operands, with the output's labels in order. */
    static Tensor run(List<Labelled> operands, int[] output, DType type) {
        DType wide = type.isFloating() ? DType.FLOAT64 : DType.INT64;
        Labelled product = null;
        for (int i = 0; i < operands.size(); i++) {
            Set<Integer> needed = new HashSet<>();
            add(needed, output);
            for (Labelled later : operands.subList(i + 1, operands.size())) {
                add(needed, later.labels());
            }
            boolean last = i == operands.size() - 1;
            // Labels that only this operand has are summed over before it is combined with another.
            Set<Integer> shared = new HashSet<>(needed);
            if (product != null) {
                add(shared, product.labels());
            }
            Labelled single = last && product == null
                    ? operands.get(i)
                    : multiply(operands.get(i), null, kept(shared, operands.get(i), null), wide);
            if (last) {
                return multiply(single, product, output, type).data();
            }
            product = product == null ? single : multiply(product, single, kept(needed, product, single), wide);
        }
        throw new IllegalArgumentException("no operand");
    }

    private static void add(Set<Integer> set, int[] labels) {
        for (int label : labels) {
            set.add(label);
        }
    }

    private static int[] kept(Set<Integer> needed, Labelled a, Labelled b) {
        List<Integer> kept = new ArrayList<>();
        for (Labelled operand : b == null ? List.of(a) : List.of(a, b)) {
            for (int label : operand.labels()) {
                if (needed.contains(label) && !kept.contains(label)) {
                    kept.add(label);
                }
            }
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Labelled multiply(Labelled a, Labelled b, int[] output, DType type) {
        List<Integer> order = new ArrayList<>();
        for (int label : output) {
            order.add(label);
        }
        for (Labelled operand : b == null ? List.of(a) : List.of(a, b)) {
            for (int label : operand.labels()) {
                if (!order.contains(label)) {
                    order.add(label);
                }
            }
        }
        long[] dims = new long[order.size()];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = size(order.get(d), a, b);
        }
        Tensor y = Tensor.allocate(type, Arrays.copyOf(dims, output.length));
        long inner = 1;
        for (int d = output.length; d < dims.length; d++) {
            if (dims[d] != 0 && inner > Long.MAX_VALUE / dims[d]) {
                throw new ResourceLimitException("Einsum", "sums of more than 2^63 products", null, null);
            }
            inner *= dims[d];
        }
        Walk walk = new Walk(dims, steps(a, order), b == null ? new long[dims.length] : steps(b, order));
        for (long i = 0; i < y.size(); i++) {
            if (type.isFloating()) {
                y.setDouble(i, realSum(a.data(), b == null ? null : b.data(), walk, inner));
            } else {
                y.setLong(i, wholeSum(a.data(), b == null ? null : b.data(), walk, inner));
            }
        }
        return new Labelled(y, output);
    }

    private static double realSum(Tensor a, Tensor b, Walk walk, long terms) {
        double sum = 0;
        for (long k = 0; k < terms; k++) {
            sum += a.getDouble(walk.a) * (b == null ? 1 : b.getDouble(walk.b));
            walk.advance();
        }
        return sum;
    }

    private static long wholeSum(Tensor a, Tensor b, Walk walk, long terms) {
        long sum = 0;
        for (long k = 0; k < terms; k++) {
            sum += a.getLong(walk.a) * (b == null ? 1 : b.getLong(walk.b));
            walk.advance();
        }
        return sum;
    }

    /** The flat indices of both operands while all labels are counted through; the last label changes fastest. */
    private static final class Walk {
        private final long[] dims;
        private final long[] stepsA;
        private final long[] stepsB;
        private final long[] index;
        private long a;
        private long b;

        Walk(long[] dims, long[] stepsA, long[] stepsB) {
            this.dims = dims;
            this.stepsA = stepsA;
            this.stepsB = stepsB;
            index = new long[dims.length];
        }

        void advance() {
            for (int d = dims.length - 1; d >= 0; d--) {
                a += stepsA[d];
                b += stepsB[d];
                if (++index[d] < dims[d]) {
                    return;
                }
                a -= stepsA[d] * dims[d];
                b -= stepsB[d] * dims[d];
                index[d] = 0;
            }
        }
    }

    /** The size of a label here: 1 where the dimensions of both are 1. */
    private static long size(int label, Labelled a, Labelled b) {
        long size = 1;
        for (Labelled operand : b == null ? List.of(a) : List.of(a, b)) {
            for (int d = 0; d < operand.labels().length; d++) {
                if (operand.labels()[d] == label && operand.data().dim(d) != 1) {
                    size = operand.data().dim(d);
                }
            }
        }
        return size;
    }

    /**
     * The distance by which an operand's flat index moves with each label; a diagonal moves along all its dimensions.
     */
    private static long[] steps(Labelled operand, List<Integer> order) {
        long[] steps = new long[order.size()];
        long stride = 1;
        for (int d = operand.labels().length - 1; d >= 0; d--) {
            if (operand.data().dim(d) != 1) {
                steps[order.indexOf(operand.labels()[d])] += stride;
            }
            stride *= operand.data().dim(d);
        }
        return steps;
    }
}
