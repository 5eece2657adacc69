package dev.tenon.benchmarks.fresh;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Runs programs in new JVMs, with the class path of this process. Folders of the class path are packed into jars,
 * because the cache of the JVM for classes supports only jars.
 */
public final class FreshJvm {
    /** The start of a line with a time. */
    private static final String MARK = "time ";

    /** The start of the process. */
    public static final String LAUNCH = "launch";

    /** The flags with which a JVM is started. */
    public enum Flags {
        /** Those of the vector tier and of native access. */
        ALL,
        /** The same, and the cache of {@link #makeCache}. */
        CACHED,
        /** No flag at all. */
        NONE
    }

    private static final String CACHE = "aot.cache";
    private static final List<String> TIERS =
            List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

    private final Path folder;
    private final String classPath;

    /**
     * Prepares the class path.
     *
     * @param folder the folder for jars and caches
     * @throws IOException if they cannot be written
     */
    public FreshJvm(Path folder) throws IOException {
        this.folder = folder;
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.isEmpty()) {
                // It stands for the current folder, which may be large and has no classes.
                continue;
            }
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

    /** {@return the time of the system clock in microseconds, which the parent process reads too} */
    public static long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    /**
     * Prints a figure of the program that runs, for {@link #run}.
     *
     * @param name the name of the figure, one word
     * @param value the figure, such as a time in microseconds
     */
    public static void tell(String name, long value) {
        System.out.println(MARK + name + " " + value);
    }

    /**
     * Runs a program.
     *
     * @param program the class of the program
     * @param flags the flags of its JVM
     * @param arguments the arguments
     * @return what the program told, and its start, in microseconds
     * @throws IOException if it fails; the message has its output
     */
    public Map<String, Long> run(Class<?> program, Flags flags, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(flags == Flags.NONE ? List.of() : TIERS);
        if (flags == Flags.CACHED) {
            all.add("-XX:AOTCache=" + folder.resolve(CACHE));
        }
        return start(all, program, arguments);
    }

    /**
     * Runs a program and stores its classes and profiles in a cache for later runs.
     *
     * @param program the class of the program
     * @param arguments the arguments
     * @throws IOException if it fails; the message has its output
     */
    public void makeCache(Class<?> program, String... arguments) throws IOException {
        List<String> flags = new ArrayList<>(TIERS);
        flags.add("-XX:AOTCacheOutput=" + folder.resolve(CACHE));
        start(flags, program, arguments);
    }

    private Map<String, Long> start(List<String> flags, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, program.getName()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        long launch = now();
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
            throw new IOException(
                    program.getSimpleName() + " " + List.of(arguments) + " ended with " + status + ":\n" + text);
        }
        Map<String, Long> times = new LinkedHashMap<>();
        times.put(LAUNCH, launch);
        try (Stream<String> lines = text.lines()) {
            lines.filter(line -> line.startsWith(MARK)).forEach(line -> {
                String[] words = line.substring(MARK.length()).split(" ");
                times.put(words[0], Long.parseLong(words[1]));
            });
        }
        return times;
    }
}
