package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A kernel prepared for one problem: shapes, layouts and attributes are settled, operands are given at each run.
 * Immutable and safe for any number of threads; a run allocates nothing.
 *
 * <p>The work is cut into {@link #parts} independent parts, whose number and borders are a function of the problem,
 * the instruction set and the sizes of caches, and never of the number of threads. No sum is cut by what caches or threads
 * decide: results have the same bits however the parts are spread, and whatever the {@link Tiling}.
 *
 * <p>Work of which one part needs the results of all others takes several stages, each a kernel: see {@link #next}.
 */
public interface Kernel {
    /**
     * The name under which plan, log, test and benchmark know this kernel.
     *
     * @return such as {@code gemm_f32_12x32_vector512}
     */
    String id();

    /**
     * The number of independent parts.
     *
     * @return at least 1
     */
    int parts();

    /**
     * How the work is cut into blocks, for people and for those who look for a better cut.
     *
     * @return sizes that follow from the caches, such as {@code kc 384 mc 96 nc 1536}; empty if none do
     */
    default String tiling() {
        return "";
    }

    /**
     * The next stage of the same step, which runs on the same operands once every part of this one is finished. It needs
     * no more scratch memory than this one, and finds nothing there that this one left.
     *
     * @return the kernel of the next stage, or null if this is the last
     */
    default Kernel next() {
        return null;
    }

    /**
     * Memory by which stages hand on what is no output, the same for all parts of a run: one more operand, behind the
     * outputs. Asked of the first stage.
     *
     * @return bytes, may be 0 for none
     */
    default long sharedBytes() {
        return 0;
    }

    /**
     * Scratch memory that a run of any range of parts needs.
     *
     * @return bytes, may be 0
     */
    default long scratchBytes() {
        return 0;
    }

    /**
     * Estimated work of one part, from which the executor decides whether threads pay.
     *
     * @return nanoseconds on one current core, a rough figure
     */
    long partNanos();

    /**
     * Computes a range of parts.
     *
     * @param operands inputs, then outputs, then what stages share, each a plain native segment aligned to 64 bytes and
     *     of exactly the operand's size (of the packed size for packed ones); null for operands that are absent. Inputs
     *     that {@link #copiesOnly} names may be of any kind
     * @param scratch native memory of at least {@link #scratchBytes}, aligned to 64 bytes, of this run alone
     * @param from the first part
     * @param to the part after the last
     */
    void run(MemorySegment[] operands, MemorySegment scratch, int from, int to);

    /**
     * Computes all parts of this stage and of those behind it, on the calling thread.
     *
     * @param operands as {@link #run} takes them
     * @param scratch as {@link #run} takes it
     */
    default void runAll(MemorySegment[] operands, MemorySegment scratch) {
        for (Kernel stage = this; stage != null; stage = stage.next()) {
            stage.run(operands, scratch, 0, stage.parts());
        }
    }

    /**
     * Whether an output may occupy the very memory of an input.
     *
     * @param input an input of the same byte size
     * @param output an output
     * @return true if every element is read before its place is written
     */
    default boolean inPlace(int input, int output) {
        return false;
    }

    /**
     * The same kernel with a result whose rows, along its last axis, lie farther apart: its output is then a part of a
     * larger tensor, from its first element to its last one, and what lies between its rows is left alone.
     *
     * @param pitch elements from a row of the first output to the next, at least as many as a row has
     * @return the kernel, or null if it writes rows one behind the other alone
     */
    default Kernel apart(int pitch) {
        return null;
    }

    /**
     * Whether an input is only copied from, in bulk, so that it may lie in a mapped file or on the heap.
     *
     * @param input an input
     * @return true if it is only copied
     */
    default boolean copiesOnly(int input) {
        return false;
    }
}
