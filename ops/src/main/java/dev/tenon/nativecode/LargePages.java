package dev.tenon.nativecode;

import java.io.File;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Large pages of memory on Linux. A weight that is read once in a call comes from memory as fast as the processor foresees
 * its addresses, and it does not look beyond the end of a page: small batches of large models gain from pages of 2 MB
 * instead of 4 KB. Threads may call at the same time.
 */
public final class LargePages {
    /** Switches calls of the system off. */
    public static final String PROPERTY = "tenon.native";

    private static final String MODULE_FLAG = "--enable-native-access=ALL-UNNAMED (on the module path: =dev.tenon.ops)";
    private static final File PAGE_SIZE = new File("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
    private static final int DIGITS = 20;

    /** Advice of madvise(2): put the range onto large pages now, since Linux 6.1. */
    private static final int MADV_COLLAPSE = 25;

    /** Advice of madvise(2): let the system do it when it finds the time. */
    private static final int MADV_HUGEPAGE = 14;

    /** Linked when the first range is moved: that takes longer than to plan a model. */
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

    private LargePages() {}

    /**
     * Why memory is not put onto large pages.
     *
     * @return the reason, with the flag that would change it if one would; null if it is
     */
    public static String refusal() {
        if ("off".equals(System.getProperty(PROPERTY))) {
            return "switched off by -D" + PROPERTY + "=off";
        }
        if (pageBytes() == 0) {
            return "this system has none that a process may ask for";
        }
        if (!LargePages.class.getModule().isNativeAccessEnabled()) {
            return "asking for them is a native call; start java with " + MODULE_FLAG;
        }
        return null;
    }

    /**
     * The size of a large page.
     *
     * @return bytes, a power of two; 0 if there are none
     */
    public static long pageBytes() {
        String text = SystemText.start(PAGE_SIZE, DIGITS).strip();
        try {
            long bytes = text.isEmpty() ? 0 : Long.parseLong(text);
            return Long.bitCount(bytes) == 1 && bytes > 0 ? bytes : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /**
     * Puts memory onto large pages: what lies in it stays, and so does its address. Only whole large pages inside of the
     * range are moved. Does nothing where {@link #refusal} has a reason.
     *
     * @param address where the range begins; the memory must live until this returns
     * @param bytes its length
     * @return the bytes that are on large pages now, 0 if the system is asked to move them later or can't
     */
    public static long move(long address, long bytes) {
        if (refusal() != null) {
            return 0;
        }
        long page = pageBytes();
        long from = (address + page - 1) & -page;
        long length = ((address + bytes) & -page) - from;
        if (length <= 0) {
            return 0;
        }
        try {
            if (Calls.MADVISE == null) {
                return 0;
            }
            if ((int) Calls.MADVISE.invokeExact(from, length, MADV_COLLAPSE) == 0) {
                return length;
            }
            int ignored = (int) Calls.MADVISE.invokeExact(from, length, MADV_HUGEPAGE);
            return 0;
        } catch (Throwable e) {
            // A JVM without a linker for its platform: small pages stay.
            System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "memory stays on small pages", e);
            return 0;
        }
    }
}
