package dev.tenon;

import dev.tenon.testkit.ChildTests;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.JvmVariant;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs tests of sessions, plans, workers, serving, memory and limits again in JVMs with other flags. A plain run takes the JVM
 * with one processor, which has no workers, an exhaustive run takes all.
 */
@Tag("vector")
class OtherJvmsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void sessionsKeepTheirContracts(JvmVariant variant, TestReporter reporter)
            throws IOException, InterruptedException {
        boolean runs = Exhaustive.isOn() || variant == JvmVariant.ONE_PROCESSOR;
        ChildTests.passed(variant, runs, folder, reporter);
    }
}
