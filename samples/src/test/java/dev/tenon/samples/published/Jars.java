package dev.tenon.samples.published;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The built jars of the modules that an application gets with {@code inference-core}, and of {@code compression}. */
final class Jars {
    static final List<String> CORE = List.of("ops", "graph-optimizer", "model-formats", "inference-core");

    private Jars() {}

    static Path root() {
        return Path.of(property("tenon.root"));
    }

    /** One jar; the classifier is empty for the classes, else {@code -sources} or {@code -javadoc}. */
    static Path jar(String module, String classifier) {
        Path jar = root().resolve(module)
                .resolve("target")
                .resolve(module + '-' + property("tenon.version") + classifier + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is missing: the phase package makes it");
        }
        return jar;
    }

    /** What {@code -cp} and {@code -p} take. */
    static String path() {
        return CORE.stream().map(module -> jar(module, "").toString()).collect(Collectors.joining(File.pathSeparator));
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("the system property " + name + " is not set: the build sets it");
        }
        return value;
    }
}
