package dev.tenon.compression;

import dev.tenon.Tenon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The machine and the software of a compression.
 *
 * @param cpu the name of the processor
 * @param processors the number of processors that the JVM may use
 * @param java the version of the JVM
 * @param tenon the version of Tenon
 * @param tiers the tiers of kernels that are on, each with what it says of itself
 */
public record Machine(String cpu, int processors, String java, String tenon, List<String> tiers) {
    private static final List<String> TIERS = List.of("assembled", "vector", "scalar");
    private static final Path LISTING = Path.of("/proc/cpuinfo");

    /** Copies the list. */
    public Machine {
        tiers = List.copyOf(tiers);
    }

    /** {@return this machine} */
    public static Machine current() {
        return new Machine(
                nameOfCpu(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version().toString(),
                version(),
                Tenon.describe()
                        .lines()
                        .filter(line -> TIERS.stream().anyMatch(line::startsWith) && line.contains(" on "))
                        .map(line -> line.replaceAll(" +on +", ": ").strip())
                        .toList());
    }

    private static String nameOfCpu() {
        String architecture = System.getProperty("os.arch", "unknown");
        if (!Files.isReadable(LISTING)) {
            return architecture;
        }
        try (Stream<String> lines = Files.lines(LISTING, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("model name") && line.contains(":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(architecture);
        } catch (IOException e) {
            return architecture;
        }
    }

    private static String version() {
        Module module = Tenon.class.getModule();
        Optional<String> ofModule = module.isNamed() ? module.getDescriptor().rawVersion() : Optional.empty();
        String ofJar = Tenon.class.getPackage().getImplementationVersion();
        return ofModule.orElse(ofJar == null ? "development" : ofJar);
    }
}
