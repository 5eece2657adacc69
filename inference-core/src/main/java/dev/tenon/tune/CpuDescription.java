package dev.tenon.tune;

import dev.tenon.kernel.Capabilities;
import dev.tenon.nativecode.SystemText;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Describes a CPU in one line of text, which is the key of its measurements. */
final class CpuDescription {
    private static final File LISTING = new File("/proc/cpuinfo");
    private static final List<String> FIELDS =
            List.of("model name", "cpu family", "model", "stepping", "CPU implementer", "CPU architecture", "CPU part");
    private static final int MOST_BYTES = 1 << 14;
    private static final int LONGEST = 200;

    private CpuDescription() {}

    /** The CPU of this process, as far as the operating system describes it. */
    static String describe(Capabilities capabilities) {
        return describe(SystemText.start(LISTING, MOST_BYTES), System.getProperty("os.arch", ""), capabilities);
    }

    /**
     * The description of a CPU.
     *
     * @param listing the start of {@code /proc/cpuinfo}, or an empty text
     * @param architecture the architecture
     * @param capabilities the vectors and the caches
     * @return a line without tabs
     */
    static String describe(String listing, String architecture, Capabilities capabilities) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : listing.split("\n", -1)) {
            int colon = line.indexOf(':');
            String field = colon < 0 ? "" : line.substring(0, colon).strip();
            if (FIELDS.contains(field)) {
                found.putIfAbsent(field, line.substring(colon + 1).strip());
            }
        }
        StringBuilder text = new StringBuilder(architecture);
        for (String field : FIELDS) {
            if (found.containsKey(field)) {
                text.append(", ").append(field).append(' ').append(found.get(field));
            }
        }
        String name = text.toString().replaceAll("[^\\x20-\\x7e]", "?");
        return name.substring(0, Math.min(LONGEST, name.length())) + ", " + capabilities.vectorBits() + "-bit vectors, "
                + capabilities.vectorRegisters() + " registers, caches "
                + capabilities.caches().describe();
    }
}
