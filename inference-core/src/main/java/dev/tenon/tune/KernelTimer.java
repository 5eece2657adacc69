package dev.tenon.tune;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/** Measures how long kernels take. */
@FunctionalInterface
public interface KernelTimer {
    /** Measures with the clock of this JVM, and runs all parts of a kernel on the calling thread. */
    KernelTimer REAL = new KernelTimer() {
        private static final long MOST_NANOS = 5_000_000_000L;

        @Override
        public long nanos(Kernel kernel, MemorySegment[] operands, MemorySegment scratch) {
            long start = System.nanoTime();
            kernel.runAll(operands, scratch);
            return System.nanoTime() - start;
        }

        @Override
        public boolean awaitCompilation() {
            return JitWarmUp.settle(MOST_NANOS);
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
     * Waits until the JVM has compiled the kernels that have run a few times.
     *
     * @return true if there was something to wait for: earlier measurements are useless then
     */
    default boolean awaitCompilation() {
        return false;
    }
}
