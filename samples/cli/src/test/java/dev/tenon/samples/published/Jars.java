package dev.tenon.samples.published;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The jars of the folders {@code inference-core} and {@code compression}, and all that they need. */
final class Jars {
    static final List<String> CORE = List.of("ops", "graph-optimizer", "model-formats", "inference-core");

    private Jars() {}

    static Path root() {
        return Path.of(property("tenon.root"));
    }

    /** The jar of a module, which has its folder's name. The classifier is empty for classes, or {@code -sources} or {@code -javadoc}. */
    static Path jar(String module, String classifier) {
        Path jar = root().resolve(module)
                .resolve("target")
                .resolve("tenon-" + module + '-' + property("tenon.version") + classifier + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is missing: the phase package makes it");
        }
        return jar;
    }

    /** The jars of {@code inference-core} and of all that it needs, as an argument of {@code -cp} or {@code -p}. */
    static String path() throws IOException {
        String own =
                CORE.stream().map(module -> jar(module, "").toString()).collect(Collectors.joining(File.pathSeparator));
        return own + File.pathSeparator + libraries("jackson-core-");
    }

    /** The jars of {@code compression} and of all that it needs, as an argument of {@code -cp} or {@code -p}. */
    static String pathWithCompression() throws IOException {
        return String.join(File.pathSeparator, path(), jar("compression", "").toString(), libraries("ejml-"));
    }

    /** The jars of others whose names begin so. */
    private static String libraries(String prefix) throws IOException {
        Path folder = root().resolve("samples/cli/target/lib");
        try (Stream<Path> files = Files.list(folder)) {
            List<String> found = files.filter(
                            file -> file.getFileName().toString().startsWith(prefix))
                    .map(Path::toString)
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalStateException(
                        folder + " has no " + prefix + "*: the phase process-classes copies it");
            }
            return String.join(File.pathSeparator, found);
        }
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("the system property " + name + " is not set: the build sets it");
        }
        return value;
    }
}
