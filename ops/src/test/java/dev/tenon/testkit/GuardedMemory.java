package dev.tenon.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Native memory between guard zones: a check finds kernels that write outside of their operands. */
public final class GuardedMemory {
    private static final long GUARD_BYTES = 128;
    private static final long ALIGNMENT = 64;
    private static final byte PATTERN = (byte) 0xA5;

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
     * @param what the name of the operand, for the message
     */
    public void check(String what) {
        for (long i = 0; i < all.byteSize(); i++) {
            boolean guard = i < GUARD_BYTES || i >= GUARD_BYTES + inner.byteSize();
            if (guard && all.get(ValueLayout.JAVA_BYTE, i) != PATTERN) {
                throw new AssertionError(
                        what + ": byte " + (i - GUARD_BYTES) + " outside of [0, " + inner.byteSize() + ") was written");
            }
        }
    }
}
