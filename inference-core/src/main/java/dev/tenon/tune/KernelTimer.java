package dev.tenon.tune;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Rehearsal;
import java.lang.foreign.MemorySegment;

/** Measures runs of kernels. */
@FunctionalInterface
public interface KernelTimer {
    /** The clock of this JVM, all parts of a kernel on the calling thread. */
    KernelTimer REAL = new KernelTimer() {
        private static final long MOST_NANOS = 5_000_000_000L;

        @Override
        public long nanos(Kernel kernel, MemorySegment[] operands, MemorySegment scratch) {
            long start = System.nanoTime();
            kernel.runAll(operands, scratch);
            return System.nanoTime() - start;
        }

        @Override
        public boolean settles() {
            return Rehearsal.settle(MOST_NANOS);
        }
    };

    /**
     * Runs all parts of a kernel once.
     *
     * @param kernel the kernel
     * @param operands its operands, as {@link Kernel#run} takes them
     * @param scratch its scratch memory
     * @return how long it took, nanoseconds
     */
    long nanos(Kernel kernel, MemorySegment[] operands, MemorySegment scratch);

    /**
     * Waits until kernels that have run a few times are as fast as they get.
     *
     * @return whether that was to be waited for: what was measured before is of no use then
     */
    default boolean settles() {
        return false;
    }
}
