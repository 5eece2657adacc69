package dev.tenon;

import dev.tenon.op.Op;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A fast implementation of an operator of an {@link OpLibrary}, prepared for operands of known types and shapes. It
 * must be safe for any number of threads.
 *
 * <p>The work may be divided into independent parts, which several threads run. The number and the borders of the parts
 * should follow from the shapes alone: results then have the same bits at any number of threads.
 *
 * <p>A list or array of operands has a place for each operand of the operator, and null where an operand is left out.
 */
@FunctionalInterface
public interface CustomKernel {
    /**
     * Prepares kernels of an operator.
     *
     * @param <O> the operator's class
     */
    @FunctionalInterface
    interface Factory<O extends Op> {
        /**
         * Prepares a kernel. Called once for each set of shapes.
         *
         * @param op the operator
         * @param inputs the types of its inputs: all dimensions are known, and no elements are strings; null for inputs
         *     that are left out
         * @param outputs the types of its outputs as the operator infers them; null for outputs that the graph does not
         *     use
         * @return the kernel, or empty to compute such operands by {@link Op#reference}
         */
        Optional<CustomKernel> prepare(O op, List<TensorType> inputs, List<TensorType> outputs);
    }

    /**
     * Computes a range of parts.
     *
     * @param operands the inputs, then the outputs, null for those that are left out. Each is dense and row-major, in
     *     native memory aligned to 64 bytes, in the byte order of the machine, and of exactly its size. Inputs must not
     *     be written. The contents of outputs are undefined before the call
     * @param from the first part
     * @param to the part after the last
     */
    void run(MemorySegment[] operands, int from, int to);

    /**
     * The number of independent parts.
     *
     * @return at least 1
     */
    default int parts() {
        return 1;
    }

    /**
     * The estimated time of one part, which decides whether several threads are used.
     *
     * @return nanoseconds, a rough figure
     */
    default long partNanos() {
        return 10_000;
    }
}
