package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.testkit.ChildTests;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs tests of kernels again in JVMs that stand for other processors. Tiles are lower there, loops end elsewhere, and other
 * kernels are selected. The width of vectors is a constant of a JVM, so each profile has a JVM of its own.
 *
 * <p>A plain run takes one profile and continuous integration two, and the tests tagged "short", without those tagged "widest",
 * which are about large sizes and show the same with vectors of any width. An exhaustive run takes all profiles and all tests.
 */
@Tag("vector")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherProcessorsTest {
    private static final String SHORT = "short & !widest & !fresh & !exhaustive";
    private static final String ALL = "(tiers | vector | assembled | short) & !fresh";

    /** Those of which other runs take the first ones: each differs from the one before in the code that multiplies. */
    private static final List<Profile> CANDIDATES =
            List.of(Profile.ALDER_LAKE, Profile.ZEN4, Profile.HASWELL, Profile.SKYLAKE_X, Profile.X86_64);

    private static final int FEW = Boolean.getBoolean("tenon.ci") ? 2 : 1;

    private final Map<Profile, ChildTests> started = new EnumMap<>(Profile.class);

    @TempDir
    private Path folder;

    /** {@return the profiles that this run takes} */
    static List<Profile> profiles() {
        if (Exhaustive.isOn()) {
            return List.of(Profile.values());
        }
        return CANDIDATES.stream()
                .filter(each -> each.reasonAgainstRun() == null && !each.isHere())
                .limit(FEW)
                .toList();
    }

    /** Starts those of a run that isn't exhaustive, so that they run at the same time. */
    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        if (!Exhaustive.isOn()) {
            for (Profile each : profiles()) {
                started.put(each, start(folder, each));
            }
        }
    }

    private static ChildTests start(Path folder, Profile profile) throws IOException {
        String tags = Exhaustive.isOn() ? ALL : SHORT;
        boolean vectors = profile.capabilities().vector();
        return ChildTests.start(
                folder, vectors ? "assembled" : "plain", profile.flags(), vectors ? tags : tags + " & !vector");
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void kernelsKeepTheirContracts(Profile profile, TestReporter reporter) throws IOException, InterruptedException {
        String reason = profile.reasonAgainstRun();
        Assumptions.assumeTrue(reason == null, () -> profile + ": " + reason);
        if (!started.containsKey(profile)) {
            started.put(profile, start(folder, profile));
        }
        reporter.publishEntry(profile.toString(), started.get(profile).passed());
    }

    /** No profile of x86-64 has vectors of 128 bits, but a cap of the width does. */
    @Test
    @Tag("exhaustive")
    void narrowVectorsKeepTheirContracts(TestReporter reporter) throws IOException, InterruptedException {
        List<String> flags = new ArrayList<>(List.of("-D" + Capabilities.WIDTH_PROPERTY + "=sse"));
        ChildTests narrow = ChildTests.start(folder, "vector", flags, "(tiers | vector) & !fresh");
        reporter.publishEntry("sse", narrow.passed());
    }

    @AfterAll
    void end() throws InterruptedException {
        for (ChildTests each : started.values()) {
            each.kill();
        }
    }
}
