package dev.tenon.nativecode;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Tells Linux about pages of this process, by madvise(2). Thread-safe. */
public final class PageAdvice {
    /** Advice: the contents are not needed any more. The pages are returned, and read as zeros. */
    private static final int MADV_DONTNEED = 4;

    /** No Linux has larger ordinary pages. */
    private static final long LARGEST_PAGE = 1 << 16;

    private static final int FAILED = -1;

    /** Holds the linked function. Linking takes longer than planning a model, so it waits for the first advice. */
    private static final class Calls {
        private static final MethodHandle MADVISE = madvise();

        @SuppressWarnings("restricted")
        private static MethodHandle madvise() {
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup()
                    .find("madvise")
                    .map(address -> linker.downcallHandle(
                            address,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT)))
                    .orElse(null);
        }
    }

    private PageAdvice() {}

    /**
     * Gives an advice.
     *
     * @param address the start of the range, that of a page
     * @param bytes its length
     * @param advice its number
     * @return 0 if the system takes it; anything else if not
     */
    static int give(long address, long bytes, int advice) {
        try {
            return Calls.MADVISE == null ? FAILED : (int) Calls.MADVISE.invokeExact(address, bytes, advice);
        } catch (Throwable e) {
            // The JVM has no linker for its platform.
            System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "no advice on memory", e);
            return FAILED;
        }
    }

    /**
     * Returns the pages of memory to the system. What lies in them becomes zeros. Only whole pages inside of the range are
     * returned. Does nothing but on Linux, with native calls allowed.
     *
     * @param address the start of the range; the memory must not be freed before this returns
     * @param bytes its length
     * @return the number of bytes that were returned
     */
    public static long discard(long address, long bytes) {
        boolean allowed = "Linux".equals(System.getProperty("os.name"))
                && !"off".equals(System.getProperty(LargePages.PROPERTY))
                && PageAdvice.class.getModule().isNativeAccessEnabled();
        long from = (address + LARGEST_PAGE - 1) & -LARGEST_PAGE;
        long length = ((address + bytes) & -LARGEST_PAGE) - from;
        return allowed && length > 0 && give(from, length, MADV_DONTNEED) == 0 ? length : 0;
    }
}
