package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;

/** The class of operand segments, which {@link dev.tenon.kernel.Kernel#run} guarantees. */
public final class Segments {
    /** The class of native segments. Loops cast to it, see the description of the package. */
    public static final Class<? extends MemorySegment> NATIVE = MemorySegment.NULL.getClass();

    private Segments() {}
}
