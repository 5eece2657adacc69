package dev.tenon.benchmarks.growth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.testkit.CpuTime;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The memory that loading, a session and the first call allocate grows as the model does. Memory is counted and not
 * time, so that the test says the same on every machine; {@code benchmarks/run growth} measures the time.
 */
class GrowthTest {
    /** More than the terms of an expression of dimensions, after which it becomes a symbol. */
    private static final int FEW = 400;

    private static final int MANY = 4000;
    private static final int LARGE = 20_000;
    private static final double MOST = 1.5;

    /** The memory of a small model that does not grow. */
    private static final long FIXED_BYTES = 2_000_000;

    private static long allocated(Family family, int count) {
        ByteBuffer file = ByteBuffer.wrap(family.file(count));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Model model = Model.load(file);
        model.session(SessionOptions.standard().threads(1)).predict(GrowthRun.inputs(model));
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void memoryGrowsAsTheModelDoes(Family family) {
        allocated(family, FEW);
        long few = allocated(family, FEW);
        long many = allocated(family, MANY);
        assertThat((double) many)
                .as("%s: %d bytes for %d, %d for %d", family.title(), few, FEW, many, MANY)
                .isLessThan(MOST * MANY / FEW * few + FIXED_BYTES);
    }

    /** Work that allocates nothing shows here alone. */
    @Tag("exhaustive")
    @ParameterizedTest
    @EnumSource(Family.class)
    void timeGrowsAsTheModelDoes(Family family) {
        CpuTime.assertLinear(family.title(), running(family, LARGE / 4), running(family, LARGE));
    }

    private static Runnable running(Family family, int count) {
        byte[] file = family.file(count);
        return () -> {
            Model model = Model.load(ByteBuffer.wrap(file));
            model.session(SessionOptions.standard().threads(1)).predict(GrowthRun.inputs(model));
        };
    }

    @Test
    void unknownFamiliesAreRefused() {
        PrintStream none = new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        assertThatThrownBy(() -> GrowthRun.run(none, GrowthRun.NAME, "nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing")
                .hasMessageContaining("split-and-join");
    }
}
