package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which JDK {@code .mvn/jdk.sh} takes, of several that are there. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the script needs a POSIX shell")
class JdkSearchTest {
    private static final Path SCRIPT = House.root().resolve(".mvn").resolve("jdk.sh");

    @TempDir
    private Path folder;

    /** A folder that looks like a JDK. */
    private String jdk(String version) throws IOException {
        Path home = folder.resolve("jdk-" + version);
        Files.createDirectories(home.resolve("bin"));
        for (String tool : List.of("java", "javac")) {
            Path file = Files.writeString(home.resolve("bin").resolve(tool), "#!/bin/sh\nexit 1\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"test\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home.toString();
    }

    private record Answer(int code, String text) {}

    /** Runs commands after the script, which sees the given places only. */
    private Answer run(String javaHome, List<String> places, String commands) throws Exception {
        List<String> lines = new ArrayList<>(List.of("set -eu", ". '" + SCRIPT + "'", "jdk_places() {"));
        places.forEach(place -> lines.add("printf '%s\\n' '" + place + "'"));
        lines.addAll(List.of(":", "}", commands));
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", String.join("\n", lines));
        builder.environment().remove("JAVA_HOME");
        if (javaHome != null) {
            builder.environment().put("JAVA_HOME", javaHome);
        }
        Process process = builder.redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text.strip());
    }

    private String found(String javaHome, String... versions) throws Exception {
        List<String> places = new ArrayList<>();
        for (String version : versions) {
            places.add(jdk(version));
        }
        Answer answer = run(javaHome, places, "find_jdk && sh -c 'echo \"$JAVA_HOME\"'");
        assertThat(answer.code()).as(answer.text()).isZero();
        return answer.text();
    }

    @ParameterizedTest
    @CsvSource({
        "17.0.21 25.0.3 25.0.5 25.0.4, 25.0.5",
        "25.0.10 25.0.9, 25.0.10",
        "25 25.0.1, 25.0.1",
        "25.0.5 25.0.5.1, 25.0.5.1",
        "26 27.0.1 25, 25",
        "21.0.2 27.0.1 26, 27.0.1",
        "25-ea 17, 25-ea"
    })
    void theNewestJdk25IsTaken(String versions, String expected) throws Exception {
        assertThat(found(null, versions.split(" "))).isEqualTo(jdk(expected));
    }

    @Test
    void theCallersOwnIsTakenIfItIsNewEnough() throws Exception {
        assertThat(found(jdk("25.0.1"), "25.0.5", "26")).isEqualTo(jdk("25.0.1"));
        assertThat(found(jdk("26"), "25.0.5")).isEqualTo(jdk("26"));
        assertThat(found(jdk("21.0.9"), "25.0.5")).isEqualTo(jdk("25.0.5"));
        assertThat(found(folder.resolve("nothing").toString(), "25.0.5")).isEqualTo(jdk("25.0.5"));
    }

    @Test
    void withoutAnyItSaysWhatToInstall() throws Exception {
        Answer answer = run(null, List.of(jdk("17.0.21"), folder.toString()), "find_jdk");
        assertThat(answer.code()).isOne();
        assertThat(answer.text())
                .contains("needs a JDK 25")
                .contains("openjdk-25-jdk")
                .contains("JAVA_HOME");
    }

    @Test
    void aJdkIsRecognisedInTheUsualPlaces() throws Exception {
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve(".jdks"));
        Files.move(Path.of(jdk("25.99.1")), home.resolve(".jdks").resolve("newest"));
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", "set -eu; . '" + SCRIPT + "'; find_jdk; echo \"$JAVA_HOME\"");
        builder.environment().remove("JAVA_HOME");
        builder.environment().put("HOME", home.toString());
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(text.strip())
                .isEqualTo(home.resolve(".jdks").resolve("newest").toString());
    }

    @ParameterizedTest
    @CsvSource({
        "25, true",
        "25.0.3, true",
        "25.0.3.9, true",
        "25.0.4, false",
        "25.0.10, false",
        "25.1, false",
        "26, false"
    })
    void versionsWhoseVirtualThreadsMayHangAreKnown(String version, boolean hangs) throws Exception {
        Answer answer =
                run(null, List.of(), "if jdk_can_hang '" + jdk(version) + "'; then echo true; else echo false; fi");
        assertThat(answer.text()).isEqualTo(Boolean.toString(hangs));
    }
}
