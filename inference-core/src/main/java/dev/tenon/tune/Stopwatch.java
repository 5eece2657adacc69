package dev.tenon.tune;

import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/** Measures runs of kernels. */
@FunctionalInterface
public interface Stopwatch {
    /** The clock of this JVM, all parts of a kernel on the calling thread. */
    Stopwatch REAL = (kernel, operands, scratch) -> {
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
