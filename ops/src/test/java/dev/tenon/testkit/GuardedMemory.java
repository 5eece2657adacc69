package dev.tenon.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory between guard zones: a check finds kernels that write outside of their operands. */
public final class GuardedMemory {
    private static final long GUARD_BYTES = 128;
    private static final long ALIGNMENT = 64;
    private static final byte PATTERN = (byte) 0xA5;
    private static final MemorySegment UNTOUCHED =
            Arena.ofAuto().allocate(GUARD_BYTES).fill(PATTERN);

    private final MemorySegment all;
    private final MemorySegment inner;

    private GuardedMemory(MemorySegment all, MemorySegment inner) {
        this.all = all;
        this.inner = inner;
    }

    /**
     * Allocates memory.
     *
     * @param bytes the size between the guards
     * @return memory filled with a pattern, the guards too
     */
    public static GuardedMemory of(long bytes) {
        MemorySegment all = Arena.ofAuto().allocate(bytes + 2 * GUARD_BYTES, ALIGNMENT);
        all.fill(PATTERN);
        return new GuardedMemory(all, all.asSlice(GUARD_BYTES, bytes));
    }

    /**
     * The memory between the guards.
     *
     * @return a native segment of exactly the given size, aligned to 64 bytes
     */
    public MemorySegment segment() {
        return inner;
    }

    /**
     * Fails if a guard has been written to.
     *
     * @param what the contents of the memory, for the message
     */
    public void check(String what) {
        for (long from : new long[] {0, GUARD_BYTES + inner.byteSize()}) {
            long at = from + all.asSlice(from, GUARD_BYTES).mismatch(UNTOUCHED);
            if (at >= from) {
                throw new AssertionError(what + ": byte " + (at - GUARD_BYTES) + " outside of [0, " + inner.byteSize()
                        + ") was written");
            }
        }
    }
}
