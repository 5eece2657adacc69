package dev.tenon.nativecode;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads the text files in which a system describes its hardware. */
public final class SystemText {
    private SystemText() {}

    /**
     * The start of a file.
     *
     * @param file a file; other systems and some containers do not have it
     * @param bytes the most bytes to read, at least 0
     * @return the text; empty if the file can't be read
     */
    public static String start(File file, int bytes) {
        try (FileInputStream in = new FileInputStream(file)) {
            return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
        } catch (IOException | SecurityException e) {
            return "";
        }
    }
}
