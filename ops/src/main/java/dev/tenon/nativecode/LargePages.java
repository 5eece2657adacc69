package dev.tenon.nativecode;

import java.io.File;

/**
 * Large pages of memory on Linux. A call reads every weight of a large model from memory. The processor prefetches it,
 * but not beyond the end of a page. So small batches of large models are faster with pages of 2 MB instead of 4 KB.
 * Thread-safe.
 */
public final class LargePages {
    /** The system property that switches native calls off with the value {@code off}. */
    public static final String PROPERTY = "tenon.native";

    private static final String MODULE_FLAG = "--enable-native-access=ALL-UNNAMED (on the module path: =dev.tenon.ops)";
    private static final File PAGE_SIZE = new File("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
    private static final int DIGITS = 20;

    /** Advice of madvise(2): move the range onto large pages now. Since Linux 6.1. */
    private static final int MADV_COLLAPSE = 25;

    /** Advice of madvise(2): let the system move the range in the background. */
    private static final int MADV_HUGEPAGE = 14;

    private LargePages() {}

    /**
     * The reason why memory is not moved onto large pages.
     *
     * @return the reason, and the flag that would change it if there is one; null if memory is moved
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
     * Moves memory onto large pages. Its contents and its address stay the same. Only whole large pages inside of the
     * range are moved. Does nothing if {@link #refusal} gives a reason.
     *
     * @param address the start of the range; the memory must not be freed before this returns
     * @param bytes its length
     * @return the number of bytes that are on large pages now; 0 if the system moves them later or can't
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
        if (PageAdvice.give(from, length, MADV_COLLAPSE) == 0) {
            return length;
        }
        PageAdvice.give(from, length, MADV_HUGEPAGE);
        return 0;
    }
}
