package dev.tenon.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * JVMs in which nothing but one program runs, on this process's class path, of which folders are put into jars: caches of
 * classes take nothing else.
 */
final class FreshJvm {
    /** What lines with times begin with. */
    static final String MARK = "time ";

    /** When the process was started. */
    static final String LAUNCH = "launch";

    private static final String CACHE = "aot.cache";
    private static final List<String> FLAGS =
            List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

    private final Path folder;
    private final String classPath;

    /**
     * Makes the class path ready.
     *
     * @param folder where jars and caches are put
     * @throws IOException if they can't be written
     */
    FreshJvm(Path folder) throws IOException {
        this.folder = folder;
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (!Files.isDirectory(path)) {
                jars.add(entry);
                continue;
            }
            Path packed = folder.resolve(jars.size() + ".jar");
            int status = jar.run(
                    System.out, System.err, "--create", "--file", packed.toString(), "-C", path.toString(), ".");
            if (status != 0) {
                throw new IOException("jar of " + path + " failed");
            }
            jars.add(packed.toString());
        }
        classPath = String.join(File.pathSeparator, jars);
    }

    /**
     * Runs a program.
     *
     * @param program its class
     * @param cache whether it starts from what {@link #makeCache} has kept
     * @param arguments its arguments
     * @return the times that it told, and when it was started; microseconds
     * @throws IOException if it fails; what it printed is in the message
     */
    Map<String, Long> run(Class<?> program, boolean cache, String... arguments) throws IOException {
        List<String> flags = cache ? List.of("-XX:AOTCache=" + folder.resolve(CACHE)) : List.of();
        return start(flags, program, arguments);
    }

    /**
     * Runs a program and keeps its classes and profiles for later runs.
     *
     * @param program its class
     * @param arguments its arguments
     * @throws IOException if it fails; what it printed is in the message
     */
    void makeCache(Class<?> program, String... arguments) throws IOException {
        start(List.of("-XX:AOTCacheOutput=" + folder.resolve(CACHE)), program, arguments);
    }

    private Map<String, Long> start(List<String> flags, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, program.getName()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Instant launch = Instant.now();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int status;
        try {
            status = process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        if (status != 0) {
            throw new IOException(program.getSimpleName() + " ended with " + status + ":\n" + text);
        }
        Map<String, Long> times = new LinkedHashMap<>();
        times.put(LAUNCH, launch.getEpochSecond() * 1_000_000 + launch.getNano() / 1000);
        try (Stream<String> lines = text.lines()) {
            lines.filter(line -> line.startsWith(MARK)).forEach(line -> {
                String[] words = line.substring(MARK.length()).split(" ");
                times.put(words[0], Long.parseLong(words[1]));
            });
        }
        return times;
    }
}
