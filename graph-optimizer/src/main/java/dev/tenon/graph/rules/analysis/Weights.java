package dev.tenon.graph.rules.analysis;

import dev.tenon.graph.Node;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;

/** Constant weights, and whether they stay finite when a rule changes them. */
public final class Weights {
    private Weights() {}

    /**
     * Why the weights of a product should not be multiplied by factors. Those that the model stores in 16 bits would need more
     * bits, and so twice the memory, while a factor costs next to nothing where the product is stored.
     *
     * @param product the node that has the weights
     * @param w the weights
     * @return the reason, or null
     */
    public static String reasonAgainstRounding(Node product, Tensor w) {
        boolean multiplies = product.op() instanceof MatMul || product.op() instanceof Gemm;
        return multiplies && w.narrow() != null ? "the weights have 16 bits, and would need more" : null;
    }

    /**
     * Whether all elements are finite.
     *
     * @param t the tensor, or null for one that is absent
     * @return true for tensors that are absent or empty too
     */
    public static boolean areFinite(Tensor t) {
        for (long i = 0; t != null && i < t.size(); i++) {
            if (!Double.isFinite(t.getDouble(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a finite element would not be finite in its type after a multiplication.
     *
     * @param w the elements
     * @param most the largest absolute value of the factors
     * @param factor the factor of each element, by the element's index
     * @return true if at least one element overflows
     */
    public static boolean overflow(Tensor w, double most, LongToDoubleFunction factor) {
        double largest = most > 1 ? largest(w) : 0;
        Tensor one = Tensor.allocate(w.dtype(), 1);
        one.setDouble(0, largest * most);
        if (Double.isFinite(one.getDouble(0))) {
            return false;
        }
        for (long i = 0; i < w.size(); i++) {
            one.setDouble(0, w.getDouble(i) * factor.applyAsDouble(i));
            if (Double.isFinite(w.getDouble(i)) && !Double.isFinite(one.getDouble(0))) {
                return true;
            }
        }
        return false;
    }

    /** The largest absolute value of the finite elements. */
    private static double largest(Tensor w) {
        if (w.dtype() != DType.FLOAT32) {
            return LongStream.range(0, w.size())
                    .mapToDouble(i -> Math.abs(w.getDouble(i)))
                    .filter(Double::isFinite)
                    .max()
                    .orElse(0);
        }
        MemorySegment segment = w.segment();
        float largest = 0;
        for (long i = 0; i < w.size(); i++) {
            float v = Math.abs(segment.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
            largest = v <= Float.MAX_VALUE ? Math.max(largest, v) : largest;
        }
        return largest;
    }
}
