package dev.tenon;

import dev.tenon.testkit.ChildTests;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.JvmVariant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs tests of sessions, plans, workers, serving, memory and limits again in JVMs with other flags. A plain run takes the JVM
 * with one processor, which has no workers, an exhaustive run takes all.
 */
@Tag("vector")
class OtherJvmsTest {
    @TempDir
    private Path folder;

    static List<JvmVariant> variants() {
        return Exhaustive.isOn() ? List.of(JvmVariant.values()) : List.of(JvmVariant.ONE_PROCESSOR);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void sessionsKeepTheirContracts(JvmVariant variant, TestReporter reporter)
            throws IOException, InterruptedException {
        ChildTests.passed(variant, folder, reporter);
    }
}
