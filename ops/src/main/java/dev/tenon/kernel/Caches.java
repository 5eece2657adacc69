package dev.tenon.kernel;

import dev.tenon.nativecode.SystemText;
import java.io.File;

/**
 * The data caches of one core. Kernels choose the sizes of their blocks so that operands fit in them.
 *
 * @param l1Bytes the size of the first level, bytes, at least 1
 * @param l2Bytes the size of the second level, bytes, at least 1
 * @param l3Bytes the size of the third level, bytes, or 0 if there is none
 */
public record Caches(long l1Bytes, long l2Bytes, long l3Bytes) {
    /** The sizes that are assumed where none are known: 32 KB, 1 MB, 16 MB. */
    public static final Caches TYPICAL = new Caches(32 << 10, 1 << 20, 16 << 20);

    /** The system property that overrides the sizes: three of them, such as {@code 48K,2M,0}. */
    public static final String PROPERTY = "tenon.caches";

    private static final String SYSTEM = "/sys/devices/system/cpu/cpu0/cache";
    private static final int LEVELS = 3;
    private static final int MAX_INDEXES = 16;
    private static final int MAX_LINE_LENGTH = 64;
    private static final long MIN_BYTES = 1 << 12;
    private static final long MAX_BYTES = 1L << 40;

    /**
     * Caches of given sizes.
     *
     * @param l1Bytes the size of the first level, bytes, at least 1
     * @param l2Bytes the size of the second level, bytes, at least 1
     * @param l3Bytes the size of the third level, bytes, or 0 if there is none
     * @throws IllegalArgumentException if a size is out of range
     */
    public Caches {
        if (l1Bytes < 1 || l2Bytes < 1 || l3Bytes < 0) {
            throw new IllegalArgumentException("caches of " + l1Bytes + ", " + l2Bytes + " and " + l3Bytes
                    + " bytes: the first two have at least 1 byte, the third 0 or more");
        }
    }

    /**
     * The caches of this machine: the sizes in {@link #PROPERTY}, else those of the first processor as Linux lists them,
     * else {@link #TYPICAL}. A source that can't be read or gives implausible sizes is skipped.
     *
     * @return the caches
     */
    public static Caches detect() {
        Caches given = parse(System.getProperty(PROPERTY, ""));
        return given != null ? given : read(new File(SYSTEM));
    }

    /**
     * Parses the text of {@link #PROPERTY}.
     *
     * @param text three sizes with commas between them. Each is a number of bytes, or of units of 1024 bytes if {@code K}
     *     follows it, of 1024<sup>2</sup> if {@code M} does, of 1024<sup>3</sup> if {@code G} does
     * @return the caches, or null if the text has another form or the sizes are implausible
     */
    public static Caches parse(String text) {
        String[] sizes = text.split(",", -1);
        if (sizes.length != LEVELS) {
            return null;
        }
        long l3 = sizes[2].strip().equals("0") ? 0 : bytes(sizes[2]);
        return plausible(bytes(sizes[0]), bytes(sizes[1]), l3);
    }

    /**
     * Reads the caches of a processor as Linux lists them. Each cache has a folder, {@code index0}, {@code index1} and so
     * on, with the files {@code level}, {@code type} and {@code size}.
     *
     * @param folder the folder of these folders. It may be missing, as in some containers and on other systems
     * @return the caches; {@link #TYPICAL} if the first or the second level is not found
     */
    public static Caches read(File folder) {
        long[] bytes = new long[LEVELS + 1];
        for (int i = 0; i < MAX_INDEXES; i++) {
            File cache = new File(folder, "index" + i);
            String type = line(cache, "type");
            if (type.isEmpty()) {
                break;
            }
            String level = line(cache, "level");
            String size = line(cache, "size");
            boolean data = type.equals("Data") || type.equals("Unified");
            if (data && level.length() == 1) {
                int number = level.charAt(0) - '0';
                if (number >= 1 && number <= LEVELS) {
                    bytes[number] = bytes(size);
                }
            }
        }
        Caches caches = plausible(bytes[1], bytes[2], bytes[LEVELS]);
        return caches == null ? TYPICAL : caches;
    }

    /** The caches, or null if a size is implausible. The size -1 stands for one that could not be read. */
    private static Caches plausible(long l1, long l2, long l3) {
        boolean plausible =
                l1 >= MIN_BYTES && l2 >= l1 && l2 <= MAX_BYTES && (l3 == 0 || l3 >= MIN_BYTES) && l3 <= MAX_BYTES;
        return plausible ? new Caches(l1, l2, l3) : null;
    }

    private static long bytes(String text) {
        String digits = text.strip();
        int shift = digits.endsWith("K") ? 10 : digits.endsWith("M") ? 20 : digits.endsWith("G") ? 30 : 0;
        digits = shift == 0 ? digits : digits.substring(0, digits.length() - 1);
        if (digits.isEmpty() || digits.length() > 12) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return Math.multiplyHigh(number, 1L << shift) == 0 && number << shift >= 0 ? number << shift : -1;
    }

    private static String line(File folder, String name) {
        return SystemText.start(new File(folder, name), MAX_LINE_LENGTH).strip();
    }

    /**
     * A part of the second level, for data that kernels keep there. It is smaller in a second level that is smaller than a
     * typical one, and does not grow in a larger one, where larger blocks gain nothing.
     *
     * @param bytes the part of a second level of typical size, bytes
     * @return bytes
     */
    public long partOfL2(long bytes) {
        return Math.min(bytes, (long) ((double) bytes * l2Bytes / TYPICAL.l2Bytes));
    }

    /**
     * The sizes in the form that {@link #parse} reads.
     *
     * @return three numbers of bytes with commas between them
     */
    public String property() {
        return l1Bytes + "," + l2Bytes + "," + l3Bytes;
    }

    /**
     * The sizes as readable text.
     *
     * @return one line
     */
    public String describe() {
        return text(l1Bytes) + ", " + text(l2Bytes) + ", " + (l3Bytes == 0 ? "no third level" : text(l3Bytes));
    }

    private static String text(long bytes) {
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MB" : (bytes >> 10) + " KB";
    }
}
