package dev.tenon.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Where the project's files lie, as the tests of this package need to know it. */
final class House {
    /** Folders of the library modules, in the order of their layers. */
    static final List<String> LIBRARIES =
            List.of("ops", "graph-optimizer", "model-formats", "inference-core", "compression");

    /** Folders of all modules, those with a framework too. */
    static final List<String> MODULES = Stream.of(
                    LIBRARIES.stream(), Stream.of("benchmarks"), modules("integrations"), modules("samples"))
            .flatMap(Function.identity())
            .toList();

    private House() {}

    /** Folders of the modules below a folder that have sources; the BOM has none. */
    private static Stream<String> modules(String parent) {
        try (Stream<Path> folders = Files.list(root().resolve(parent))) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("pom.xml")) && Files.exists(folder.resolve("src")))
                    .map(folder -> parent + "/" + folder.getFileName())
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The project's top folder: the system property {@code tenon.root}, else the nearest folder above with a {@code mvnw}. */
    static Path root() {
        String given = System.getProperty("tenon.root");
        if (given != null) {
            return Path.of(given);
        }
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("no folder above " + Path.of("").toAbsolutePath()
                        + " holds mvnw: set the system property tenon.root to the project's folder");
            }
        }
        return folder;
    }

    /** The classes of one module that this build has compiled: {@code -Pquick} has a folder of its own. */
    static Path classes(String module) {
        Path classes = root().resolve(module).resolve(target()).resolve("classes");
        if (!Files.isDirectory(classes)) {
            throw new IllegalStateException(classes + " is missing: compile the module " + module + " first");
        }
        return classes;
    }

    /** The folder of this build's output in a module, such as {@code target}. */
    private static Path target() {
        try {
            Path own = Path.of(House.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return root().resolve("compression")
                    .toRealPath()
                    .relativize(own.toRealPath().getParent());
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every file below a folder, sorted; none when the folder is missing. */
    static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
