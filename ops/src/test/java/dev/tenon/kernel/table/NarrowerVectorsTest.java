package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.testkit.ChildJvm;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.PackageTests;
import dev.tenon.testkit.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs the tests of kernels again with narrower vectors than this machine has. Tiles are lower then, loops end elsewhere,
 * and other kernels are selected. The width is a constant of a JVM, so each width has a JVM of its own.
 *
 * <p>Tests tagged "widest" are about large sizes. They show the same with vectors of any width, and so do tests of machine
 * code, which asks the processor and not the JVM. Only an exhaustive run repeats them here.
 */
@Tag("vector")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NarrowerVectorsTest {
    /** Values of {@link Capabilities#WIDTH_PROPERTY} that lower the width, and the bits of vectors under them. */
    private static final Map<String, Integer> CAPS = Map.of("avx2", 256, "sse", 128);

    private static final Duration PATIENCE = Exhaustive.isOn() ? Duration.ofHours(2) : Duration.ofMinutes(10);

    private final Map<String, ChildJvm> machines = new LinkedHashMap<>();

    /** Starts all of them, so that they run at the same time. */
    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        for (String cap : CAPS.keySet()) {
            int bits = CAPS.get(cap);
            if (bits < Tier.capabilities().vectorBits()) {
                machines.put(cap, start(folder, cap, bits));
            }
        }
    }

    private static ChildJvm start(Path folder, String cap, int bits) throws IOException {
        List<String> flags = new ArrayList<>(List.of(
                "-Xmx" + Runtime.getRuntime().maxMemory(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED"));
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith("tenon.")) {
                flags.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        flags.add("-D" + Capabilities.WIDTH_PROPERTY + "=" + cap);
        flags.add("-Dtenon.test.bits=" + bits);
        String tags = "(tiers | vector) & !fresh" + (Exhaustive.isOn() ? "" : " & !widest & !exhaustive");
        String itself = NarrowerVectorsTest.class.getName();
        String others = Exhaustive.isOn() ? itself : itself + "|dev\\.tenon\\.kernel\\.x64\\..*";
        String failures = folder.resolve(cap + ".jqwik").toString();
        return ChildJvm.start(folder, flags, PackageTests.class, "dev.tenon.kernel", tags, others, failures);
    }

    @ParameterizedTest
    @CsvSource({"avx2", "sse"})
    void kernelsKeepTheirContracts(String cap, TestReporter reporter) throws IOException, InterruptedException {
        ChildJvm machine = machines.get(cap);
        if (machine == null) {
            reporter.publishEntry("not run", "no vectors of this machine are wider than with " + cap);
            return;
        }
        int status = machine.await(PATIENCE);
        String output = machine.output();
        assertThat(status).as("tests with -Dtenon.isa.max=%s:%n%s", cap, output).isZero();
        reporter.publishEntry(cap, output.strip().lines().toList().getLast());
    }

    @AfterAll
    void end() throws InterruptedException {
        for (ChildJvm machine : machines.values()) {
            machine.kill();
        }
    }
}
