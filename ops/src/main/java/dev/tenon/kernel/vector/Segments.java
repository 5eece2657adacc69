package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;

/** What loops know of the memory of operands, which {@link dev.tenon.kernel.Kernel#run} promises. */
public final class Segments {
    /** The class of native memory: see the package. */
    public static final Class<? extends MemorySegment> NATIVE = MemorySegment.NULL.getClass();

    private Segments() {}
}
