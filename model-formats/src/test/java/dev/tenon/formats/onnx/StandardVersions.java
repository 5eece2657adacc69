package dev.tenon.formats.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The history of the standard's operators. */
public final class StandardVersions {
    private StandardVersions() {}

    /** The versions in which each operator of the standard got a new form, by operator. */
    public static Map<String, List<Integer>> read() throws IOException {
        Map<String, List<Integer>> versions = new LinkedHashMap<>();
        try (InputStream in = StandardVersions.class.getResourceAsStream("operator-versions.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                String[] words = line.split(" ");
                if (!line.startsWith("#")) {
                    versions.put(
                            words[0],
                            Arrays.stream(words).skip(1).map(Integer::valueOf).toList());
                }
            }
        }
        return versions;
    }
}
