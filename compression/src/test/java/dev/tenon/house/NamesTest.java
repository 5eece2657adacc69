package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Names of types, and what every package must hold. */
class NamesTest {
    private static final List<String> EMPTY_WORDS = List.of("Manager", "Helper", "Util", "Utils", "Impl");

    @Test
    void typesAreNamedByWhatTheyAre() {
        List<String> wrong = new ArrayList<>();
        for (Path source : mainSources()) {
            String name = typeName(source);
            boolean empty = EMPTY_WORDS.stream().anyMatch(name::endsWith) || name.startsWith("Abstract");
            boolean marked = name.matches("I[A-Z][a-z].*");
            if (empty || marked || hidesJavaLang(name)) {
                wrong.add(House.root().relativize(source).toString());
            }
        }
        assertThat(wrong)
                .as("types named Manager, Helper, Util, Impl, Abstract*, I*, or like a type of java.lang")
                .isEmpty();
    }

    @Test
    void everyPackageSaysWhatLivesInIt() {
        Set<Path> packages = new TreeSet<>();
        Set<Path> documented = new TreeSet<>();
        for (Path source : mainSources()) {
            packages.add(source.getParent());
            if (typeName(source).equals("package-info")) {
                documented.add(source.getParent());
            }
        }
        packages.removeAll(documented);
        assertThat(packages).as("packages without a package-info.java").isEmpty();
    }

    private static List<Path> mainSources() {
        List<Path> sources = new ArrayList<>();
        for (String module : House.MODULES) {
            for (Path file : House.files(House.root().resolve(module).resolve("src/main/java"))) {
                String name = file.getFileName().toString();
                if (name.endsWith(".java") && !name.equals("module-info.java")) {
                    sources.add(file);
                }
            }
        }
        assertThat(sources).as("main sources below %s", House.root()).isNotEmpty();
        return sources;
    }

    private static String typeName(Path source) {
        String name = source.getFileName().toString();
        return name.substring(0, name.length() - ".java".length());
    }

    private static boolean hidesJavaLang(String name) {
        return Object.class.getResource("/java/lang/" + name + ".class") != null && !name.equals("package-info");
    }
}
