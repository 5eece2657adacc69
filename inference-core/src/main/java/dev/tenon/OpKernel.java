package dev.tenon;

import dev.tenon.op.Op;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A fast way to compute an operator of an {@link OpLibrary}, prepared for operands of known types and shapes. Safe for
 * any number of threads.
 *
 * <p>The work may be cut into independent parts, which threads share. Number and borders of the parts should follow from
 * the shapes alone: then results have the same bits at any number of threads.
 */
@FunctionalInterface
public interface OpKernel {
    /**
     * Prepares kernels of an operator.
     *
     * @param <O> the operator's class
     */
    @FunctionalInterface
    interface Source<O extends Op> {
        /**
         * Prepares a kernel. Called once for each set of shapes.
         *
         * @param op the operator
         * @param inputs the types of its inputs, all dimensions known, none of strings; null for inputs left out
         * @param outputs the types of its outputs as the operator infers them; null for those nobody asks for
         * @return the kernel, or null to compute such operands by {@link Op#reference}
         */
        OpKernel prepare(O op, List<TensorType> inputs, List<TensorType> outputs);
    }

    /**
     * Computes a range of parts.
     *
     * @param operands the inputs, then the outputs: dense and row-major, in native memory aligned to 64 bytes, in the
     *     byte order of the machine, each of exactly its size; null for those left out. Inputs must not be written;
     *     what outputs hold beforehand is undefined
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
     * Estimated time that one part takes, from which follows whether threads pay.
     *
     * @return nanoseconds, a rough figure
     */
    default long partNanos() {
        return 10_000;
    }
}
