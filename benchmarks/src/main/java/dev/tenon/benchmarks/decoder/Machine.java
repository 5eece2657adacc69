package dev.tenon.benchmarks.decoder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processor, as the operating system names it. */
final class Machine {
    private static final Path CPU = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** {@return its name, family and model, and the number of processors that this JVM sees} */
    static String describe() {
        List<String> parts = new ArrayList<>();
        try {
            for (String key : List.of("model name", "cpu family", "model")) {
                Files.readAllLines(CPU).stream()
                        .filter(line -> line.matches(key + "\\s*:.*"))
                        .findFirst()
                        .ifPresent(line -> parts.add((parts.isEmpty() ? "" : key.replace("cpu ", "") + " ")
                                + line.substring(line.indexOf(':') + 1).strip()));
            }
        } catch (IOException e) {
            parts.add(System.getProperty("os.arch"));
        }
        return "processor: " + String.join(", ", parts) + "; "
                + Runtime.getRuntime().availableProcessors() + " of them";
    }
}
