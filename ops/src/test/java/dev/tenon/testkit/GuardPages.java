package dev.tenon.testkit;

import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;

/**
 * Memory between pages that nobody may read or write, on Linux. Machine code that reads or writes outside of an operand ends the
 * process. The memory is never given back.
 */
public final class GuardPages {
    private static final long PAGE = 4096;
    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final NativeFunction MMAP = NativeFunction.ofSystem("mmap");
    private static final NativeFunction MPROTECT = NativeFunction.ofSystem("mprotect");

    private GuardPages() {}

    /**
     * Allocates memory.
     *
     * @param bytes its size
     * @param atEnd whether its last byte is the last one before a guard; else its first byte is the first one after a guard
     * @return the memory
     */
    public static MemorySegment of(long bytes, boolean atEnd) {
        long pages = Math.ceilDiv(bytes, PAGE);
        long inner = pages * PAGE;
        long all = inner + 2 * PAGE;
        long at = MMAP.call(0, all, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (at <= 0) {
            throw new IllegalStateException("the system gives no memory");
        }
        boolean refused = (int) MPROTECT.call(at, PAGE, PROT_NONE, 0, 0, 0) != 0
                || (int) MPROTECT.call(at + PAGE + inner, PAGE, PROT_NONE, 0, 0, 0) != 0;
        if (refused) {
            throw new IllegalStateException("the system does not guard memory");
        }
        return memory(at + PAGE, inner).asSlice(atEnd ? inner - bytes : 0, bytes);
    }

    /**
     * A copy of memory between such pages.
     *
     * @param source the memory
     * @param atEnd whether its last byte is the last one before a guard
     * @return the copy
     */
    public static MemorySegment copy(MemorySegment source, boolean atEnd) {
        return of(source.byteSize(), atEnd).copyFrom(source);
    }

    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
