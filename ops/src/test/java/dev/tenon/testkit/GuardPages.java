package dev.tenon.testkit;

import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;

/**
 * Memory between two pages that can't be touched. Code that reads or writes outside of it ends the process, at the wrong
 * instruction. For machine code on Linux; the memory is never given back, so a test makes few of them.
 */
public final class GuardPages {
    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;

    /** 4 KB on x86-64; on arm64 the kernel decides. */
    private static final long PAGE =
            (int) NativeFunction.ofSystem("getpagesize").call(0, 0, 0, 0, 0, 0);

    private final MemorySegment memory;

    private GuardPages(MemorySegment memory) {
        this.memory = memory;
    }

    /**
     * Allocates memory.
     *
     * @param atLeast the bytes between the guards; rounded up to whole pages
     * @return memory filled with zeros
     */
    @SuppressWarnings("restricted")
    public static GuardPages of(long atLeast) {
        long bytes = (atLeast + PAGE - 1) / PAGE * PAGE;
        long start = NativeFunction.ofSystem("mmap").call(0, bytes + 2 * PAGE, 0, PRIVATE_ANONYMOUS, -1, 0);
        int failed = (int) NativeFunction.ofSystem("mprotect").call(start + PAGE, bytes, READ_WRITE, 0, 0, 0);
        if (start == -1 || failed != 0) {
            throw new AssertionError("the system gives no guarded memory");
        }
        return new GuardPages(MemorySegment.ofAddress(start + PAGE).reinterpret(bytes));
    }

    /**
     * All of it.
     *
     * @return the memory from guard to guard
     */
    public MemorySegment all() {
        return memory;
    }

    /**
     * A part that touches a guard.
     *
     * @param bytes the size of the part
     * @param last whether it ends where the last page begins, else it starts where the first page ends
     * @return the part
     */
    public MemorySegment part(long bytes, boolean last) {
        return memory.asSlice(last ? memory.byteSize() - bytes : 0, bytes);
    }

    /**
     * Memory that touches a guard.
     *
     * @param bytes its size
     * @param atEnd whether its last byte is the last one before a guard; else its first byte is the first one after a guard
     * @return the memory
     */
    public static MemorySegment of(long bytes, boolean atEnd) {
        return of(bytes).part(bytes, atEnd);
    }

    /**
     * A copy of memory that touches a guard.
     *
     * @param source the memory
     * @param atEnd whether its last byte is the last one before a guard
     * @return the copy
     */
    public static MemorySegment copy(MemorySegment source, boolean atEnd) {
        return of(source.byteSize(), atEnd).copyFrom(source);
    }
}
