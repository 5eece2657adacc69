package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/stability.md has each exported package once, and the build compares the stable ones with the last release. */
class StabilityTest {
    private static final Pattern EXPORT = Pattern.compile("exports (dev\\.tenon[\\w.]*);");
    private static final Pattern PACKAGE = Pattern.compile("`(dev\\.tenon[\\w.]*)`");
    private static final Pattern COMPARED = Pattern.compile("<include>(dev\\.tenon[\\w.]*)</include>");

    @Test
    void eachExportedPackageIsStableOrIncubating() {
        List<String> exported = House.LIBRARIES.stream()
                .map(module -> House.root().resolve(module).resolve("src/main/java/module-info.java"))
                .flatMap(file -> found(EXPORT, text(file)))
                .toList();
        assertThat(Stream.concat(section("Stable"), section("Incubating")))
                .as("the packages of docs/stability.md, each once")
                .containsExactlyInAnyOrderElementsOf(exported);
    }

    @Test
    void theBuildComparesTheStablePackages() {
        assertThat(found(COMPARED, text(House.root().resolve("pom.xml"))))
                .as("the packages that pom.xml compares by japicmp, against those that docs/stability.md calls stable")
                .containsExactlyInAnyOrderElementsOf(section("Stable").toList());
    }

    private static Stream<String> section(String title) {
        String page = text(House.root().resolve("docs/stability.md"));
        String start = "\n## " + title + "\n";
        assertThat(page).contains(start);
        String rest = page.substring(page.indexOf(start) + start.length());
        return found(PACKAGE, rest.split("\n## ", 2)[0]);
    }

    private static Stream<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
