package dev.tenon.kernel.table;

import dev.tenon.testkit.ChildTests;
import dev.tenon.testkit.JvmVariant;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs tests of kernels again in JVMs with other flags. */
@Tag("vector")
@Tag("exhaustive")
class OtherJvmsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void kernelsKeepTheirContracts(JvmVariant variant, TestReporter reporter) throws IOException, InterruptedException {
        ChildTests.passed(variant, folder, reporter);
    }
}
