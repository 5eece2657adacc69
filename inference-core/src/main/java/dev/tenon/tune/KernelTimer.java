package dev.tenon.tune;

import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/** Measures how long kernels take. */
@FunctionalInterface
public interface KernelTimer {
    /** Measures with the clock of this JVM, and runs all parts of a kernel on the calling thread. */
    KernelTimer REAL = (kernel, operands, scratch) -> {
        long start = System.nanoTime();
        kernel.runAll(operands, scratch);
        return System.nanoTime() - start;
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
}
