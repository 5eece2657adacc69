package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A kernel prepared for one problem: it knows shapes, layouts and attributes, and gets the operands at each run. Immutable
 * and safe for any number of threads. A run allocates nothing.
 *
 * <p>The work consists of {@link #parts} independent parts, which may run in any order and on any threads. Their number and
 * borders depend on the problem, the instruction set and the cache sizes, never on the number of threads. No sum is split by
 * cache sizes or threads, so a result has the same bits however the parts are distributed, and whatever the {@link Tiling}.
 *
 * <p>If a part needs the results of all other parts, the work has several stages, each of which is a kernel: see {@link
 * #nextStage}.
 */
public interface Kernel {
    /**
     * The name of this kernel in plans, logs, tests and benchmarks.
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
     * How the work is cut into blocks, for people and for the search for better block sizes.
     *
     * @return the sizes that follow from the caches, such as {@code kc 384 mc 96 nc 1536}; empty if there are none
     */
    default String tiling() {
        return "";
    }

    /**
     * The next stage of the same step. It runs on the same operands, after every part of this stage has finished. It needs
     * no more scratch memory than this stage, and must not rely on its contents.
     *
     * @return the kernel of the next stage, or null if this is the last one
     */
    default Kernel nextStage() {
        return null;
    }

    /**
     * The size of the memory in which stages pass on intermediate results. All parts of a run share it; it is one more
     * operand, after the outputs. The executor asks the first stage only.
     *
     * @return bytes, 0 for none
     */
    default long sharedBytes() {
        return 0;
    }

    /**
     * The scratch memory that a run of any range of parts needs.
     *
     * @return bytes, 0 for none
     */
    default long scratchBytes() {
        return 0;
    }

    /**
     * An estimate of the work of one part. The executor uses it to decide whether several threads pay.
     *
     * @return nanoseconds on one current core, a rough figure
     */
    long partNanos();

    /**
     * Computes a range of parts.
     *
     * @param operands the inputs, then the outputs, then the shared memory if there is any. Each is a native segment,
     *     aligned to 64 bytes and exactly as large as the operand (as the packed operand, if it is packed). Null stands for
     *     an operand that is left out. An input for which {@link #copiesOnly} is true may be any kind of segment
     * @param scratch native memory of at least {@link #scratchBytes}, aligned to 64 bytes, that no other run uses
     * @param from the first part
     * @param to the part after the last
     */
    void run(MemorySegment[] operands, MemorySegment scratch, int from, int to);

    /**
     * Computes all parts of this stage and of the stages after it, on the calling thread.
     *
     * @param operands as for {@link #run}
     * @param scratch as for {@link #run}
     */
    default void runAll(MemorySegment[] operands, MemorySegment scratch) {
        for (Kernel stage = this; stage != null; stage = stage.nextStage()) {
            stage.run(operands, scratch, 0, stage.parts());
        }
    }

    /**
     * Whether an output may occupy the memory of an input.
     *
     * @param input the index of an input of the same size in bytes
     * @param output the index of an output
     * @return true if every element is read before its place is written
     */
    default boolean inPlace(int input, int output) {
        return false;
    }

    /**
     * The same kernel, writing its result into a part of a larger tensor: rows along the last axis are farther apart than
     * their length, and the elements between them are left alone. The output segment then reaches from the first element of
     * the result to its last.
     *
     * @param stride the distance between the starts of neighbouring rows of the first output, elements; at least the length
     *     of a row
     * @return the kernel, or null if it can only write rows without gaps
     */
    default Kernel withOutputRowStride(int stride) {
        return null;
    }

    /**
     * Whether a kernel reads an input by bulk copies only, so that the input may be in a mapped file or on the heap.
     *
     * @param input the index of an input
     * @return true if it is only copied
     */
    default boolean copiesOnly(int input) {
        return false;
    }
}
