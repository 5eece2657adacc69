package dev.tenon.nativecode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Pages of memory with code. They are written first and made executable afterwards, so they are never both. They are never
 * given back: the number of kernels is bounded, and no thread can be in code that has gone. Thread-safe.
 */
public final class ExecutableMemory {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final long FAILED = -1;
    private static final int PAGE = 4096;

    /** The functions of the C library of Linux. */
    private static final class Calls {
        private static final NativeFunction MMAP = NativeFunction.ofSystem("mmap");
        private static final NativeFunction MPROTECT = NativeFunction.ofSystem("mprotect");
        private static final NativeFunction MUNMAP = NativeFunction.ofSystem("munmap");
    }

    private ExecutableMemory() {}

    /**
     * Puts code into memory of its own.
     *
     * @param code the bytes, which must not depend on their address
     * @return the function that begins with the first byte
     * @throws CodeRefusedException if this is not Linux on x86-64, or if the system does not give memory, or does not make it
     *     executable
     * @throws IllegalCallerException if this JVM was started with {@code --illegal-native-access=deny}
     */
    public static NativeFunction publish(byte[] code) {
        String reason = Processor.reasonAgainst();
        if (reason != null) {
            throw new CodeRefusedException(reason);
        }
        if (Calls.MMAP == null || Calls.MPROTECT == null || Calls.MUNMAP == null) {
            throw new CodeRefusedException("the C library has no mmap, mprotect and munmap");
        }
        long bytes = Math.ceilDiv(code.length, PAGE) * (long) PAGE;
        long at = Calls.MMAP.call(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == FAILED || at == 0) {
            throw new CodeRefusedException("the system gives no memory for code");
        }
        MemorySegment.copy(code, 0, memory(at, code.length), ValueLayout.JAVA_BYTE, 0, code.length);
        if ((int) Calls.MPROTECT.call(at, bytes, PROT_READ | PROT_EXEC, 0, 0, 0) != 0) {
            Calls.MUNMAP.call(at, bytes, 0, 0, 0, 0);
            throw new CodeRefusedException("the system does not make memory executable");
        }
        return new NativeFunction(MemorySegment.ofAddress(at));
    }

    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
