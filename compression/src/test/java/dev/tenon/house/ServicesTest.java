package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A service is found on the module path by {@code provides}, on the class path by a file: both must say the same. */
class ServicesTest {
    static final List<String> MODULES = House.LIBRARIES;

    @ParameterizedTest
    @FieldSource("MODULES")
    void servicesAreTheSameOnBothPaths(String module) throws IOException {
        Path classes = House.classes(module);
        Map<String, List<String>> onModulePath = new TreeMap<>();
        try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
            ModuleDescriptor.read(in)
                    .provides()
                    .forEach(provided -> onModulePath.put(provided.service(), provided.providers()));
        }
        Map<String, List<String>> onClassPath = new TreeMap<>();
        for (Path file : House.files(classes.resolve("META-INF/services"))) {
            onClassPath.put(
                    file.getFileName().toString(),
                    Files.readAllLines(file).stream()
                            .filter(line -> !line.isBlank() && !line.startsWith("#"))
                            .toList());
        }
        assertThat(onClassPath)
                .as("META-INF/services of %s against its module-info", module)
                .isEqualTo(onModulePath);
    }
}
